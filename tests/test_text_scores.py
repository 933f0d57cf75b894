"""Text scores on pairs one can work out, and measures of claims and answers on invented evidence."""

from collections.abc import Sequence

import numpy as np
import pytest

from tasks.evidence import Found
from tasks.health_claims import LABELS
from tasks.spec import Example, Prediction
from tasks.verdict import FALSE, MISLEADING, TRUE, UNKNOWN, Limits, Stance
from training.evaluate_claims import Heard, faithful, hear, settled, verdict_sheet, verdicts
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


def heard(supports: float, refutes: float, near: float = 0.9) -> Heard:
    return Heard((((Stance("a", near, supports, refutes, "review"),), ()),))


def test_verdicts_are_counted_and_wrong_flags_too() -> None:
    """A true statement called false or misleading is a false alarm; trust is told apart by right and wrong."""
    said = [heard(0.9, 0.0), heard(0.0, 0.9), heard(0.0, 0.9), heard(0.1, 0.1)]
    found = verdicts(said, [TRUE, TRUE, FALSE, UNKNOWN], Limits())
    assert found["false_positive_rate"] == 0.5 and found["accuracy"] == 0.75 and found["answered"] == 0.75
    assert found["mean_trust"]["right"] == found["mean_trust"]["wrong"]
    assert verdict_sheet([TRUE, MISLEADING], [TRUE, TRUE]).accuracy == 0.5


def test_thresholds_are_settled_by_the_claims_given() -> None:
    """Far evidence that misleads is kept out by the threshold that these claims teach."""
    said = [heard(0.9, 0.0), heard(0.0, 0.9), *[heard(0.9, 0.0, near=0.25)] * 4]
    limits = settled(said, [TRUE, FALSE, *[UNKNOWN] * 4])
    assert limits.near > 0.25
    assert settled(said, [TRUE, FALSE, *[TRUE] * 4]).near <= 0.25


def verifier(examples: Sequence[Example]) -> list[Prediction]:
    out = []
    for e in examples:
        share = 0.9 if e.text.rstrip(".").lower() in e.context.lower() else 0.1
        out.append(Prediction(None, LABELS[0], dict(zip(LABELS, (share, 0.05, 0.95 - share), strict=True))))
    return out


def test_a_claim_is_heard_in_parts_with_its_weaker_form() -> None:
    one = hear("Garlic always helps.", lambda q, k: [Found("g", "Garlic helps.", 0.9)], verifier)
    ((full, milder),) = one.parts
    assert full[0].supports == 0.1 and milder[0].supports == 0.9
    assert one.verdict(Limits()).label == MISLEADING
    assert hear("?", lambda q, k: [], verifier).verdict(Limits()).label == UNKNOWN


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
