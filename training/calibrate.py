"""What validation rows settle after training: temperature, label offsets, abstention threshold, cuts of multi heads.

Logits and right answers in, a Reading out. The test rows are never seen here.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from models.reading import Floats, Reading, sigmoid
from tasks.spec import Example, Head
from training import statistics
from training.report import Matrix

SURE_ENOUGH = 0.85
"""Share of right answers among those given at which the app stops abstaining."""

COMMON = 0.4
"""Half-way to this each cut of calibrated probabilities is moved: the best of a few rows is best there by luck too. On
300 halvings of the clinical notes' validation rows that gave macro-F1 0.706 on the other half instead of 0.691, and
micro-F1 0.757 instead of 0.740 (python -m training.word_readings). Of calibrated probabilities the best cut is at most
one half (Lipton et al. 2014)."""

_STEPS = np.arange(0.0, 1.21, 0.1)
_COST = 0.01
"""What a shift of one must gain: without it, shifts that help on a few hundred rows by luck hurt on the next."""


def calibrate(reading: Reading, logits: Floats, examples: Sequence[Example]) -> Reading:
    """Return `reading` with everything chosen that validation logits [n, outputs] can choose."""
    if reading.heads[0].multi:
        return _calibrate_multi(reading, logits, examples)
    right = np.array([reading.labels.index(example.label or "") for example in examples])
    rows = np.arange(len(right))

    def share(scaled: Floats) -> Floats:
        return replace(reading, temperature=1.0).label_scores(scaled)[rows, right]

    fitted = replace(reading, temperature=statistics.temperature(logits, share))
    scores = fitted.label_scores(logits)
    fitted = replace(fitted, offsets=_offsets(scores, right), cuts=_cuts(fitted, logits, examples))
    return replace(fitted, threshold=_threshold(scores, fitted.choose(scores) == right))


def marks(head: Head, examples: Sequence[Example]) -> Floats:
    """Return 1 where a value of a multi head is right, else 0 [n, values]."""
    return np.array([[float(value in e.targets.get(head.name, ())) for value in head.values] for e in examples])


def _calibrate_multi(reading: Reading, logits: Floats, examples: Sequence[Example]) -> Reading:
    """Choose the temperature of the labels' sigmoids by likelihood, then from which probability each is claimed."""
    first = reading.heads[0]
    right = marks(first, examples)

    def share(scaled: Floats) -> Floats:
        said = sigmoid(reading.split(scaled)[first.name])
        return np.exp(np.log(np.clip(np.where(right > 0, said, 1 - said), 1e-9, 1)).mean(1))

    fitted = replace(reading, temperature=statistics.temperature(logits, share))
    scaled = logits / fitted.temperature
    return replace(
        fitted, cuts={value: round((cut + COMMON) / 2, 3) for value, cut in _cuts(fitted, scaled, examples).items()}
    )


def confusion(labels: int, right: Sequence[int], said: Sequence[int]) -> Matrix:
    """Return counts [labels, labels + 1] as nested tuples; `said` is `labels` where nothing was claimed."""
    counts = np.zeros((labels, labels + 1), dtype=int)
    np.add.at(counts, (np.asarray(right, int), np.asarray(said, int)), 1)
    return tuple(tuple(int(cell) for cell in row) for row in counts)


def _offsets(scores: Floats, right: Any) -> tuple[float, ...]:
    """Choose what is added to each label's log-probability, to make (accuracy + macro-F1) / 2 large.

    Accuracy alone never names a rare label, macro-F1 alone names it far too often. The commonest label is the fixed
    point. Each candidate is scored on 40 redraws of the rows, the same for all, so that one lucky row decides nothing.
    """
    labels = scores.shape[1]
    common = int(np.bincount(right, minlength=labels).argmax())
    logs = np.log(np.clip(scores, 1e-9, 1))
    best: tuple[float, tuple[float, ...]] = (-1.0, (0.0,) * labels)
    for steps in product(_STEPS, repeat=labels - 1):
        offsets = np.insert(np.array(steps), common, 0.0)
        counts = np.array(confusion(labels, right, (logs + offsets).argmax(1)))
        draws, occur = statistics.resample(counts, draws=40, seed=1), counts.sum(1) > 0
        value = float((statistics.macro_f1(draws, occur) + statistics.accuracy(draws)).mean() / 2) - _COST * sum(steps)
        if value > best[0]:
            best = (value, tuple(round(float(o), 2) for o in offsets))
    return best[1]


def _threshold(scores: Floats, hit: Any) -> float:
    """Return the lowest confidence above which SURE_ENOUGH of the answers are right, at most 0.9."""
    confidence = scores.max(1)
    for cut in np.arange(1 / scores.shape[1], 0.9, 0.01):
        kept = confidence >= cut
        if kept.any() and hit[kept].mean() >= SURE_ENOUGH:
            return round(float(cut), 2)
    return 0.9


def _cuts(reading: Reading, logits: Floats, examples: Sequence[Example]) -> dict[str, float]:
    """Return for each value of the multi heads the probability from which it is claimed, by best F1 on known rows."""
    cuts: dict[str, float] = {}
    parts = reading.split(logits)
    for head in (head for head in reading.heads if head.multi):
        known = np.array([head.name in example.targets for example in examples])
        share = sigmoid(parts[head.name])[known]
        given = [example.targets[head.name] for example in examples if head.name in example.targets]
        for i, value in enumerate(head.values):
            cuts[value] = best_cut(share[:, i], np.array([value in values for values in given], dtype=bool))
    return cuts


def best_cut(share: Floats, truth: Any) -> float:
    """Return the cut in [0.2, 0.8] of best F1, two rows of each kind assumed beside those seen; 0.5 where none is true.

    Of neighbouring cuts that are equally good it is the middle one: the lowest would claim more than any row asks for.
    """
    if not truth.any():
        return 0.5
    cuts = np.arange(0.2, 0.81, 0.05)
    said = share[:, None] >= cuts
    f1 = 2 * (said & truth[:, None]).sum(0) / (said.sum(0) + truth.sum() + 2)
    best = np.flatnonzero(f1 == f1.max())
    alike = np.split(best, np.flatnonzero(np.diff(best) > 1) + 1)[0]
    return round(float(cuts[alike[(len(alike) - 1) // 2]]), 2)
