"""Chat with every base that answers in words, the kin of the bases, and models in memory under load.

The checkpoints are random and tiny: what is measured is that a part does its work, not how well a model reads.
"""

import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from test_bases import Weights
from tiny import CAUSAL, MORE, forget, registered

import tasks
from models import likelihood, weights
from models.bases import BASES
from models.encoder import save
from models.generate import Manner, stream, write
from models.live import Live
from models.loading import load
from models.reading import Reading
from models.shelf import Adapter, Shelf
from models.speaking import untuned
from models.writers import LocalWriter
from tasks.spec import Example, Turn, UserError
from training import spoken
from training.config import RunConfig
from training.fitting import Outside
from training.learner import fit

TASK, QUESTIONS = tasks.get("drug_reviews"), tasks.get("medical_qa")
SPOKEN = (*CAUSAL, *MORE, "t5")


@pytest.fixture(scope="module", autouse=True)
def bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("bases")
    for kind in SPOKEN:
        registered(kind, folder)
    yield
    forget()


@pytest.mark.parametrize("kind", SPOKEN)
def test_every_base_holds_a_conversation(kind: str) -> None:
    """What was said before is read; an answer grows piece by piece; the whole is what was streamed; marks are text."""
    one = untuned(QUESTIONS, f"tiny-{kind}", 300)
    turns = (Turn("user", "Is aspirin safe?"), Turn("assistant", "Ask first."))
    example = Example(text="And for children?", context="Aspirin is not given to children.", history=turns)
    read = one.words.tokenizer.decode(one.words.ids(example, "Answer."))
    places = [read.index(text) for text in ("Is aspirin safe?", "Ask first.", "not given to children", "Answer.")]
    assert places == sorted(places)
    said = []
    for seed in range(4):  # a random model may have nothing to say at once
        manner = Manner(length=12, temperature=1.0, seed=seed)
        pieces = list(stream(one, example, "Answer.", manner))
        assert all(later.startswith(earlier) for earlier, later in pairwise(pieces))
        assert write(one, example, "Answer.", manner) == (pieces[-1] if pieces else "")
        said += pieces
    assert said and not any(mark in text for text in said for mark in ("</s>", "<pad>", "<|im_end|>"))
    alone = one.words.ids(Example(text=example.text, context=example.context), "Answer.")
    assert len(alone) < len(one.words.ids(example, "Answer."))


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_the_chat_tab_is_handed_the_same(kind: str) -> None:
    writer = LocalWriter(untuned(QUESTIONS, f"tiny-{kind}", 300), kind, "Answer.")
    texts = list(
        writer.write("Why?", [Turn("user", "Hm?"), Turn("assistant", "Yes.")], "A passage.", 8, threading.Event())
    )
    assert all(isinstance(text, str) for text in texts) and writer.count("a b") >= 2 and writer.window == 300


@pytest.mark.parametrize("kind", MORE)
def test_kin_of_the_others_learn_are_saved_reloaded_and_serve(kind: str, tmp_path: Path) -> None:
    asked = RunConfig(TASK.name, base=f"tiny-{kind}", rank=4, max_tokens=96, epochs=1, batch_size=4, learning_rate=2e-2)
    rows = [
        Example(text=f"{word} {i}", label=label, targets={"rating": rating})
        for i in range(4)
        for word, label, rating in (("awful", "negative", "1"), ("great", "positive", "10"))
    ]
    learned = fit(TASK, asked, rows, lambda reader: {"score": 0.0}, Outside())
    assert not any("vision" in name for name, p in learned.reader.named_parameters() if p.requires_grad)
    way = spoken.way(learned.words, asked)
    from models.serving import predictor

    info = Reading.of(TASK, asked.base, asked.max_tokens, way)
    before = predictor(TASK, info, learned.words, learned.reader).logits(TASK.samples)
    save(learned.reader, tmp_path / "a", TASK.name, asked.base)
    info.write(tmp_path / "a")
    np.testing.assert_allclose(load(TASK, tmp_path / "a").logits(TASK.samples), before, atol=1e-4)
    assert np.abs(untuned(TASK, asked.base, 96).logits(TASK.samples) - before).max() > 1e-4
    shelf = Shelf(tmp_path / "shelf", shipped=tmp_path / "shipped")
    shelf.put(TASK, Adapter("run", str(tmp_path / "a"), TASK.labels, "not measured"))
    (answer,) = Live(shelf).answer(TASK, [Example(text="great")])
    assert set(answer.scores) == set(TASK.labels) and answer.source.startswith(f"tiny-{kind} + run")


