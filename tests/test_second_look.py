"""A review that the first look leaves in doubt is read once more in one piece; a clear one is not."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_data import druglib
from test_training import rows as made

import tasks
from models import loading
from models.predictor import SlotPredictor
from models.reading import UNSURE, Reading, read
from tasks.spec import Example
from training import data, recalibrate
from training.config import RunConfig
from training.runs import RunStore
from training.train import train

TASK = tasks.get("drug_reviews")
FIELDS = {"benefits": "It helped.", "side effects": "I felt sick.", "comments": "So so."}
DOUBT, CLEAR = Example(fields=FIELDS), Example(fields={**FIELDS, "comments": "Wonderful!"})


class Told(SlotPredictor):
    """Gives the logits it was told, by whether a review is in fields, and remembers what it was asked."""

    def __init__(self, unsure: float) -> None:
        super().__init__(TASK, replace(Reading.of(TASK, "minilm-l6", 64), unsure=unsure), None, None)
        self.asked: list[Example] = []

    def _logits(self, examples: Sequence[Example]) -> Any:
        self.asked += examples
        return np.stack([self._one(example) for example in examples])

    def _one(self, example: Example) -> Any:
        out = np.zeros(20, np.float32)
        if "Wonderful" in str(example):
            out[9] = 9.0
        elif not example.fields:
            out[0] = 4.0
        return out


def test_only_what_is_in_doubt_is_read_again_and_the_mean_counts() -> None:
    said = Told(UNSURE)
    logits = said.logits([CLEAR, DOUBT, CLEAR])
    assert [bool(example.fields) for example in said.asked] == [True, True, True, False]
    assert said.asked[-1].text == "It helped.\nI felt sick.\nSo so."
    assert logits[1, 0] == 2.0 and logits[0, 9] == logits[2, 9] == 9.0


def test_an_adapter_without_the_mark_reads_once() -> None:
    said = Told(0.0)
    said.logits([DOUBT])
    assert len(said.asked) == 1


@pytest.mark.parametrize("review", [Example(text="So so."), Example(fields={"comments": "So so."})])
def test_a_review_of_one_piece_has_no_other_form(review: Example) -> None:
    said = Told(1.0)
    said.logits([review])
    assert len(said.asked) == 1


def test_nothing_in_nothing_out() -> None:
    assert Told(UNSURE).predict([]) == []


def test_a_run_is_calibrated_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """A reading from before the second look gains it; the weights stay what they are."""
    druglib(tmp_path / "sets", made(48, 1))
    monkeypatch.setattr(data, "DATA_DIR", tmp_path / "sets")
    knobs = {"epochs": 1, "rank": 2, "max_tokens": 48, "first_layer": 5, "validation_share": 0.3}
    run = RunStore(tmp_path / "runs").create(RunConfig(TASK.name, datasets=("druglib",), **knobs))
    train(run)
    kept = read(run.adapter, TASK)
    replace(kept, unsure=0.0, temperature=9.0).write(run.adapter)
    assert recalibrate.main([str(run.folder)]) == 0
    assert "temperature" in capsys.readouterr().out
    anew = read(run.adapter, TASK)
    assert (anew.unsure, anew.temperature, anew.offsets) == (UNSURE, pytest.approx(kept.temperature), kept.offsets)
    assert anew.sha256 == kept.sha256
    assert loading.load(TASK, run.adapter).reading.unsure == UNSURE
