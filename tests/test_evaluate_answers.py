"""What is counted of the chat's answers to consumers: the first source cited, and the first one shown."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from tasks.evidence import Found
from tasks.reply import Reply
from training import data, evaluate_answers

ASKED = [
    {"qid": "TQ1", "subject": "", "message": "cited and good"},
    {"qid": "TQ2", "subject": "", "message": "near and good"},
    {"qid": "TQ3", "subject": "near and poor", "message": ""},
    {"qid": "TQ4", "subject": "", "message": "near, seen by no assessor"},
    {"qid": "TQ5", "subject": "", "message": "nothing found"},
]
JUDGED = [("TQ1", "a", 4), ("TQ1", "b", 1), ("TQ2", "a", 3), ("TQ3", "a", 2), ("TQ4", "b", 4), ("TQ5", "", 4)]


def _reply(question: str) -> Reply:
    found = (Found("medquad/a", "A sentence of it.", 0.9), Found("b", "Another one.", 0.8))
    if question.startswith("cited"):
        return Reply(question, sources=found, done=True)
    return Reply(question, near=() if question.startswith("nothing") else found, done=True)


def test_the_first_source_and_the_first_shown_count_only_where_assessors_saw_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def raw(path: Any) -> Sequence[dict[str, Any]]:
        rows = [{"liveqa_question": q, "passage_id": p, "judgment": str(j)} for q, p, j in JUDGED]
        return rows if path.name == "liveqa_judgments.csv.gz" else ASKED

    monkeypatch.setattr(data, "raw", raw)
    found = evaluate_answers.liveqa(SimpleNamespace(ask=lambda question, history: [_reply(question)]), 0)
    assert (found["n"], found["cited"], found["first_source_judged"]) == (5, 1, 1)
    assert found["graded_hit"]["value"] == 1.0
    assert (found["graded_hit_first_shown"]["n"], found["graded_hit_first_shown"]["value"]) == (3, pytest.approx(2 / 3))
