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
from tasks.spec import Example, UserError
from training import data, readings, recalibrate
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


def test_what_the_second_look_is_worth_is_told_over_all_rows_and_those_it_changes() -> None:
    """First look: everything at its top is wrong in doubt; the mean of both is right there."""
    rows = [replace(DOUBT, label="negative"), replace(CLEAR, label="positive"), replace(CLEAR, label="negative")]
    found = {(line.reading, line.of): line for line in readings.lines(Told(UNSURE), rows)}
    once, twice = found["no second look", "all"], found["as it is", "all"]
    assert (once.n, twice.n) == (3, 3) and twice.plain[0] == pytest.approx(2 / 3)
    changed, same = found["no second look", "those it changes"], found["as it is", "the same"]
    assert changed.n == same.n == 1 and changed.log_loss > same.log_loss
    with pytest.raises(UserError, match="None of these rows"):
        list(readings.lines(Told(UNSURE), [CLEAR]))


def test_rows_to_read_are_named_by_set_and_part(tmp_path: Path, capsys: Any) -> None:
    assert readings.main([TASK.name, "--rows", "no_such_set:test"]) == 2
    assert "has no dataset no_such_set" in capsys.readouterr().err
    assert readings.main([TASK.name, "--rows", "druglib:nowhere"]) == 2
    assert "it has train, test" in capsys.readouterr().err
