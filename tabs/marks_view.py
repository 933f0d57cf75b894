"""How checked sentences are drawn: as coloured text with the finding in words, and as a table with evidence.

Nothing a model wrote or a person typed is drawn as markup. Knows nothing of models or of search.
"""

from typing import Any

import gradio as gr

from tasks.health_claims import REFUTES, SILENT, SUPPORTS
from tasks.marks import SHOWN
from tasks.reply import Reply
from tasks.written import Written

COLOURS = {SHOWN[SUPPORTS]: "#2f7d6b", SHOWN[REFUTES]: "#a8506f", SHOWN[SILENT]: "#b0762b"}
Drawn = list[tuple[str, str | None]]


def view(label: str, elem_id: str, visible: bool = False) -> gr.HighlightedText:
    """Lay out a text whose sentences are marked."""
    return gr.HighlightedText(label=label, color_map=COLOURS, visible=visible, show_legend=True, elem_id=elem_id)


def table(elem_id: str) -> gr.Dataframe:
    """Lay out the table of checked sentences."""
    return gr.Dataframe(
        headers=["sentence", "found", "how sure", "what decided"],
        datatype="str",
        interactive=False,
        wrap=True,
        column_widths=["38%", "17%", "10%", "35%"],
        visible=False,
        elem_id=elem_id,
    )


def shown_marks(reply: Reply | None) -> tuple[gr.HighlightedText, gr.Dataframe]:
    """Return what a written answer's sentences are shown as; both hidden where none was checked."""
    marks = reply.marks if isinstance(reply, Written) else ()
    rows = [
        [m.text.strip(), SHOWN[m.stance], f"{m.score:.0%}", f"[{m.source}] {m.because}" if m.because else ""]
        for m in marks
        if m.stance
    ]
    drawn = [(m.text, SHOWN.get(m.stance)) for m in marks]
    return gr.HighlightedText(drawn, visible=bool(rows)), gr.Dataframe(rows, visible=bool(rows))


def whole(reply: Reply | None) -> Drawn:
    """Return a reply as pieces to be drawn, each marked or not; joined they are its text, but for outer spaces."""
    if reply is None:
        return []
    if not reply.text:
        return [(reply.waiting, None)]
    if not isinstance(reply, Written) or not reply.marks:
        return [(reply.text, None)]
    said = "".join(m.noted for m in reply.marks) + reply.rest
    before, _, after = reply.text.partition(said.strip())
    marked = ((m.noted, SHOWN.get(m.stance)) for m in reply.marks)
    drawn: Drawn = [(before, None), *marked, (reply.rest, None), (after, None)]
    return [piece for piece in drawn if piece[0]]


def as_rows(reply: Written) -> list[dict[str, Any]]:
    """Return the checked sentences as plain data."""
    return [
        {
            "text": m.text.strip(),
            "found": SHOWN.get(m.stance),
            "score": round(m.score, 4),
            "supported": round(m.supports, 4),
            "source": m.source or None,
            "because": m.because,
        }
        for m in reply.marks
    ]
