"""Many claims at once: what the page for files needs to know of claims."""

from tabs import many
from tasks.spec import Task

CHARTS = (("shares", "Claims by verdict, or by what their evidence says"),)
INTRO = (
    "Drop a CSV, TSV, JSON-lines or Parquet file with one claim per row. Where it has a column of evidence each claim "
    "is judged against its own (supports, refutes, not enough); otherwise evidence is searched for, and you get a "
    "verdict, a trust score and the sources. Uploads are deleted after about an hour."
)


def build(task: Task, files: many.Files) -> None:
    """Lay out the part of the Claim check tab for files."""
    many.build(many.Desk(task, files, many.Counted, "claims", INTRO, CHARTS))
