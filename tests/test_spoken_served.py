"""Bases that answer in words, as they serve: asked as they were trained, stopped, explained, refused in words."""

import threading

import pytest
import torch
from spoken_bases import TASK, config

import tasks
from models import occlusion
from models.bases import MINILM
from models.encoder import save
from models.generate import Manner, stream, write
from models.loading import load
from models.reading import Reading
from models.speaking import untuned
from tasks.spec import Example, UserError
from training import machine, spoken
from training.config import RunConfig
from training.learner import fresh

pytestmark = pytest.mark.usefixtures("tiny_bases")


def test_an_adapter_is_asked_as_it_was_trained(tmp_path) -> None:
    """The prefix of a recipe reaches the prompt and travels with the adapter."""
    asked = config("llama", prompt="You read reviews of medicines.")
    reader, words = fresh(TASK, asked)
    save(reader, tmp_path, TASK.name, asked.base)
    Reading.of(TASK, asked.base, asked.max_tokens, spoken.way(words, asked)).write(tmp_path)
    found = load(TASK, tmp_path)
    assert found.words.prefix == asked.prompt
    assert "You read reviews of medicines.\ncomments: ok" in found.words.tokenizer.decode(
        found.words.ids(Example(text="ok"), "?")
    )


@pytest.mark.parametrize(
    ("knobs", "why"),
    [
        ({"base": "gpt-3.5-turbo"}, "cannot be trained here"),
        ({"base": "tiny-t5", "max_tokens": 8192}, "at most 512"),
        ({"base": "tiny-llama", "answers": "head"}, "for T5 bases"),
        ({"base": "tiny-llama", "teacher": 0.5}, "with a head"),
        ({"prompt": "x" * 1001}, "at most 1000"),
    ],
)
def test_what_a_base_cannot_do_is_refused_before_the_run(knobs: dict, why: str) -> None:
    with pytest.raises(UserError, match=why):
        RunConfig(TASK.name, **knobs)


def test_a_question_beyond_the_window_is_told_before_anything_is_learned() -> None:
    """A text is cut and the question never: such a row would end the run in its midst."""
    task = tasks.get("health_claims")
    words = spoken.prompter(task, RunConfig(task.name, base="tiny-llama", max_tokens=128))
    fine = Example(text="Honey helps.", context="Honey was given to many. " * 90, label=task.labels[0])
    spoken.check(words, [fine] * 3)
    with pytest.raises(UserError, match=r"does not fit into 128 tokens .* raise max_tokens"):
        spoken.check(words, [fine, Example(text="Honey helps. " * 40, context="Yes.", label=task.labels[0])])
    spoken.check(words, [])


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
@pytest.mark.parametrize("knobs", [{"method": "qlora-4bit"}, {"optimizer": "paged-adamw-8bit"}])
def test_what_needs_a_gpu_is_refused_without_one(knobs: dict) -> None:
    with pytest.raises(UserError, match="CUDA"):
        machine.check(config("llama", **knobs))


def test_writing_can_be_stopped_and_errors_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    one = untuned(TASK, "tiny-mistral", 200)
    stop, got = threading.Event(), []
    for text in stream(one, Example(text="ok"), "Go on and on.", Manner(length=100), stop):
        got.append(text)
        stop.set()
    assert 1 <= len(got) <= 3
    sampled = [write(one, Example(text="ok"), "Go.", Manner(length=12, temperature=1.0, seed=s)) for s in (1, 1, 2)]
    assert sampled[0] == sampled[1] != sampled[2]
    monkeypatch.setattr(one.reader.body, "generate", lambda **given: _broken())
    with pytest.raises(UserError, match="could not finish"):
        write(one, Example(text="ok"))


def _broken() -> None:
    raise RuntimeError("shapes")


def test_pieces_left_out_show_what_carried_an_answer() -> None:
    one = untuned(TASK, "tiny-qwen3", 200)
    example = Example(fields={"benefits": "It helped me sleep."}, text="Never again, it was awful.")
    found = occlusion.words(one, example, "negative")
    assert "".join(piece for piece, _ in found) == "It helped me sleep.\nNever again, it was awful.\n"
    assert max(abs(share) for _, share in found) == 1.0
    long = occlusion.words(one, Example(text="word " * 300), "negative")
    assert len(long) <= occlusion.PIECES
    assert occlusion.words(one, Example(), "negative") == []


def test_the_embedded_base_needs_none_of_it() -> None:
    """A reader on MiniLM is what it always was."""
    assert not MINILM.spoken and MINILM.trains
    info = Reading.of(TASK, MINILM.name, 64)
    assert info.way == {} and info.heads == TASK.heads
