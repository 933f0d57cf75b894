"""A trainer's own rows in the Data step, from a file or the Hub: columns, what labels mean, faults, and their cut.

Every cell is shown in plain tables and boxes only. Knows nothing of models.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

import tasks
from tabs import plots, temporary
from tabs.errors import shown
from tabs.train_desk import Desk
from tasks.spec import Task, UserError

ROLES = 10
"""Columns a task may ask for, at most: so many lists stand ready."""
NOT_READ = "(not read)"
FAULTS = 200
"""Faults that are listed; all are counted."""
MEANINGS = 200
"""Kinds of label whose meaning is shown, the commonest first; the others mean what is suggested for them."""


@dataclass(frozen=True)
class Parts:
    """The components of the part, by what they do."""

    file: gr.File
    hub: list[gr.Textbox]
    fetch: gr.Button
    source: gr.State
    found: gr.Markdown
    preview: gr.Dataframe
    columns: list[gr.Dropdown]
    read: gr.Button
    said: gr.Markdown
    faults: gr.Dataframe
    histogram: gr.Plot
    meanings: gr.Dataframe
    again: gr.Button
    cut: gr.Button
    shares: list[gr.Number]
    steps: tuple[gr.Column, gr.Column]


def build(desk: Desk, task: gr.Dropdown, datasets: gr.Dropdown) -> None:
    """Lay out the part and wire its events; rows made ready become a set among `datasets`."""
    parts = _lay_out()
    only: dict[str, Any] = {"api_visibility": "private", "concurrency_limit": 1, "concurrency_id": "upload"}
    parts.fetch.click(desk.gate.only(_fetch), parts.hub, [parts.file, parts.source], **only)
    parts.file.upload(dict, None, parts.source, api_visibility="private", queue=False)
    views = [parts.found, parts.preview, *parts.columns, *parts.steps]
    parts.file.change(desk.gate.only(_seen), [parts.file, task], views, **only)

    def anew(request: gr.Request, profile: gr.OAuthProfile | None, path: str | None, name: str) -> tuple[Any, ...]:
        there = path and not desk.gate.refusal(request, profile)  # who only looks around is not told off
        return _seen(path, name) if there else (gr.skip(),) * len(views)

    task.input(shown(anew), [parts.file, task], views, **only)  # each task asks for columns of its own
    outputs = [parts.said, parts.faults, parts.histogram, parts.meanings, parts.again, parts.steps[1]]
    inputs = [parts.file, task, *parts.columns]
    parts.read.click(desk.gate.only(lambda *values: _read(*values)), inputs, outputs, **only)
    parts.again.click(
        desk.gate.only(lambda meanings, *values: _read(*values, meanings=meanings)),
        [parts.meanings, *inputs],
        outputs,
        **only,
    )
    parts.cut.click(
        desk.gate.only(_freeze(desk)),
        [parts.source, parts.meanings, *parts.shares, *inputs],
        [datasets, parts.said, parts.faults],
        **only,
    )


def _lay_out() -> Parts:
    gr.Markdown(
        "One row per text, its label in a column. The file is read and forgotten after an hour. Rows made ready are "
        "kept for as long as a run is made of them, and deleted with the last such run, or after a day without one."
    )
    file = gr.File(
        label="CSV, TSV, JSON lines or Parquet",
        file_types=[".csv", ".tsv", ".jsonl", ".parquet"],
        type="filepath",
        height=140,
        elem_id="own-file",
    )
    hub, fetch = _hub()
    with gr.Column(visible=False) as first:
        found = gr.Markdown(elem_id="own-found")
        preview = gr.Dataframe(datatype="str", interactive=False, wrap=True, label="First rows", elem_id="own-preview")
        with gr.Row():
            columns = [gr.Dropdown([], visible=False, allow_custom_value=True, min_width=180) for _ in range(ROLES)]
        read = gr.Button("Read it", variant="primary", scale=0, min_width=180, elem_id="own-read")
    with gr.Column(visible=False) as second:
        said = gr.Markdown(elem_id="own-said")
        faults = gr.Dataframe(
            headers=["line", "what was found"],
            datatype="str",
            interactive=False,
            wrap=True,
            label="To look at",
            column_widths=["80px", "900px"],
            max_height=260,
            elem_id="own-faults",
        )
        histogram = gr.Plot(show_label=False, elem_id="own-histogram")
        meanings = gr.Dataframe(
            headers=["in the file", "rows", "means"],
            datatype="str",
            interactive=True,
            static_columns=[0, 1],
            type="array",
            label="What the labels mean; empty leaves the rows out",
            max_height=260,
            elem_id="own-meanings",
        )
        again = gr.Button("Read again with these meanings", scale=0, min_width=260, elem_id="own-again")
        with gr.Row():
            shares = [
                gr.Number(0.15, label="Share to validate on", min_width=140),
                gr.Number(0.15, label="Share to test on", min_width=140),
                gr.Number(7, label="Seed of the cut", precision=0, min_width=140),
            ]
        cut = gr.Button("Cut and make ready", variant="primary", scale=0, min_width=200, elem_id="own-cut")
    table = (said, faults, histogram, meanings, again, cut, shares)
    return Parts(file, hub, fetch, gr.State({}), found, preview, columns, read, *table, (first, second))


def choices(task: str, chosen: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return what each set of a task that may be learned from is called, and its name; own rows chosen included."""
    names = [data.name for data in tasks.get(task).data if data.role != "measure"]
    mine = [(f"my rows {name[4:12]}", name) for name in chosen if name not in names]
    return [*((name, name) for name in names), *mine]


