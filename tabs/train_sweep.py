"""The Sweep step: several runs launched as one line, a ladder of recipes or a grid over settings, and their table."""

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from tabs import run_view, temporary
from tabs.changes import CHANGED
from tabs.errors import shown
from tabs.train_desk import Desk, Shared
from tabs.train_form import Form
from tabs.train_settings import token_of
from tasks.spec import UserError
from training.config import RunConfig
from training.plainyaml import MOST_CHARS

if TYPE_CHECKING:
    from training.sweep import Sweep

INTRO = (
    "A **grid** tries every combination of the values you give to settings; a **ladder** is a list of recipes, divided "
    "by lines of three dashes. Without a ladder the grid varies the settings as they stand in the form. The more runs "
    "are compared on the same test rows, the more the best of them owes to luck: choose by the validation column."
)
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def build(desk: Desk, shared: Shared, demo: gr.Blocks, form: Form) -> None:
    """Lay out the step and wire its events."""
    nonce = gr.State("")  # a page's own, so that a second click launches no second sweep
    demo.load(lambda: secrets.token_hex(8), None, nonce, api_visibility="private", queue=False)
    gr.Markdown(INTRO)
    grid, ladder = _texts()
    with gr.Row(equal_height=True):
        files = gr.UploadButton(
            "Open recipes …", file_types=[".yaml", ".yml"], file_count="multiple", type="binary", scale=0, min_width=180
        )
        look = gr.Button("What would run?", scale=0, min_width=220, elem_id="sweep-look")
        title = gr.Textbox(label="Name of the sweep", max_length=60, min_width=200, elem_id="sweep-title")
        launch = gr.Button("Launch all", variant="primary", scale=0, min_width=180, elem_id="sweep-launch")
    said = gr.Markdown(elem_id="sweep-said")
    plan = gr.Dataframe(
        datatype="str", interactive=False, visible=False, wrap=True, label="Runs, in order", elem_id="sweep-plan"
    )
    files.upload(shown(_joined), files, ladder, **_QUIET)
    asked = [grid, ladder, *form.components]

    def wanted(grid: str, ladder: str, *values: Any) -> list[RunConfig]:
        return planned(grid, ladder, None if ladder.strip() else form.read(values))

    def preview(*values: Any) -> tuple[str, Any]:
        configs = wanted(*values)
        return foretold(desk, configs), gr.Dataframe(_plan(configs), visible=True)

    def start(nonce: str, title: str, *values: Any) -> tuple[Any, ...]:
        from training.sweep import Sweeps

        configs = wanted(*values)
        token = token_of(nonce, configs[0], f"{title}\n" + "\n".join(config.dump() for config in configs))
        known = {sweep.id for sweep in Sweeps(desk.store).all()}
        sweep = Sweeps(desk.store).launch(desk.launcher, configs, title.strip(), token)
        desk.watch.stale()
        if sweep.id in known:
            gr.Warning("This very sweep was launched from this page already: here it is.", duration=8)
        return f"{len(sweep.runs)} runs wait in line; they are listed under Runs.", _choices(desk, sweep.id)

    look.click(shown(preview), asked, [said, plan], **_QUIET)
    chosen = _compared(desk, shared)
    launch.click(
        desk.gate.only(start),
        [nonce, title, *asked],
        [said, chosen],
        api_visibility="private",
        concurrency_limit=1,
        concurrency_id="launch",
    )


def _texts() -> tuple[gr.Code, gr.Code]:
    small: dict[str, Any] = {"language": "yaml", "lines": 5, "max_lines": 12}
    with gr.Row():
        with gr.Column(min_width=300):
            grid = gr.Code("rank: [8, 16]\n", label="Grid", elem_id="sweep-grid", **small)
        with gr.Column(min_width=300):
            ladder = gr.Code(label="Ladder (optional)", elem_id="sweep-ladder", **small)
    return grid, ladder


def _joined(contents: Sequence[bytes]) -> str:
    if sum(map(len, contents)) > MOST_CHARS:
        raise UserError(f"These recipes are too long together: at most {MOST_CHARS:,} characters are read.")
    return "\n---\n".join(content.decode("utf-8", "replace").strip() for content in contents)


