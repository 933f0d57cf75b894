"""From logits to an answer: hand-made numbers, so every expected value can be worked out on paper."""

import json
from dataclasses import replace

import numpy as np
import pytest

import tasks
from models import reading
from models.reading import Reading
from tasks.spec import Head, UserError

TASK = tasks.get("drug_reviews")
READING = Reading(
    task="drug_reviews",
    base="minilm-l6",
    slots=("text",),
    heads=(Head("rating", ("1", "2", "3"), ordinal=True), Head("topics", ("x", "y"), multi=True)),
    labels=("bad", "good"),
    fold={"bad": ("1",), "good": ("2", "3")},
    max_tokens=16,
)


def logits(*shares: float) -> np.ndarray:
    return np.array([[*np.log(shares), 4.0, -4.0]])


def test_labels_are_sums_of_the_values_folded_into_them() -> None:
    (answer,) = READING.predictions(logits(0.5, 0.2, 0.3))
    assert answer.scores == pytest.approx({"bad": 0.5, "good": 0.5})
    assert answer.heads["rating"] == pytest.approx({"1": 0.5, "2": 0.2, "3": 0.3})
    assert answer.claimed == ("x",)


def test_an_offset_moves_the_choice_and_not_the_probabilities() -> None:
    shifted = replace(READING, offsets=(0.5, 0.0))
    (plain,), (moved,) = READING.predictions(logits(0.4, 0.3, 0.3)), shifted.predictions(logits(0.4, 0.3, 0.3))
    assert (plain.label, moved.label) == ("good", "bad")
    assert plain.scores == moved.scores


def test_below_the_threshold_the_label_is_none_and_the_best_guess_stays() -> None:
    careful = replace(READING, threshold=0.8)
    (answer,) = careful.predictions(logits(0.3, 0.3, 0.4))
    assert (answer.label, answer.best, answer.abstained) == (None, "good", True)


def test_temperature_flattens_the_first_head_only() -> None:
    warm = replace(READING, temperature=2.0)
    (cold_answer,), (warm_answer,) = READING.predictions(logits(0.1, 0.1, 0.8)), warm.predictions(logits(0.1, 0.1, 0.8))
    assert warm_answer.heads["rating"]["3"] < cold_answer.heads["rating"]["3"]
    assert warm_answer.heads["topics"] == cold_answer.heads["topics"]


def test_weights_that_give_no_number_give_no_answer() -> None:
    with pytest.raises(UserError, match="damaged"):
        READING.predictions(np.full((1, 5), np.nan))


def test_a_mutation_of_the_label_order_is_refused(tmp_path) -> None:
    """Two labels swapped in the file would turn every answer round; the swap must be caught, not served."""
    for name in reading.WEIGHT_FILES:
        (tmp_path / name).write_text("w")
    Reading.of(TASK, "minilm-l6", 64).write(tmp_path)
    assert reading.read(tmp_path, TASK).labels == TASK.labels
    file = tmp_path / reading.READING_FILE
    saved = json.loads(file.read_text())
    saved["labels"] = [saved["labels"][2], saved["labels"][1], saved["labels"][0]]
    file.write_text(json.dumps(saved))
    with pytest.raises(UserError, match="trained on other labels"):
        reading.read(tmp_path, TASK)


@pytest.mark.parametrize("damage", ["gone", "changed", "no reading", "torn reading"])
def test_a_damaged_folder_is_refused(tmp_path, damage: str) -> None:
    for name in reading.WEIGHT_FILES:
        (tmp_path / name).write_text("w")
    Reading.of(TASK, "minilm-l6", 64).write(tmp_path)
    match damage:
        case "gone":
            (tmp_path / "head.safetensors").unlink()
        case "changed":
            (tmp_path / "adapter_model.safetensors").write_text("x")
        case "no reading":
            (tmp_path / reading.READING_FILE).unlink()
        case "torn reading":
            (tmp_path / reading.READING_FILE).write_text('{"task": "drug')
    with pytest.raises(UserError):
        reading.read(tmp_path, TASK)
