"""What a trainer wants to see of a set before using it: how many rows carry which label, and how long they are.

Knows nothing of files, models or runs.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tasks.spec import Example, Task
from training.repeats import key
from training.tells import marks_of

SHOWN = 300
"""Characters of a cell that a preview shows."""
FEW = 8
"""Rows of a label below which it can hardly be learned, let alone measured."""


@dataclass(frozen=True)
class Lengths:
    """Words per row."""

    least: int
    median: float
    p95: float
    most: int

    @classmethod
    def of(cls, examples: Sequence[Example]) -> "Lengths":
        """Return the statistics of these rows; all 0 where there is none."""
        words = [len(example.all_text.split()) for example in examples] or [0]
        return cls(min(words), float(np.median(words)), float(np.percentile(words, 95)), max(words))


def histogram(task: Task | None, examples: Sequence[Example]) -> dict[str, int]:
    """Return how many rows carry each label, in the task's order, labels without a row included; most first else."""
    counts = Counter(label for example in examples for label in marks_of(example))
    if task is None:
        return dict(counts.most_common())
    return {label: counts[label] for label in task.labels}


def shown(cell: Any) -> str:
    """Return a cell as a preview shows it: as text, cut short."""
    text = cell if isinstance(cell, str) else "" if cell is None else json.dumps(cell, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def preview(rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str], ...]:
    """Return rows as a preview shows them."""
    return tuple({str(name): shown(cell) for name, cell in row.items()} for row in rows)


def gaps(histograms: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return what is wrong with the labels of splits (split name to label counts), a sentence each."""
    out = []
    for split, counts in histograms.items():
        held = [label for label, rows in counts.items() if rows]
        if len(held) == 1:
            out.append(f"All {split} rows carry one label, {held[0]!r}: nothing can be learned or measured on them.")
        elif missing := [label for label, rows in counts.items() if not rows]:
            out.append(f"No {split} row is labelled {', '.join(missing)}.")
        if few := [f"{label} ({rows})" for label, rows in counts.items() if 0 < rows < FEW]:
            out.append(f"Very few {split} rows are labelled {', '.join(few)}.")
    return out


def repeats(examples: Sequence[Example]) -> tuple[int, list[tuple[int, ...]]]:
    """Return how many rows repeat an earlier one word for word, and the groups of equal rows that disagree in label."""
    places: dict[str, list[int]] = {}
    for i, example in enumerate(examples):
        if words := key(example):
            places.setdefault(words, []).append(i)
    surplus = sum(len(rows) - 1 for rows in places.values())
    torn = [tuple(rows) for rows in places.values() if len({marks_of(examples[i]) for i in rows}) > 1]
    return surplus, torn
