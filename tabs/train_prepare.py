"""Two looks before a launch: what would be done to the training rows, and whether the splits leak.

Every option of preparation is off until it is asked for, works on training rows only, and says what it did.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

import tasks
from tabs.train_desk import Desk
from tabs.train_form import Form
from tasks.spec import UserError
from training.config import RunConfig

FINDINGS = 100
"""Findings that are listed."""


def build() -> gr.Dataframe:
    """Lay out the options of preparation: one line each, its strength to be typed in."""
    with gr.Accordion("Preparation of the training rows", open=False):
        gr.Markdown(
            "Type a strength to switch an option on; at 0 it is off. Options touch training rows only, in this order, "
            "and the run notes what each of them did."
        )
        return gr.Dataframe(
            headers=["option", "strength", "at most", "what it does", "name"],
            datatype=["str", "number", "str", "str", "str"],
            type="array",
            interactive=True,
            static_columns=[0, 2, 3, 4],
            wrap=True,
            show_label=False,
            column_widths=["240px", "100px", "90px", "560px", "160px"],
            max_height=420,
            elem_id="data-prepare",
        )


def table(task: str, chosen: Mapping[str, float] | None = None) -> list[list[Any]]:
    """Return the options that fit a task as rows of the table, with the strengths chosen."""
    from training import prepare

    on = chosen or {}
    return [
        [o.title, on.get(o.name, 0), f"{o.hi:g}", f"{o.help} A usual strength: {o.default:g}.", o.name]
        for o in prepare.options(tasks.get(task))
    ]


def table_of(said: RunConfig) -> list[list[Any]]:
    """Return the table that says what a config does."""
    return table(said.task, said.prepare)


def strengths(rows: Sequence[Sequence[Any]] | None) -> dict[str, float]:
    """Return the options that are on; raise UserError where a strength is no number."""
    out = {}
    for row in rows or ():
        try:
            value = float(row[1] or 0)
        except (TypeError, ValueError):
            raise UserError(f"The strength of “{row[0]}” must be a number.") from None
        if value and row[-1]:
            out[str(row[-1])] = value
    return out


def look(desk: Desk, form: Form) -> None:
    """Lay out the look at rows and leaks, of the run as the form says it now."""
    with gr.Row():
        leaks = gr.Button("Check the splits for leaks", scale=0, min_width=320, elem_id="data-leaks")
        count = gr.Button("Count what the preparation does", scale=0, min_width=360, elem_id="data-count")
    said = gr.Markdown(elem_id="data-checked")
    found = gr.Dataframe(
        headers=["what was found"],
        datatype="str",
        interactive=False,
        wrap=True,
        visible=False,
        max_height=360,
        label="Findings",
        elem_id="data-findings",
    )

    def drawn(said: str, sentences: Sequence[str]) -> tuple[str, Any]:
        return said, gr.Dataframe([[one] for one in sentences[:FINDINGS]], visible=bool(sentences))

    def check(*values: Any) -> tuple[str, Any]:
        return drawn(*leaking(form.read(values)))

    def counted(*values: Any) -> tuple[str, Any]:
        return drawn(*prepared(form.read(values)))

    only: dict[str, Any] = {"api_visibility": "private", "concurrency_limit": 1, "concurrency_id": "look"}
    leaks.click(desk.gate.only(check), form.components, [said, found], **only)
    count.click(desk.gate.only(counted), form.components, [said, found], **only)


def leaking(asked: RunConfig) -> tuple[str, list[str]]:
    """Return what the leak check says of the rows of a run: how many it looked at, and its findings."""
    from training import data, leaks, repeats, taught, train

    task = tasks.get(asked.task)
    split, extra, _ = train.rows(task, asked)
    measured = [d for d in data.used(task, asked.datasets) if d.role == "train"]
    test = [row for d in measured for row in data.load(d, "test")]
    learned = [*split.train, *extra]
    # A row that comes in a stage and at the end again is learned from twice, and is no repeat of itself.
    known = {repeats.key(row) for row in learned}
    earlier = {repeats.key(row): row for stage in asked.staged for row in taught.staged(task, stage)}
    learned += [row for key, row in earlier.items() if key not in known]
    found = leaks.check(learned, split.validation, test)
    sizes = ", ".join(f"{n:,} {name}" for name, n in found.sizes.items())
    if found.clean:
        return f"**No leak found** among {sizes} rows.", []
    return (
        f"**{len(found.findings):,} findings** among {sizes} rows; {len(found.leaked_test):,} of the test rows are "
        "repeated elsewhere. Scores are shown with and without the rows that training rows repeat.",
        list(found.findings),
    )


def prepared(asked: RunConfig) -> tuple[str, list[str]]:
    """Return what the preparation of a run does to its training rows."""
    from training import prepare, train

    task = tasks.get(asked.task)
    done = prepare.prepare(task, train.rows(task, asked)[0].train, asked.prepare, asked.split_seed)
    if not done.steps:
        return "No option is on: the rows are learned from as they are.", []
    return (
        f"**{len(done.original):,} rows become {len(done.rows):,}.**",
        [f"{step.option}: {step.says} ({step.before:,} → {step.after:,} rows)" for step in done.steps],
    )
