"""A file of many texts, as a page has it scored: by the adapter in service, or by whoever was chosen instead.

Knows nothing of pages, nor of who may be chosen.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from models.readers import Readers
from tasks.spec import Task, UserError
from tasks.written import HERE

SETTING = "CARETUNE_FILE_ROWS"
MOST = 1000
"""Rows of a file that others than the adapter in service read for a page: each takes money, or seconds."""


class Files:
    """Looks into files of one task and scores them. Importing this reads no library; using it does."""

    def __init__(self, readers: Readers, task: Task) -> None:
        self.readers, self.task = readers, task

    def columns(self, path: Path) -> Sequence[str]:
        """Return a file's columns."""
        from models.tables import Table

        return Table(path).columns

    def match(self, columns: Sequence[str]) -> Mapping[str, str]:
        """Return which column fills which slot; raise UserError where no name is known."""
        from models.score import match

        return match(self.task, columns)

    def foretold(self, path: Path, by: str) -> str:
        """Return what it takes to have a file scored by them; nothing where it takes nothing but a while.

        Raises:
            UserError: if they are not asked about so many rows.
        """
        rows = 0 if by == HERE else self._rows(path)
        if not by.startswith("remote:"):
            return ""
        name = next((offer.label for offer in self.readers.offers(self.task) if offer.key == by), "whoever is chosen")
        return f"{rows:,} {'row' if rows == 1 else 'rows'} in this file: each is one call to {name}."

    def score(
        self, source: Path, target: Path, chosen: Mapping[str, str], by: str, token: str | None, **named: Any
    ) -> Iterator[Any]:
        """Yield words while they are opened, then how far the file is; where they fail, what they answered is kept.

        `token` is the signed-in visitor's own.

        Raises:
            UserError: if the file cannot be used, nobody has that key, or they answer nothing.
        """
        from models.score import match, score_file
        from models.scorer import fitting
        from models.tables import Table

        columns = match(self.task, Table(source).columns, chosen)
        if told := self.foretold(source, by):
            yield told
        for step in self.readers.opened(self.task, by, token):
            if isinstance(step, str):
                yield step
            else:
                yield from score_file(fitting(step, columns), source, target, chosen, partly=True, **named)

    def _rows(self, path: Path) -> int:
        """Return how many rows a file has; raise UserError where they are too many for others to read."""
        from models.tables import Row, Table

        most = int(os.environ.get(SETTING, MOST))
        rows = sum(isinstance(row, Row) for row in islice(Table(path), most + 1))
        if rows > most:
            raise UserError(
                f"This file has more than {most:,} rows, which is the most that others than the adapter in service are "
                "asked about here. Please choose the adapter, or split the file."
            )
        return rows
