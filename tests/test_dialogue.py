"""Follow-up questions keep their subject; the past is read within a budget; medicines bring their referral."""

import pytest

from tasks.dialogue import MOST_LEANT_ON, follows, leant_on, matters, recent, rewritten, subject
from tasks.referral import GENERAL, referrals, referred
from tasks.spec import Turn


def said(*questions: str) -> list[Turn]:
    return [turn for q in questions for turn in (Turn("user", q), Turn("assistant", "An answer."))]


def test_a_follow_up_means_the_drug_of_two_turns_ago() -> None:
    history = said("Is ibuprofen safe for the stomach?", "And how long can I take it?")
    asked = rewritten("And for children?", history)
    assert asked.startswith("And for children?") and "ibuprofen" in asked and "answer" not in asked


def test_a_long_row_of_follow_ups_is_read_by_its_newest_and_the_question_they_all_lean_on() -> None:
    history = said("Is ibuprofen safe for the stomach?", *(f"and for {n} days?" for n in range(40)))
    leant = leant_on("And for children?", history)
    assert len(leant) == MOST_LEANT_ON and "ibuprofen" in leant[0]
    assert leant[1:] == [f"and for {n} days?" for n in range(40)][1 - MOST_LEANT_ON :]
    assert leant_on("And for children?", history[:8]) == [turn.content for turn in history[:8:2]]


def test_that_one_is_pregnant_is_kept_from_long_ago_and_no_more_of_what_was_asked_then() -> None:
    told = "I am 20 weeks pregnant and I take lithium, can I eat cheese?"
    history = said("I'm pregnant.", told, "Does garlic lower high blood pressure?")
    read = matters("Does zinc shorten a cold?", history)
    assert read == "I am 20 weeks pregnant\nDoes zinc shorten a cold?"


def test_a_short_name_is_carried() -> None:
    assert rewritten("and for children?", said("Does vitamin D help bones?")).endswith("(vitamin D bones)")
    assert rewritten("Is it catching?", said("What is TB?")).endswith("(TB)")


def test_a_new_subject_leaves_the_old_one_behind() -> None:
    history = said("Is ibuprofen safe for the stomach?")
    fresh = "Does garlic lower high blood pressure in adults?"
    assert rewritten(fresh, history) == fresh
    later = rewritten("Does it help everyone?", [*history, *said(fresh)])
    assert "garlic" in later and "ibuprofen" not in later


LEANING = [
    "And for children?",
    "Is it safe?",
    "why?",
    "How much?",
    "What about pregnancy?",
    "what about it?",
    "For how long?",
    "Which is better?",
    "Can children take it?",
    "with alcohol?",
    "with warfarin?",
    "on an empty stomach?",
    "What are the side effects?",
    "side effects?",
    "What is the dose?",
    "any interactions?",
    "Is there an alternative?",
    "Is there a risk of bleeding?",
    "Can I drive?",
    "Can I drink alcohol?",
    "Is it ok to drink alcohol?",
    "Is it safe to take with warfarin?",
    "Is it safe to take while breastfeeding?",
    "Is it true that it causes ulcers?",
    "How much can a child take?",
    "How long should I wait?",
    "Explain in simple words please",
    "Thanks! And for children?",
]
STANDING = [
    "Why do statins cause muscle pain?",
    "How long does a cold last?",
    "When should I get a flu shot?",
    "How much salt is too much?",
    "When does menopause start?",
    "Is there a vaccine for malaria?",
    "Is it true that vaccines cause autism?",
    "Is it safe to take metformin while breastfeeding?",
    "Is it safe to eat raw eggs in pregnancy?",
    "Is it healthy to fast every week?",
    "How does one treat gout?",
    "What are the side effects of statins?",
    "Different topic: how is gout treated?",
    "what is TB?",
    "what is B6 for",
    "What is MS?",
    "is vitamin D good?",
    "?",
    "😀",
    "что такое диабет?",
    "During a heart attack what should people do?",
]
COURTESY = ["thanks", "ok", "Hi!", "yes", "Thank you so much!", "great, thanks", "good morning", "hello there"]


@pytest.mark.parametrize("question", LEANING)
def test_what_leans_on_the_past_is_known(question: str) -> None:
    assert follows(question)
    assert rewritten(question, []) == question
    assert "ibuprofen" in rewritten(question, said("Is ibuprofen safe for the stomach?"))


@pytest.mark.parametrize("question", [*STANDING, *COURTESY])
def test_what_stands_alone_or_asks_nothing_takes_nothing_from_the_past(question: str) -> None:
    assert rewritten(question, said("Is ibuprofen safe for the stomach?")) == question


@pytest.mark.parametrize("courtesy", COURTESY)
def test_a_courtesy_does_not_break_the_chain(courtesy: str) -> None:
    asked = rewritten("and for how long?", said("Is ibuprofen safe for the stomach?", courtesy))
    assert asked == "and for how long? (ibuprofen stomach)"


def test_what_any_medicine_is_asked_is_still_named_for_others() -> None:
    """Ratings and claims read subject(): "side" and "dose" stay words of it."""
    assert subject("What are the side effects and the dose?") == ["side", "dose"]


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
