"""Masks what identifies a person in a clinical note: names, dates, ages over 89, numbers, addresses and so on.

The kinds follow the Safe Harbor rule (45 CFR 164.514(b)(2)); rules, not a model, find them, so a text is masked at
once and the same everywhere. Importing this file reads no pattern and no list: the first call does. What is found is a
help for whoever checks a note, never a proof that nothing is left. Stores and logs nothing.

presidio-analyzer was weighed and left out: 267 MB with spaCy, its names need a model that no package index carries, and
without one it finds what plain patterns find.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

KINDS = ("NAME", "DATE", "AGE", "PHONE", "ADDRESS", "ID", "EMAIL", "URL", "LOCATION")
"""Every kind of item; AGE only over 89, ID any number of a record, account, licence, policy, device or person."""

_ROUNDS = 5


class Phi(NamedTuple):
    """One identifying item: its kind (of KINDS), where it stands in characters (end exclusive), and its own words."""

    kind: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Deidentified:
    """A masked text, how many items of each kind were masked, and where they stood in the text that came in."""

    text: str
    counts: Mapping[str, int]
    spans: tuple[Phi, ...]


def find(text: str) -> list[Phi]:
    """Return every identifying item, in order, none overlapping.

    Looks again at the masked text until nothing new turns up, so that masking twice is masking once.
    """
    from tasks.phi.rules import mark

    spans: list[tuple[int, int, str]] = []
    masked = text
    for _ in range(_ROUNDS):
        fresh = mark(masked)
        if not fresh:
            break
        spans = sorted([*spans, *_in_original(fresh, spans)])
        masked = _masked(text, spans)
    return [Phi(kind, start, end, text[start:end]) for start, end, kind in spans]


def deidentify(text: str) -> Deidentified:
    """Return the text with every identifying item replaced by its kind in square brackets, such as `[NAME]`."""
    found = find(text)
    counts = Counter(item.kind for item in found)
    return Deidentified(
        _masked(text, [(item.start, item.end, item.kind) for item in found]),
        {kind: counts[kind] for kind in KINDS if counts[kind]},
        tuple(found),
    )


def _masked(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    parts, at = [], 0
    for start, end, kind in spans:
        parts += [text[at:start], f"[{kind}]"]
        at = end
    return "".join([*parts, text[at:]])


def _in_original(
    fresh: Sequence[tuple[int, int, str]], spans: Sequence[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """Return spans found in the masked text as spans of the text that the earlier spans are of."""
    masks, shifts, shift = [], [0], 0
    for start, end, kind in spans:
        masks.append(start - shift)
        shift += (end - start) - len(f"[{kind}]")
        shifts.append(shift)

    def moved(position: int) -> int:
        return position + shifts[bisect_right(masks, position)]

    return [(moved(start), moved(end - 1) + 1, kind) for start, end, kind in fresh]
