"""Claims and questions by the file, with an invented search and verifier: the columns, and rows that fail."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import tasks
from models.bulk import ClaimScorer, QuestionScorer, Used
from models.score import score_file
from tasks.evidence import Found
from tasks.health_claims import LABELS
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


def test_claims_get_verdict_trust_and_sources(tmp_path: Path) -> None:
    """Rows keep their order; one that makes no claim is answered as unknown, not dropped."""
    source, target = tmp_path / "in.csv", tmp_path / "out.jsonl"
    with source.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows(
            [["id", "claim"], ["1", "Aspirin prevents preeclampsia."], ["2", "Whales sing."], ["3", "Why?"]]
        )
    *_, last = score_file(ClaimScorer(Verifier(), search, {"cards": "1"}, Limits()), source, target)
    found = rows(target)
    assert [r["verdict"] for r in found] == ["true", "not enough evidence", "not enough evidence"]
    assert found[0]["trust"] > 0 and found[0]["sources"] == ["https://acog.org/a"] and found[0]["id"] == "1"
    assert found[1]["trust"] == 0 and found[1]["sources"] == []
    assert last.counts["true"] == 1 and last.scored == 3


def test_a_journal_is_not_taken_up_with_other_evidence(tmp_path: Path) -> None:
    """What was searched is part of what a result rests on."""
    one, two = (ClaimScorer(Verifier(), search, {"cards": mark}, Limits()) for mark in "12")
    assert one.reading.sha256 != two.reading.sha256


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
