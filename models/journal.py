"""Results of a long job, kept row by row, so that a kill costs only what was not yet written."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any


class Journal:
    """Results so far, one JSON line a row, the first line saying of what; null where a row was not scored."""

    def __init__(self, path: Path, mark: str) -> None:
        self.path, self.mark = path, mark
        self.done = self._resume()

    def _resume(self) -> int:
        """Return how many rows are done, a torn end cut off; start anew where the journal is of another job."""
        try:
            with self.path.open("rb+") as file:
                if file.readline().decode().strip() == self.mark:
                    rows, end = 0, file.tell()
                    for line in file:
                        if not line.endswith(b"\n"):
                            break
                        rows, end = rows + 1, end + len(line)
                    file.truncate(end)
                    return rows
        except FileNotFoundError:
            pass
        self.path.write_text(f"{self.mark}\n")
        return 0

    def add(self, results: Sequence[Mapping[str, Any] | None]) -> None:
        """Keep the results of some rows, through to the disk."""
        with self.path.open("a") as file:
            file.writelines(json.dumps(result) + "\n" for result in results)
            file.flush()
            os.fsync(file.fileno())
        self.done += len(results)

    def __iter__(self) -> Iterator[dict[str, Any] | None]:
        with self.path.open() as file:
            next(file)
            for line in file:
                yield json.loads(line)
