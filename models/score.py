"""Scores a file of reviews or notes and writes the same file with added columns.

python -m models.score drug_reviews reviews.csv scored.csv [--processes N | --remote NAME]

Reads .csv, .tsv, .jsonl and .parquet, in constant memory. Results go to a journal beside the output first, so a killed
run takes up where it stopped; the output appears whole or not at all. Knows nothing of Gradio.
"""

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any

import pyarrow as pa

import tasks
from models import scorer
from models.crew import answered
from models.export import Writer, plain
from models.journal import Journal
from models.language import notes
from models.parts import READ, parts
from models.predictor import SlotPredictor
from models.shelf import Shelf
from models.tables import BadRow, Row, Table
from tasks.spec import Example, Prediction, Task, UserError

CHUNK = 512
"""Rows scored at most between two entries in the journal: what a kill can cost."""

VERSION = 3
"""Of what a journal holds and of how rows are read; raised with either, so that no file is half of the former."""

NOT_SURE = "not sure"
"""What a row is counted as whose label is a mere guess."""
REMARK = "remark"
"""Where a row's warning stands: no `note`, which is what columns of notes are called."""
GIVES_WAY = frozenset({REMARK, "why", "withheld", "emergency", "referral", "searched_for"})
"""Columns that explain an answer; files have their own of these names, and keep them."""


@dataclass
class Progress:
    """How far a file is. `bad` rows with line and reason (the first thousand); `failed` says why it ended early."""

    rows: int = 0
    scored: int = 0
    share: float = 0.0
    rate: float = 0.0
    done: bool = False
    skipped: int = 0
    bad: list[BadRow] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    failed: str = ""

    @property
    def seconds_left(self) -> float:
        """Return the time left at the rate so far."""
        left = self.rows / self.share - self.rows if self.share else 0.0
        return left / self.rate if self.rate else 0.0

    def add(self, bad: BadRow) -> None:
        """Note a row that was not scored."""
        self.skipped += 1
        if len(self.bad) < 1000:
            self.bad.append(bad)