def _hub() -> tuple[list[gr.Textbox], gr.Button]:
    """Lay out what names a set on the Hub."""
    with gr.Accordion("Or fetch a public set from the Hugging Face Hub", open=False):
        with gr.Row():
            hub = [
                gr.Textbox(label="Dataset", placeholder="owner/name", min_width=200, elem_id="hub-repo"),
                gr.Textbox(label="Subset", info="Empty: the only one.", min_width=120),
                gr.Textbox("train", label="Split", min_width=120),
                gr.Textbox(label="Revision", info="Empty: the newest, pinned to its commit.", min_width=160),
            ]
        fetch = gr.Button("Fetch", scale=0, min_width=140, elem_id="hub-fetch")
    return hub, fetch


def _seen(path: str | None, task: str) -> tuple[Any, ...]:
    """Show what a file holds, and which column probably is what."""
    hidden = gr.Column(visible=False)
    if not path:
        return "", None, *[gr.Dropdown(visible=False)] * ROLES, hidden, hidden
    from training import upload

    seen = upload.look(Path(path))
    wanted = tasks.get(task)
    roles, guess = upload.roles(wanted), upload.guess(wanted, seen)
    lists = [
        gr.Dropdown([NOT_READ, *seen.names], value=guess.get(role, NOT_READ), label=_called(role, wanted), visible=True)
        for role in roles[:ROLES]
    ]
    rest = [gr.Dropdown(visible=False)] * (ROLES - len(lists))
    said = f"**{seen.rows:,} rows, {len(seen.columns):,} columns**"
    said += f"; {seen.skipped:,} rows cannot be read." if seen.skipped else "."
    said += "".join(f"\n\n⚠ {finding}" for finding in seen.findings)
    table = {"headers": list(seen.names), "data": [[row.get(n, "") for n in seen.names] for row in seen.preview]}
    return said, table, *lists, *rest, gr.Column(visible=True), hidden


def _called(role: str, task: Task) -> str:
    """Return what a column is to a task, as a person says it."""
    extra = role in {head.name for head in task.heads[1:]}
    return f"Also learned: {role.replace('_', ' ')}" if extra else role.capitalize()


