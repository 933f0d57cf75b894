"""How a run is carried out, chosen beside the button that launches it: what it costs is said first, a taste shown live.

Knows nothing of who may press that button, nor of how a way does its work.
"""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from tabs import run_view
from tabs.answerer import key_of
from tabs.errors import shown
from tabs.train_form import Form
from tasks.spec import UserError

if TYPE_CHECKING:
    from training.launchers import Way
    from training.runs import Run

NAMES = {
    "local": "On this machine",
    "torchrun": "On all GPUs of this machine",
    "fsdp": "Split over all GPUs of this machine (FSDP)",
    "hf-job": "As a Hugging Face Job",
    "taste": "A taste, on the GPU this Space borrows",
}
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def build(demo: gr.Blocks) -> tuple[gr.Radio, gr.Markdown]:
    """Lay out the choice, filled when a page is opened; return it, and where it is said what that takes."""
    way = gr.Radio([], label="How it runs", elem_id="launch-way")
    note = gr.Markdown(elem_id="launch-note", elem_classes="source")

    def offer() -> gr.Radio:
        from training.launchers import offered

        found = [one.name for one in offered()]
        return gr.Radio([(NAMES[name], name) for name in found], value=found[0])

    demo.load(shown(offer), None, way, **_QUIET)
    return way, note


def wire(way: gr.Radio, note: gr.Markdown, form: Form, estimate: gr.Markdown) -> None:
    """Say what the chosen way takes whenever it, or the run that the form says, changes."""

    def tell(name: str, *values: Any) -> str:
        return told(name, form, values)

    gr.on(
        [way.change, estimate.change],
        shown(tell),
        [way, *form.components],
        note,
        trigger_mode="always_last",
        concurrency_limit=4,
        concurrency_id="describe",
        **_QUIET,
    )


def told(name: str, form: Form, values: Sequence[Any]) -> str:
    """Return what a person should know before they launch the run of the form in that way."""
    from training import taste
    from training.launch import rows_of
    from training.launchers import Taste

    chosen = named(name)
    try:
        asked = form.read(values)
        chosen.check(asked)  # else it would promise what the launch refuses
    except UserError as error:
        return str(error)
    if isinstance(chosen, Taste):
        return taste.foretold(asked, rows_of(asked), chosen)
    return chosen.note(asked)


def named(name: str | None) -> "Way":
    """Return the way of that name; the first that is offered where none is named.

    Raises:
        UserError: if it is not offered here.
    """
    from training.launchers import offered

    found = {one.name: one for one in offered()}
    if name and name not in found:
        raise UserError(f"That is not offered here; offered: {', '.join(found)}.")
    return found[name] if name else next(iter(found.values()))


def key_for(run: "Run", owner: gr.OAuthToken | None) -> str:
    """Return the token that a run is billed to when it is taken up again; none where its way needs none."""
    from training.launchers import way_of

    return (key_of(owner) or "") if way_of(run).needs_key else ""


def tasted(run: "Run", way: "Way") -> Iterator[str]:
    """Carry a taste out and say, as Markdown, how far it is; nothing where the way is another, which needs no page.

    Raises:
        UserError: if the run cannot be trained, or its scoring fails.
    """
    from training import taste
    from training.launch import rows_of
    from training.launchers import Taste

    if not isinstance(way, Taste):
        return
    rows = rows_of(run.config)
    yield "Waiting for the GPU …"
    steps = taste.planned(run.config, rows)
    try:
        for point in taste.carry_out(run, rows, way):
            yield progress(point, steps)
    except SystemExit:  # how a run in a process of its own ends; the folder says why
        raise UserError(run.cause) from None
    yield _ended(run)


def _ended(run: "Run") -> str:
    longer = "For a whole run choose a Hugging Face Job, or duplicate this Space and give it a GPU of its own."
    return f"**{run.state.capitalize()}.** {run.cause} {longer}"


def progress(point: dict[str, Any], steps: int) -> str:
    """Return one line of how far a taste is; all of it is made of numbers of ours."""
    step = point.get("step")
    parts = [f"Step {step:,} of {steps:,}" if isinstance(step, int) else "At work"]
    said = {"loss": "training loss", "validation_loss": "validation loss", **run_view.MEASURES}
    for name, words in said.items():
        value = point.get(name)
        if isinstance(value, float) and math.isfinite(value):
            parts.append(f"{words} {value:.3f}")
    return ", ".join(parts) + " …"
