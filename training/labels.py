"""What the label cells of somebody's file mean in a task: exact names, spellings of them, ratings, stars, codes.

A value that is a label as it stands is taken. A value that can only be guessed ("Positive", "pos", 5 stars) is offered
as a ready mapping and taken when the trainer says so. Knows nothing of files or models.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tasks import icd9
from tasks.spec import Head, Task, UserError

STARS = 5
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")


@dataclass(frozen=True)
class Meaning:
    """What one row's label cell says: its label, or the values that hold together, and the first head's target."""

    label: str | None
    target: str | tuple[str, ...] | None


def values_of(head: Head, cell: Any) -> tuple[str, ...]:
    """Return the values that a cell holds for a head: one, or for values that may hold together those of a list.

    A list is a JSON list or text with `|` or `;` between its values. On a scale of whole numbers 8.0 is 8, as a column
    with a gap is written; elsewhere it is a code.
    """
    if head.multi and isinstance(cell, str) and cell.lstrip().startswith("["):
        with suppress(ValueError, RecursionError):
            cell = json.loads(cell)
    if isinstance(cell, (list, tuple)):
        return tuple(filter(None, map(_text, cell)))
    if re.fullmatch(r"\d+\.0+", _text(cell)) and all(value.isdecimal() for value in head.values):
        cell = _text(cell).partition(".")[0]
    parts = re.split(r"[|;]", _text(cell)) if head.multi else [_text(cell)]
    return tuple(filter(None, (part.strip() for part in parts)))


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # a column of whole numbers with a gap comes as floats
    return str(cell).strip()


def exact(task: Task, values: Mapping[str, int]) -> dict[str, str]:
    """Return the values that need no guess, each with what it means: a label, or a value of the main head.

    Numbers are taken for a scale of ten only where one of them is too large for five stars.
    """
    scale, steps = _numbers(task), _steps(task, values)
    words = () if scale else task.heads[0].values
    taken = () if set(steps) <= set(scale[:STARS]) else steps
    known = {*task.labels, *words, *taken}
    return {value: value for value in values if value in known}


def suggest(task: Task, values: Mapping[str, int]) -> dict[str, str]:
    """Return what every value that can be guessed probably means; a mapping ready to be handed to `upload.read`."""
    ready, steps = exact(task, values), _steps(task, values)
    if len(steps) > 2 and set(steps) <= set(_numbers(task)[:STARS]):  # probably 1 to 5 stars
        ready |= {value: str(int(value) * len(task.heads[0].values) // STARS) for value in steps}
    for value in values:
        if value not in ready and (guess := _guess(task, value)):
            ready[value] = guess
    return ready


def _steps(task: Task, values: Mapping[str, int]) -> list[str]:
    """Return the values that are steps of the main head's scale from 1; none where the column is no rating.

    It is one where more of its rows are such steps than are words, and nine in ten of its numbers are: a stray cell
    costs its own row, another scale is not taken for this one.
    """
    scale = set(_numbers(task))
    steps = [value for value in values if value in scale]
    rated = sum(values[value] for value in steps)
    numbers = sum(rows for value, rows in values.items() if _NUMBER.fullmatch(value))
    words = sum(values.values()) - numbers
    return steps if rated > words and 10 * rated >= 9 * numbers else []


def _numbers(task: Task) -> list[str]:
    """Return the steps of the main head where it is a scale from 1 to twice STARS, else nothing."""
    steps = [str(step) for step in range(1, 2 * STARS + 1)]
    return steps if list(task.heads[0].values) == steps else []


def _guess(task: Task, value: str) -> str:
    known = {_fold(label): label for label in task.labels}
    folded = _fold(value)
    if folded in known:
        return known[folded]
    begun = [label for name, label in known.items() if len(folded) >= 3 and name.startswith(folded)]
    if len(begun) == 1:
        return begun[0]
    if task.labels == icd9.CATEGORIES:
        chapter = icd9.CHAPTERS.get(int(folded)) if re.fullmatch(r"\d{1,2}", folded) else None
        return chapter or icd9.category(value) or ""
    return ""


def _fold(value: str) -> str:
    """Return a value without case, spacing and punctuation; a sign before a number, and what is all signs, stays."""
    signed = re.sub(r"(?<!\w)[-\u2212](?=\d)", "minus ", value.casefold())
    return " ".join(re.findall(r"[^\W_]+", signed)) or " ".join(value.casefold().split())


def spellings(values: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Return the groups of values that differ only in case, spacing or punctuation, the commonest spelling first."""
    groups = defaultdict(list)
    for value in values:
        groups[_fold(value)].append(value)
    return [tuple(sorted(group, key=lambda v: -values[v])) for group in groups.values() if len(group) > 1]


def check(task: Task, mapping: Mapping[str, str]) -> dict[str, str]:
    """Return the mapping; "" leaves a value's rows out. Raise UserError where it names what the task does not know."""
    known = {"", *task.labels, *task.heads[0].values}
    if wrong := [meant for meant in mapping.values() if meant not in known]:
        raise UserError(f"{task.title} has no label {wrong[0]!r}; it has {', '.join(task.labels)}.")
    return dict(mapping)


def meaning(task: Task, meant: tuple[str, ...]) -> Meaning:
    """Return what mapped values say of a row; each is a label or a value of the main head."""
    head = task.heads[0]
    if head.multi:
        order = head.values
        found = {v for m in meant for v in ((m,) if m in order else task.fold[m])}
        return Meaning(None, tuple(sorted(found, key=order.index)))
    (value,) = meant
    if value in head.values:
        label = next(label for label, folded in task.fold.items() if value in folded)
        return Meaning(label, value)
    folded = task.fold[value]
    return Meaning(value, folded[0] if len(folded) == 1 else None)
