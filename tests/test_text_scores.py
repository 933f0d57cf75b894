"""Text scores on pairs one can work out, and measures of claims and answers on invented evidence."""

from collections.abc import Sequence

import numpy as np
import pytest

from tasks.evidence import Found
from tasks.health_claims import LABELS
from tasks.spec import Example, Prediction
from tasks.verdict import FALSE, MISLEADING, TRUE, UNKNOWN, Verdict
from training.evaluate_claims import faithful, told, verdict_sheet, verdicts
from training.text_scores import bert_score, rouge


def test_rouge_counts_shared_words() -> None:
    scores = rouge(["aspirin helps", "x", ""], ["aspirin helped a lot", "x", "x"])
    assert scores["rouge1"].tolist() == pytest.approx([2 * 1 * 0.5 / 1.5, 1.0, 0.0])
    assert scores["rouge2"][0] == pytest.approx(2 * 1 * (1 / 3) / (4 / 3)) and scores["rouge2"][1] == 0


def test_bert_score_is_one_for_the_same_and_less_for_another() -> None:
    same, near, far, none = bert_score(
        ["Aspirin thins the blood.", "Aspirin thins blood.", "Whales sing at night.", ""],
        ["Aspirin thins the blood."] * 4,
    )
    assert same == pytest.approx(1, abs=1e-4) and 1 > near > far > 0 and none == 0


def test_verdicts_are_counted_and_wrong_flags_too() -> None:
    """A true statement called false or misleading is a false alarm; trust is told apart by right and wrong."""
    parts = {"retrieval": 0.8}
    said = [Verdict(TRUE, parts), Verdict(FALSE, parts), Verdict(FALSE, parts), Verdict(UNKNOWN, withheld=True)]
    found = verdicts(said, [TRUE, TRUE, FALSE, UNKNOWN])
    alarm, trust = found["false_positive_rate"], found["mean_trust"]
    assert (alarm["value"], alarm["n"]) == (0.5, 2)
    low, high = alarm["interval_95"]
    assert 0 < low < 0.5 < high < 1
    none = verdicts([Verdict(TRUE, parts)] * 20, [TRUE] * 20)["false_positive_rate"]
    assert none["value"] == 0 and none["interval_95"] == pytest.approx([0, 0.161], abs=1e-3)  # not "surely none"
    assert found["accuracy"] == 0.75 and found["answered"] == 0.75 and found["withheld"] == 0.25
    assert trust["right"]["value"] == trust["wrong"]["value"] == 80 and trust["right"]["n"] == 2
    assert "interval_95" not in trust["wrong"]  # one value has no spread
    assert verdict_sheet([TRUE, MISLEADING], [TRUE, TRUE]).accuracy == 0.5


def verifier(examples: Sequence[Example]) -> list[Prediction]:
    out = []
    for e in examples:
        share = 0.9 if e.text.rstrip(".").lower() in e.context.lower() else 0.1
        out.append(Prediction(None, LABELS[0], dict(zip(LABELS, (share, 0.05, 0.95 - share), strict=True))))
    return out


def test_what_is_measured_is_what_the_page_says() -> None:
    """Its weaker form, its thresholds, what it withholds, and nothing on what it takes for no claim."""
    garlic = [Found("g", "Garlic helps.", 0.9)]
    assert told("Garlic always helps.", lambda q, k: garlic, verifier).label == MISLEADING
    assert told("Garlic helps.", lambda q, k: garlic, verifier).label == TRUE
    for text in ("?", "Garlic helps. " * 9):
        assert told(text, lambda q, k: garlic, verifier).label == UNKNOWN
    risky = "It is safe to take aspirin in pregnancy."
    found = told(risky, lambda q, k: [Found("a", risky, 0.9)], verifier)
    assert found.label == UNKNOWN and found.withheld
    assert told("Los antibióticos curan los virus.", lambda q, k: garlic, verifier).withheld


def test_grounded_and_made_up_answers_are_told_apart_by_their_context() -> None:
    rows = [
        {
            "question": f"q{i}",
            "right_answer": "Aspirin surely thins the blood.",
            "hallucinated_answer": "Aspirin surely feeds the hair.",
        }
        for i in range(6)
    ]
    found = faithful(verifier, rows, lambda row: "We saw that aspirin surely thins the blood.")
    assert found["grounded_accuracy"]["value"] == 1 and found["style_matched_pairs"] == 6
    assert found["accuracy_at_one_half"]["value"] == 1 and found["longer_is_right"] == 1
    assert np.isclose(found["answer_only_tfidf"], 1)