def planned(grid: str, ladder: str, form: RunConfig | None) -> list[RunConfig]:
    """Return the runs of a grid over a ladder, or over the form where there is no ladder.

    Raises:
        UserError: if they are no sweep.
    """
    from training import sweep

    bases = [form] if form is not None else sweep.ladder(ladder)
    configs = sweep.grid(bases, grid)
    sweep.check(configs)
    return configs


def _plan(configs: Sequence[RunConfig]) -> dict[str, Any]:
    headers, rows = run_view.differing([(str(i), config) for i, config in enumerate(configs, 1)])
    return {"headers": headers, "data": rows}


def foretold(desk: Desk, configs: Sequence[RunConfig]) -> str:
    """Say how many runs there are and how long they take together, one after the other."""
    from training.estimate import estimate

    try:
        each = [estimate(config, desk.home).seconds for config in configs]
    except UserError as error:
        return f"**{len(configs)} runs.** {error}"
    if any(one is None for one in each):
        return f"**{len(configs)} runs**, one after the other; their time is not measured for runs like these."
    together = run_view.span(sum(one for one in each if one is not None))
    return f"**{len(configs)} runs**, one after the other: about {together} together."


def _compared(desk: Desk, shared: Shared) -> gr.Dropdown:
    """Lay out the table of a launched sweep and draw it when something has changed; return what chooses it."""
    chosen = gr.Dropdown(
        [],
        label="Sweep",
        info="Every sweep launched so far, newest first; its runs are compared below as they end.",
        allow_custom_value=True,
        elem_id="sweep-chosen",
    )
    table = gr.Dataframe(
        datatype="str", interactive=False, wrap=True, visible=False, label="How they compare", elem_id="sweep-table"
    )
    save = gr.DownloadButton("Save the table as CSV", scale=0, min_width=220, visible=False, elem_id="sweep-save")
    front, seen = gr.State(False), gr.State(None)

    def draw(id: str | None, front: bool, before: Any) -> tuple[Any, ...]:
        from training.sweep import Sweeps

        if not front:
            return (gr.skip(),) * 4
        sweeps = Sweeps(desk.store).all()
        sweep = next((one for one in sweeps if one.id == id), sweeps[0] if sweeps else None)
        now = [[one.id for one in sweeps], _version(desk, sweep)]
        if now == before:
            return (gr.skip(),) * 4
        if sweep is None:
            return gr.skip(), gr.Dataframe(visible=False), gr.DownloadButton(visible=False), now
        return _choices(desk, sweep.id), *_table(desk, sweep), now

    def turned(id: str | None, before: Any, event: gr.SelectData) -> tuple[Any, ...]:
        there = event.value == "Sweep"
        return there, *draw(id, there, before)

    outputs = [chosen, table, save, seen]
    when = [shared.listed.change, chosen.input, chosen.change]
    gr.on(when, shown(draw), [chosen, front, seen], outputs, **CHANGED)
    shared.steps.select(shown(turned), [chosen, seen], [front, *outputs], **_QUIET)
    return chosen


def _version(desk: Desk, sweep: "Sweep | None") -> list[Any]:
    """Return what the table of a sweep depends on."""
    if sweep is None:
        return []
    there = set(desk.store.ids())
    folders = [desk.store.root / id for id in sweep.runs if id in there]
    files = [folder / name for folder in folders for name in ("state.json", "report.json")]
    return [sweep.id, *(file.stat().st_mtime_ns for file in files if file.exists())]


def _choices(desk: Desk, id: str) -> gr.Dropdown:
    from training.sweep import Sweeps

    sweeps = Sweeps(desk.store).all()
    return gr.Dropdown([(f"{s.title or 'sweep'} · {len(s.runs)} runs · {s.id[:15]}", s.id) for s in sweeps], value=id)


def _table(desk: Desk, sweep: "Sweep") -> tuple[Any, Any]:
    from training.sweep import compare

    found = compare(sweep, desk.store)
    path = temporary.folder() / f"sweep-{sweep.id}.csv"
    path.write_text(found.csv, encoding="utf-8", newline="")
    table = gr.Dataframe({"headers": found.headers, "data": found.rows}, visible=True)
    return table, gr.DownloadButton(value=str(path), visible=True)
