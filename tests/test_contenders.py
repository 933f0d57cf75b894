"""Generators on the founding study's table and in exams: chosen by likelihood, never by what was written.

Every row is invented and every checkpoint random and tiny: what is measured is that the counting is right.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from tiny import forget, registered

import tasks
from models.encoder import save
from models.reading import Reading
from models.shelf import SHIPPED, Adapter, Shelf
from tasks.evidence import Found
from tasks.medical_qa import LABELS, choices
from tasks.spec import Example, Prediction, UserError
from training import data, evaluate, evaluate_answers, spoken
from training.config import RunConfig
from training.contenders import LETTERS, TEXTS, Distant, contender
from training.evaluate_answers import pubmedqa, write_generator
from training.evaluate_choices import floors, measure, questions
from training.learner import fresh

TASK = tasks.get("medical_qa")
EXAM = [
    {"question": "Which cures?", "options": {"A": "tea", "B": "a long cure"}, "answer_idx": "B"},
    {"question": "Which harms?", "options": {"A": "lead paint", "B": "air"}, "answer_idx": "A"},
    {"question": "Which is red?", "options": {"A": "the sky", "B": "blood"}, "answer_idx": "B"},
    {"question": "What?", "options": {"A": "1", "B": "2", "C": "3", "D": "4"}, "answer_idx": "A"},
]
ABSTRACTS = [
    {
        "question": f"Does drug {i} help people?",
        "contexts": [f"Drug {i} was given to some. It did help some of the people."],
        "long_answer": "It did help some of the people.",
        "final_decision": label,
    }
    for i, label in enumerate(("yes", "yes", "no", "maybe"))
]


@pytest.fixture(scope="module", autouse=True)
def bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("bases")
    for kind in ("llama", "t5"):
        registered(kind, folder)
    yield
    forget()


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """A data folder with PubMedQA's test rows and one of the exams, a question of it twice."""
    folder = tmp_path / "sets"
    for name, rows in (("pubmedqa/test", ABSTRACTS), ("medical_mcq/mmlu_medical_test", [*EXAM, EXAM[0]])):
        path = folder / f"{name}.jsonl.gz"
        path.parent.mkdir(parents=True)
        with gzip.open(path, "wt") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    monkeypatch.setattr(data, "DATA_DIR", folder)
    return folder


def verify(examples: Sequence[Example]) -> list[Prediction]:
    """Supported is what stands in the context word for word."""
    said = [tasks.get("health_claims").labels[0 if e.text in e.context else 2] for e in examples]
    return [Prediction(label, label, {label: 1.0}) for label in said]


CHECKER = SimpleNamespace(
    finder=lambda question, k: [Found("a", "It did help some of the people.", 0.9)] if "0" in question else [],
    decide=lambda question, text: Prediction(None, "yes", {"yes": 0.5, "no": 0.3, "maybe": 0.2}),
    verify=verify,
)


def rate(question: str, candidates: Sequence[object]) -> list[float]:
    return [0.9 if "help" in c.sentence else 0.0 for c in candidates]


class Told:
    """A generator that writes one thing, decides another, and knows every exam but one."""

    name = "told"

    def write(self, example: Example) -> str:
        assert example.context
        return "It did help some of the people. Yes, yes, yes."

    def decide(self, examples: Sequence[Example]) -> list[str]:
        return ["no"] * len(examples)

    def choose(self, question: str, options: dict[str, str]) -> dict[str, str]:
        if question == "What?":
            raise UserError("too long")
        return {LETTERS: "B"}


def test_a_generator_stands_beside_the_others_on_the_same_rows(root) -> None:
    """Its decision is what it decides, not the yes it writes; its second sentence is nowhere in the abstract."""
    table = pubmedqa(CHECKER, rate, 0, True, Told())
    assert table["always_yes"]["accuracy"] == 0.5 and table["generator"]["decision"]["accuracy"] == 0.25
    assert table["generator"]["decision"]["confusion"] == [[0, 2, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0]]
    assert table["faithfulness"]["value"] == 1.0 and table["rouge1"]["value"] == pytest.approx(1.0)
    assert (
        table["generator"]["faithfulness"]["value"] == 0.5 and table["generator"]["hallucination_rate"]["value"] == 0.5
    )
    assert 0.5 < table["generator"]["rouge1"]["value"] < 1 and table["generator"]["rougeL"]["n"] == 4
    assert 0.5 < table["generator"]["bertscore_f1"]["value"] < 1
    low, high = table["generator"]["rouge2"]["interval_95"]
    assert low <= table["generator"]["rouge2"]["value"] <= high


def test_where_search_finds_nothing_a_generator_is_not_asked(root) -> None:
    table = pubmedqa(CHECKER, rate, 0, False, Told())["generator"]
    assert table["answered"] == 0.25 and table["faithfulness"]["n"] == 1 and table["rouge1"]["n"] == 4
    assert table["decision"]["confusion"][2][2] == 1  # "maybe", as the retrieval answerer says of nothing


