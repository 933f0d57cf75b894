"""Many texts at once: a file in, the same file with added columns out, and what stands out in it.

Knows nothing of models or of one task: it is handed what looks into and scores a file, who may be chosen to, and a
summary that gathers what its figures need.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import gradio as gr
import plotly.graph_objects as go

from tabs import plots, temporary
from tabs.answerer import Offers, escaped, key_of, who_answers
from tabs.changes import AT_ONCE
from tabs.errors import shown
from tasks.spec import Task, UserError
from tasks.written import HERE


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
    failed: str

    @property
    def seconds_left(self) -> float:
        """Return the time left at the rate so far."""
        ...


class Summary(Protocol):
    """Gathers what the figures of a scored file need; grows with the number of groups, not of rows."""

    def add(self, cells: Mapping[str, Any], added: Mapping[str, Any]) -> None:
        """Count one scored row: its own cells and the columns it gained."""
        ...

    def figures(self, progress: Progress) -> Sequence[go.Figure | None]:
        """Return one figure per chart of the tab, None where there is nothing to draw."""
        ...


class Counted:
    """A summary of nothing but what rows were said to be, which the scorer counts; other cells are left alone."""

    def __init__(self, columns: Sequence[str]) -> None: ...

    def add(self, cells: Mapping[str, Any], added: Mapping[str, Any]) -> None:
        """Gather nothing."""

    def figures(self, progress: Progress) -> list[go.Figure | None]:
        """Return one chart: the shares, largest first."""
        found = {label: n for label, n in sorted(progress.counts.items(), key=lambda pair: -pair[1]) if n}
        return [plots.distribution(found, progress.scored) if found else None]


class Files(Protocol):
    """Looks into files of one task, and has them scored by whoever is chosen."""

    def columns(self, path: Path) -> Sequence[str]:
        """Return a file's columns."""
        ...

    def match(self, columns: Sequence[str]) -> Mapping[str, str]:
        """Return which column fills which slot."""
        ...

    def foretold(self, path: Path, by: str) -> str:
        """Return what it takes to have a file scored by them."""
        ...

    def score(
        self, source: Path, target: Path, chosen: Mapping[str, str], by: str, token: str | None, **named: Any
    ) -> Iterator[Any]:
        """Yield words while they are opened, then how far the file is."""
        ...


@dataclass(frozen=True)
class Desk:
    """What one task needs to score files: who does, the names on the page, and its charts (id, title).

    Without `offers` the adapter in service does.
    """

    task: Task
    files: Files
    summary: Callable[[Sequence[str]], Summary]
    prefix: str
    intro: str
    charts: tuple[tuple[str, str], ...]
    offers: Offers | None = None
    whole: str = ""
    """The slot that takes a text which is not in parts."""

    @property
    def noun(self) -> str:
        """Return what the rows are called."""
        return self.task.unit


def _asked(desk: Desk, slot: str) -> str:
    return f"{slot.capitalize()}, or the whole, in" if slot == desk.whole else f"{slot.capitalize()} in"


def status(progress: Progress, noun: str) -> str:
    """Say how far a file is, in one line."""
    if not progress.done:
        left = progress.seconds_left
        wait = f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"
        bar = "█" * round(20 * progress.share) + "░" * (20 - round(20 * progress.share))
        return f"`{bar}` {progress.rows:,} rows read, {progress.rate:.0f} a second, about {wait} left"
    line = f"**{progress.scored:,} {noun} scored**"
    line = f"{line}; {progress.skipped:,} could not be scored (they are listed)." if progress.skipped else f"{line}."
    if not progress.failed:
        return line
    return f"{line}\n\n⚠ {escaped(progress.failed)} The rows after those come back as they were, with nothing added."


def build(desk: Desk) -> None:
    """Lay out the part of a tab that scores files."""
    task, name = desk.task, desk.prefix
    gr.Markdown(desk.intro)
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            file = gr.File(
                label=desk.noun.capitalize(),
                file_types=[".csv", ".tsv", ".jsonl", ".parquet"],
                type="filepath",
                elem_id=f"{name}-file",
            )
            found = gr.Markdown(elem_id=f"{name}-found")
            with gr.Row():
                chosen = [
                    gr.Dropdown([], label=_asked(desk, slot), allow_custom_value=True, visible=False, min_width=180)
                    for slot in task.slots
                ]
            who = who_answers(desk.offers, name) if desk.offers else gr.State(HERE)
            cost = gr.Markdown(elem_id=f"{name}-cost")
            go_ = gr.Button("Score the file", variant="primary", elem_id=f"{name}-go")
            progress = gr.Markdown(elem_id=f"{name}-progress")
            result = gr.File(label="Scored file", visible=False, interactive=False, elem_id=f"{name}-result")
        with gr.Column(scale=6, min_width=320):
            charts = [gr.Plot(label=title, visible=False, elem_id=f"{name}-{id_}") for id_, title in desk.charts]
            bad = gr.Dataframe(
                headers=["line", "why it was not scored"],
                label="Rows not scored",
                datatype="str",
                interactive=False,
                wrap=True,
                visible=False,
                elem_id=f"{name}-bad",
            )
    outputs = [progress, result, *charts, bad]
    # On its own: a file that cannot be looked into has no use for the last one's results either.
    file.change(lambda: _cleared(desk), None, outputs, **AT_ONCE)
    file.change(shown(_look(desk)), file, [found, *chosen], **AT_ONCE)
    if desk.offers:
        gr.on([file.change, who.change], shown(_foretold(desk)), [file, who], cost, **AT_ONCE)
    go_.click(
        shown(_run(desk)),
        [file, who, *chosen],
        outputs,
        api_visibility="private",
        concurrency_limit=1,
        concurrency_id="file",
        show_progress="hidden",
    )


