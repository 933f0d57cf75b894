"""How far a score can be trusted: intervals, paired tests, calibration. Counts and arrays in, numbers out.

Knows nothing of models, files or tasks.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest

Ints = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.floating[Any]]


def macro_f1(confusion: Ints, occur: npt.NDArray[np.bool_] | None = None) -> Floats:
    """Return the unweighted mean F1 of the labels for confusion counts [..., right labels, said labels (+ none)].

    The mean is over the labels that occur among the right ones: of others nothing was measured. Which these are is
    settled on all rows, and given as `occur` with counts that were redrawn; there a label that is neither right nor
    said counts 0, as in scikit-learn.
    """
    labels = confusion.shape[-2]
    hit = np.diagonal(confusion[..., :labels], axis1=-2, axis2=-1)
    total = confusion[..., :labels].sum(-2) + confusion.sum(-1)
    found = np.divide(2.0 * hit, total, out=np.zeros(hit.shape), where=total > 0)
    there = confusion.sum(-1) > 0 if occur is None else np.broadcast_to(occur, found.shape)
    return (found * there).sum(-1) / np.maximum(there.sum(-1), 1)


def accuracy(confusion: Ints) -> Floats:
    """Return the share of right answers for confusion counts [..., right labels, said labels (+ none)]."""
    labels = confusion.shape[-2]
    hit = np.trace(confusion[..., :labels], axis1=-2, axis2=-1)
    return hit / np.maximum(confusion.sum((-2, -1)), 1)


def resample(confusion: Ints, draws: int = 2000, seed: int = 0) -> Ints:
    """Return bootstrap confusions [draws, right, said]: rows redrawn with replacement (Efron 1979).

    The confusion holds all that accuracy and F1 depend on, so a multinomial over its cells redraws the rows exactly.
    """
    rng = np.random.default_rng(seed)
    counts = confusion.ravel()
    return rng.multinomial(counts.sum(), counts / max(counts.sum(), 1), size=draws).reshape(draws, *confusion.shape)


def interval(values: Floats, level: float = 0.95) -> tuple[float, float]:
    """Return the percentile interval of bootstrap values."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927)."""
    if not n:
        return 0.0, 1.0
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * np.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(float(middle - half), 0.0), min(float(middle + half), 1.0)


def mcnemar(right_a: npt.NDArray[np.bool_], right_b: npt.NDArray[np.bool_]) -> tuple[int, int, float]:
    """Return (rows only A got right, rows only B got right, exact two-sided p) (McNemar 1947, binomial form)."""
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    p = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    return only_a, only_b, float(p)


def calibration_error(confidence: Floats, right: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Return the expected calibration error: mean |confidence - accuracy| over equal-width bins, weighted by rows."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        (place == b).mean() * abs(confidence[place == b].mean() - right[place == b].mean())
        for b in range(bins)
        if (place == b).any()
    ]
    return float(sum(gaps))


def temperature(logits: Floats, share_of_right: Any) -> float:
    """Return the temperature in [0.2, 5] of least negative log-likelihood (Guo et al. 2017).

    `share_of_right(scaled_logits)` returns the probability each row gives its right answer [n].
    """

    def loss(log_t: float) -> float:
        return float(-np.log(np.clip(share_of_right(logits / np.exp(log_t)), 1e-9, 1)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method="bounded").x))