def test_exams_are_counted_beside_chance_and_the_longest_option(root) -> None:
    rows = questions("mmlu_medical")
    assert len(rows) == 4  # the repeat is left out
    found = measure(rows, Told())
    assert found[LETTERS]["accuracy"] == 0.5 and found["unread"] == 1 and TEXTS not in found
    low, high = found[LETTERS]["interval_95"]
    assert (low, high) == pytest.approx((0.150, 0.850), abs=1e-3)  # Wilson for 2 of 4
    assert floors(rows)["chance"] == (3 * 0.5 + 0.25) / 4
    assert floors(rows)["longest_option"]["accuracy"] == 0.75  # ties go to the first
    with pytest.raises(UserError, match="not here"):
        questions("medqa")


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_an_option_is_chosen_by_the_likelihood_of_its_letter_and_of_its_words(kind: str, tmp_path) -> None:
    """The same sums as one forward pass over prompt and answer gives."""
    who = contender(f"tiny-{kind}", TASK, tmp_path)
    words, reader = who.one.words, who.one.reader
    for row in EXAM:
        said = who.choose(row["question"], row["options"])
        for way, text, answers in (
            (LETTERS, choices(row["question"], row["options"]), {letter: letter for letter in row["options"]}),
            (TEXTS, row["question"], row["options"]),
        ):
            prompt = words.ids(Example(text), words.prompt.write)
            scores = {letter: _mean(kind, reader, prompt, words.answer(answer)) for letter, answer in answers.items()}
            assert scores[said[way]] >= max(scores.values()) - 1e-4  # random weights: two may be as likely


def _mean(kind: str, reader: object, prompt: list[int], answer: list[int]) -> float:
    wanted = torch.tensor([answer])
    with torch.inference_mode():
        if kind == "t5":
            return -float(reader.body(input_ids=torch.tensor([prompt]), labels=wanted).loss)
        logits = reader.body(input_ids=torch.tensor([[*prompt, *answer]])).logits[0, len(prompt) - 1 : -1]
    return float(torch.log_softmax(logits, -1).gather(1, wanted[0][:, None]).mean())


def test_a_tiny_base_goes_the_whole_way(root, tmp_path) -> None:
    """Labels by likelihood, answers written, exams sat; a set that is not here is said to be missing."""
    who = contender("tiny-llama", TASK, tmp_path)
    path, said = tmp_path / "out" / "medical_qa.json", []
    write_generator(path, CHECKER, rate, who, 2, said.append)
    report = json.loads(path.read_text())
    assert report["generator"] == "tiny-llama, untuned" and len(said) == 5
    given = report["pubmedqa_context_given"]["generator"]
    asked = [Example(r["question"], context="\n".join(r["contexts"])) for r in ABSTRACTS[:2]]
    decided = [p.best for p in who.one.predict(asked)]
    row = given["decision"]["confusion"][0]
    assert [row[LABELS.index(label)] for label in LABELS] == [decided.count(label) for label in LABELS]
    assert {"rouge1", "rouge2", "rougeL", "bertscore_f1", "faithfulness", "hallucination_rate"} < set(given)
    assert report["mmlu_medical"]["n"] == 2 and set(report["mmlu_medical"]) >= {LETTERS, TEXTS, "chance"}
    assert "not here" in report["medqa"]["not_measured"]


def test_a_generator_is_found_by_any_of_its_names(tmp_path, monkeypatch) -> None:
    config = RunConfig(TASK.name, base="tiny-llama", max_tokens=96)
    reader, words = fresh(TASK, config)
    folder = tmp_path / "run" / "adapter"
    folder.mkdir(parents=True)
    save(reader, folder, TASK.name, config.base)
    Reading.of(TASK, config.base, config.max_tokens, spoken.way(words, config)).write(folder)
    for name in (str(folder), str(folder.parent)):
        assert contender(name, TASK, tmp_path).name == "tiny-llama + run"
    Shelf(tmp_path / "shelf").put(TASK, Adapter("r", str(folder), TASK.labels, "h"))
    assert contender("shelf", TASK, tmp_path).name == "tiny-llama + run"
    monkeypatch.setenv("CARETUNE_ENDPOINTS", "- {name: far, base_url: 'https://x.example/v1', model: m}")
    assert isinstance(contender("far", TASK, tmp_path), Distant)
    for name, why in (("gpt-9", "no generator"), ("minilm-l6", "in words"), (str(SHIPPED / TASK.name), "labels")):
        with pytest.raises(UserError, match=why):
            contender(name, TASK, tmp_path)


def test_the_command_refuses_a_generator_elsewhere(capsys) -> None:
    with pytest.raises(SystemExit):
        evaluate.main(["health_claims", "--generator", "tiny-llama"])
    assert "medical_qa" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        evaluate.main(["medical_qa", "--generator", "tiny-llama", "--only", "liveqa"])
    assert "without a generator" in capsys.readouterr().err


def test_a_set_is_measured_again_and_the_others_keep_what_they_had(tmp_path, monkeypatch) -> None:
    path, seen = tmp_path / "whole.json", []
    monkeypatch.setattr(evaluate_answers, "liveqa", lambda checker, most: seen.append(most) or {"n": most})
    path.write_text('{"medquad": {"n": 5}, "liveqa": {"n": 1}}')
    evaluate_answers.write(path, None, None, 7, seen.append, ["liveqa"])
    assert json.loads(path.read_text()) == {"medquad": {"n": 5}, "liveqa": {"n": 7}}
    assert seen == [7, 'liveqa: {"n": 7}\n']
    with pytest.raises(UserError, match="No such set: livqa"):
        evaluate_answers.write(path, None, None, 7, seen.append, ["livqa"])
    assert len(seen) == 2
