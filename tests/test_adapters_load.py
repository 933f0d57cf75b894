"""An adapter saved and opened again answers alike; an adapter that was tampered with does not open at all."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import tasks
from models import encoder, reading
from models.attribution import words as attributed
from models.loading import load
from models.predictor import SlotPredictor
from models.reading import Reading
from tasks.spec import Example, UserError
from training.config import RunConfig
from training.learner import fresh

TASK = tasks.get("drug_reviews")
ROWS = [
    Example(text="It worked wonders and I sleep again."),
    Example(text="Awful. " * 120),
    Example(fields={"benefits": "none", "comments": "never again"}),
    Example(text="ok"),
    Example(),
]


def made(folder: Path, seed: int) -> tuple[Path, SlotPredictor]:
    """An adapter with random, non-zero weights, and the predictor it was saved from."""
    reader, words = fresh(TASK, RunConfig(TASK.name, rank=4, alpha=8, first_layer=4, seed=seed, max_tokens=64))
    with torch.no_grad():
        for name, p in reader.named_parameters():
            if "lora_B" in name:
                p.normal_(0, 0.05, generator=torch.Generator().manual_seed(seed))
    folder.mkdir()
    encoder.save(reader, folder, TASK.name, "some/base")
    sealed = Reading.of(TASK, "minilm-l6", 64).write(folder)
    return folder, SlotPredictor(TASK, sealed, words, reader.eval())


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, SlotPredictor]]:
    root = tmp_path_factory.mktemp("adapters")
    return [made(root / f"a{seed}", seed) for seed in (1, 2)]


def test_saved_and_reloaded_logits_are_equal(pair) -> None:
    for folder, before in pair:
        np.testing.assert_allclose(load(TASK, folder, exact=True).logits(ROWS), before.logits(ROWS), atol=1e-5)


def test_two_adapters_on_one_base_do_not_mix(pair) -> None:
    """Asked in turn, each answers as if it were alone; the base is held once."""
    first, second = (load(TASK, folder, exact=True) for folder, _ in pair)
    assert first.reader.body.peft_model is second.reader.body.peft_model
    for predictor, (_, alone) in zip((first, second, first), (*pair, pair[0]), strict=True):
        np.testing.assert_allclose(predictor.logits(ROWS), alone.logits(ROWS), atol=1e-5)
    assert np.abs(first.logits(ROWS) - second.logits(ROWS)).max() > 1e-2


def test_what_is_served_answers_nearly_like_the_adapter(pair) -> None:
    """It is folded and rounded; what is rounded away must be small beside what tells answers apart."""
    folder, before = pair[0]
    reading = before.reading
    exact, served = (reading.label_scores(p.logits(ROWS)) for p in (before, load(TASK, folder)))
    assert np.abs(served - exact).max() < 0.02


def test_what_is_served_does_not_depend_on_its_company(pair) -> None:
    """Two visitors in one batch must each get what they would get alone."""
    predictor = load(TASK, pair[0][0])
    alone = np.concatenate([predictor.logits([row]) for row in ROWS])
    np.testing.assert_allclose(predictor.logits(ROWS), alone, atol=1e-4 if not predictor.autocast else 0.05)


def test_an_answer_does_not_depend_on_its_company(pair) -> None:
    """Batching pads and groups; alone or among others a row gets the same logits, and rows come back in order."""
    predictor = pair[0][1]
    alone = np.concatenate([predictor.logits([row]) for row in ROWS])
    np.testing.assert_allclose(predictor.logits(ROWS), alone, atol=1e-5)
    np.testing.assert_allclose(predictor.logits(ROWS[::-1])[::-1], alone, atol=1e-5)


def test_a_review_longer_than_the_window_keeps_its_end(pair) -> None:
    """The last words still count where a plain cut would have dropped them."""
    predictor = pair[0][1]
    long = "the tablet is white and round " * 60
    good, bad = predictor.logits([Example(text=long + "best ever"), Example(text=long + "worst ever")])
    assert np.abs(good - bad).max() > 1e-4
    assert len(predictor.words.ids(long)) == 64


def test_control_tokens_typed_by_a_person_are_text(pair) -> None:
    words = pair[0][1].words
    assert words.ids("a [SEP] b").count(words.end) == 1
    assert words.ids("[CLS]").count(words.start) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target_modules": ".*"}, "cannot be opened"),
        ({"target_modules": ["(a+)+$"]}, "cannot be opened"),
        ({"r": 2_000_000}, "cannot be opened"),
        ({"r": True}, "cannot be opened"),
        ({"peft_type": "IA3"}, "cannot be opened"),
        ({"layers_to_transform": [10**9]}, "cannot be opened"),
        ({"layers_to_transform": [3, 4, 5]}, "incomplete"),
        ({"r": 8}, "incomplete"),
    ],
    ids=str,
)
def test_a_config_that_means_something_else_is_refused(pair, tmp_path, change, said) -> None:
    folder = _copy(pair[0][0], tmp_path)
    file = folder / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    _seal(folder)
    with pytest.raises(UserError, match=said):
        load(TASK, folder)


@pytest.mark.parametrize("change", ["missing", "extra", "nan"])
def test_weights_that_are_not_whole_are_refused(pair, tmp_path, change) -> None:
    folder = _copy(pair[0][0], tmp_path)
    file = folder / "adapter_model.safetensors"
    state = load_file(file)
    first = sorted(state)[0]
    match change:
        case "missing":
            del state[first]
        case "extra":
            state[first.replace("layer.4", "layer.3")] = state[first].clone()
        case "nan":
            state[first] = torch.full_like(state[first], float("nan"))
    save_file(state, file)
    _seal(folder)
    with pytest.raises(UserError, match=r"incomplete|not numbers"):
        load(TASK, folder)


def test_the_words_of_an_attribution_are_the_text_itself(pair) -> None:
    text = "It's awful, really awful!"
    found = attributed(pair[0][1], Example(text=text), "negative")
    assert "".join(word for word, _ in found).strip() == text
    assert max(abs(weight) for _, weight in found) == 1.0


def _copy(folder: Path, to: Path) -> Path:
    target = to / "copy"
    target.mkdir()
    for file in folder.iterdir():
        (target / file.name).write_bytes(file.read_bytes())
    return target


def _seal(folder: Path) -> None:
    """Make the checksums fit the altered files, so that the later checks are what is tested."""
    file = folder / reading.READING_FILE
    saved = json.loads(file.read_text())
    saved["sha256"] = {name: reading._sha256(folder / name) for name in reading.WEIGHT_FILES}
    file.write_text(json.dumps(saved))
