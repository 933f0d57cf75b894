"""What can be said of a scored run: against its floors and other runs on the same rows, and where it goes wrong.

Everything is worked out from the row file; what was not measured is None. Knows nothing of figures or browsers.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_curve

from models.reading import Floats
from training import ranked, statistics
from training.calibrate import confusion
from training.ranked import Ranking
from training.report import Sheet
from training.rowfile import Rows

DRAWS = 2000
POINTS = 120
"""Points of a curve that are kept: more cannot be told apart."""
COMMONEST = 6
"""Values of each kind of thing rows are about that are shown: rarer ones tell nothing."""
FEW = 30
"""Rows below which a slice's figure is shown with a warning."""
FEWEST = 20
"""Rows below which two predictors are not told apart: redrawing so few gives intervals that are too narrow."""
FEWEST_APART = 6
"""Rows answered differently below which nothing is better or worse: even if all speak for one, McNemar's p is > .05."""


@dataclass(frozen=True)
class Paired:
    """One predictor against another on the same `rows`: macro-F1's difference, its 95 % interval, and McNemar's p.

    `apart` rows were answered differently; `only_ours` the first alone got right, `only_theirs` the other alone. p is
    None where several labels hold together: a row is then neither right nor wrong, and the last two are 0.
    """

    difference: float
    low: float
    high: float
    p: float | None
    rows: int
    apart: int
    only_ours: int = 0
    only_theirs: int = 0

    @property
    def verdict(self) -> str:
        """Say it in words: plainly better or worse needs rows enough, and that interval and test agree."""
        if self._too_few:
            return "too few rows to tell"
        if self.p is None or self.p >= 0.05:
            accuracy = ""
        else:
            accuracy = "better" if self.only_ours > self.only_theirs else "worse"
        if not self._told:
            return f"macro-F1 not told apart, accuracy {accuracy}" if accuracy else "no detectable change"
        if self.p is None or accuracy == self._told:
            return self._told
        return f"{self._told} on macro-F1, " + (f"{accuracy} on accuracy" if accuracy else "accuracy not told apart")

    @property
    def sentence(self) -> str:
        """Say the verdict and what it rests on: of too few rows that is no interval and no p."""
        if self._too_few:
            counts = f"{self.difference:+.3f} macro-F1, rows: {self.rows}, answered differently: {self.apart}"
            return f"{self.verdict}: {counts}"
        numbers = f"{self.difference:+.3f} macro-F1 [{self.low:+.3f}, {self.high:+.3f}]"
        if self.p is not None:
            numbers += f", McNemar p = {self.p:.2g}"
        return f"{self.verdict}: {numbers}"

    @property
    def _told(self) -> str:
        return "better" if self.low > 0 else "worse" if self.high < 0 else ""

    @property
    def _too_few(self) -> bool:
        return self.rows < FEWEST or (bool(self._told) and self.apart < FEWEST_APART)


@dataclass(frozen=True)
class Slice:
    """A part of the rows: how many, the share answered rightly, and its Wilson 95 % interval."""

    name: str
    n: int
    accuracy: float
    low: float
    high: float


def paired(right: Floats, ours: Floats, theirs: Floats, labels: int) -> Paired:
    """Compare two predictors' answers [n] by drawing the rows anew 2,000 times, the same draws for both."""
    times = _draws(len(right))
    gaps = macro_f1(right, ours, labels, times) - macro_f1(right, theirs, labels, times)
    once = np.ones((1, len(right)))
    gap = float((macro_f1(right, ours, labels, once) - macro_f1(right, theirs, labels, once))[0])
    only_ours, only_theirs, p = statistics.mcnemar(ours == right, theirs == right)
    return Paired(gap, *statistics.interval(gaps), p, len(right), int((ours != theirs).sum()), only_ours, only_theirs)


def paired_many(ours: Ranking, theirs: Ranking) -> Paired | None:
    """Compare two predictors of several labels on the same rows alike; None where the rows are not the same."""
    if ours.labels != theirs.labels or ours.right != theirs.right or not ours.n:
        return None
    right, times = ours.arrays[0], _draws(ours.n)
    claims = (ours.arrays[2], theirs.arrays[2])
    mine, other = (ranked.macro_f1(right, claimed, times) for claimed in claims)
    once = np.ones((1, ours.n))
    gap = ranked.macro_f1(right, claims[0], once) - ranked.macro_f1(right, claims[1], once)
    apart = int((claims[0] != claims[1]).any(1).sum())
    return Paired(float(gap[0]), *statistics.interval(mine - other), None, ours.n, apart)


def _draws(n: int) -> Floats:
    return np.random.default_rng(1).multinomial(n, np.full(n, 1 / n), DRAWS)


def macro_f1(right: Floats, said: Floats, labels: int, times: Floats) -> Floats:
    """Return macro-F1 [draws] with row i counted times[draw, i] times; `said` beyond the labels is no answer."""
    out = np.zeros(len(times))
    for label in range(labels):
        hit = times @ ((right == label) & (said == label))
        total = times @ (right == label).astype(int) + times @ (said == label).astype(int)
        if (right == label).any():  # of others nothing was measured
            out += 2 * hit / np.maximum(total, 1)
    return out / max(len(np.unique(right)), 1)


def matrix(rows: Rows) -> np.ndarray:
    """Return counts [right, said]."""
    return np.array(confusion(len(rows.labels), rows.right, rows.said))[:, : len(rows.labels)]


