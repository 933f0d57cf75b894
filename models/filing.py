"""A file of many texts, as a page has it scored: by the adapter in service, or by whoever was chosen instead.

Knows nothing of pages, nor of who may be chosen.
"""

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from models.readers import Readers
from tasks.spec import Task, UserError
from tasks.written import HERE

SETTING = "CARETUNE_FILE_ROWS"
MOST = 1000
"""Rows of a file that others than the adapter in service read for a page: each takes money, or seconds."""
TIME = "CARETUNE_FILE_SECONDS"
SECONDS = 600
"""Seconds one file is scored for on a Space, where the next visitor waits for it; elsewhere, and with 0, no limit."""


class Files:
    """Looks into files of one task and scores them. Importing this reads no library; using it does."""

    def __init__(self, readers: Readers, task: Task, clock: Callable[[], float] = time.monotonic) -> None:
        self.readers, self.task, self._clock = readers, task, clock

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
        """Yield words while they are opened, then how far the file is.

        Where they fail, or the time for one file is over, what they answered is kept.

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
                scorer, ended = fitting(step, columns), self._time()
                yield from score_file(scorer, source, target, chosen, partly=True, ended=ended, **named)

    def _time(self) -> Callable[[], str]:
        """Start the clock; return what says, when asked, why a file has had its time, or nothing."""
        most = float(os.environ.get(TIME, SECONDS if os.environ.get("SPACE_ID") else 0))
        end = self._clock() + most

        def ended() -> str:
            if not most or self._clock() < end:
                return ""
            minutes = math.ceil(most / 60)
            said = "1 minute" if minutes == 1 else f"{minutes:,} minutes"
            return f"The limit of {said} for a file was reached; please upload the remaining rows as a new file."

        return ended

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
