"""Where ratings of answers are kept, and how they come in and go out: JSON lines below the app's home, CSV for people.

Nothing is kept but what `save` is handed. Knows nothing of pages or of how ratings are summed up.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from tasks.ratings import COLUMNS, Pair, Rating, pair
from tasks.spec import UserError

FILE = Path("ratings") / "ratings.jsonl"
"""Where ratings lie, below the app's home."""
MOST_BYTES = 50 * 2**20
"""How much is kept in all; then whoever runs the app is to move the file away."""
MOST_PAIRS = 500
"""Pairs that one uploaded file may hold."""
WAIT = 10.0
"""Seconds to wait for another process that writes."""


class Ratings:
    """The ratings of one app."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE

    def save(self, said: Rating) -> None:
        """Keep one rating.

        Raises:
            UserError: if no more are taken, or the disk refuses.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock", timeout=WAIT):
                if self.path.exists() and self.path.stat().st_size > MOST_BYTES:
                    raise UserError("No more ratings are taken here; please tell whoever runs this app.")
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(said), ensure_ascii=False) + "\n")
        except (OSError, Timeout) as error:
            raise UserError("Your rating could not be stored; please try again.") from error

    def all(self) -> list[Rating]:
        """Return every rating in the order of saving; of one person's ratings of one pair only the last.

        A line cut short by a crash is passed over.
        """
        if not self.path.exists():
            return []
        found: dict[tuple[str, str], Rating] = {}
        with self.path.open(encoding="utf-8") as file:
            for line in file:
                try:
                    one = Rating(**json.loads(line))
                except (ValueError, TypeError):
                    continue
                found.pop((one.rater, one.pair), None)
                found[one.rater, one.pair] = one
        return list(found.values())


def export(ratings: Sequence[Rating], path: Path) -> Path:
    """Write ratings as CSV whose cells no spreadsheet runs as formulas, and return where."""
    from models.export import Writer

    with Writer(path, "csv", COLUMNS, safe=True) as writer:
        for one in ratings:
            writer.write(asdict(one))
    return path


def pairs_of(path: Path) -> list[Pair]:
    """Return the pairs in a file with the columns question, answer_a, answer_b, name_a and name_b.

    Raises:
        UserError: if the file cannot be read, a row is no pair, or there are too many.
    """
    from models.tables import BadRow, Table

    found = []
    for row in Table(path):
        if isinstance(row, BadRow):
            raise UserError(f"Line {row.line}: {row.reason}.")
        try:
            found.append(pair(row.cells))
        except UserError as error:
            raise UserError(f"Line {row.line}: {error}") from error
        if len(found) > MOST_PAIRS:
            raise UserError(f"This file has more than {MOST_PAIRS} pairs; please cut it.")
    if not found:
        raise UserError("There is no pair in this file.")
    return found