def match(task: Task, columns: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return which column fills which slot: those chosen, else those whose names the task knows.

    Raises:
        UserError: if a chosen column does not exist, or none can be found.
    """
    chosen = {slot: name for slot, name in (chosen or {}).items() if name}
    if wrong := [name for slot, name in chosen.items() if name not in columns or slot not in task.slots]:
        raise UserError(f"This file has no column {wrong[0]!r}; it has: {', '.join(columns[:20])}.")
    if chosen:
        return chosen
    by_name = {name.lower().replace("_", "").replace(" ", ""): name for name in reversed(columns)}
    found = {}
    for slot, names in task.columns.items():
        hits = [by_name[key] for name in names if (key := name.lower().replace("_", "").replace(" ", "")) in by_name]
        if hits:
            found[slot] = hits[0]
    if not found:
        known = ", ".join(columns[:20])
        raise UserError(f"No column of this file is known to hold {task.unit}; choose one of: {known}.")
    return found


def added(task: Task, prediction: Prediction) -> dict[str, Any]:
    """Return the columns a scored row gains: those the task says, else label, probabilities and abstention.

    Where names were given and no probabilities, the columns of those stay empty.
    """
    if task.output is not None:
        found = dict(task.output(prediction))
    else:
        shares = {f"p_{label}": round(share, 4) for label, share in prediction.scores.items()}
        found = {"label": prediction.best, **shares, "abstained": prediction.abstained}
    return found if prediction.graded else {name: None if name[:2] == "p_" else cell for name, cell in found.items()}


def added_names(task: Task) -> list[str]:
    """Return the names of the columns a scored row gains, in order."""
    shares = dict.fromkeys(task.labels, 0.0)
    heads = {head.name: dict.fromkeys(head.values, 1 / len(head.values)) for head in task.heads}
    remark = [REMARK] if task.kind in READ else []
    return [*added(task, Prediction(task.labels[0], task.labels[0], shares, heads)), *remark]


def _written(task: Task, columns: Sequence[str]) -> dict[str, str]:
    """Return the name each added column is written under; raise UserError where one that must not give way is taken."""
    names = added_names(task)
    if taken := [repr(name) for name in names if name in columns and name not in GIVES_WAY]:
        said = f"a column {taken[0]}; rename it" if len(taken) == 1 else f"columns {', '.join(taken)}; rename them"
        raise UserError(f"The file already has {said} first.")
    used = {*columns, *names}
    free = {name: next(f"{name} ({n})" for n in count(2) if f"{name} ({n})" not in used) for name in names}
    return {name: free[name] if name in columns else name for name in names}


def _cells(task: Task, example: Example, prediction: Prediction) -> dict[str, Any]:
    """Return the cells a scored row gains, with what the page would warn of beside the answer."""
    remark = {REMARK: " ".join(notes(example))} if task.kind in READ else {}
    return added(task, prediction) | remark


def score_file(
    predictor: SlotPredictor,
    source: Path,
    target: Path,
    chosen: Mapping[str, str] | None = None,
    safe: bool = False,
    seen: Callable[[Row, Mapping[str, Any]], None] | None = None,
    partly: bool = False,
    ended: Callable[[], str] = str,
) -> Iterator[Progress]:
    """Score `source` into `target`, yielding how far it is; the last Progress is done.

    `seen` is called with every scored row and its added columns, in order, after the scoring. With `partly`, what a
    predictor answered before it failed is written all the same; else the journal keeps it for the next start. `ended`
    says, when asked between some rows and the next, why no more are to be scored: a failure like any other.

    Raises:
        UserError: if the file, its columns or the target's kind cannot be used, or the predictor fails.
    """
    table = Table(source)
    kind = target.suffix.lower().lstrip(".")
    if kind not in ("csv", "tsv", "jsonl", table.kind):
        raise UserError(f"The output must be .csv, .tsv or .jsonl, or of the input's kind, .{table.kind}.")
    columns = match(predictor.task, table.columns, chosen)
    _written(predictor.task, table.columns)
    journal = Journal(target.with_name(f".{target.name}.journal"), _mark(table, columns, predictor))
    progress = Progress()
    try:
        yield from _fill(journal, predictor, table, columns, progress, ended)
    except UserError as error:
        if not (partly and progress.scored):
            raise
        progress.failed = str(error)
    _assemble(journal, table, target, predictor.task, safe, seen, whole=not progress.failed)
    progress.done, progress.share = True, 1.0
    yield progress


def _mark(table: Table, columns: Mapping[str, str], predictor: SlotPredictor) -> str:
    """Return what must be the same for a journal to be taken up: file, columns, adapter, its reading, form."""
    with table.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    used = [dict(columns), dict(predictor.reading.rests_on), added_names(predictor.task), VERSION]
    digest.update(json.dumps(used, sort_keys=True).encode())
    return digest.hexdigest()


def _fill(
    journal: Journal,
    predictor: SlotPredictor,
    table: Table,
    columns: Mapping[str, str],
    progress: Progress,
    ended: Callable[[], str],
) -> Iterator[Progress]:
    start, begun, lines, task = time.monotonic(), journal.done, max(table.lines, 1), predictor.task
    progress.counts = dict.fromkeys(task.labels, 0)
    size = min(CHUNK, getattr(predictor, "chunk", CHUNK))
    for part, said in answered(predictor, parts(journal, task, table, columns, size, ended)):
        for item in part.read:
            if isinstance(item, BadRow):
                progress.add(item)
        answers = iter(said)
        fresh = [_cells(task, item, next(answers)) if isinstance(item, Example) else None for item in part.todo]
        journal.add(fresh)
        for result in filter(None, [*part.known, *fresh]):
            progress.scored += 1
            for label in _said(result):
                progress.counts[label] = progress.counts.get(label, 0) + 1
        progress.rows += len(part.chunk)
        progress.share = min(part.chunk[-1].line / lines, 0.99)
        progress.rate = max(progress.rows - begun, 0) / max(time.monotonic() - start, 1e-9)
        yield progress


def _said(result: Mapping[str, Any]) -> Sequence[str]:
    """Return what a row was said to be, whatever its task calls that."""
    if "labels" in result:
        return tuple(result["labels"])
    if "label" in result and result.get("abstained"):
        return [NOT_SURE]
    return [result[name] for name in ("label", "verdict", "decision") if result.get(name)]


def _assemble(
    journal: Journal,
    table: Table,
    target: Path,
    task: Task,
    safe: bool,
    seen: Callable[[Row, Mapping[str, Any]], None] | None,
    whole: bool,
) -> None:
    """Write the rows with their results to a draft, then put it in the place of the target; not `whole`: a part."""
    results = journal if whole else chain(journal, repeat(None))
    names = _written(task, table.columns)
    draft = target.with_name(f".{target.name}.draft")
    kind = target.suffix.lower().lstrip(".")
    parted = table.delimiter if kind == table.kind and len(table.columns) > 1 else ","  # of one column none was seen
    with Writer(draft, kind, [*table.columns, *names.values()], _schema(table, task), safe, parted) as writer:
        for row, result in zip(table, results, strict=whole):
            if isinstance(row, Row):
                cells = result or dict.fromkeys(names, None if kind in ("parquet", "jsonl") else "")
                writer.write({**row.cells, **{names[name]: cell for name, cell in plain(cells, kind).items()}})
                if result and seen:
                    seen(row, result)
    os.replace(draft, target)
    journal.path.unlink()


def _schema(table: Table, task: Task) -> pa.Schema | None:
    schema = table.schema()
    if schema is None:
        return None
    texts = ("label", "intensity", "verdict", "decision", "answer", *GIVES_WAY)
    words = dict.fromkeys(texts, pa.string())
    lists = dict.fromkeys(("labels", "sources"), pa.list_(pa.string()))
    kinds = {**words, **lists, "abstained": pa.bool_(), "withheld": pa.bool_(), "trust": pa.int64()}
    for name, written in _written(task, table.columns).items():
        schema = schema.append(pa.field(written, kinds.get(name, pa.float64())))
    return schema


def main(argv: Sequence[str] | None = None) -> int:
    """Score a file from the shell; return 0, or 2 where the file cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m models.score", description=__doc__)
    parser.add_argument("task", choices=[task.name for task in tasks.ALL if task.columns])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--column", action="append", default=[], metavar="SLOT=NAME", help="e.g. comments=review_text")
    parser.add_argument("--safe", action="store_true", help="defuse cells that a spreadsheet would run as formulas")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="score in so many processes at once")
    parser.add_argument("--remote", default="", metavar="NAME", help="let a model of CARETUNE_ENDPOINTS answer")
    options = parser.parse_args(argv)

    try:
        if not options.source.is_file():
            raise UserError(f"There is no file {options.source}.")
        task = tasks.get(options.task)
        chosen = dict(pair.split("=", 1) for pair in options.column if "=" in pair)
        columns = match(task, Table(options.source).columns, chosen)
        shelf = Shelf(Path(os.environ.get("CARETUNE_HOME", "data")) / "shelf")
        answering = (
            scorer.far(task, options.remote, columns, lambda text: sys.stderr.write(f"{text}\n"))
            if options.remote
            else scorer.here(task, shelf, columns, options.processes)
        )
        with answering as predictor:
            for progress in score_file(predictor, options.source, options.target, chosen, options.safe):
                sys.stderr.write(f"\r{progress.rows:,} rows, {progress.rate:.0f}/s, {progress.share:.0%} ")
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stderr.write(f"\n{progress.scored:,} rows scored, {progress.skipped:,} not\n")
    sys.stderr.writelines(f"line {bad.line}: {bad.reason}\n" for bad in progress.bad)
    return 0


if __name__ == "__main__":
    sys.exit(main())
