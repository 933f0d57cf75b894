"""How good a reader is on validation rows: what an epoch is chosen by. Knows nothing of run folders."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.encoder import Reader
from models.reading import Floats, Reading
from models.serving import predictor
from tasks.spec import Example, Task
from training import statistics, team
from training.calibrate import confusion, marks
from training.fitting import Score
from training.ranked import measures


def score_on(task: Task, reading: Reading, words: Any, examples: Sequence[Example]) -> Score:
    """Return a function that scores a reader on validation rows.

    "score" is the log-likelihood at the temperature that suits these rows best, as it is chosen after training: of a
    few hundred rows it is far less noisy than accuracy or F1, and weights that are only too sure are not passed over.
    """
    if task.heads[0].multi:
        return _score_multi(task, reading, words, examples)
    right = [task.labels.index(example.label or "") for example in examples]

    def share(logits: Floats) -> Floats:
        return reading.label_scores(logits)[np.arange(len(right)), right]

    def score(reader: Reader) -> dict[str, float]:
        logits = team.spread(predictor(task, reading, words, reader).logits, examples)
        scores = reading.label_scores(logits)
        counts = np.array(confusion(len(task.labels), right, reading.choose(scores).tolist()))
        cooled = logits / statistics.temperature(logits, share)
        return {
            "score": -_surprise(share(cooled)),
            "loss": _surprise(share(logits)),
            "accuracy": float(statistics.accuracy(counts)),
            "macro_f1": float(statistics.macro_f1(counts)),
            "labels_said": float((counts.sum(0) > 0).sum()),
            "rows": float(len(right)),
        }

    return score


def _surprise(shares: Floats) -> float:
    return -float(np.log(np.clip(shares, 1e-9, 1)).mean())


def _score_multi(task: Task, reading: Reading, words: Any, examples: Sequence[Example]) -> Score:
    """Return a function that scores a reader of several labels: the mean of the two threshold-free measures."""
    right = marks(task.heads[0], examples)

    def score(reader: Reader) -> dict[str, float]:
        said = reading.label_scores(team.spread(predictor(task, reading, words, reader).logits, examples))
        loss = -np.log(np.clip(np.where(right > 0, said, 1 - said), 1e-9, 1)).mean()
        found = measures(right, said, (said >= 0.5).astype(float))
        headline = (found["lrap"] + found["macro_ap"]) / 2
        return {"score": headline, "loss": float(loss), "rows": float(len(right)), **found}

    return score
