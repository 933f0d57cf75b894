"""The Judge step: what a scored run is worth, against its floors and other runs on the same rows, and where it errs.

Lays out and wires; what is said stands in `tabs/judgement.py`, the rows and the files in `tabs/judge_rows.py`.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gradio as gr

from tabs import judge_agree, judge_answers, judge_rows
from tabs.changes import CHANGED
from tabs.errors import shown
from tabs.judge_rows import ANY, scored
from tabs.judgement import CAPTIONS, Table, judgement
from tabs.train_desk import Desk, Shared

if TYPE_CHECKING:
    from training.runs import Run

NOTHING = "Choose a run that has been scored: its verdict, its confusion matrix and its errors appear here."
STEP = "Judge"
ORDERS = ("surest first", "least sure first", "drawn at random", "surest mistakes first")
"""As `training.judge.ORDERS`, said here so that the page needs no numbers library to be laid out."""
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def build(desk: Desk, shared: Shared) -> None:
    """Lay out the step and wire its events."""
    view: dict[str, Any] = {"said": gr.Markdown(NOTHING, elem_id="judge-said")}
    with gr.Accordion("Set beside other runs", open=False):
        picked = gr.Dropdown(
            [],
            multiselect=True,
            allow_custom_value=True,
            label="Runs to compare with",
            info="Nothing chosen: the newest that were scored on the very same rows.",
            elem_id="judge-picked",
        )
    view |= _tables() | _plots()
    asked = _cells(view)
    with gr.Accordion("Written answers, side by side", open=False):
        judge_answers.build(desk, shared)
    with gr.Accordion("Do several runs say the same? (consistency)", open=False):
        judge_agree.build(desk, shared)
    _take_home(desk, shared)
    front, seen = gr.State(False), gr.State(None)
    _wire(desk, shared, view, picked, front, seen)
    right, answer, order = asked
    inputs = [shared.chosen, right, answer, order]
    gr.on([one.input for one in asked], shown(judge_rows.cell(desk)), inputs, view["listed"], **_QUIET)
    _wire_click(desk, shared, view, asked)


def _tables() -> dict[str, Any]:
    def table(name: str, **named: Any) -> gr.Dataframe:
        return gr.Dataframe(
            datatype="str", interactive=False, wrap=True, visible=False, elem_id=f"judge-{name}", **named
        )

    return {
        "verdicts": table("verdicts", column_widths=["28%", "20%", "52%"]),
        "leaks": table("leaks", column_widths=["40%", "12%", "24%", "24%"]),
        "classes": table("classes"),
        "written": table("written"),
    }


def _plots() -> dict[str, Any]:
    plots: dict[str, Any] = {}
    for pair in (("matrix", "slices"), ("reliability", "coverage")):
        with gr.Row():
            for name in pair:
                plots[name] = gr.Plot(label=CAPTIONS[name], visible=False, min_width=320, elem_id=f"judge-{name}")
    plots["curves"] = gr.Plot(label=CAPTIONS["curves"], visible=False, min_width=320, elem_id="judge-curves")
    return plots


def _cells(view: dict[str, Any]) -> tuple[gr.Dropdown, gr.Dropdown, gr.Dropdown]:
    """Lay out the matrix as a table to click and the list of a cell's rows; return what chooses them."""
    view["counts"] = gr.Dataframe(
        datatype="str", interactive=False, visible=False, label="Confusion", elem_id="judge-counts"
    )
    with gr.Row(visible=False) as view["box"]:
        right = gr.Dropdown([ANY], value=ANY, label="Right label", min_width=160, elem_id="judge-right")
        answer = gr.Dropdown([ANY], value=ANY, label="Predicted label", min_width=160, elem_id="judge-answer")
        order = gr.Dropdown(list(ORDERS), value=ORDERS[0], label="In which order", min_width=160)
    view["right"], view["answer"] = right, answer
    view["listed"] = gr.Dataframe(
        headers=["row", "right", "said", "confidence", "text"],
        datatype="str",
        interactive=False,
        wrap=True,
        max_height=420,
        column_widths=["8%", "12%", "12%", "12%", "56%"],
        visible=False,
        label="Rows of that cell (at most 50)",
        elem_id="judge-rows",
    )
    return right, answer, order


