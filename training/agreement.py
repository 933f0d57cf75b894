"""How far several models say the same of the same rows: shares, Cohen's kappa, Krippendorff's alpha.

Answers in, numbers out; None where a number has no meaning. Knows nothing of models, files or browsers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import cohen_kappa_score

from models.reading import Floats


@dataclass(frozen=True)
class Agreement:
    """Shares of rows answered alike and Cohen's kappa [models, models], and Krippendorff's alpha over all models.

    `ordinal` is alpha with the labels taken as ordered: a neighbour is nearly the same answer.
    """

    names: tuple[str, ...]
    rows: int
    shares: Floats
    kappas: list[list[float | None]]
    nominal: float | None
    ordinal: float | None
    unanimous: float


def agreement(said: Mapping[str, Sequence[int]], labels: int) -> Agreement:
    """Compare what two or more models said of the same rows, as label indices [rows] by name."""
    names = tuple(said)
    table = np.array([said[name] for name in names])
    shares = (table[:, None, :] == table[None, :, :]).mean(2)
    kappas = [[_kappa(a, b, labels) for b in table] for a in table]
    return Agreement(
        names,
        table.shape[1],
        shares,
        kappas,
        alpha(table, labels),
        alpha(table, labels, ordinal=True),
        float((table == table[0]).all(0).mean()),
    )


def _kappa(a: Floats, b: Floats, labels: int) -> float | None:
    """Return Cohen's kappa (1960); None where both said one and the same label only, and chance explains all."""
    if len(set(a.tolist()) | set(b.tolist())) < 2:
        return None
    return float(cohen_kappa_score(a, b, labels=list(range(labels))))


def alpha(table: Floats, labels: int, ordinal: bool = False) -> float | None:
    """Return Krippendorff's alpha of answers [models, rows], as label indices; a negative answer is a missing one.

    1 - observed / expected disagreement over all pairs of answers to the same row (Krippendorff 2011, "Computing
    Krippendorff's Alpha-Reliability"). None where no row has two answers or only one label was ever said.
    """
    counts = np.stack([(table == label).sum(0) for label in range(labels)], axis=1).astype(float)  # [rows, labels]
    counts = counts[counts.sum(1) > 1]
    if not len(counts):
        return None
    pairs = np.einsum("ni,nj->nij", counts, counts) - np.einsum("ni,ij->nij", counts, np.eye(labels))
    together = (pairs / (counts.sum(1) - 1)[:, None, None]).sum(0)
    totals = together.sum(0)
    apart = _ordinal(totals) if ordinal else 1 - np.eye(labels)
    expected = (np.outer(totals, totals) * apart).sum() / (totals.sum() - 1)
    return None if expected <= 0 else float(1 - (together * apart).sum() / expected)


def _ordinal(totals: Floats) -> Floats:
    """Return the squared ordinal distance of labels [labels, labels]: how many answers lie between them."""
    running = np.cumsum(totals)
    middle = running - totals / 2
    return (middle[:, None] - middle[None, :]) ** 2
