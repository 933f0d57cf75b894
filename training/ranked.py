"""The score sheet of a task whose labels may hold together: right answers and scores are kept, numbers are worked out.

No text is in it: a row is the labels that are right and the probabilities that were said. Knows nothing of models.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from models.reading import Floats
from training import statistics
from training.report import Report

DRAWS = 2000
_TOGETHER = 200
"""Draws worked out at once: all of them, of a few thousand rows, would take hundreds of megabytes."""


@dataclass(frozen=True)
class Ranking:
    """One predictor on one set of rows: right labels [n, labels], probabilities, and what was claimed.

    Means over labels take those that occur in the rows: a label that nobody has can be neither found nor missed.
    """

    labels: tuple[str, ...]
    right: tuple[tuple[int, ...], ...]
    scores: tuple[tuple[float, ...], ...]
    claimed: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, labels: Sequence[str], right: Floats, scores: Floats, claimed: Floats) -> "Ranking":
        """Return the sheet of arrays [n, labels]; probabilities are kept to four places."""
        rounded = tuple(tuple(round(float(s), 4) for s in row) for row in scores)
        return cls(tuple(labels), _places(right), rounded, _places(claimed))

    @cached_property
    def arrays(self) -> tuple[Floats, Floats, Floats]:
        """Return right, scores and claimed as arrays [n, labels]."""
        return (
            _marks(self.right, len(self.labels)),
            np.array(self.scores, dtype=float).reshape(len(self.scores), len(self.labels)),
            _marks(self.claimed, len(self.labels)),
        )

    @property
    def n(self) -> int:
        """Return how many rows were scored."""
        return len(self.right)

    @cached_property
    def numbers(self) -> dict[str, float]:
        """Return label-ranking average precision, macro average precision, macro- and micro-F1."""
        return measures(*self.arrays)

    @cached_property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """Return 95 % bootstrap intervals over rows of the same numbers."""
        if not self.n:
            return dict.fromkeys(self.numbers, (0.0, 0.0))
        rng, even = np.random.default_rng(1), np.full(self.n, 1 / self.n)
        parts = [
            weighted(*self.arrays, rng.multinomial(self.n, even, _TOGETHER).astype(float))
            for _ in range(DRAWS // _TOGETHER)
        ]
        return {name: statistics.interval(np.concatenate([part[name] for part in parts])) for name in self.numbers}

    @property
    def per_label(self) -> dict[str, dict[str, float]]:
        """Return precision, recall, F1, average precision and row count of every label that occurs."""
        right, scores, claimed = self.arrays
        out = {}
        for i, label in enumerate(self.labels):
            hit, said, true = (right[:, i] * claimed[:, i]).sum(), claimed[:, i].sum(), right[:, i].sum()
            if true:
                out[label] = {
                    "precision": float(hit / said) if said else 0.0,
                    "recall": float(hit / true),
                    "f1": float(2 * hit / (said + true)),
                    "average_precision": float(_average_precision(right[:, i], scores[:, i], np.ones((1, self.n)))[0]),
                    "support": int(true),
                }
        return out

    @property
    def headline(self) -> str:
        """Return the main score in one line, with what it rests on."""
        low, high = self.intervals["macro_f1"]
        return (
            f"macro-F1 {self.numbers['macro_f1']:.2f} [{low:.2f}, {high:.2f}], "
            f"ranking {self.numbers['lrap']:.2f} on {self.n:,}"
        )


@dataclass(frozen=True)
class RankedReport:
    """What is known of a run's worth: a sheet per set of rows, and the floors on the same rows."""

    task: str
    split_id: str
    sheets: Mapping[str, Ranking]
    floors: Mapping[str, Mapping[str, Ranking]]
    facts: Mapping[str, Any] = field(default_factory=dict)
    unit: str = "rows"

    @property
    def main(self) -> Ranking:
        """Return the sheet the headline is taken from: the first."""
        return next(iter(self.sheets.values()))

    @property
    def headline(self) -> str:
        """Return the main score in one line, with what was counted."""
        return f"{self.main.headline} {self.unit}"

    def write(self, path: Path) -> None:
        """Write the rows and, for readers, the numbers worked out from them."""
        saved = {"kind": "ranked", **asdict(self)}
        saved["numbers"] = {name: _told(sheet) for name, sheet in self.sheets.items()}
        saved["floor_numbers"] = {
            rows: {name: _told(sheet) for name, sheet in floors.items()} for rows, floors in self.floors.items()
        }
        draft = path.with_name(f".{path.name}")
        draft.write_text(json.dumps(saved) + "\n")
        draft.replace(path)

    @classmethod
    def from_saved(cls, saved: dict[str, Any]) -> "RankedReport":
        """Return the report in a parsed file; its numbers are worked out anew."""
        sheets = {name: _sheet(sheet) for name, sheet in saved["sheets"].items()}
        floors = {rows: {k: _sheet(v) for k, v in f.items()} for rows, f in saved["floors"].items()}
        return cls(saved["task"], saved["split_id"], sheets, floors, saved["facts"], saved["unit"])


