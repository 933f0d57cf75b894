"""Answers a run wrote, each beside its untuned base's and the right one.

Every text is shown in plain tables only. Rows that are nobody else's business are shown to trainers alone.
"""

from typing import TYPE_CHECKING, Any

import gradio as gr

from tabs.changes import CHANGED
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

    def listed(request: gr.Request, profile: gr.OAuthProfile | None, id: str | None) -> tuple[str, Any]:
        run = scored(desk, id)
        visitor = bool(desk.gate.refusal(request, profile))
        found = side_by_side(run, visitor and private(run)) if run else []
        if not found:
            return f"Written answers: {UNKNOWN} for this run.", gr.Dataframe(visible=False)
        return f"{len(found)} questions held back from the run.", gr.Dataframe(found, visible=True)

    show.click(shown(listed), shared.chosen, [said, table], **_QUIET)
    shared.chosen.change(lambda: ("", gr.Dataframe(visible=False)), None, [said, table], **CHANGED)


def side_by_side(run: "Run", hidden: bool = False) -> list[list[str]]:
    """Return one line a question; where `hidden`, or the rows are not here, their text is not among it."""
    from training import answered

    found = answered.lines(run, HIDDEN, HIDDEN) if hidden else answered.lines(run)
    return [[cell[:SHOWN] for cell in line] for line in found]
