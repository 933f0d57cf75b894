"""Many clinical notes at once: what the page for files needs to know of notes."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from tabs import many, plots
from tasks.spec import Task

CHARTS = (("shares", "Notes by category; a note may have several"),)
INTRO = (
    "Drop a CSV, TSV, JSON-lines or Parquet file with one note per row. You get it back with the categories above "
    "their thresholds and the probability of all 18. The notes themselves come back as you sent them, not masked. "
    "Uploads are deleted after about an hour."
)


class Counted:
    """Nothing of a note is gathered but the categories, which the scorer counts."""

    def __init__(self, columns: Sequence[str]) -> None: ...

    def add(self, cells: Mapping[str, Any], added: Mapping[str, Any]) -> None:
        """Count nothing: a note's other cells are nobody's business here."""

    def figures(self, progress: many.Progress) -> list[go.Figure | None]:
        """Return the chart of CHARTS."""
        found = {label: n for label, n in sorted(progress.counts.items(), key=lambda pair: -pair[1]) if n}
        return [plots.distribution(found, progress.scored) if found else None]


def build(task: Task, columns_of: many.Columns, match: many.Match, score: many.Score) -> None:
    """Lay out the part of the Clinical notes tab for files."""
    many.build(many.Desk(task, columns_of, match, score, Counted, "notes", INTRO, CHARTS))
