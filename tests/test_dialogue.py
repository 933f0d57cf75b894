"""Follow-up questions keep their subject; the past is read within a budget; medicines bring their referral."""

import pytest

from tasks.dialogue import follows, recent, rewritten, subject
from tasks.referral import GENERAL, referrals, referred
from tasks.spec import Turn


def said(*questions: str) -> list[Turn]:
    return [turn for q in questions for turn in (Turn("user", q), Turn("assistant", "An answer."))]


def test_a_follow_up_means_the_drug_of_two_turns_ago() -> None:
    history = said("Is ibuprofen safe for the stomach?", "And how long can I take it?")
    asked = rewritten("And for children?", history)
    assert asked.startswith("And for children?") and "ibuprofen" in asked and "answer" not in asked


def test_a_new_subject_leaves_the_old_one_behind() -> None:
    history = said("Is ibuprofen safe for the stomach?")
    fresh = "Does garlic lower high blood pressure in adults?"
    assert rewritten(fresh, history) == fresh
    later = rewritten("Does it help everyone?", [*history, *said(fresh)])
    assert "garlic" in later and "ibuprofen" not in later


@pytest.mark.parametrize("question", ["And for children?", "Is it safe?", "why?", "How much?", "What about pregnancy?"])
def test_what_leans_on_the_past_is_known(question: str) -> None:
    assert follows(question)
    assert rewritten(question, []) == question


def test_the_subject_is_what_a_question_names() -> None:
    assert subject("Can I take ibuprofen if I'm already on aspirin for heart disease?") == [
        "ibuprofen",
        "aspirin",
        "heart",
        "disease",
    ]
    assert subject("What is it?") == []


def test_old_turns_are_dropped_whole() -> None:
    history = [
        Turn("user", "a" * 400),
        Turn("assistant", "b" * 400),
        Turn("user", "c" * 40),
        Turn("assistant", "d" * 40),
    ]
    assert recent(history, tokens=1000) == history
    assert recent(history, tokens=100) == history[2:]
    assert recent(history, tokens=5) == []


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Can I stop taking my blood pressure pills?", "stopping a medicine"),
        ("How much paracetamol can I take?", "dosing"),
        ("Is aspirin recommended in pregnancy?", "pregnancy and breastfeeding"),
        ("Is it safe for my 3-year-old?", "children"),
        ("Can I take ibuprofen if I'm already on aspirin?", "interactions"),
    ],
)
def test_a_matter_brings_its_sentence(question: str, kind: str) -> None:
    assert kind in referrals(question)
    assert referrals(question)[kind] in referred(question, "")


def test_only_the_age_of_a_child_makes_it_a_matter_of_children() -> None:
    assert "children" in referrals("Is it safe for a 17 year old?")
    assert "children" not in referrals("Is it safe for my 65-year-old mother?")


def test_the_answer_brings_its_matters_too_and_nothing_else_does() -> None:
    assert "dosing" in referrals("Take 81 mg.")
    assert referred("What is gout?", "Gout is a kind of arthritis.") == GENERAL
