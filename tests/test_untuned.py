"""The untuned base: its vectors, and a linear head that learns what words give away."""

import json
from pathlib import Path

import numpy as np
import pytest

import tasks
from tasks.spec import Example
from training import untuned
from training.config import RunConfig

TASK = tasks.get("drug_reviews")
CONFIG = RunConfig(TASK.name, max_tokens=32)
GOOD, BAD = "great relief, it works and I am happy", "awful nausea, useless, pain got worse"


def rows(n: int) -> list[Example]:
    return [Example(text=f"{(GOOD, BAD)[i % 2]} {i}", label=("positive", "negative")[i % 2]) for i in range(n)]


def test_a_slot_that_is_filled_has_length_one_and_a_missing_one_none() -> None:
    found = untuned.vectors(TASK, CONFIG, [Example(fields={"benefits": GOOD}), Example(text=BAD), Example(text=GOOD)])
    assert np.linalg.norm(found.reshape(3, 3, -1), axis=2) == pytest.approx(np.array([[1, 0, 0], [0, 0, 1], [0, 0, 1]]))
    assert found[2].reshape(3, -1)[2] == pytest.approx(found[0].reshape(3, -1)[0], abs=1e-5)


def test_windows_of_one_text_are_one_vector() -> None:
    task = tasks.get("clinical_notes")
    long = Example(text="\n".join(f"Paragraph {i} speaks of the heart and of fever." for i in range(60)))
    found = untuned.vectors(task, RunConfig(task.name, max_tokens=32), [long, Example(text="Fever.")])
    assert found.shape == (2, 384)
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1])


def test_it_learns_what_is_plain_and_its_answers_are_kept_without_a_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [Example(text=GOOD), Example(text=BAD)]
    said = untuned.answers(TASK, CONFIG, rows(12), asked, tmp_path)
    assert [TASK.labels[i] for i in said] == ["positive", "negative"]
    (kept,) = (tmp_path / "untuned").iterdir()
    assert json.loads(kept.read_text()) == said
    monkeypatch.setattr(untuned, "vectors", None)  # read from there, not worked out again
    assert untuned.answers(TASK, CONFIG, rows(12), asked, tmp_path) == said
    with pytest.raises(TypeError):
        untuned.answers(TASK, CONFIG, rows(14), asked, tmp_path)  # other rows, another answer


def test_many_rows_are_drawn_and_models_that_speak_are_not_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untuned, "MOST", 10)
    assert len(untuned.drawn(rows(40))) == 10
    assert untuned.drawn(rows(8)) == rows(8)
    spoken = RunConfig(TASK.name, base="flan-t5-base")
    assert untuned.answers(TASK, spoken, rows(4), rows(2)) is None
