"""Many clinical notes at once: what the page for files needs to know of notes."""

from tabs import many
from tasks.spec import Task

CHARTS = (("shares", "Notes by category; a note may have several"),)
INTRO = (
    "Drop a CSV, TSV, JSON-lines or Parquet file with one note per row. You get it back with the categories above "
    "their thresholds and the probability of all 18. The notes themselves come back as you sent them, not masked. "
    "Uploads are deleted after about an hour."
)


def build(task: Task, columns_of: many.Columns, match: many.Match, score: many.Score) -> None:
    """Lay out the part of the Clinical notes tab for files."""
    many.build(many.Desk(task, columns_of, match, score, many.Counted, "notes", INTRO, CHARTS))
