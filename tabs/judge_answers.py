"""Answers a run wrote, each beside its untuned base's and the right one.

Every text is shown in plain tables only. Rows that are nobody else's business are shown to trainers alone.
"""

from typing import TYPE_CHECKING, Any

import gradio as gr

import tasks
from tabs.errors import shown
from tabs.judge_rows import HIDDEN, private, scored
from tabs.judgement import UNKNOWN
from tabs.train_desk import Desk, Shared

if TYPE_CHECKING:
    from training.runs import Run

COLUMNS = ("question", "right answer", "this run", "its base, untuned", "ROUGE-L", "of the base")
SHOWN = 600
"""Characters of a text that are listed."""
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def build(desk: Desk, shared: Shared) -> None:
    """Lay out the part and wire its events."""
    show = gr.Button("Show them side by side", scale=0, min_width=240, elem_id="answers-show")
    said = gr.Markdown(elem_id="answers-said")
    table = gr.Dataframe(
        headers=list(COLUMNS),
        datatype="str",
        interactive=False,
        wrap=True,
        max_height=480,
        column_widths=["220px", "260px", "260px", "260px", "90px", "110px"],
        visible=False,
        label="Written answers",
        elem_id="answers-rows",
    )

    def listed(id: str | None, refusal: str) -> tuple[str, Any]:
        run = scored(desk, id)
        found = side_by_side(run, bool(refusal) and private(run)) if run else []
        if not found:
            return f"Written answers: {UNKNOWN} for this run.", gr.Dataframe(visible=False)
        return f"{len(found)} questions held back from the run.", gr.Dataframe(found, visible=True)

    show.click(shown(listed), [shared.chosen, shared.refusal], [said, table], **_QUIET)
    shared.chosen.change(lambda: ("", gr.Dataframe(visible=False)), None, [said, table], **_QUIET)


def side_by_side(run: "Run", hidden: bool = False) -> list[list[str]]:
    """Return one line a question; where `hidden`, or the rows are not here, their text is not among it."""
    from training import answered

    found = answered.read(run.folder)
    if found is None:
        return []
    task = tasks.get(run.config.task)
    known = {} if hidden else answered.known(task, run.config)
    missing = HIDDEN if hidden else "not on this machine"
    out = []
    for i, place in enumerate(found.places):
        row = known.get(place)
        texts = (row.text, answered.right_answer(task, row)) if row else (missing, missing)
        said = [HIDDEN if hidden else found.said[who][i] or "(nothing)" for who in answered.WHO]
        near = [f"{found.scores[who]['rougeL'][i]:.2f}" for who in answered.WHO]
        out.append([*(text[:SHOWN] for text in (*texts, *said)), *near])
    return out