def scored(
    desk: Desk, path: str | None, names: Sequence[str], by: str = HERE, token: str | None = None
) -> Iterator[tuple[str | Progress, Path, Summary]]:
    """Score a file into a folder of its own beside it, yielding words while it waits, and how far it is."""
    if not path:
        raise UserError("Please choose a file first.")
    source = Path(path)
    if not source.is_file():
        raise UserError("This file was deleted while it waited, as uploads are after an hour; please upload it again.")
    summary = desk.summary(desk.files.columns(source))
    target = temporary.folder(source.parent) / named_after(source)
    picked = {slot: name for slot, name in zip(desk.task.slots, names, strict=False) if name}

    def seen(row: Any, cells: Mapping[str, Any]) -> None:
        summary.add(row.cells, cells)

    with temporary.held(source, target.parent) as kept:
        for progress in desk.files.score(kept, target, picked, by, token, safe=True, seen=seen):
            yield progress, target, summary


def named_after(source: Path) -> str:
    """Return what the scored file is called: a person with several of them has to know which is which."""
    stem = re.sub(r"[^\w-]+", "_", source.stem).strip("_")[:40]
    return f"{stem or 'file'}-scored{source.suffix.lower()}"


def _cleared(desk: Desk) -> tuple[Any, ...]:
    """Return the updates that take the last file's results away: they would be read as those of the next."""
    charts = [gr.Plot(None, visible=False) for _ in desk.charts]
    return "", gr.File(None, visible=False), *charts, gr.Dataframe([], visible=False)


def _look(desk: Desk) -> Callable[..., tuple[Any, ...]]:
    """Return the handler that shows which columns were found in a file just dropped."""

    def look(path: str | None) -> tuple[Any, ...]:
        if not path:
            return ("", *[gr.Dropdown(visible=False) for _ in desk.task.slots])
        try:
            names = list(desk.files.columns(Path(path)))
        except UserError as error:  # said at once: an event without a queue shows no toast
            return (f"⚠ {escaped(str(error))}", *[gr.Dropdown(visible=False) for _ in desk.task.slots])
        try:
            guess, line = desk.files.match(names), "Columns found by name; change them where the guess is wrong."
        except UserError:
            guess, line = {}, f"No column here has a name known to hold {desk.noun}; please choose."
        boxes = [gr.Dropdown(["", *names], value=guess.get(slot, ""), visible=True) for slot in desk.task.slots]
        return (line, *boxes)

    return look


def _foretold(desk: Desk) -> Callable[[str | None, str], str]:
    """Return the handler that says, before it starts, what a file takes of whoever is chosen."""

    def foretold(path: str | None, by: str) -> str:
        try:
            return escaped(desk.files.foretold(Path(path), by)) if path else ""
        except UserError as error:
            return f"⚠ {escaped(str(error))}"

    return foretold


def _run(desk: Desk) -> Callable[..., Iterator[tuple[Any, ...]]]:
    """Return the handler that scores a file and streams how far it is."""

    def score_file(token: gr.OAuthToken | None, path: str | None, by: str, *names: str) -> Iterator[tuple[Any, ...]]:
        rest: Sequence[Any] = _cleared(desk)[1:]
        for progress, target, summary in scored(desk, path, names, by, key_of(token)):
            if isinstance(progress, str) or not progress.done:
                line = escaped(progress) if isinstance(progress, str) else status(progress, desk.noun)
                yield line, *rest
                rest = [gr.skip()] * len(rest)
                continue
            drawn = summary.figures(progress) if progress.scored else [None] * len(desk.charts)
            plots = [gr.Plot(figure, visible=figure is not None) for figure in drawn]
            rows = [[str(b.line), b.reason] for b in progress.bad]
            result = gr.File(str(target), visible=True)
            yield status(progress, desk.noun), result, *plots, gr.Dataframe(rows, visible=bool(rows))

    return score_file