def per_class(rows: Rows) -> list[dict[str, float | str]]:
    """Return precision, recall, F1, false-positive and false-negative rate and row count of every label."""
    counts = matrix(rows)
    out: list[dict[str, float | str]] = []
    for i, label in enumerate(rows.labels):
        hit, said, true = int(counts[i, i]), int(counts[:, i].sum()), int(counts[i].sum())
        others = int(counts.sum()) - true
        out.append(
            {
                "label": label,
                "precision": hit / said if said else 0.0,
                "recall": hit / true if true else 0.0,
                "f1": 2 * hit / (said + true) if said + true else 0.0,
                "false_positive_rate": (said - hit) / others if others else 0.0,
                "false_negative_rate": (true - hit) / true if true else 0.0,
                "rows": true,
            }
        )
    return out


def reliability(rows: Rows, bins: int = 10) -> list[tuple[float, float, int]]:
    """Return (mean confidence, share right, rows) of each bin of confidence that holds any."""
    likeliest = rows.scores.argmax(1) == rows.right
    place = np.minimum((rows.confidence * bins).astype(int), bins - 1)
    return [
        (float(rows.confidence[place == b].mean()), float(likeliest[place == b].mean()), int((place == b).sum()))
        for b in range(bins)
        if (place == b).any()
    ]


def coverage(rows: Rows) -> list[tuple[float, float]]:
    """Return (share answered, share right of those) as the confidence asked for falls."""
    order = np.argsort(-rows.confidence, kind="stable")
    hits = np.cumsum((rows.said == rows.right)[order])
    n = len(order)
    steps = sorted({max(1, round(n * share / 50)) for share in range(1, 51)})
    return [(k / n, float(hits[k - 1] / k)) for k in steps]


@dataclass(frozen=True)
class Curve:
    """How precise the answers for a label are at every share of its rows found, and the mean of that (AP)."""

    label: str
    rows: int
    average: float
    recall: Floats
    precision: Floats


def precision_recall(labels: Sequence[str], right: Floats, scores: Floats) -> list[Curve]:
    """Return the curve of every label that occurs, from right answers and probabilities, both [n, labels]."""
    out = []
    for i, label in enumerate(labels):
        if right[:, i].any():
            precision, recall, _ = precision_recall_curve(right[:, i], scores[:, i])
            average = float(average_precision_score(right[:, i], scores[:, i]))
            kept = np.unique(np.linspace(0, len(recall) - 1, POINTS).astype(int))
            out.append(Curve(label, int(right[:, i].sum()), average, recall[kept], precision[kept]))
    return out


def one_hot(rows: Rows) -> Floats:
    """Return the right answers [n, labels] as marks."""
    return np.eye(len(rows.labels))[rows.right]


def leak_sheets(rows: Rows, everything: Sheet | None) -> list[tuple[str, Sheet | None]]:
    """Return the sheet of all test rows, without those repeated word for word, and without near-repeats; None: unknown.

    `everything` is the report's sheet of all rows, repeats included.
    """
    clean = Sheet(rows.labels, confusion(len(rows.labels), rows.right, rows.said))
    far = None
    if rows.leaked is not None:
        rest = without(rows, np.flatnonzero(rows.leaked).tolist())
        far = Sheet(rows.labels, confusion(len(rows.labels), rest.right, rest.said))
    return [
        ("all test rows", everything),
        ("without rows that a training row repeats word for word", clean),
        ("without rows that a training row nearly repeats, too", far),
    ]


def slices(rows: Rows) -> list[Slice]:
    """Return accuracy by length of the text, by right label, and by the commonest of what rows are about."""
    hit = rows.said == rows.right
    edges = [0, 20, 50, 100, 200, 10**9]
    parts = [
        (f"{a} to {b - 1} words" if b < 10**9 else f"{a} words or more", (rows.words >= a) & (rows.words < b))
        for a, b in pairwise(edges)
    ]
    parts += [(f"right label {label}", rows.right == i) for i, label in enumerate(rows.labels)]
    for kind, values in rows.about.items():
        common = Counter(value for value in values if value).most_common(COMMONEST)
        parts += [(f"{kind} {value}", np.array(values) == value) for value, _ in common]
    return [_slice(name, hit[chosen]) for name, chosen in parts if chosen.any()]


ORDERS = ("surest first", "least sure first", "drawn at random", "surest mistakes first")
"""In which order rows are listed."""


def listed(rows: Rows, right: str | None, said: str | None, most: int = 50, order: str = ORDERS[0]) -> list[int]:
    """Return row numbers of one cell of the matrix, most confident first or as ordered; None stands for any."""
    chosen = np.ones(len(rows.right), bool)
    for name, column in ((right, rows.right), (said, rows.said)):
        if name is not None:
            chosen &= column == rows.labels.index(name)
    found = np.flatnonzero(chosen)
    if order == ORDERS[2]:
        return [int(i) for i in np.random.default_rng(1).permutation(found)[:most]]
    if order == ORDERS[3]:
        found = found[rows.said[found] != rows.right[found]]
    sign = 1 if order == ORDERS[1] else -1
    return [int(i) for i in found[np.argsort(sign * rows.confidence[found], kind="stable")][:most]]


def without(rows: Rows, leaked: Sequence[int]) -> Rows:
    """Return the rows without those that leaked into training."""
    kept = np.setdiff1d(np.arange(len(rows.right)), np.asarray(leaked, int))
    floors = {name: answers[kept] for name, answers in rows.floors.items()}
    marks = None if rows.leaked is None else rows.leaked[kept]
    columns = (column[kept] for column in (rows.right, rows.said, rows.scores, rows.words))
    about = {kind: tuple(values[i] for i in kept) for kind, values in rows.about.items()}
    return Rows(rows.labels, *columns, floors, leaked=marks, about=about)


def _slice(name: str, hit: Floats) -> Slice:
    low, high = statistics.wilson(int(hit.sum()), len(hit))
    return Slice(name, len(hit), float(hit.mean()), low, high)
