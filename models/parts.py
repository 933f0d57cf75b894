"""A file's rows, some at a time, each as an example to be scored or with why it is none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from models.journal import Journal
from models.tables import BadRow, Row, Table
from tasks.placeholders import only_placeholder, words
from tasks.reviews import patient_side, understand
from tasks.spec import Example, Kind, Task, UserError, check_text

TEXT = 2**24
"""Characters after which no more rows are held at a time, however few they are."""

READ = (Kind.REVIEW, Kind.NOTES)
"""Tasks whose rows are texts to be read as they are; a claim and a question may be of numbers alone."""
WORDLESS = "no words to read, or only a placeholder such as n/a"


class Part(NamedTuple):
    """Some rows of a file, read; what the journal knows of the first; and, `todo`, the rest."""

    chunk: Sequence[Row | BadRow]
    read: Sequence[Example | BadRow]
    known: Sequence[Mapping[str, Any] | None]

    @property
    def todo(self) -> Sequence[Example | BadRow]:
        """Return the rows that the journal does not know."""
        return self.read[len(self.known) :]


def example_of(row: Row, columns: Mapping[str, str], task: Task) -> Example | BadRow:
    """Return the row as an Example, or why it cannot be one."""
    fields = {}
    for slot, name in columns.items():
        cell = row.cells.get(name)
        if cell is None or cell == "":
            continue
        try:
            fields[slot] = check_text(cell, task.max_chars, task.unit.removesuffix("s"))
        except UserError as error:
            if isinstance(cell, str) and not cell.strip():
                continue
            return BadRow(row.line, f"{name}: {error}")
    if not fields:
        return BadRow(row.line, "no text")
    if task.kind in READ and set(fields) == {task.slots[-1]}:
        return _whole(task, fields) or BadRow(row.line, f"{columns[task.slots[-1]]}: {WORDLESS}")
    return Example(fields=fields)


def _whole(task: Task, fields: Mapping[str, str]) -> Example | None:
    """Return a row of one text as the page would read it, a conversation by its patient; None where it says nothing."""
    (text,) = fields.values()
    if not words(text) or only_placeholder(text):
        return None
    return patient_side(understand(text, {})) if task.kind is Kind.REVIEW else Example(fields=fields)


def _example(row: Row, columns: Mapping[str, str], task: Task) -> Example | BadRow:
    """Return the row as an Example that the task takes, or why it is none."""
    found = example_of(row, columns, task)
    why = task.refuses(found) if task.refuses and isinstance(found, Example) else ""
    return BadRow(row.line, why) if why else found


def parts(
    journal: Journal, task: Task, table: Table, columns: Mapping[str, str], size: int, ended: Callable[[], str] = str
) -> Iterator[tuple[Part, list[Example]]]:
    """Yield a file's rows some at a time, each time with the examples among them that are to be scored.

    Raises:
        UserError: if the file is damaged, or `ended` says why no more are to be scored.
    """
    before, rows = islice(iter(journal), journal.done), iter(table)
    while chunk := _taken(rows, size):
        if why := ended():
            raise UserError(why)
        read = [item if isinstance(item, BadRow) else _example(item, columns, task) for item in chunk]
        part = Part(chunk, read, list(islice(before, len(chunk))))
        yield part, [item for item in part.todo if isinstance(item, Example)]


def _taken(rows: Iterator[Row | BadRow], size: int) -> list[Row | BadRow]:
    """Return the next rows, at most so many and about as much text as is held at a time."""
    chunk: list[Row | BadRow] = []
    weight = 0
    for row in islice(rows, size):
        chunk.append(row)
        weight += row.weight if isinstance(row, Row) else 0
        if weight >= TEXT:
            break
    return chunk
