"""A trainer's own rows, kept under the hash of their file for as long as a run is made of them. Imports nothing heavy.

A run names such a set among its datasets like any other, as `own-` and the sha256 of the file.
"""

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from tasks.spec import UserError

SETS = Path(os.environ.get("CARETUNE_HOME", "data")) / "sets"
"""Where they lie, one file a set (training/frozen.py writes and reads it)."""
NAME = re.compile(r"own-([0-9a-f]{64})")
WAIT = 24 * 3600.0
"""Seconds for which a set waits for the run that is made of it."""


def is_own(name: str) -> bool:
    """Whether a dataset's name is that of somebody's own rows."""
    return NAME.fullmatch(name) is not None


def path(name: str) -> Path:
    """Return where the rows of that name lie; raise ValueError where it is no such name."""
    found = NAME.fullmatch(name)
    if found is None:
        raise ValueError(name)
    return SETS / f"{found[1]}.jsonl"


def check(name: str) -> None:
    """Raise UserError where the rows of that name are gone, or are no longer those it names."""
    try:
        with path(name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise UserError("The rows this run is made of are no longer here; make them ready again.") from None
    if f"own-{found}" != name:
        raise UserError("The rows this run is made of were changed after they were made ready.")


def keep(write: Callable[[Path], str]) -> str:
    """Put rows down and return the set's name; `write` is handed a path and returns the sha256 of what it wrote."""
    SETS.mkdir(parents=True, exist_ok=True)
    draft = SETS / f"draft-{os.getpid()}-{time.time_ns()}"
    name = f"own-{write(draft)}"
    draft.replace(path(name))
    return name


def drop(names: Iterable[str], wanted: Iterable[str]) -> None:
    """Delete those of the sets that no run is made of any more."""
    for name in set(names) - set(wanted):
        if is_own(name):
            path(name).unlink(missing_ok=True)


def tidy(wanted: Iterable[str], older_than: float = WAIT) -> int:
    """Delete the sets that no run is made of and that nobody has put down of late; return how many went."""
    kept, limit, gone = set(wanted), time.time() - older_than, 0
    for file in SETS.iterdir() if SETS.is_dir() else ():
        if f"own-{file.stem}" not in kept and file.stat().st_mtime <= limit:
            file.unlink(missing_ok=True)
            gone += 1
    return gone
