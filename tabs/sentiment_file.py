"""Many reviews at once: a file in, the same file with added columns out, and what stands out in it.

Knows nothing of models: it is handed the functions that look into and score a file.
"""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import gradio as gr
import plotly.graph_objects as go

from tabs import plots
from tabs.errors import shown
from tasks.spec import Task, UserError

FEW = 3
"""Reviews a drug or condition needs before it is ranked: one angry review is no pattern."""
GROUPS = {
    "medicines": ("urldrugname", "drugname", "drug", "medication", "medicine"),
    "conditions": ("condition", "indication", "diagnosis"),
}


class Bad(Protocol):
    """A row that was not scored."""

    line: int
    reason: str


class Progress(Protocol):
    """How far a file has come."""

    rows: int
    scored: int
    skipped: int
    share: float
    rate: float
    done: bool
    bad: list[Any]
    counts: dict[str, int]

    @property
    def seconds_left(self) -> float:
        """Return the time left at the rate so far."""
        ...


Columns = Callable[[Path], Sequence[str]]
Match = Callable[[Sequence[str]], Mapping[str, str]]
Score = Callable[..., Iterator[Progress]]


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

    def add(self, cells: Mapping[str, Any], rating: float) -> None:
        """Count one scored row."""
        for what, column in self.columns.items():
            name = str(cells.get(column) or "").strip().lower()
            if name:
                pair = self.sums[what][name[:80]]
                pair[0] += rating
                pair[1] += 1

    def worst(self, what: str, most: int = 10) -> list[tuple[str, float, int]]:
        """Return (name, mean expected rating, reviews) of the lowest means among those with enough reviews."""
        means = [(name, total / n, int(n)) for name, (total, n) in self.sums.get(what, {}).items() if n >= FEW]
        return sorted(means, key=lambda row: row[1])[:most]


def status(progress: Progress) -> str:
    """Say how far a file is, in one line."""
    if not progress.done:
        left = progress.seconds_left
        wait = f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"
        bar = "█" * round(20 * progress.share) + "░" * (20 - round(20 * progress.share))
        return f"`{bar}` {progress.rows:,} rows read, {progress.rate:.0f} a second, about {wait} left"
    line = f"**{progress.scored:,} reviews scored**"
    return f"{line}, {progress.skipped:,} not: see the list below." if progress.skipped else f"{line}."


def build(task: Task, columns_of: Columns, match: Match, score: Score) -> None:
    """Lay out the part of the Sentiment tab for files; the endpoint is /sentiment_file."""
    gr.Markdown(
        "Drop a CSV, TSV, JSON-lines or Parquet file with one review per row. You get it back with the label, its "
        "probabilities, the expected rating and whether the model was sure. Uploads are deleted after about an hour."
    )
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            file = gr.File(
                label="Reviews",
                file_types=[".csv", ".tsv", ".jsonl", ".parquet"],
                type="filepath",
                elem_id="reviews-file",
            )
            found = gr.Markdown(elem_id="reviews-found")
            with gr.Row():
                chosen = [
                    gr.Dropdown(
                        [], label=f"{slot.capitalize()} column", allow_custom_value=True, visible=False, min_width=180
                    )
                    for slot in task.slots
                ]
            go_ = gr.Button("Score the file", variant="primary", elem_id="reviews-go")
            progress = gr.Markdown(elem_id="reviews-progress")
            result = gr.File(label="Scored file", visible=False, interactive=False, elem_id="reviews-result")
        with gr.Column(scale=6, min_width=320):
            shares = gr.Plot(label="Reviews by label", visible=False, elem_id="reviews-shares")
            drugs = gr.Plot(label="Worst-rated medicines", visible=False, elem_id="reviews-drugs")
            conditions = gr.Plot(label="Worst-rated conditions", visible=False, elem_id="reviews-conditions")
            bad = gr.Dataframe(
                headers=["line", "why it was not scored"],
                label="Rows not scored",
                datatype="str",
                interactive=False,
                wrap=True,
                visible=False,
                elem_id="reviews-bad",
            )

    file.change(
        shown(_look(task, columns_of, match)),
        file,
        [found, *chosen],
        api_visibility="private",
        show_progress="hidden",
    )
    go_.click(
        shown(_run(task, columns_of, score)),
        [file, *chosen],
        [progress, result, shares, drugs, conditions, bad],
        api_visibility="private",
        concurrency_limit=1,
        concurrency_id="file",
        show_progress="hidden",
    )
    _endpoint(task, columns_of, score)