def _loaded(
    path: str | None, task: str, columns: Sequence[str | None], meanings: Sequence[Sequence[str]] | None
) -> Any:
    from training import upload

    if not path:
        raise UserError("Please choose a file first.")
    wanted = tasks.get(task)
    chosen = {
        role: name
        for role, name in zip(upload.roles(wanted), columns, strict=False)
        if name not in (None, "", NOT_READ)
    }
    return upload.read(Path(path), wanted, chosen, _mapping(meanings))


def _mapping(meanings: Sequence[Sequence[str]] | None) -> dict[str, str] | None:
    return {str(row[0]): str(row[2] or "").strip() for row in meanings if row[0]} if meanings else None


def _read(
    path: str | None, task: str, *columns: str | None, meanings: Sequence[Sequence[str]] | None = None
) -> tuple[Any, ...]:
    """Read the file as it is mapped and show all that is to be known of it."""
    loaded = _loaded(path, task, columns, meanings)
    lengths = loaded.lengths
    said = (
        f"**{len(loaded.examples):,} rows can be used**, {loaded.skipped:,} have faults, {loaded.left_out:,} are left "
        f"out by their label. Words in each: median {lengths.median:,.0f}, 19 of 20 have at most {lengths.p95:,.0f}, "
        f"the longest {lengths.most:,}."
    )
    if len(loaded.values) > MEANINGS:
        said += (
            f" The meanings of the {MEANINGS} commonest of {len(loaded.values):,} kinds of label are shown and can be "
            "changed; each other one counts where its meaning is plain."
        )
    meant = {**loaded.merges, **(_mapping(meanings) or {})}
    table = [[value, f"{n:,}", meant.get(value, "")] for value, n in loaded.values.items()][:MEANINGS]
    shown = gr.Plot(plots.distribution(loaded.histogram), visible=bool(loaded.examples))
    return said, _faults(loaded), shown, gr.Dataframe(table), gr.Button(visible=True), gr.Column(visible=True)


def _faults(loaded: Any) -> list[list[str]]:
    general = [["", text] for text in (*loaded.findings, *(tell.says for tell in loaded.tells))]
    return [*general, *([str(problem.line), problem.reason] for problem in loaded.problems[:FAULTS])]


def _fetch(repo: str, subset: str, split: str, revision: str) -> tuple[str, dict[str, str]]:
    """Bring the rows of a Hub set here as a file, from then on treated like any other."""
    from training import hub

    target = temporary.folder() / "rows.jsonl"
    wanted = [value.strip() or None for value in (subset, revision)]
    fetched = hub.fetch(repo.strip(), target, wanted[0], split.strip() or "train", wanted[1])
    gr.Info(f"{fetched.rows:,} rows fetched{'' if fetched.whole else ', all that a run may take'}.", duration=5)
    return str(fetched.path), fetched.source


def _freeze(desk: Desk) -> Callable[..., tuple[Any, ...]]:
    """Return the handler that cuts the rows and puts them down as a set to learn from."""

    def freeze(
        source: dict[str, str],
        meanings: Sequence[Sequence[str]] | None,
        validation: float,
        test: float,
        seed: int,
        path: str | None,
        task: str,
        *columns: str | None,
    ) -> tuple[Any, str, list[list[str]]]:
        from training import frozen, own

        if not test:
            raise UserError("Some rows must be kept to test on, or the run could not be scored.")
        loaded = _loaded(path, task, columns, meanings)
        cut = frozen.split(loaded.examples, validation, test, int(seed), source or {"file_sha256": loaded.sha256})
        own.tidy(desk.own_rows())
        name = own.keep(lambda draft: frozen.write(cut, draft))
        said = (
            f"**Made ready: {len(cut.train):,} rows to learn from, {len(cut.validation):,} to validate, "
            f"{len(cut.test):,} to test on.** Seed {cut.seed}, cut `{cut.id}`. They are now chosen under *Learn from*."
        )
        return (
            gr.Dropdown(choices(task, [name]), value=[name]),
            said,
            [["", text] for text in cut.findings(tasks.get(task))] + _faults(loaded),
        )

    return freeze
