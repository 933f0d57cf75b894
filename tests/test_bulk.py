"""Claims and questions by the file, with an invented search and verifier: the columns, and rows that fail."""

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import tasks
from models.bulk import ClaimScorer, QuestionScorer, Used
from models.reading import Reading
from models.score import Progress, added_names, score_file
from models.scorer import asked_of, fitting
from tasks.evidence import Found
from tasks.health_claims import LABELS
from tasks.reply import Candidate
from tasks.spec import Example, Prediction
from tasks.verdict import Limits

ASPIRIN = Found("a1", "Low-dose aspirin prevents preeclampsia in women at high risk.", 0.9, url="https://acog.org/a")


class Verifier:
    """Supports whatever is about aspirin."""

    task = tasks.get("health_claims")
    reading = Used({"adapter_model.safetensors": "1"})

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        out = []
        for e in examples:
            yes = "aspirin" in e.text.lower()
            scores = dict(zip(LABELS, (0.9, 0.05, 0.05) if yes else (0.05, 0.05, 0.9), strict=True))
            out.append(Prediction(LABELS[0] if yes else LABELS[2], LABELS[0] if yes else LABELS[2], scores, source="t"))
        return out


class Decider(Verifier):
    """The same, asked as a reader of yes or no."""

    task = tasks.get("medical_qa")


def search(question: str, k: int) -> Sequence[Found]:
    return [ASPIRIN] if "aspirin" in question.lower() else []


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def scored(scorer: object, tmp_path: Path, *asked: dict) -> tuple[list[dict], Progress]:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in asked))
    *_, last = score_file(scorer, source, target)
    return rows(target), last


def claims_scorer(verifier: Verifier) -> ClaimScorer:
    return ClaimScorer(verifier, search, {"cards": "1"}, Limits())


def test_claims_get_verdict_trust_and_sources(tmp_path: Path) -> None:
    """Rows keep their order; what holds no claim, or too many, stands in its place unscored, with the reason."""
    source, target = tmp_path / "in.csv", tmp_path / "out.jsonl"
    claims = ("Aspirin prevents preeclampsia.", "Whales sing.", "Why?", "Aspirin helps him. " * 9)
    with source.open("w", newline="") as file:
        csv.writer(file).writerows([["id", "claim"], *enumerate(claims, 1)])
    *_, last = score_file(claims_scorer(Verifier()), source, target)
    found = rows(target)
    assert [r["verdict"] for r in found] == ["true", "not enough evidence", None, None]
    assert found[0]["trust"] > 0 and found[0]["sources"] == ["https://acog.org/a"] and found[0]["id"] == "1"
    assert found[1]["trust"] == 0 and found[1]["sources"] == [] and "Nothing found" in found[1]["why"]
    assert "for it" in found[0]["why"] and found[0]["withheld"] is False and found[3]["why"] is None
    assert last.counts["true"] == 1 and (last.scored, last.skipped) == (2, 2)
    assert [bad.line for bad in last.bad] == [4, 5]
    assert "as a statement" in last.bad[0].reason and "makes 9 claims" in last.bad[1].reason


def test_a_verdict_that_is_withheld_says_so_in_its_row(tmp_path: Path) -> None:
    """Where a wrong one could hurt, and where the claim is not English."""
    risky, strange = scored(
        claims_scorer(Verifier()),
        tmp_path,
        {"claim": "It is safe to take aspirin in pregnancy."},
        {"claim": "La aspirina previene la preeclampsia y la aspirin cura el resfriado."},
    )[0]
    for row, why in ((risky, "could hurt"), (strange, "Only English")):
        assert row["verdict"] == "not enough evidence" and row["withheld"] is True and why in row["why"]


def test_several_processes_promise_the_columns_of_one() -> None:
    """Whoever starts them knows the rows by what answers in them."""
    for task, columns in ((tasks.get("health_claims"), {"claim": "claim"}), (tasks.get("medical_qa"), {})):
        verifier = SimpleNamespace(task=task, reading=Used({}), predict=None)
        assert added_names(asked_of(task, columns)) == added_names(fitting(verifier, columns).task)
    assert asked_of(tasks.get("health_claims"), {"evidence": "text"}) is tasks.get("health_claims")


