"""Many reviews at once: what the page for files needs to know of reviews, and the endpoint /sentiment_file."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import gradio as gr
import plotly.graph_objects as go

from tabs import many, plots
from tabs.answerer import Offers, key_of
from tabs.errors import shown
from tasks.spec import Task, UserError
from tasks.written import HERE

FEW = 3
"""Reviews a drug or condition needs before it is ranked: one angry review is no pattern."""
GROUPS = {
    "medicines": ("urldrugname", "drugname", "drug", "medication", "medicine"),
    "conditions": ("condition", "indication", "diagnosis"),
}
CHARTS = (
    ("shares", "Reviews by label"),
    ("drugs", "Worst-rated medicines"),
    ("conditions", "Worst-rated conditions"),
)
INTRO = (
    "Drop a CSV, TSV, JSON-lines or Parquet file with one review per row. You get it back with the label, its "
    "probabilities, the expected rating and whether the model was sure. Uploads are deleted after about an hour."
)


class Groups:
    """Running means of the expected rating by medicine and by condition; grows with their number, not the rows'."""

    def __init__(self, columns: Sequence[str]) -> None:
        by_name = {name.lower().replace("_", "").replace(" ", ""): name for name in columns}
        self.columns = {
            what: next(by_name[n] for n in names if n in by_name)
            for what, names in GROUPS.items()
            if any(n in by_name for n in names)
        }
        self.sums: dict[str, dict[str, list[float]]] = {what: defaultdict(lambda: [0.0, 0]) for what in self.columns}

    def add(self, cells: Mapping[str, Any], added: Mapping[str, Any]) -> None:
        """Count one scored row; one whose ratings were not told apart has none to count."""
        if added["rating_expected"] is None:
            return
        for what, column in self.columns.items():
            name = str(cells.get(column) or "").strip().lower()
            if name:
                pair = self.sums[what][name[:80]]
                pair[0] += added["rating_expected"]
                pair[1] += 1

    def worst(self, what: str, most: int = 10) -> list[tuple[str, float, int]]:
        """Return (name, mean expected rating, reviews) of the lowest means among those with enough reviews."""
        means = [(name, total / n, int(n)) for name, (total, n) in self.sums.get(what, {}).items() if n >= FEW]
        return sorted(means, key=lambda row: row[1])[:most]

    def figures(self, progress: many.Progress) -> list[go.Figure | None]:
        """Return the charts of CHARTS."""
        worst = [self.worst(what) for what in GROUPS]
        return [plots.distribution(progress.counts), *[plots.worst(rows) if rows else None for rows in worst]]


def build(task: Task, files: many.Files, offers: Offers) -> None:
    """Lay out the part of the Sentiment tab for files; the endpoint is /sentiment_file."""
    desk = many.Desk(task, files, Groups, "reviews", INTRO, CHARTS, offers, whole="comments")
    many.build(desk)
    _endpoint(desk)


def _filled(desk: many.Desk, file: str | None, names: Sequence[str]) -> Sequence[str]:
    """Return the column of every slot: those named, else by name among the rest, so that none is read twice.

    The page does not fill: there a column found by name is seen, and whoever empties its box wants it left out.
    """
    if not file or not any(names):
        return names
    found: Mapping[str, str] = {}
    with suppress(UserError):  # none is known by name: those named are read alone
        found = desk.files.match([name for name in desk.files.columns(Path(file)) if name not in names])
    return [name or found.get(slot, "") for slot, name in zip(desk.task.slots, names, strict=True)]


def _endpoint(desk: many.Desk) -> None:
    """Offer /sentiment_file to programs: components no one sees, so that the file and its columns are typed.

    An empty text is a default; a program may leave out what has one.
    """
    with gr.Group(visible=False):
        given = gr.File(label="file", type="filepath")
        names = [gr.Textbox("", label=f"{slot.replace(' ', '_')}_column") for slot in desk.task.slots]
        who = gr.Textbox(HERE, label="answerer")
        scored, summary, knock = gr.File(label="scored"), gr.JSON(label="summary"), gr.Button()

    def sentiment_file(
        file: str,
        benefits: str = "",
        side_effects: str = "",
        comments: str = "",
        answerer: str = HERE,
        token: gr.OAuthToken | None = None,
    ) -> tuple[str, dict]:
        """Score a file of reviews (.csv, .tsv, .jsonl, .parquet), one review per row.

        Args:
            file: The file; from a tool a data: URL (data:text/csv;base64,...); addresses and paths are refused.
            benefits: Column that holds the benefits; empty to find it by name.
            side_effects: Column that holds the side effects; empty to find it by name.
            comments: Column that holds the comment or the whole review; empty to find it by name.
            answerer: Who reads it: "adapter", or the key of another who is offered here.
            token: Filled in from a visitor's sign-in; programs do not send it.

        Returns:
            The same file with added columns, and a summary: rows scored, rows not scored and why, reviews by label;
            failed says why whoever answers stopped before the end, if so.
        """
        columns = _filled(desk, file, (benefits, side_effects, comments))
        for last in many.scored(desk, file, columns, answerer, key_of(token)):
            progress, target, _ = last
        assert not isinstance(progress, str)  # a file that was not scored is an error
        rows = [{"line": b.line, "reason": b.reason} for b in progress.bad]
        return str(target), {
            "scored": progress.scored,
            "not_scored": rows,
            "labels": progress.counts,
            "failed": progress.failed,
        }

    knock.click(
        shown(sentiment_file),
        [given, *names, who],
        [scored, summary],
        api_name="sentiment_file",
        concurrency_limit=1,
        concurrency_id="file",
    )
