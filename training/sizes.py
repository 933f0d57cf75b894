"""How many rows a set has and how long they are, from its file and a sample of its rows: quick, and nothing is kept.

Tokens are counted as characters by four, for all bases alike: what is set beside each other is counted the same way.
Knows nothing of models or runs.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import tasks
from tasks.spec import Data, Example, Task, UserError
from training import data

SAMPLE = 300
"""Rows looked at."""
CHARS = 4
"""Characters of a token, about."""


@dataclass(frozen=True)
class Lengths:
    """So many rows; the characters of each segment of some of them."""

    rows: int
    sample: tuple[tuple[int, ...], ...]

    def _tokens(self, most: int) -> list[int]:
        return sorted(sum(min(most, chars // CHARS + 2) for chars in row) for row in self.sample)

    def mean(self, most: int) -> float:
        """Return the tokens of a row on average, none of its segments longer than `most`."""
        found = self._tokens(most)
        return sum(found) / len(found) if found else 0.0

    def longest(self, most: int) -> float:
        """Return the mean tokens of the longest sixteenth of the rows: like lengths are learned in one step."""
        found = self._tokens(most)
        found = found[-max(1, len(found) // 16) :]
        return sum(found) / len(found) if found else 0.0


def lengths(task: Task, name: str, part: str = "train") -> Lengths:
    """Return the sizes of one split of a dataset.

    Raises:
        UserError: if its file is not on this machine.
    """
    found = data.named(task, name)
    file = _file(found, part)
    return _lengths(task.name, name, part, str(file), file.stat().st_mtime_ns)


@lru_cache(maxsize=128)
def _lengths(task_name: str, name: str, part: str, file: str, changed: int) -> Lengths:
    task = tasks.get(task_name)
    found = data.named(task, name)
    sampled, count = _rows(found, part, Path(file))
    examples = [example for row in sampled for example in found.to_examples(row)]
    share = len(examples) / max(len(sampled), 1) * (1 - found.held_out) * (1.5 if found.foil else 1.0) / found.bundle
    sizes = [tuple(len(text) for text in _read(task, found, example) if text) for example in examples[:SAMPLE]]
    if found.bundle > 1:  # joined texts are as long as their parts
        sizes = [(sum(map(sum, sizes[i : i + found.bundle])),) for i in range(0, len(sizes), found.bundle)]
    return Lengths(round(count * share), tuple(sizes))


def labels(task: Task, name: str) -> Counter[str]:
    """Return how many training rows of a dataset have each label; all of them are looked at, and none is kept.

    Raises:
        UserError: if its file is not on this machine.
    """
    found = data.named(task, name)
    file = _file(found, "train")
    return Counter(dict(_labels(task.name, name, str(file), file.stat().st_mtime_ns)))


@lru_cache(maxsize=128)
def _labels(task_name: str, name: str, file: str, changed: int) -> tuple[tuple[str, int], ...]:
    found = data.named(tasks.get(task_name), name)
    rows = _raw(found, "train", Path(file))
    return tuple(Counter(example.label or "" for row in rows for example in found.to_examples(row)).items())


def _file(found: Data, part: str) -> Path:
    file = (data.folder_of(found) / found.files.get(part, found.files.get("train", ""))).resolve()
    if not file.is_file():
        raise UserError(f"Not estimated: the dataset {found.name} is not on this machine.")
    return file


def _read(task: Task, found: Data, example: Example) -> list[str]:
    """Return what is read of an example when it is learned from: of a written answer all of it."""
    answer = str(example.targets.get(task.prompt.answer, "")) if found.written else ""
    return [*task.segments(example), answer]


def _rows(found: Data, part: str, file: Path) -> tuple[list[Mapping[str, Any]], int]:
    """Return a sample of the raw rows of a split, the same each time (reservoir sampling), and how many there are."""
    draw = random.Random(f"sizes of {found.name}")
    kept: list[Mapping[str, Any]] = []
    count = 0
    for row in _raw(found, part, file):
        count += 1
        if len(kept) < SAMPLE:
            kept.append(row)
        elif (place := draw.randrange(count)) < SAMPLE:
            kept[place] = row
    return kept, count


def _raw(found: Data, part: str, file: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the raw rows of a split."""
    wanted = found.parts.get(part)
    for row in data.joined(found, file):
        if wanted is None or row.get("split", row.get("part")) in wanted:
            yield row
