"""Written answers: sets with a part each, only the answer learned and all of it, overfit to the letter, streamed.

The checkpoints are random and tiny, and every row is invented.
"""

import gzip
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path

import numpy as np
import pytest
from tiny import forget, registered

import tasks
from models.encoder import save
from models.generate import Manner, stream, write
from models.loading import load
from models.reading import Reading
from models.serving import predictor
from models.speaker import IGNORED
from models.speaking import untuned
from tasks.medical_qa import choices, from_dialogue, from_medicationqa, from_multiple_choice
from tasks.spec import Example, Turn, UserError
from training import data, repeats, spoken, train, written
from training.config import RunConfig
from training.fitting import Outside
from training.learner import fit, fresh
from training.runs import RunStore
from training.sizes import lengths

TASK = tasks.get("medical_qa")
KINDS = ("llama", "t5", "mistral")
WRITTEN = tuple(d.name for d in TASK.data if d.written)
SMALL = {"rank": 8, "alpha": 16, "learning_rate": 1e-2, "batch_size": 8, "epochs": 1}


@pytest.fixture(scope="module", autouse=True)
def bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("bases")
    for kind in KINDS:
        registered(kind, folder)
    yield
    forget()


def asks(question: str, answer: str, context: str = "") -> Example:
    return Example(question, context=context, targets={"answer": answer})


