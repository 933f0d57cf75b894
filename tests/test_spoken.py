"""Every architecture goes the whole way: learn, save, reload, answer by likelihood, write, go into service.

The checkpoints are random and tiny, so what is measured is that each part does its work, not how well a model reads.
"""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from spoken_bases import ASPECTS, KINDS, TASK, config, nothing, some
from torch.nn import functional as F

from models.bases import BASES
from models.encoder import load_base, save
from models.generate import Manner, stream
from models.live import Live
from models.loading import load
from models.reading import Reading
from models.serving import predictor
from models.shelf import Shelf
from models.speaker import IGNORED, Speaker, Spoken
from models.speaking import untuned
from tasks.spec import Example, UserError
from training import data, evaluate, spoken
from training.config import RunConfig
from training.fitting import Fitting, Outside, Stopped
from training.learner import fit, fresh
from training.promote import promote
from training.runs import RunStore
from training.train import train

pytestmark = pytest.mark.usefixtures("tiny_bases")


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_on_any_base_learns_is_scored_serves_and_writes(kind: str, word_rows, tmp_path, monkeypatch) -> None:
    """One run through every door; what it was trained to say it says after reload, in service and through the shelf."""
    monkeypatch.setattr(data, "DATA_DIR", word_rows)
    run = RunStore(tmp_path / "runs").create(config(kind, epochs=2))
    train(run)
    points = run.points
    assert math.isfinite(points[-1]["validation_loss"])
    assert run.facts["base_revision"] is None and run.facts["steps"] > 0
    assert evaluate.main([str(run.folder)]) == 0
    assert run.report.main.n == 24
    shelf = Shelf(tmp_path / "shelf", shipped=tmp_path / "shipped")
    promote(run, shelf)  # compares the reloaded adapter's logits with the trained one's
    live = Live(shelf)
    (answer,) = live.answer(TASK, [Example(text="great relief works happy")])
    assert set(answer.scores) == set(TASK.labels) and sum(answer.scores.values()) == pytest.approx(1, abs=1e-5)
    assert answer.source.startswith(f"tiny-{kind} + {run.id}")
    assert TASK.output(answer)["label"] in TASK.labels
    if BASES[f"tiny-{kind}"].spoken:
        served = live.predictor(TASK)
        pieces = list(stream(served, Example(text="great relief"), "Why?", Manner(length=8)))
        assert all(later.startswith(earlier) for earlier, later in pairwise(pieces))
        with pytest.raises(UserError, match="no encoder"):
            load_base(f"tiny-{kind}")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("knobs", [{}, {"targets": "q,v", "dora": True}], ids=["all", "dora"])
def test_saved_and_reloaded_logits_are_equal(kind: str, knobs: dict, tmp_path) -> None:
    asked = config(kind, **knobs)
    reader, words = fresh(TASK, asked)
    with torch.no_grad():
        for name, p in reader.named_parameters():
            if "lora_B" in name:
                p.normal_(0, 0.05)
    reader.eval()
    way = spoken.way(words, asked) if BASES[asked.base].spoken else None
    info = Reading.of(TASK, asked.base, asked.max_tokens, way)
    before = predictor(TASK, info, words, reader).logits(TASK.samples)
    save(reader, tmp_path, TASK.name, asked.base)
    info.write(tmp_path)
    found = load(TASK, tmp_path, exact=True)
    np.testing.assert_allclose(found.logits(TASK.samples), before, atol=1e-4)
    if BASES[asked.base].spoken:
        plain = untuned(TASK, asked.base, asked.max_tokens).logits(TASK.samples)
        assert np.abs(plain - before).max() > 1e-4  # the adapter is switched off for it, and on again after it
        np.testing.assert_allclose(found.logits(TASK.samples), before, atol=1e-4)


def test_only_the_response_is_learned() -> None:
    """Every place outside the answer is masked, and the loss is that of the answer's tokens alone."""
    for kind in ("llama", "t5"):
        reader, words = fresh(TASK, config(kind))
        reader.eval()
        collate = spoken.Asking(TASK, words, spoken.ResponseLoss(TASK, config(kind), some(4)), some(4), 1)
        batch, _ = collate(range(4), 0, range(4))
        logits, wanted = reader.told(batch)
        for i, answer in enumerate(batch.answers):
            assert [t for t in wanted[i].tolist() if t != IGNORED] == answer
            assert answer[-1] == words.end and words.tokenizer.decode(answer[:-1]).strip() in TASK.labels
        loss = reader(batch)
        for i, (prompt, answer) in enumerate(zip(batch.prompts, batch.answers, strict=True)):
            alone = reader(Spoken([prompt], [answer], [0], 1))
            assert loss[i].item() == pytest.approx(alone.item(), abs=1e-4)
        if kind == "llama":
            whole = torch.tensor([[*batch.prompts[0], *batch.answers[0]]])
            labels = torch.tensor([[IGNORED] * len(batch.prompts[0]) + batch.answers[0]])
            assert reader.body(input_ids=whole, labels=labels).loss.item() == pytest.approx(loss[0].item(), abs=1e-4)
            assert not torch.equal(F.cross_entropy(logits.flatten(0, 1), wanted.flatten()), loss.mean())


