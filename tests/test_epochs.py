"""Which epoch of a run is kept: the one whose probabilities serve best once their temperature is fitted."""

from types import SimpleNamespace

import numpy as np
import pytest

import tasks
from models.reading import Reading
from tasks.spec import Example
from training import scoring

TASK = tasks.get("medical_qa")
LABELS = TASK.labels
ROWS = [Example(text=f"question {n}", label=LABELS[n % 2]) for n in range(20)]
RIGHT = np.array([LABELS.index(row.label or "") for row in ROWS])


def said(rightly: int, strength: float) -> np.ndarray:
    """Logits that name the right label of the first rows, and another of the rest, all as surely."""
    logits = np.zeros((len(ROWS), len(LABELS)))
    for at, right in enumerate(RIGHT):
        logits[at, right if at < rightly else (right + 1) % len(LABELS)] = strength
    return logits


def test_weights_that_are_right_more_often_but_too_sure_are_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        scoring, "predictor", lambda task, reading, words, reader: SimpleNamespace(logits=lambda _: reader)
    )
    score = scoring.score_on(TASK, Reading.of(TASK, "minilm-l6", 64), None, ROWS)
    timid, sure = score(said(11, 0.3)), score(said(16, 6.0))
    assert sure["accuracy"] == 0.8 > timid["accuracy"] == 0.55
    assert sure["loss"] > timid["loss"]  # as they stand
    assert sure["score"] > timid["score"]
    assert score(said(16, 2.0))["score"] == pytest.approx(sure["score"], abs=1e-3)  # only how sure they are differs
