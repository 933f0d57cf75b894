"""A table somebody brings: its columns, its first rows, what cannot be read, and which column probably is what.

Reads .csv, .tsv, .jsonl and .parquet within limits of size and time. Stores and logs nothing; knows nothing of models.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.tables import BadRow, Row, Table
from tasks.spec import Task, UserError
from training import describe

MAX_ROWS = 100_000
MAX_TEXT = 200_000_000
"""Characters of all cells together; what a run's rows may take in memory."""
SECONDS = 60.0
PREVIEW = 10
PROBLEMS = 1000
"""Faulty rows that are named; all are counted."""
FEW_VALUES = 50
"""Different values from which a column is text or an id rather than a kind."""

LABEL = "label"
_LABEL_NAMES = ("label", "labels", "sentiment", "class", "category", "categories", "polarity", "rating", "stars")
_TEXT_NAMES = ("text", "review", "comment", "comments", "note", "content", "sentence", "message", "tweet", "claim")


@dataclass(frozen=True)
class Column:
    """A column: how many cells are filled, its words per cell, and its values with their counts where they are few."""

    name: str
    filled: int
    words: float
    values: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """A file before anything is decided: its columns, its first rows, and the rows that cannot be read."""

    columns: tuple[Column, ...]
    preview: tuple[Mapping[str, str], ...]
    rows: int
    problems: tuple[BadRow, ...]
    skipped: int
    findings: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Return the column names."""
        return [column.name for column in self.columns]


class Problems:
    """Faulty rows: all counted, the first named."""

    def __init__(self) -> None:
        self.named: list[BadRow] = []
        self.count = 0

    def add(self, problem: BadRow) -> None:
        """Count a faulty row."""
        self.count += 1
        if len(self.named) < PROBLEMS:
            self.named.append(problem)


def within_limits(table: Table) -> Iterator[Row | BadRow]:
    """Yield the rows of a table; raise UserError where it is larger or slower than a run can take."""
    start, text = time.monotonic(), 0
    for count, row in enumerate(table, 1):
        if isinstance(row, Row):
            text += sum(len(cell) for cell in row.cells.values() if isinstance(cell, str))
        if count > MAX_ROWS or text > MAX_TEXT:
            raise UserError(f"A run takes at most {MAX_ROWS:,} rows and {MAX_TEXT:,} characters; this file has more.")
        if time.monotonic() - start > SECONDS:
            raise UserError(f"This file takes longer than {SECONDS:.0f} seconds to read; split it.")
        yield row


def roles(task: Task) -> tuple[str, ...]:
    """Return what a column can be to a task: its text (or one slot of it), its label, or an extra target."""
    text = task.slots if len(task.slots) > 1 else ("text",)
    return (*text, LABEL, *(head.name for head in task.heads[1:]))


def look(path: Path) -> Look:
    """Read a file through once and say what is in it.

    Raises:
        UserError: if the file cannot be read at all, is too large, or takes too long.
    """
    table = Table(path)
    rows, bad, shown = 0, Problems(), []
    filled, words, values = Counter[str](), Counter[str](), {name: Counter[str]() for name in table.columns}
    for row in within_limits(table):
        if isinstance(row, BadRow):
            bad.add(row)
            continue
        rows += 1
        if len(shown) < PREVIEW:
            shown.append(row.cells)
        for name in table.columns:
            text = describe.shown(row.cells.get(name))
            filled[name] += bool(text.strip())
            words[name] += len(text.split())
            if len(values[name]) <= FEW_VALUES:
                values[name][text] += 1
    columns = tuple(
        Column(name, filled[name], words[name] / max(rows, 1), values[name] if len(values[name]) <= FEW_VALUES else {})
        for name in table.columns
    )
    findings = ["This file has no rows below its column names."] if not rows else []
    if any(re.fullmatch(r"[\d.,\s-]*", name) or len(name) > 80 for name in table.columns):
        findings.append("The first line of this file looks like a row, not like column names; put names above it.")
    return Look(columns, describe.preview(shown), rows, tuple(bad.named), bad.count, tuple(findings))


def guess(task: Task, seen: Look) -> dict[str, str]:
    """Return which column probably is what, by its name, else the longest text; roles nobody can guess are left out."""
    free = {_flat(column.name): column.name for column in reversed(seen.columns)}
    found: dict[str, str] = {}

    def take(role: str, names: Sequence[str]) -> None:
        if hit := next((free.pop(_flat(name)) for name in names if _flat(name) in free), ""):
            found[role] = hit

    slots = [role for role in roles(task) if role != LABEL and role not in {head.name for head in task.heads[1:]}]
    for role in slots:
        take(role, task.columns.get(role if len(slots) > 1 else task.slots[0], (role,)))
    if not found:
        take(slots[-1], _TEXT_NAMES)
    take(LABEL, (*_LABEL_NAMES, task.heads[0].name, f"{task.heads[0].name}s"))
    for head in task.heads[1:]:
        take(head.name, (head.name,))
    if not set(found) & set(slots):
        long = max((c for c in seen.columns if c.name in free.values()), key=lambda c: c.words, default=None)
        if long is not None and long.words > 2:
            found[slots[-1]] = long.name
    return found


def _flat(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())
