"""A score sheet: counts are kept, every number is worked out from them. Knows nothing of training or of models."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from training import statistics

Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Sheet:
    """Counts of one predictor on one set of rows: right labels down, said labels across, a last column for none."""

    labels: tuple[str, ...]
    confusion: Matrix

    @cached_property
    def counts(self) -> np.ndarray:
        """Return the confusion as an array [labels, labels + 1]."""
        return np.array(self.confusion, dtype=np.int64)

    @property
    def n(self) -> int:
        """Return how many rows were scored."""
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float:
        """Return the share of right answers; declining is not one."""
        return float(statistics.accuracy(self.counts))

    @property
    def macro_f1(self) -> float:
        """Return the mean F1 of the labels that occur, each counting the same."""
        return float(statistics.macro_f1(self.counts))

    @property
    def per_class(self) -> dict[str, dict[str, float]]:
        """Return precision, recall, F1 and row count of every label; with no rows, 0 stands for not measured."""
        out = {}
        for i, label in enumerate(self.labels):
            hit, said, true = int(self.counts[i, i]), int(self.counts[:, i].sum()), int(self.counts[i].sum())
            out[label] = {
                "precision": hit / said if said else 0.0,
                "recall": hit / true if true else 0.0,
                "f1": 2 * hit / (said + true) if said + true else 0.0,
                "support": true,
            }
        return out

    @cached_property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """Return 95 % bootstrap intervals (2,000 draws) of accuracy and macro-F1."""
        draws = statistics.resample(self.counts)
        return {
            "accuracy": statistics.interval(statistics.accuracy(draws)),
            "macro_f1": statistics.interval(statistics.macro_f1(draws, self.counts.sum(1) > 0)),
        }

    @property
    def headline(self) -> str:
        """Return the score in one line, with what it rests on."""
        low, high = self.intervals["macro_f1"]
        return f"macro-F1 {self.macro_f1:.2f} [{low:.2f}, {high:.2f}] on {self.n:,}"

    @property
    def old_headline(self) -> str:
        """Return the headline as runs scored earlier carry it: macro-F1 was the mean of all labels, met or not."""
        every = np.ones(len(self.labels), dtype=bool)
        low, high = statistics.interval(statistics.macro_f1(statistics.resample(self.counts), every))
        return f"macro-F1 {statistics.macro_f1(self.counts, every):.2f} [{low:.2f}, {high:.2f}] on {self.n:,}"

    def numbers(self) -> dict[str, Any]:
        """Return everything a reader of the report wants, worked out from the counts."""
        return {
            "n": self.n,
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "intervals_95": {name: list(ends) for name, ends in self.intervals.items()},
            "per_class": self.per_class,
        }


@dataclass(frozen=True)
class Report:
    """What is known of a run's worth: a sheet per set of rows, the floors on the same rows, and how they compare.

    `multi` holds, for each value of each multi head, how often it was rightly claimed, wrongly claimed, and missed;
    `within` the label's sheet over the rows that truly have that value: a mean over all hides where it is misread.
    """

    task: str
    split_id: str
    sheets: Mapping[str, Sheet]
    floors: Mapping[str, Mapping[str, Sheet]]
    paired: Mapping[str, Mapping[str, Any]]
    calibration: Mapping[str, float]
    multi: Mapping[str, Mapping[str, tuple[int, int, int]]] = field(default_factory=dict)
    unit: str = "rows"
    within: Mapping[str, Mapping[str, Sheet]] = field(default_factory=dict)

    @property
    def main(self) -> Sheet:
        """Return the sheet the headline is taken from: the first."""
        return next(iter(self.sheets.values()))

    @property
    def headline(self) -> str:
        """Return the main score in one line, with what was counted."""
        return f"{self.main.headline} {self.unit}"

    @property
    def where_answered(self) -> str:
        """Say how often it is right where it does not decline; that is not measured where it always does."""
        if not self.calibration["answered_share"]:
            return "how often it is right there was not measured"
        return f"is right on {self.calibration['accuracy_where_answered']:.1%} of those"

    def write(self, path: Path) -> None:
        """Write counts and, for readers, the numbers worked out from them."""
        saved = asdict(self)
        saved["numbers"] = {name: sheet.numbers() for name, sheet in self.sheets.items()}
        saved["floor_numbers"] = {
            rows: {name: sheet.numbers() for name, sheet in floors.items()} for rows, floors in self.floors.items()
        }
        draft = path.with_name(f".{path.name}")
        draft.write_text(json.dumps(saved, indent=1) + "\n")
        draft.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Report":
        """Read a report; its numbers are worked out anew from the counts."""
        saved = json.loads(path.read_text())
        saved.pop("numbers")
        saved.pop("floor_numbers")
        sheets = {name: _sheet(sheet) for name, sheet in saved.pop("sheets").items()}
        floors = {rows: {k: _sheet(v) for k, v in f.items()} for rows, f in saved.pop("floors").items()}
        multi = {
            head: {v: tuple(counts) for v, counts in values.items()} for head, values in saved.pop("multi").items()
        }
        within = {h: {v: _sheet(sheet) for v, sheet in found.items()} for h, found in saved.pop("within", {}).items()}
        return cls(sheets=sheets, floors=floors, multi=multi, within=within, **saved)


def _sheet(saved: Mapping[str, Any]) -> Sheet:
    return Sheet(tuple(saved["labels"]), tuple(map(tuple, saved["confusion"])))