# Memory ---------------------------------------------------------------------------------------------------------------


def test_a_second_thread_waits_for_the_first_to_load_and_another_model_does_not() -> None:
    """The first load ends only when the second thread asks for the same model: without the gate it would load too."""
    pool, made, inside, go = weights.Pool(budget=10**9), [], threading.Event(), threading.Event()

    def slow() -> Weights:
        made.append(threading.current_thread().name)
        inside.set()
        assert go.wait(20)
        return Weights(1)

    got: list[object] = []
    first = threading.Thread(target=lambda: got.append(pool.get("a", slow)), name="first")
    first.start()
    assert inside.wait(20)
    second = threading.Thread(target=lambda: got.append(pool.get("a", slow)), name="second")
    second.start()
    second.join(0.2)
    assert second.is_alive() and made == ["first"]  # it waits, and loads nothing of its own
    assert isinstance(pool.get("b", lambda: Weights(1)), Weights)  # side by side with another
    go.set()
    first.join(20)
    second.join(20)
    assert made == ["first"] and got[0] is got[1]


def test_on_a_swap_the_new_model_is_there_before_the_old_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, held = weights.Pool(budget=2_000_000), []
    pool.get("old", lambda: Weights(2))

    def load() -> Weights:
        held.append(list(pool.keys))
        return Weights(2)

    pool.get("new", load, expected=2_000_000)
    assert held == [["old"]] and pool.keys == ["new"]
    monkeypatch.setattr(pool, "_fits_beside", lambda expected: False)  # the machine has no room for both
    pool.get("third", load, expected=2_000_000)
    assert held == [["old"], []] and pool.keys == ["third"]


def test_a_new_adapter_that_cannot_be_opened_leaves_the_old_one_in_memory(tmp_path: Path) -> None:
    """A promotion that goes wrong is told, and going back needs no second loading."""
    shelf = Shelf(tmp_path / "shelf", shipped=tmp_path / "shipped")
    live, good = Live(shelf), tmp_path / "good"
    asked = RunConfig(TASK.name, base="tiny-llama", rank=4, max_tokens=96)
    from training.learner import fresh

    reader, words = fresh(TASK, asked)
    save(reader.eval(), good, TASK.name, asked.base)
    Reading.of(TASK, asked.base, 96, spoken.way(words, asked)).write(good)
    shelf.put(TASK, Adapter("good", str(good), TASK.labels, "not measured"))
    held = live.predictor(TASK)
    (tmp_path / "nothing").mkdir()
    shelf.put(TASK, Adapter("bad", str(tmp_path / "nothing"), TASK.labels, "not measured"))
    with pytest.raises(UserError):
        live.predictor(TASK)
    shelf.back(TASK)
    assert live.predictor(TASK) is held


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_answers_do_not_change_where_the_memory_is_small(kind: str, monkeypatch, caplog) -> None:
    """Scored in halves, then in quarters, and said so; the answers are those of one batch."""
    one = untuned(TASK, f"tiny-{kind}", 96)
    rows = [Example(text=f"{word} relief {i}") for i in range(4) for word in ("awful", "great")]
    before, real = one.logits(rows), likelihood.likelihoods

    def small(speaker, asked):
        if len(asked) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(speaker, asked)

    monkeypatch.setattr(likelihood, "likelihoods", small)
    with caplog.at_level("WARNING"):
        np.testing.assert_allclose(one.logits(rows), before, atol=1e-4)
    told = [record.message for record in caplog.records if "Out of memory" in record.message]
    assert told[0] == "Out of memory with 8 texts at once; going on with 4." and len(told) == 3


def test_what_is_too_large_to_open_is_said_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object) -> None:
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(weights, "_opened", full)
    with pytest.raises(UserError, match=r"does not fit into this machine's memory \(.*bfloat16"):
        weights.open_base("tiny-llama")
    assert BASES["tiny-llama"].bytes()
