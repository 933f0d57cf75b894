"""The Settings step: presets, the form, the run as a recipe and as a command, what it will take, and its launch."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import gradio as gr

import tasks
from tabs import run_view, temporary, train_prepare, train_way
from tabs.answerer import key_of
from tabs.errors import shown
from tabs.train_data import OF_TASK, for_task, share_table, shares
from tabs.train_desk import Desk, Shared
from tabs.train_form import Form
from tasks.spec import UserError
from training import config, presets
from training.config import RunConfig

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def token_of(nonce: str, said: RunConfig, title: str) -> str:
    """Return the token of one state of the form on one page: the same state pressed twice starts one run."""
    return hashlib.sha256(f"{nonce}\n{title}\n{said.dump()}".encode()).hexdigest()[:32]


def build(desk: Desk, shared: Shared, demo: gr.Blocks, given: Mapping[str, Any]) -> Form:
    """Lay out the step and wire its events; `given` are the components of the Data step, by the field they hold."""
    preset = gr.Radio(
        presets.names(),
        label="Start from",
        info=" ".join(f"{name}: {what}" for name, what in presets.PRESETS.items()),
        elem_id="settings-preset",
    )
    form = Form(
        given,
        {"mixture": shares, "prepare": train_prepare.strengths},
        {"mixture": share_table, "prepare": train_prepare.table_of},
    )
    told, take = _papers()
    way, note = train_way.build(demo)
    with gr.Row(equal_height=True):
        title = gr.Textbox(
            label="Name of the run", max_length=120, placeholder="optional", elem_id="launch-title", min_width=240
        )
        launch = gr.Button("Launch", variant="primary", elem_id="launch", scale=0, min_width=220)

    def fill(asked: RunConfig) -> list[Any]:
        return [*form.fill(asked), *_described(desk, asked)]

    describe: dict[str, Any] = {
        "fn": shown(lambda *values: _described(desk, form.read(values))),
        "inputs": form.components,
        "outputs": told,
        "trigger_mode": "always_last",
        "concurrency_limit": 4,
        "concurrency_id": "describe",
        **_QUIET,
    }
    task = form.parts["task"]
    gr.on([part.input for part in form.components if part is not task], **describe)
    # Only where a person chooses: a recipe that is read into the form brings its own sets along with its task.
    task.input(shown(for_task), task, [form.parts[name] for name in OF_TASK], **_QUIET).then(**describe)
    filled = [*form.components, *told]
    preset.input(
        shown(lambda name, task: fill(presets.get(name, tasks.get(task)))),
        [preset, task],
        filled,
        **_QUIET,
    )
    take.click(shown(lambda text: fill(RunConfig.parse(text))), told[1], filled, **_QUIET)
    train_way.wire(way, note, form, told[0])
    _wire_launch(desk, shared, demo, form, [title, way, note, launch])
    return form


def _papers() -> tuple[list[Any], gr.Button]:
    """Lay out estimate, recipe and command; return these three, and the button that reads the recipe into the form."""
    estimate = gr.Markdown(
        "Choose where to start, or change a setting: what the run will take is estimated here.",
        elem_id="settings-estimate",
    )
    with gr.Accordion("The same run as a recipe, and as a command", open=False):
        recipe = gr.Code(
            language="yaml", label="Recipe (YAML), to keep or to edit", lines=6, max_lines=24, elem_id="settings-recipe"
        )
        with gr.Row():
            take = gr.Button("Read the recipe into the form", scale=0, min_width=320, elem_id="settings-take")
            file = gr.UploadButton(
                "Open a recipe …", file_types=[".yaml", ".yml"], type="binary", scale=0, min_width=180
            )
            save = gr.DownloadButton("Save the recipe", scale=0, min_width=180, visible=False, elem_id="settings-save")
        command = gr.Textbox(
            label="Command", lines=2, max_lines=8, interactive=False, buttons=["copy"], elem_id="settings-command"
        )
    file.upload(shown(lambda content: content.decode("utf-8", "replace")), file, recipe, **_QUIET)
    recipe.change(shown(_as_file), recipe, save, **_QUIET)
    return [estimate, recipe, command], take


def _as_file(text: str) -> Any:
    """Put the recipe into a file that the browser may fetch; the sweeper takes it after an hour."""
    if not text.strip():
        return gr.DownloadButton(visible=False)
    return gr.DownloadButton(value=str(temporary.written("recipe.yaml", text)), visible=True)


def _described(desk: Desk, asked: RunConfig) -> tuple[str, str, str]:
    """Return what a run will take, its recipe, and its command."""
    return estimated(desk, asked), asked.dump(), config.command(asked)


def estimated(desk: Desk, asked: RunConfig) -> str:
    """Say what a run will take, in words and numbers of ours; or why that cannot be said."""
    from training.estimate import estimate

    try:
        return run_view.stages(asked) + run_view.foretold(estimate(asked, desk.home))
    except UserError as error:
        return str(error)


def _wire_launch(desk: Desk, shared: Shared, demo: gr.Blocks, form: Form, parts: Sequence[Any]) -> None:
    """Launch once for each state of the form, and go where the run is seen; a taste is carried out from here.

    `parts` are the run's name, how it runs, where it is told what that takes, and the button.
    """
    title, way, note, launch = parts
    nonce = gr.State("")

    def start(
        owner: gr.OAuthToken | None, nonce: str, title: str, name: str | None, *values: Any
    ) -> Iterator[tuple[Any, ...]]:
        asked, chosen = form.read(values), train_way.named(name)
        known = set(desk.store.ids())
        run = desk.launcher.launch(
            asked,
            title=title.strip(),
            token=token_of(f"{nonce}\n{chosen.name}", asked, title),
            way=chosen,
            key=(key_of(owner) or "") if chosen.needs_key else "",
        )
        desk.watch.stale()
        if run.id in known:
            gr.Warning(
                "These very settings were launched from this page already: here is that run. To launch another, "
                "change something, for instance the seed or the name.",
                duration=8,
            )
        _, rows = desk.watch.board()
        seen = gr.Tabs(selected="runs"), gr.Dropdown(run_view.choices(rows), value=run.id), gr.Row(visible=True)
        yield *seen, gr.skip()
        if run.id not in known:
            for said in train_way.tasted(run, chosen):
                yield gr.skip(), gr.skip(), gr.skip(), said

    demo.load(lambda: secrets.token_hex(8), None, nonce, api_visibility="private", queue=False)
    launch.click(
        desk.gate.only(start),
        [nonce, title, way, *form.components],
        [shared.steps, shared.chosen, shared.row, note],
        api_visibility="private",
        concurrency_limit=1,
        concurrency_id="launch",
    )
