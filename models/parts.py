"""A file's rows, some at a time, each as an example to be scored or with why it is none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from models.journal import Journal
from models.tables import BadRow, Row, Table
from tasks.spec import Example, Task, UserError, check_text

TEXT = 2**24
"""Characters after which no more rows are held at a time, however few they are."""


class Part(NamedTuple):
    """Some rows of a file and their characters, read; what the journal knows of the first; and, `todo`, the rest."""

    chunk: Sequence[Row | BadRow]
    weight: int
    read: Sequence[Example | BadRow]
    known: Sequence[Mapping[str, Any] | None]

    @property
    def todo(self) -> Sequence[Example | BadRow]:
        """Return the rows that the journal does not know."""
        return self.read[len(self.known) :]


def example_of(row: Row, columns: Mapping[str, str], most: int, what: str) -> Example | BadRow:
    """Return the row as an Example, or why it cannot be one."""
    fields = {}
    for slot, name in columns.items():
        cell = row.cells.get(name)
        if cell is None or cell == "":
            continue
        try:
            fields[slot] = check_text(cell, most, what)
        except UserError as error:
            if isinstance(cell, str) and not cell.strip():
                continue
            return BadRow(row.line, f"{name}: {error}")
    return Example(fields=fields) if fields else BadRow(row.line, "no text")


def _example(row: Row, columns: Mapping[str, str], task: Task, what: str) -> Example | BadRow:
    """Return the row as an Example that the task takes, or why it is none."""
    found = example_of(row, columns, task.max_chars, what)
    why = task.refuses(found) if task.refuses and isinstance(found, Example) else ""
    return BadRow(row.line, why) if why else found


def parts(
    journal: Journal, task: Task, table: Table, columns: Mapping[str, str], size: int, ended: Callable[[], str] = str
) -> Iterator[tuple[Part, list[Example]]]:
    """Yield a file's rows some at a time, each time with the examples among them that are to be scored.

    Raises:
        UserError: if the file is damaged, or `ended` says why no more are to be scored.
    """
    before, rows, what = islice(iter(journal), journal.done), iter(table), task.unit.removesuffix("s")
    while (taken := _taken(rows, size))[0]:
        if why := ended():
            raise UserError(why)
        chunk, weight = taken
        read = [item if isinstance(item, BadRow) else _example(item, columns, task, what) for item in chunk]
        part = Part(chunk, weight, read, list(islice(before, len(chunk))))
        yield part, [item for item in part.todo if isinstance(item, Example)]


def _taken(rows: Iterator[Row | BadRow], size: int) -> tuple[list[Row | BadRow], int]:
    """Return the next rows, at most so many and about as much text as is held at a time, and how much that is."""
    chunk: list[Row | BadRow] = []
    weight = 0
    for row in islice(rows, size):
        chunk.append(row)
        weight += row.weight if isinstance(row, Row) else 0
        if weight >= TEXT:
            break
    return chunk, weight