def lines(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """A data folder in the shape of PubMedQA, MedQuAD, MedicationQA and the dialogues."""
    folder = tmp_path / "sets"
    pubmed = [
        {"question": f"Does drug {i} help?", "contexts": [f"Drug {i} was given."], "long_answer": f"It does so {i}."}
        | {"final_decision": ("yes", "no", "maybe")[i % 3]}
        for i in range(36)
    ]
    for split in ("train", "test"):
        lines(folder / "pubmedqa" / f"{split}.jsonl.gz", pubmed)
    asked = [
        {"question": f"What is disease {i}?", "relevant_passage_ids": [f"gone{i}", f"p{i}", "p0"]} for i in range(20)
    ]
    lines(folder / "medquad" / "questions.jsonl.gz", [*asked, {"question": "Lost?", "relevant_passage_ids": ["no"]}])
    passages = [{"id": f"p{i}", "text": "It is long. " * 99 if i == 3 else f"It is illness {i}."} for i in range(20)]
    lines(folder / "medquad" / "passages.jsonl.gz", passages)
    said = [{"role": "patient", "text": "I cough."}, {"role": "doctor", "text": "Rest."}]
    lines(folder / "covid_dialogue_en" / "dialogues.jsonl.gz", [{"turns": said}])
    monkeypatch.setattr(data, "DATA_DIR", folder)
    return folder


def test_rows_of_each_set_become_a_question_and_its_answer(root) -> None:
    (row,) = from_multiple_choice({"question": "Which?", "options": {"A": "one", "B": "two"}, "answer_idx": "B"})
    assert row.targets == {"answer": "B. two"} and row.text == choices("Which?", {"A": "one", "B": "two"})
    assert "A. one\nB. two" in row.text and row.label is None
    assert from_medicationqa({"question": "dose?", "answer": " "}) == ()
    patient, doctor = {"role": "patient"}, {"role": "doctor"}
    turns = [doctor | {"text": "Hello."}, patient | {"text": "I cough."}, patient | {"text": "And sneeze."}]
    turns += [doctor | {"text": "Since when?"}, patient | {"text": "Monday."}, doctor | {"text": "Rest."}]
    first, second = from_dialogue({"turns": turns})
    assert (first.text, first.targets["answer"]) == ("I cough.\nAnd sneeze.", "Since when?")
    assert (second.text, second.targets["answer"]) == ("Monday.", "Rest.")
    assert second.history[1:] == (Turn("user", "I cough.\nAnd sneeze."), Turn("assistant", "Since when?"))


def test_a_question_stands_beside_its_first_passage_that_is_there(root) -> None:
    found = TASK.dataset("medquad_answers")
    rows = [*data.load(found, "train"), *data.load(found, "test")]
    assert {row.text: row.targets["answer"] for row in rows}["What is disease 7?"] == "It is illness 7."
    assert len(rows) == 20 and data.here(found)
    assert not {r.text for r in data.load(found, "train")} & {r.text for r in data.load(found, "test")}
    (root / "medquad" / "passages.jsonl.gz").unlink()
    assert not data.here(found)


def test_the_estimate_counts_what_is_to_be_written(root) -> None:
    """The dialogue's question has 8 characters and a mark, its reply 5."""
    found = lengths(TASK, "covid_dialogue_replies")
    assert found.rows == 1 and sum(found.sample[0]) == len("I cough.") + 1 + len("Rest.")


def test_written_sets_are_learned_from_only_where_they_are_named() -> None:
    assert {"pubmedqa_answers", "medquad_answers", "medqa_answers", "medicationqa_answers"} < set(WRITTEN)
    assert not {d.name for d in data.used(TASK, ())} & set(WRITTEN)
    assert not any(TASK.dataset(name).ships for name in ("medicationqa_answers", "covid_dialogue_replies"))
    RunConfig(TASK.name, base="tiny-llama", datasets=("pubmedqa", *WRITTEN))


@pytest.mark.parametrize(
    ("knobs", "why"),
    [
        ({"datasets": ("pubmedqa", "medquad_answers")}, "answers in words"),
        ({"datasets": ("pubmedqa", "medquad_answers"), "base": "tiny-t5", "answers": "head"}, "answers in words"),
        ({"datasets": ("medquad_answers",), "base": "tiny-llama"}, "set with labels"),
    ],
)
def test_where_nothing_could_learn_or_judge_it_is_refused(knobs: dict, why: str) -> None:
    with pytest.raises(UserError, match=why):
        RunConfig(TASK.name, **knobs)


def test_shares_weigh_the_sets_of_a_mixture(root) -> None:
    sets = ("pubmedqa", "pubmedqa_answers", "medquad_answers", "covid_dialogue_replies")
    shares = {"medquad_answers": 0.5, "covid_dialogue_replies": 3.0}
    config = RunConfig(TASK.name, base="tiny-llama", datasets=sets, mixture=shares, validation_share=0.25)
    split, extra, _ = train.rows(TASK, config)
    told = [row.targets["answer"] for row in extra]
    core = len(data.load(TASK.dataset("medquad_answers"), "train"))
    assert told.count("Rest.") == 3 and sum("ill" in t or "long" in t for t in told) == round(core / 2)
    # A conclusion to be written from an abstract that is validated on is not learned from.
    assert sum(t.startswith("It does so") for t in told) == 36 - len(split.validation) == len(split.train)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_learned_is_the_answer_and_its_end(kind: str) -> None:
    """The tokens that are no part of it are masked; decoded, the others are the answer to the letter."""
    config = RunConfig(TASK.name, base=f"tiny-{kind}", max_tokens=200, **SMALL)
    reader, words = fresh(TASK, config)
    rows = [asks("Is it safe?", "Yes: with food.", "A trial."), asks("Why?", "Because, mostly.\nAsk [1].", "B " * 400)]
    rows[1] = Example(
        "Why?", context="B " * 400, history=(Turn("user", "Hm?"), Turn("assistant", "Ok.")), targets=rows[1].targets
    )
    batch, _ = spoken.Asking(TASK, words, spoken.ResponseLoss(TASK, config, rows), rows, 1)([0, 1], 0, [0, 1])
    _, wanted = reader.told(batch)
    for row, place in zip(rows, wanted.tolist(), strict=True):
        learned = [token for token in place if token != IGNORED]
        assert learned[-1] == words.end
        assert words.tokenizer.decode(learned[:-1]).removeprefix(" ") == row.targets["answer"]
    asked = [words.tokenizer.decode(prompt) for prompt in batch.prompts]
    assert "question: Is it safe?\ncontext: A trial.\nAnswer the question." in asked[0]
    assert not any(row.targets["answer"] in prompt for row, prompt in zip(rows, asked, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_of_what_is_too_long_only_the_context_gives_way(kind: str) -> None:
    config = RunConfig(TASK.name, base=f"tiny-{kind}", max_tokens=160, **SMALL)
    _, words = fresh(TASK, config)
    question, answer = "Does zorvil help adults with gout?", "It lowered uric acid in most of them."
    row = asks(question, answer, " ".join(f"Finding {i}." for i in range(300)))
    loss = spoken.ResponseLoss(TASK, config, [row])
    batch, _ = spoken.Asking(TASK, words, loss, [row], 1)([0], 0, [0])
    prompt, said = words.tokenizer.decode(batch.prompts[0]), words.tokenizer.decode(batch.answers[0][:-1])
    assert len(batch.prompts[0]) + len(batch.answers[0]) <= 160
    assert question in prompt and "Answer the question." in prompt and said.strip() == answer
    assert "Finding 0." in prompt and "Finding 299." in prompt and "Finding 100." not in prompt
    assert written.fits(words, row)
    assert not written.fits(words, asks(question, "word " * 200)) and not written.fits(
        words, asks("word " * 200, "No.")
    )


def test_rows_that_do_not_fit_are_left_out_and_some_held_back() -> None:
    _, words = fresh(TASK, RunConfig(TASK.name, base="tiny-llama", max_tokens=128, **SMALL))
    short = [asks(f"What is {i}?", f"It is {i}.") for i in range(20)]
    labelled = Example("Is it?", context="It is.", label="yes", targets={"decision": "yes"})
    kept, held, left_out = written.parted(words, [labelled, *short, *short, asks("Why?", "word " * 99)], 0.2)
    assert left_out == 1 and labelled in kept and len(held) == 8
    assert (
        not {repeats.key(r) for r in kept} & {repeats.key(r) for r in held}
        and len(kept) + len({r.text for r in held}) * 2 == 41
    )
    assert written.parted(object(), [labelled], 0.2) == ([labelled], [], 0)


@pytest.mark.parametrize(("kind", "repeats"), [("llama", 4), ("mistral", 4), ("t5", 6)])
def test_eight_rows_are_learned_to_the_letter(kind: str, repeats: int, tmp_path) -> None:
    """Tuned on written answers, a model writes and streams them; saved and reloaded it does the same."""
    pairs = [("Can garlic cure it?", "no"), ("Is aspirin safe?", "maybe: ask first."), ("Why?", "great relief")]
    pairs += [("Who?", "some help works"), ("When?", "worse"), ("A?", "yes"), ("C?", "mild pain"), ("How?", "tired")]
    rows = [asks(q, a, "some passage") for q, a in pairs]
    task = replace(TASK, prompt=replace(TASK.prompt, write="Answer:"))
    speed = {"learning_rate": 3e-3, "average": 0.5, "patience": 50, "rank": 32, "alpha": 64, "batch_size": 8}
    speed["precision"] = "float32"  # to the letter on every machine
    config = RunConfig(task.name, base=f"tiny-{kind}", epochs=50, max_tokens=160, **speed)
    points: list[float] = []
    passed = count()
    told = Outside(log=lambda point: points.append(point.get("loss", math.nan)))
    learned = fit(task, config, rows * repeats, lambda reader: {"score": float(next(passed))}, told)
    losses = [loss for loss in points if not math.isnan(loss)]
    assert losses[-1] < 0.2 * losses[0]
    info = Reading.of(task, config.base, config.max_tokens, spoken.way(learned.words, config))
    one = predictor(task, info, learned.words, learned.reader)
    assert [write(one, row) for row in rows] == [answer for _, answer in pairs]
    assert float(written.losses(learned.reader, learned.words, rows).mean()) < 0.2 * losses[0]
    save(learned.reader, tmp_path, task.name, config.base)
    info.write(tmp_path)
    again = load(task, tmp_path)
    np.testing.assert_allclose(again.logits(rows), one.logits(rows), atol=1e-4)
    pieces = list(stream(again, rows[1], manner=Manner(length=40)))
    assert len(pieces) > 2 and pieces[-1] == "maybe: ask first."
    assert all(later.startswith(earlier) for earlier, later in pairwise(pieces))
    assert write(untuned(task, config.base, 256), rows[0], manner=Manner(length=8)) != "no"


def test_a_run_on_a_mixture_is_judged_on_labels_and_answers(root, tmp_path) -> None:
    """Through the trainer's own door: what does not fit is told, what is held back is judged each epoch."""
    sets = ("pubmedqa", "medquad_answers")
    config = RunConfig(
        TASK.name, base="tiny-llama", datasets=sets, max_tokens=160, validation_share=0.25, **{**SMALL, "epochs": 2}
    )
    run = RunStore(tmp_path / "runs").create(config)
    train.train(run)
    facts = run.facts["written_rows"]
    core = data.load(TASK.dataset("medquad_answers"), "train")
    long = sum("long" in row.targets["answer"] for row in core)
    assert facts["too_long"] == long and facts["validation"] > 0
    assert run.facts["extra_rows"] == len(core) - long - facts["validation"]
    judged = [point["validation_answer_loss"] for point in run.points if "validation_answer_loss" in point]
    assert len(judged) == 2 and judged[1] < judged[0]
    assert load(TASK, run.adapter).words.prompt.answer == "answer"
