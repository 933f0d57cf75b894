"""Many clinical notes at once: what the page for files needs to know of notes."""

from tabs import many
from tabs.answerer import Offers
from tasks.spec import Task

CHARTS = (("shares", "Notes by category; a note may have several"),)
INTRO = (
    "Drop a CSV, TSV, JSON-lines or Parquet file with one note per row. You get it back with the categories judged "
    "present and the probability of all 18. The notes themselves come back as you sent them, not masked. "
    "Uploads are deleted after about an hour."
)


def build(task: Task, files: many.Files, offers: Offers) -> None:
    """Lay out the part of the Clinical notes tab for files."""
    many.build(many.Desk(task, files, many.Counted, "notes", INTRO, CHARTS, offers))