def _endpoint(task: Task, columns_of: Columns, score: Score) -> None:
    """Offer /sentiment_file to programs: components no one sees, so that the file and its columns are typed."""
    with gr.Group(visible=False):
        given = gr.File(label="file", type="filepath")
        names = [gr.Textbox(label=f"{slot.replace(' ', '_')}_column") for slot in task.slots]
        scored, summary, knock = gr.File(label="scored"), gr.JSON(label="summary"), gr.Button()

    def sentiment_file(file: str, benefits: str = "", side_effects: str = "", comments: str = "") -> tuple[str, dict]:
        """Score a file of reviews (.csv, .tsv, .jsonl, .parquet), one review per row.

        Args:
            file: The file.
            benefits: Column that holds the benefits; empty to find it by name.
            side_effects: Column that holds the side effects; empty to find it by name.
            comments: Column that holds the comment or the whole review; empty to find it by name.

        Returns:
            The same file with added columns, and a summary: rows scored, rows not scored and why, reviews by label.
        """
        for last in _scored(task, columns_of, score, file, (benefits, side_effects, comments)):
            progress, target, _ = last
        rows = [{"line": b.line, "reason": b.reason} for b in progress.bad]
        return str(target), {"scored": progress.scored, "not_scored": rows, "labels": progress.counts}

    knock.click(
        shown(sentiment_file),
        [given, *names],
        [scored, summary],
        api_name="sentiment_file",
        concurrency_limit=1,
        concurrency_id="file",
    )


def _scored(
    task: Task, columns_of: Columns, score: Score, path: str | None, names: Sequence[str]
) -> Iterator[tuple[Progress, Path, Groups]]:
    """Score a file into a folder of its own beside it, yielding how far it is."""
    if not path:
        raise UserError("Please choose a file first.")
    source = Path(path)
    groups = Groups(columns_of(source))
    target = Path(tempfile.mkdtemp(dir=source.parent)) / f"scored{source.suffix.lower()}"
    picked = {slot: name for slot, name in zip(task.slots, names, strict=False) if name}

    def seen(row: Any, cells: Mapping[str, Any]) -> None:
        groups.add(row.cells, cells["rating_expected"])

    for progress in score(source, target, picked, safe=True, seen=seen):
        yield progress, target, groups


def _look(task: Task, columns_of: Columns, match: Match) -> Callable[..., tuple[Any, ...]]:
    """Return the handler that shows which columns were found in a file just dropped."""

    def look(path: str | None) -> tuple[Any, ...]:
        if not path:
            return ("", *[gr.Dropdown(visible=False) for _ in task.slots])
        names = list(columns_of(Path(path)))
        try:
            guess, line = match(names), "Columns found by name; change them where the guess is wrong."
        except UserError:
            guess, line = {}, "No column here has a name known to hold reviews; please choose."
        boxes = [gr.Dropdown(["", *names], value=guess.get(slot, ""), visible=True) for slot in task.slots]
        return (line, *boxes)

    return look


def _run(task: Task, columns_of: Columns, score: Score) -> Callable[..., Iterator[tuple[Any, ...]]]:
    """Return the handler that scores a file and streams how far it is."""

    def run(path: str | None, *names: str) -> Iterator[tuple[Any, ...]]:
        for progress, target, groups in _scored(task, columns_of, score, path, names):
            if not progress.done:
                yield status(progress), *[gr.skip()] * 5
            else:
                yield status(progress), gr.File(str(target), visible=True), *_figures(progress, groups)

    return run


def _figures(progress: Progress, groups: Groups) -> tuple[Any, ...]:
    def plot(figure: go.Figure | None) -> gr.Plot:
        return gr.Plot(figure, visible=figure is not None)

    worst = [groups.worst(what) for what in GROUPS]
    rows = [[str(b.line), b.reason] for b in progress.bad]
    return (
        plot(plots.distribution(progress.counts) if progress.scored else None),
        *[plot(plots.worst(rows) if rows else None) for rows in worst],
        gr.Dataframe(rows, visible=bool(rows)),
    )
