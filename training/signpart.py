"""Settles a reading on validation rows, with a linear reading of the task's signs beside the adapter where asked for.

What rules read off a text (Task.signs) is read by one regularised logistic regression on the training rows, and mixed
with the adapter's log-probabilities at its own temperature: a product of experts (Hinton 2002) with fixed shares. Knows
nothing of run folders.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from models.reading import Floats, Reading
from tasks.spec import Example, Signs, Task
from training.calibrate import calibrate
from training.config import RunConfig

STRENGTH = 0.02
"""Inverse of the regularisation: of 0.003 to 0.05 the best over ten folds of PubMedQA's training rows (a script)."""


class Part(NamedTuple):
    """Rows that an adapter had not seen, what it says of them [rows, outputs], and the rows it had learned from."""

    logits: Floats
    held: Sequence[Example]
    learned: Sequence[Example]


def settle(task: Task, config: RunConfig, plain: Reading, parts: Sequence[Part]) -> Reading:
    """Return `plain` with everything chosen that the held rows can choose, and with signs where the recipe asks.

    Signs beside held rows are read by what was learned without them; the reading that is served has learned from all.
    """
    logits = np.concatenate([part.logits for part in parts])
    held = [row for part in parts for row in part.held]
    alone = calibrate(plain, logits, held)
    if not config.counts or task.signs is None:
        return alone
    size = len(task.heads[0].values)
    # Shares are of log-probabilities, what is added is logits: the adapter's are as large as its temperature says.
    unit = alone.temperature / (1 - config.sign_share)
    worth = config.sign_share * unit
    said = np.zeros_like(logits)
    said[:, :size] = worth * np.concatenate(
        [_said(task.signs, *_fitted(task, part.learned), part.held) for part in parts]
    )
    scaled = logits + said
    scaled[:, :size] /= unit  # temperatures are looked for about one
    mixed = calibrate(plain, scaled, held)
    # Of several parts each was held once.
    weight, bias = _fitted(task, held if len(parts) > 1 else [*parts[0].learned, *held])
    signs = {
        "names": list(task.signs.names),
        "version": task.signs.version,
        "weight": np.round(worth * weight, 4).tolist(),
        "bias": np.round(worth * bias, 4).tolist(),
    }
    return replace(mixed, temperature=mixed.temperature * unit, signs=signs)


def _fitted(task: Task, rows: Sequence[Example]) -> tuple[Floats, Floats]:
    """Return weight [signs, values] and bias [values] of the values of the first head."""
    head = task.heads[0]
    known = [row for row in rows if head.name in row.targets]
    if len({row.targets[head.name] for row in known}) < 2:  # nothing to tell apart
        return np.zeros((len(task.signs.names), len(head.values))), np.zeros(len(head.values))
    seen = _seen(task.signs, known)
    right = np.array([head.values.index(row.targets[head.name]) for row in known])
    scale = StandardScaler().fit(seen)
    weight, bias = np.zeros((seen.shape[1], len(head.values))), np.full(len(head.values), np.log(0.5 / len(known)))
    classes = np.unique(right)
    line = LogisticRegression(C=STRENGTH, max_iter=2000).fit(scale.transform(seen), right)
    two = len(classes) == 2  # of these the second alone has a line
    coefficients = np.vstack([np.zeros_like(line.coef_), line.coef_]) if two else line.coef_
    starts = np.append(0.0, line.intercept_) if two else line.intercept_
    weight[:, classes] = (coefficients / scale.scale_).T
    bias[classes] = starts - coefficients @ (scale.mean_ / scale.scale_)
    return weight, bias


def _seen(signs: Signs, rows: Sequence[Example]) -> Floats:
    return np.array([signs.of(row) for row in rows])


def _said(signs: Signs, weight: Floats, bias: Floats, rows: Sequence[Example]) -> Floats:
    return _seen(signs, rows) @ weight + bias
