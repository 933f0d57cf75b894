"""Many claims at once: what the page for files needs to know of claims."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from tabs import many, plots
from tasks.spec import Task

CHARTS = (("shares", "Claims by verdict, or by what their evidence says"),)
INTRO = (
    "Drop a CSV, TSV, JSON-lines or Parquet file with one claim per row. Where it has a column of evidence each claim "
    "is judged against its own (supports, refutes, not enough); otherwise evidence is searched for, and you get a "
    "verdict, a trust score and the sources. Uploads are deleted after about an hour."
)


class Counted:
    """Nothing of a claim is gathered but its verdict, which the scorer counts."""

    def __init__(self, columns: Sequence[str]) -> None: ...

    def add(self, cells: Mapping[str, Any], added: Mapping[str, Any]) -> None:
        """Count nothing: a claim's other cells are nobody's business here."""

    def figures(self, progress: many.Progress) -> list[go.Figure | None]:
        """Return the chart of CHARTS."""
        found = {label: n for label, n in sorted(progress.counts.items(), key=lambda pair: -pair[1]) if n}
        return [plots.distribution(found, progress.scored) if found else None]


def build(task: Task, columns_of: many.Columns, match: many.Match, score: many.Score) -> None:
    """Lay out the part of the Claim check tab for files."""
    many.build(many.Desk(task, columns_of, match, score, Counted, "claims", INTRO, CHARTS))
