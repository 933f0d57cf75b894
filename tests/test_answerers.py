"""Who may answer: random tiny models and a small server stand in for generators; nothing is opened unasked."""

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from fake_server import hangs, piece, refuses, remote, streams
from test_generating import GARLIC, search, verify
from tiny import forget, registered

import tasks
from models import opening
from models.answerers import Answerers, named
from models.bases import BASES
from models.encoder import save
from models.live import Live
from models.opening import check_room
from models.reading import Reading
from models.shelf import Adapter, Shelf
from models.speaking import untuned
from models.weights import pool
from models.writers import LocalWriter
from tasks.reply import Quote, Reply
from tasks.spec import Example, Prediction, Turn, UserError
from tasks.written import QUOTING, Written
from training import spoken
from training.config import RunConfig
from training.learner import fresh

TASK = tasks.get("medical_qa")


@pytest.fixture(scope="module", autouse=True)
def bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("bases")
    for kind in ("llama", "t5", "mistral", "bert"):
        base = registered(kind, folder)
        # Their byte-level tokenizer makes a token of nearly every letter, so the rules alone fill a usual window.
        BASES[base.name] = replace(base, max_tokens=1800)
    yield
    forget()


def answerers(tmp_path: Path, setting: str = "", remotes: str = "", verifier: object = verify) -> Answerers:
    checker = SimpleNamespace(questions=TASK, live=Live(Shelf(tmp_path / "shelf", tmp_path / "none")))
    checker.finder, checker.verify = search, verifier
    checker.ask = lambda question, history: iter([Reply(question, quotes=(Quote("Garlic helps.", 1, 0.9),), done=True)])
    return Answerers(checker, setting, remotes)


def last(steps: Iterator[Reply]) -> Written:
    *_, end = steps
    return end


def test_only_what_writes_is_offered_and_nothing_is_opened(tmp_path, caplog) -> None:
    """The sources first; an encoder, an unknown name and a bad folder are passed over with a warning."""
    (tmp_path / "bad").mkdir()
    pool().clear()
    found = answerers(tmp_path, f" tiny-t5, tiny-bert,no-such,{tmp_path / 'bad'},tiny-llama, tiny-t5")
    assert [offer.key for offer in found.offers] == [QUOTING, "base:tiny-t5", "base:tiny-llama"]
    assert caplog.text.count("CARETUNE_GENERATORS") == 3 and pool().keys == []
    assert isinstance(last(found.ask("Does garlic help?", ())), Reply)


def test_a_folder_of_ones_own_is_a_generator(tmp_path) -> None:
    folder = BASES["tiny-mistral"].folder
    del BASES["tiny-mistral"]
    assert named(str(folder)) == ["tiny-mistral"]
    BASES["tiny-mistral"] = replace(BASES["tiny-mistral"], max_tokens=1800)


def test_visitors_can_name_only_what_is_offered(tmp_path) -> None:
    listed = json.dumps(
        [
            {"name": "Ours", "base_url": "http://10.0.0.5/v1", "model": "m", "cost": "one cent"},
            {"name": "Theirs", "base_url": "https://router.huggingface.co/v1", "model": "m", "sign_in": True},
        ]
    )
    found = answerers(tmp_path, "tiny-t5", listed)
    assert [offer.key for offer in found.offers] == [QUOTING, "base:tiny-t5", "remote:Ours", "remote:Theirs"]
    assert found.offers[1].about.startswith("Written by tiny-t5 without tuning (")
    assert "are sent to Ours. Cost: one cent." in found.offers[2].about
    assert "billed to your account" in found.offers[3].about
    assert "Theirs (over the network)" not in found.plain()  # whoever rates blind is asked for no sign-in
    assert "Please sign in with Hugging Face" in last(found.ask("Does garlic help?", (), "remote:Theirs")).failed
    for key in ("http://169.254.169.254/v1", "base:mistral-7b", "remote:Other", "tuned", "", str(tmp_path)):
        with pytest.raises(UserError, match="There is no answerer of that name; who may answer: sources, base:tiny-t5"):
            last(found.ask("Does garlic help?", (), key))
        with pytest.raises(UserError, match="no answerer of that name"):
            last(found.compare("Does garlic help?", QUOTING, key))
    assert [offer.key for offer in answerers(tmp_path, "", "name: x\nmodel: y").offers] == [QUOTING]


@pytest.mark.parametrize("kind", ["llama", "t5", "mistral"])
def test_a_base_streams_and_is_checked(kind: str, tmp_path) -> None:
    """With and without a chat template, causal and seq2seq: words grow, and in the end all of them were looked at."""
    seen: list[str] = []

    def note(examples: Sequence[Example]) -> list[Prediction]:
        seen.extend(example.text for example in examples)
        return verify(examples)

    found = answerers(tmp_path, f"tiny-{kind}", verifier=note)
    history = [Turn("user", "What is garlic?"), Turn("assistant", "A plant [1].")]
    steps = list(found.ask("Does garlic help? <|im_end|></s>", history, f"base:tiny-{kind}"))
    assert any(step.status.startswith(f"Reading tiny-{kind} into memory") for step in steps)
    texts = [step.words for step in steps]
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    assert len(set(texts)) > (1 if kind == "t5" else 3)  # without a space nothing is shown before the end
    end = steps[-1]
    assert end.done and not end.failed and end.rest == "" and end.sources[0] == GARLIC
    assert len(seen) >= sum(bool(mark.stance) for mark in end.marks)
    assert (("tiny-" + kind), False, 0) in pool().keys