def test_a_journal_is_not_taken_up_with_other_evidence(tmp_path: Path) -> None:
    """What was searched is part of what a result rests on."""
    one, two = (ClaimScorer(Verifier(), search, {"cards": mark}, Limits()) for mark in "12")
    assert one.reading.rests_on != two.reading.rests_on


def test_claims_and_questions_begun_before_a_calibration_are_not_mixed_with_later_ones() -> None:
    """What decides of the verifier and of the reader of yes or no decides here as well."""
    claims, questions = [], []
    for threshold in (0.4, 0.6):
        verifier, decider = Verifier(), Decider()
        for one in (verifier, decider):
            one.reading = replace(Reading.of(one.task, "minilm-l6", 64), threshold=threshold)
        claims.append(claims_scorer(verifier).reading)
        asked = QuestionScorer(decider, search, lambda q, s: [], lambda q, text: Prediction(None), {})
        questions.append(asked.reading)
    assert claims[0] != claims[1] and questions[0] != questions[1]


def test_questions_get_decision_answer_and_sources(tmp_path: Path) -> None:
    """From the row's context where there is one, from search otherwise; where nothing answers, it says so."""
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    asked = [
        {"question": "Does aspirin prevent preeclampsia?", "context": "Aspirin prevented preeclampsia in most women."},
        {"question": "Does aspirin prevent preeclampsia?"},
        {"question": "Do whales sing at night?"},
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in asked))
    decide = Prediction(None, "yes", {"yes": 0.5, "no": 0.3, "maybe": 0.2})  # a file shows the best guess and its share
    scorer = QuestionScorer(Decider(), search, lambda q, s: [0.9] * len(s), lambda q, text: decide, {})
    list(score_file(scorer, source, target))
    given, searched, nothing = rows(target)
    assert (
        given["decision"] == "yes"
        and given["p_yes"] == 0.5
        and given["abstained"]
        and "prevented preeclampsia" in given["answer"]
    )
    assert searched["sources"] == ["https://acog.org/a"] and searched["answer"] in ASPIRIN.text
    assert nothing["decision"] == "" and "do not know" in nothing["answer"] and nothing["confidence"] == 0


def test_what_a_file_misspells_is_put_right_where_it_is_searched_for(tmp_path: Path) -> None:
    """As in the chat, and the row says so; a context that somebody gave is read with the question as it was typed."""
    heard: list[str] = []

    def rate(question: str, sentences: Sequence[Candidate]) -> list[float]:
        heard.append(question)
        return [0.9] * len(sentences)

    scorer = QuestionScorer(
        Decider(),
        search,
        rate,
        lambda question, text: Prediction(None),
        {},
        lambda text: text.replace("asprin", "aspirin"),
    )
    asked = {"question": "Does asprin prevent preeclampsia?"}
    searched, given = scored(scorer, tmp_path, asked, asked | {"context": ASPIRIN.text})[0]
    assert heard == ["Does aspirin prevent preeclampsia?", "Does asprin prevent preeclampsia?"]
    assert searched["searched_for"] == "aspirin" and given["searched_for"] == ""


def test_without_a_context_a_file_decides_no_more_than_the_chat_does(tmp_path: Path) -> None:
    """A question that is none of yes or no, or is somebody's own, gets no decision; danger and referral are named."""
    study = Found("s", "Statins lower cholesterol and cause muscle pain in some adults.", 0.9, kind="trial")
    decide = Prediction("yes", "yes", {"yes": 0.8, "no": 0.1, "maybe": 0.1})
    scorer = QuestionScorer(
        Decider(), lambda q, k: [study], lambda q, s: [0.9] * len(s), lambda q, text: decide, {"cards": "1"}
    )
    effects, yes_no, mine = scored(
        scorer,
        tmp_path,
        {"question": "What are the side effects of statins?"},
        {"question": "Do statins lower cholesterol?"},
        {"question": "I just took 30 paracetamol tablets, what happens to my liver?"},
    )[0]
    for row in (effects, mine):
        assert row["decision"] == "" and row["p_yes"] is None and row["abstained"] and row["answer"]
    assert yes_no["decision"] == "yes" and yes_no["p_yes"] == 0.8 and not yes_no["abstained"]
    assert mine["emergency"] == "overdose or poisoning" and mine["referral"]
    assert mine["searched_for"] == ""
    assert yes_no["emergency"] == ""