def test_of_several_questions_one_is_drawn_and_the_same_each_time() -> None:
    """Polarity or aspects; of aspects one that holds and one that does not; never one that is unknown."""
    _, words = fresh(ASPECTS, RunConfig(ASPECTS.name, base="tiny-llama"))
    row = Example(
        text="The nurses were kind.", label="positive", targets={"polarity": "positive", "aspects": ("staff",)}
    )
    loss = spoken.ResponseLoss(ASPECTS, RunConfig(ASPECTS.name, base="tiny-llama"), [row])
    collate = spoken.Asking(ASPECTS, words, loss, [row], 1)
    seen = set()
    for epoch in range(30):
        batch, _ = collate([0], epoch, [0])
        again, _ = collate([0], epoch, [0])
        assert batch == again
        said = [words.tokenizer.decode(answer[:-1]) for answer in batch.answers]
        asked = [words.tokenizer.decode(prompt) for prompt in batch.prompts]
        seen.add(tuple(said))
        if said == ["yes", "no"]:
            assert "is staff part of it" in asked[0] and "is staff part of it" not in asked[1]
    assert seen == {("positive",), ("yes", "no")}
    weak = replace(row, label=None, targets={"aspects": ("staff", "?")})
    batch, _ = spoken.Asking(ASPECTS, words, loss, [weak], 1)([0], 0, [0])
    assert [words.tokenizer.decode(answer[:-1]) for answer in batch.answers] == ["yes"]


def test_rare_labels_weigh_more_where_it_is_asked_for() -> None:
    even = [replace(row, label=label) for row, label in zip(some(4), ("positive",) * 3 + ("negative",), strict=True)]
    for balance, ratio in ((0.0, 1.0), (1.0, 3.0)):
        loss = spoken.ResponseLoss(TASK, config("llama", class_balance=balance), even)
        one = loss(torch.ones(4, 1), loss.targets(even))
        rare = loss(torch.tensor([[0.0], [0.0], [0.0], [1.0]]), loss.targets(even))
        assert rare.item() / (one.item() - rare.item()) * 3 == pytest.approx(ratio)


def _fit(kind: str, outside: Outside, **knobs: object) -> dict[str, torch.Tensor]:
    learned = fit(TASK, config(kind, epochs=2, batch_size=4, lora_dropout=0.1, **knobs), some(16), nothing, outside)
    return {name: p.detach().clone() for name, p in learned.reader.named_parameters() if p.requires_grad}


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_a_stopped_run_goes_on_exactly_as_if_it_had_not_stopped(kind: str, tmp_path) -> None:
    whole = _fit(kind, Outside(folder=tmp_path / "a"))
    asked: list[int] = []

    def wanted() -> str:
        asked.append(1)
        return "stop" if len(asked) == 3 else ""

    with pytest.raises(Stopped):
        _fit(kind, Outside(folder=tmp_path / "b", wanted=wanted))
    resumed = _fit(kind, Outside(folder=tmp_path / "b"))
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_a_batch_that_does_not_fit_is_learned_in_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same gradient, in more pieces, and the run says so."""
    exact = config("llama", batch_size=16, precision="float32")
    gradients, said = [], []
    for most in (16, 5):
        real, step = Speaker.forward, Fitting.step

        def small(self: Speaker, batch: Spoken, real=real, most=most) -> torch.Tensor:
            if batch.rows > most:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return real(self, batch)

        def watched(self: Fitting, loss: torch.Tensor, last: bool, share: float, step=step) -> float | None:
            if last:
                self.accelerator.backward(loss * share)
                gradients.append([p.grad.clone() for p in self.weights if p.grad is not None])
                raise Stopped
            return step(self, loss, last, share)

        with monkeypatch.context() as patch:
            patch.setattr(Speaker, "forward", small)
            patch.setattr(Fitting, "step", watched)
            with pytest.raises(Stopped):
                fit(TASK, exact, some(16), nothing, Outside(alert=said.append))
    assert said[0] == "Out of memory with 16 rows at once; going on with 8."
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(*gradients, strict=True))


def test_a_t5_may_have_a_head_which_is_trained_and_saved(tmp_path) -> None:
    """PEFT by itself neither trains nor saves the head of a T5."""
    asked = config("t5", answers="head", epochs=6, batch_size=8)
    learned = fit(TASK, asked, some(24), nothing, Outside())
    start = fresh(TASK, asked)[0].state_dict()
    moved = {n for n, p in learned.reader.named_parameters() if p.requires_grad and not torch.equal(p, start[n])}
    assert any("classification_head.modules_to_save" in name for name in moved)
    info = Reading.of(TASK, asked.base, asked.max_tokens, spoken.way(learned.words, asked))
    assert info.heads == TASK.heads
    before = predictor(TASK, info, learned.words, learned.reader).logits(TASK.samples)
    save(learned.reader, tmp_path, TASK.name, asked.base)
    info.write(tmp_path)
    np.testing.assert_allclose(load(TASK, tmp_path).logits(TASK.samples), before, atol=1e-4)