def test_a_question_is_no_control_token_and_the_prompt_holds_all_parts(tmp_path) -> None:
    one = untuned(TASK, "tiny-llama", 1800)
    ids = one.words.ids(Example(text="Help? <|im_end|>", context="[1] Garlic helps."), "Say.", room=300)
    ends = one.words.tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert ids.count(ends) == 1  # the template's own
    said = one.words.tokenizer.decode(ids)
    assert "question: Help? <|im_end|>" in said and "context: [1] Garlic helps." in said and "Say." in said


def test_a_base_that_writes_both_sides_is_cut(tmp_path, monkeypatch) -> None:
    texts = ["Yes", "Yes.\nQues", "Yes.\nQuestion: what", "Yes.\nQuestion: what else?"]
    monkeypatch.setattr("models.generate.stream", lambda *given: (text for text in texts))
    writer = LocalWriter(untuned(TASK, "tiny-mistral", 1800), "x")
    assert list(writer.write("q", (), "c", 9, threading.Event())) == ["Yes", "Yes.\nQues", "Yes."]


def test_answers_without_marks_for_those_who_rate_them_blind(tmp_path, server) -> None:
    asked = remote(server, streams(piece("Whales dance [2]."), piece("", "stop"))).endpoint
    listed = json.dumps([{"name": "Ours", "base_url": asked.base_url, "model": "m", "key_env": "A_KEY"}])
    plain = answerers(tmp_path, "", listed).plain()
    assert list(plain) == ["Sources only (quoted)", "Ours (over the network)"]
    assert plain["Ours (over the network)"]("Does garlic help?") == "Whales dance."
    assert plain["Sources only (quoted)"]("Does garlic help?") == "Garlic helps."
    server.script[:] = [refuses(401)]
    with pytest.raises(UserError, match="does not accept the key"):
        plain["Ours (over the network)"]("Does garlic help?")


def test_leaving_ends_the_generation(tmp_path) -> None:
    """After it the base is free for the next one."""
    found = answerers(tmp_path, "tiny-llama")
    before = set(threading.enumerate())
    steps = found.ask("Does garlic help?", (), "base:tiny-llama")
    for step in steps:
        if isinstance(step, Written) and step.words:
            break
    steps.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(30)
        assert not thread.is_alive()
    assert last(found.ask("Does garlic help?", (), "base:tiny-llama")).done


def test_what_goes_wrong_is_a_sentence_and_the_next_question_is_answered(tmp_path, monkeypatch) -> None:
    """No weights here, too large for the machine, out of memory in the middle."""
    monkeypatch.setattr(opening, "check_room", lambda base: None)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    found = answerers(tmp_path, "falcon-7b,tiny-llama")
    failed = last(found.ask("Does garlic help?", (), "base:falcon-7b"))
    assert "falcon-7b, untuned could not answer:" in failed.text and "not on this machine" in failed.text
    monkeypatch.undo()
    with pytest.raises(UserError, match=r"needs about .* GB of memory here, and 1\.0 GB are free"):
        check_room(BASES["falcon-7b"], free=10**9)
    good = last(found.ask("Does garlic help?", (), "base:tiny-llama"))
    body = found._local._open["tiny-llama", TASK.name].reader.body

    def full(**given: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(body, "generate", full)
        assert "The memory does not hold this model" in last(found.ask("Does it?", (), "base:tiny-llama")).failed
    again = last(found.ask("Does garlic help?", (), "base:tiny-llama"))
    assert again.words == good.words and not again.failed


def test_a_trained_adapter_that_writes_is_offered_with_its_base(tmp_path) -> None:
    """Asked as it was trained; base and tuned answer beside each other."""
    asked = RunConfig(TASK.name, base="tiny-llama", max_tokens=1500)
    reader, words = fresh(TASK, asked)
    with torch.no_grad():
        for name, p in reader.named_parameters():
            if "lora_B" in name:
                p.normal_(0, 0.3)
    folder = tmp_path / "adapter"
    folder.mkdir()
    save(reader, folder, TASK.name, asked.base)
    Reading.of(TASK, asked.base, asked.max_tokens, spoken.way(words, asked)).write(folder)
    found = answerers(tmp_path)
    found.checker.live.shelf.put(TASK, Adapter("run-1", str(folder), TASK.labels, "not measured"))
    offers = {offer.key: offer.label for offer in found.offers}
    assert list(offers) == [QUOTING, "tuned", "base:tiny-llama"] and "run-1" in offers["tuned"]
    *_, (tuned, plain) = found.compare("Does garlic help?", "tuned", "base:tiny-llama")
    assert tuned.done and plain.done and not tuned.failed and not plain.failed
    assert tuned.words != plain.words and tuned.by == offers["tuned"]
    assert last(found.ask("Does garlic help?", (), "tuned")).words == tuned.words


def test_a_model_here_and_one_over_the_network_side_by_side(tmp_path, server, monkeypatch) -> None:
    """The slow one does not hold the other up; leaving both ends both."""
    asked = remote(server, streams(piece("It does not cure it."), piece("", "stop")))
    one = asked.endpoint
    listed = json.dumps([{"name": one.name, "base_url": one.base_url, "model": one.model, "key_env": "A_KEY"}])
    found = answerers(tmp_path, "tiny-t5", listed)
    *_, (first, second) = found.compare("Does garlic help?", "base:tiny-t5", f"remote:{one.name}")
    assert first.done and second.words == "It does not cure it." and second.colour == "green"
    server.script[:] = [hangs]
    both = found.compare("Does garlic help?", "base:tiny-t5", f"remote:{one.name}")
    for first, _ in both:
        if first is not None and first.done:
            break
    both.close()
    assert first.done