def _take_home(desk: Desk, shared: Shared) -> None:
    with gr.Accordion("Take it home: report, predictions, config, log", open=False):
        with gr.Row():
            with_texts = gr.Checkbox(False, label="With the text of each test row and question", min_width=260)
            make = gr.Button("Make report and zip", scale=0, min_width=220, elem_id="judge-make")
        made = gr.File(label="One page that needs no network, and a zip with everything", visible=False)
    whose = gr.State("")
    # One lane, so that a look at another run before the press is not answered after it.
    lane: dict[str, Any] = {"api_visibility": "private", "concurrency_limit": 1, "concurrency_id": "take-home"}
    make.click(shown(judge_rows.files(desk)), [shared.chosen, with_texts], [made, whose], **lane)
    shared.chosen.change(judge_rows.of_another, [shared.chosen, whose], made, **(lane | CHANGED))


def _wire(
    desk: Desk, shared: Shared, view: dict[str, Any], picked: gr.Dropdown, front: gr.State, seen: gr.State
) -> None:
    """Draw when the step is in front and the run, its report or the runs beside it are others than those drawn."""
    outputs = [*view.values(), picked, seen]

    def draw(id: str | None, chosen: list[str] | None, front: bool, before: Any) -> tuple[Any, ...]:
        run = scored(desk, id)
        beside = judge_rows.others(desk, run) if run and front else []
        now = [*map(_written, [run, *beside]), chosen or []] if run else [None, []]
        if not front or now == before:
            return (gr.skip(),) * len(outputs)
        if run is None:
            return *_empty(view), gr.skip(), now
        choices = gr.Dropdown([(other.title or other.id, other.id) for other in beside])
        return *_drawn(view, run, [o for o in beside if o.id in (chosen or [])] or beside, bool(chosen)), choices, now

    def turned(id: str | None, chosen: list[str] | None, before: Any, event: gr.SelectData) -> tuple[Any, ...]:
        there = event.value == STEP
        return there, *draw(id, chosen, there, before)

    inputs = [shared.chosen, picked, front, seen]
    gr.on([shared.chosen.change, picked.change, shared.listed.change], shown(draw), inputs, outputs, **CHANGED)
    shared.steps.select(shown(turned), [shared.chosen, picked, seen], [front, *outputs], **_QUIET)
    shared.chosen.change(lambda: [], None, picked, queue=False, **CHANGED)


def _written(run: "Run") -> list[Any]:
    """Return which run it is and when its report was written."""
    return [run.id, os.stat(run.report_file).st_mtime_ns]


def _empty(view: dict[str, Any]) -> tuple[Any, ...]:
    return NOTHING, *(gr.update(visible=False) for name in view if name != "said")


def _drawn(view: dict[str, Any], run: "Run", others: list["Run"], chosen: bool) -> tuple[Any, ...]:
    """Return the updates of the view, in its order."""
    told = judgement(run, others, chosen)
    missing = "".join(f"\n* {one}" for one in told.missing)
    said = f"### {told.score}\n{told.text}" + (f"\n\nNot measured:\n{missing}" if missing else "")
    choices = [ANY, *told.labels]
    rows = told.matrix is not None
    out: dict[str, Any] = {
        "said": said,
        "verdicts": _table(told.verdicts),
        "leaks": _table(told.leaks),
        "classes": _table(told.classes),
        "written": _table(told.written),
        "counts": _table(told.matrix, "Confusion: a click on a cell lists its rows"),
        "box": gr.Row(visible=rows),
        "right": gr.Dropdown(choices, value=ANY, visible=rows),
        "answer": gr.Dropdown(choices, value=ANY, visible=rows),
        "listed": gr.Dataframe(visible=False),
    }
    out |= {name: gr.Plot(told.figures.get(name), visible=name in told.figures) for name in CAPTIONS}
    return tuple(out[name] for name in view)


def _table(table: Table | None, title: str = "") -> Any:
    if table is None:
        return gr.Dataframe(visible=False)
    return gr.Dataframe({"headers": list(table.headers), "data": table.rows}, label=title or table.title, visible=True)


def _wire_click(desk: Desk, shared: Shared, view: dict[str, Any], asked: tuple[Any, Any, Any]) -> None:
    """A click on a cell of the table lists its rows; one on a right label lists all rows of that label."""
    listed: Callable[..., Any] = judge_rows.cell(desk)
    right, answer, order = asked

    def clicked(
        request: gr.Request, profile: gr.OAuthProfile | None, id: str | None, order: str, event: gr.SelectData
    ) -> tuple[Any, ...]:
        run = scored(desk, id)
        if run is None or run.report is None:
            return ANY, ANY, gr.Dataframe(visible=False)
        labels = run.report.main.labels
        row, column = event.index
        truth, said = labels[row], labels[column - 1] if column else ANY
        return truth, said, listed(request, profile, id, truth, said, order)

    view["counts"].select(shown(clicked), [shared.chosen, order], [right, answer, view["listed"]], **_QUIET)
