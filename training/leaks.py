"""Looks, before anything is learned, for test rows that training rows repeat and for labels that give themselves away.

Three questions: does a row of one split stand in another, word for word or nearly (word 3-grams, Jaccard >= SIMILAR)?
Does one split hold the other whole? Does a word, a column or the shape of the text say the label (training/tells.py)?
The leaked test rows are named by number, so that every score can be shown with and without them. Knows nothing of
models or runs. Not found: the same fact in other words, and a translation.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from tasks.spec import Example
from training import tells
from training.repeats import SIMILAR, key, lookup, shingles, sketch
from training.tells import Tell, marks_of

CONTAINED = 0.9
"""Share of a split's different rows that another must repeat for it to be called contained."""
SHOWN = 5
"""Pairs of rows named in a finding."""


@dataclass(frozen=True)
class Twin:
    """Row `right` of one split and the row `left` of another that repeats it; numbers start at 0.

    `likeness` is the Jaccard similarity of their word 3-grams, 1.0 where all words are the same.
    """

    left: int
    right: int
    likeness: float
    same_label: bool


@dataclass(frozen=True)
class Overlap:
    """The rows of the split `right` that the split `left` repeats: each with its likest row there."""

    left: str
    right: str
    exact: tuple[Twin, ...]
    near: tuple[Twin, ...]
    contained: str = ""

    @property
    def says(self) -> str:
        """Return the finding in plain words."""
        twins = self.exact + self.near
        rows = ", ".join(f"{self.right} {t.right + 1} = {self.left} {t.left + 1}" for t in twins[:SHOWN])
        other = sum(not twin.same_label for twin in twins)
        return (
            f"{len(twins):,} {self.right} rows stand in {self.left} too, {len(self.exact):,} of them word for word"
            + (f", {other:,} with another label" if other else "")
            + f" (rows {rows}{', …' if len(twins) > SHOWN else ''})."
        )


@dataclass(frozen=True)
class Leaks:
    """All that the check found. `leaked_test` and `leaked_validation` are row numbers, from 0."""

    overlaps: tuple[Overlap, ...] = ()
    tells: tuple[Tell, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)

    @cached_property
    def leaked_test(self) -> frozenset[int]:
        """Return the test rows that were learned from or chosen by, in these or nearly these words."""
        return self._leaked("test")

    @cached_property
    def leaked_validation(self) -> frozenset[int]:
        """Return the validation rows that were learned from."""
        return self._leaked("validation")

    def _leaked(self, name: str) -> frozenset[int]:
        return frozenset(
            twin.right for overlap in self.overlaps if overlap.right == name for twin in overlap.exact + overlap.near
        )

    @property
    def findings(self) -> tuple[str, ...]:
        """Return every finding as a sentence, the gravest first; empty where there is none."""
        contained = [overlap.contained for overlap in self.overlaps if overlap.contained]
        repeats = [overlap.says for overlap in self.overlaps if overlap.exact or overlap.near]
        return (*contained, *repeats, *(tell.says for tell in self.tells))

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def as_dict(self) -> dict[str, Any]:
        """Return what a report carries, ready for JSON."""
        return {
            "sizes": self.sizes,
            "findings": list(self.findings),
            "leaked_test": sorted(self.leaked_test),
            "leaked_validation": sorted(self.leaked_validation),
            "tells": [asdict(tell) for tell in self.tells],
        }


def check(train: Sequence[Example], validation: Sequence[Example] = (), test: Sequence[Example] = ()) -> Leaks:
    """Look for rows of one split in another and for labels that give themselves away; split order is file order."""
    sides = [_Side("train", train), _Side("validation", validation), _Side("test", test)]
    pairs = [(sides[0], sides[1]), (sides[0], sides[2]), (sides[1], sides[2])]
    overlaps = [_overlap(left, right) for left, right in pairs if left.rows and right.rows]
    return Leaks(
        tuple(o for o in overlaps if o.exact or o.near or o.contained),
        tuple(tells.of(train)),
        {side.name: len(side.rows) for side in sides},
    )


def repeated(learned: Sequence[Example], test: Sequence[Example]) -> frozenset[int]:
    """Return the numbers of the test rows that a row learned from repeats, word for word or nearly."""
    found = _overlap(_Side("train", learned), _Side("test", test))
    return frozenset(twin.right for twin in found.exact + found.near)


class _Side:
    """One split, and the forms in which its rows are compared."""

    def __init__(self, name: str, rows: Sequence[Example]) -> None:
        self.name, self.rows = name, rows

    @cached_property
    def keys(self) -> list[str]:
        return [key(row) for row in self.rows]

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Return where each text stands; rows without a word are no repeats of each other."""
        found = defaultdict(list)
        for i, words in enumerate(self.keys):
            if words:
                found[words].append(i)
        return found

    @cached_property
    def parts(self) -> list[set[bytes]]:
        return [shingles(row) for row in self.rows]

    @cached_property
    def marks(self) -> list[frozenset[str]]:
        return [marks_of(row) for row in self.rows]


def _overlap(left: _Side, right: _Side) -> Overlap:
    index, theirs = lookup(), set[bytes]().union(*right.parts)
    kept: dict[int, set[bytes]] = {}
    for i in (places[0] for places in left.places.values()):
        parts = shingles(left.rows[i])
        if len(parts & theirs) >= SIMILAR * len(parts):  # a row of which less stands there at all is like none there
            index.insert(i, sketch(parts))
            kept[i] = parts
    exact, near = [], []
    for j, words in enumerate(right.keys):
        if not words:
            continue
        if words in left.places:
            twins = left.places[words]
            # Where the same words carry several labels, the one that agrees is the twin.
            i = next((i for i in twins if left.marks[i] == right.marks[j]), twins[0])
            exact.append(Twin(i, j, 1.0, left.marks[i] == right.marks[j]))
            continue
        found = ((_likeness(kept[i], right.parts[j]), i) for i in index.query(sketch(right.parts[j])))
        likest, i = max(found, default=(0.0, 0))
        if likest >= SIMILAR:
            near.append(Twin(i, j, likest, left.marks[i] == right.marks[j]))
    return Overlap(left.name, right.name, tuple(exact), tuple(near), _contained(left, right))


def _likeness(a: set[bytes], b: set[bytes]) -> float:
    return len(a & b) / len(a | b)


def _contained(left: _Side, right: _Side) -> str:
    """Return a sentence where one split holds nearly all of the other, else nothing."""
    shared = len(left.places.keys() & right.places.keys())
    for inner, outer in ((right, left), (left, right)):
        if shared >= max(SHOWN, CONTAINED * len(inner.places)):
            return (
                f"The {outer.name} rows hold the {inner.name} rows: {shared:,} of {len(inner.places):,} different "
                "texts. One file is probably a copy that contains the other."
            )
    return ""