def measures(right: Floats, scores: Floats, claimed: Floats) -> dict[str, float]:
    """Return the four measures of arrays [n, labels]; rows without any right label say nothing of the ranking."""
    return {name: float(value[0]) for name, value in weighted(right, scores, claimed, np.ones((1, len(right)))).items()}


def weighted(right: Floats, scores: Floats, claimed: Floats, weights: Floats) -> dict[str, Floats]:
    """Return the four measures [draws] with rows counted `weights` [draws, n] times: a bootstrap in one pass.

    Macro measures are means over the labels that occur among all rows, whichever a draw holds: were a label left out of
    the draws without it, one rare label would move the mean up and down. There its F1 is 0, as in statistics.macro_f1;
    an average precision does not exist there, and that of all rows stands in its place.
    """
    rows, some = _row_precision(right, scores), (right.sum(1) > 0).astype(float)
    each = [_average_precision(right[:, i], scores[:, i], weights) for i in np.flatnonzero(right.any(0))]
    hit, said, true = weights @ (right * claimed), weights @ claimed, weights @ right
    return {
        "lrap": (weights @ (rows * some)) / np.maximum(weights @ some, 1e-12),
        "macro_ap": np.sum(each, axis=0) / len(each) if each else np.zeros(len(weights)),
        "macro_f1": macro_f1(right, claimed, weights),
        "micro_f1": 2 * hit.sum(1) / np.maximum((said + true).sum(1), 1e-12),
    }


def macro_f1(right: Floats, claimed: Floats, weights: Floats) -> Floats:
    """Return the mean F1 [draws] of the labels that occur in `right` [n, labels], rows counted `weights` [draws, n]."""
    there = right.any(0)
    hit, said, true = weights @ (right * claimed), weights @ claimed, weights @ right
    return (2 * hit / np.maximum(said + true, 1e-12))[:, there].sum(1) / max(there.sum(), 1)


def _row_precision(right: Floats, scores: Floats) -> Floats:
    """Return each row's label-ranking average precision [n] (ties count against, as in scikit-learn)."""
    above = scores[:, None, :] >= scores[:, :, None]  # [n, label, other]
    rank = above.sum(2)
    found = (above * right[:, None, :]).sum(2)
    return (right * found / rank).sum(1) / np.maximum(right.sum(1), 1)


def _average_precision(right: Floats, scores: Floats, weights: Floats) -> Floats:
    """Return the average precision of one label under each draw of row weights [draws]; an empty one has all rows'."""
    order = np.argsort(-scores, kind="stable")
    ranked, found = weights[:, order], weights[:, order] * right[order]
    # Rows of equal score are one threshold: all of them take the precision at the last.
    last = np.searchsorted(-scores[order], -scores[order], side="right") - 1
    precision = np.cumsum(found, axis=1)[:, last] / np.maximum(np.cumsum(ranked, axis=1)[:, last], 1e-12)
    total = found.sum(1)
    drawn = (found * precision).sum(1) / np.maximum(total, 1e-12)
    if (total > 0).all():
        return drawn
    return np.where(total > 0, drawn, _average_precision(right, scores, np.ones((1, len(right))))[0])


def _told(sheet: Ranking) -> dict[str, Any]:
    intervals = {name: list(ends) for name, ends in sheet.intervals.items()}
    return {"n": sheet.n, **sheet.numbers, "intervals_95": intervals, "per_label": sheet.per_label}


def _places(marks: Floats) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(i) for i in np.flatnonzero(row)) for row in marks)


def _marks(places: Sequence[Sequence[int]], width: int) -> Floats:
    out = np.zeros((len(places), width))
    for row, found in zip(out, places, strict=True):
        row[list(found)] = 1
    return out


def _sheet(saved: Mapping[str, Any]) -> Ranking:
    rows = {name: tuple(map(tuple, saved[name])) for name in ("right", "scores", "claimed")}
    return Ranking(tuple(saved["labels"]), **rows)


def load_report(path: Path) -> Report | RankedReport:
    """Read a score sheet of either kind; its numbers are worked out anew."""
    saved = json.loads(path.read_text())
    return RankedReport.from_saved(saved) if saved.get("kind") == "ranked" else Report.load(path)
