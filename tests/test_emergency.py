"""Danger is put above any answer, in many phrasings; a question about it, a denial and the past are not danger."""

import pytest

from tasks.emergency import CRISIS, POISON, emergency

DANGER = {
    "heart attack signs": [
        "I have chest pain and my arm tingles",
        "There is a crushing pain in my chest",
        "my chest hurts, what should I take?",
        "Can I take aspirin for pressure on my chest?",
        "I think I'm having a heart attack",
        "dad says an elephant is sitting on my chest",
    ],
    "stroke signs": [
        "My wife's face is drooping",
        "suddenly slurred speech, is it the new pill?",
        "My left arm has gone numb all at once",
        "He is slurring his words",
        "I can't move my right arm",
        "grandma's mouth is crooked since breakfast",
    ],
    "overdose or poisoning": [
        "I took too many paracetamol",
        "My toddler swallowed a button battery",
        "She overdosed on her sleeping pills",
        "he drank bleach by mistake",
        "I've taken all of my pills",
        "I took a whole bottle of ibuprofen",
    ],
    "suicidal thoughts": [
        "I want to die",
        "I don't want to live any more",
        "I keep thinking about killing myself",
        "everyone would be better off dead without me... I would be better off dead",
        "How can I end my life?",
        "I'm feeling suicidal since the new antidepressant",
        "there is no reason to go on",
    ],
    "trouble breathing": [
        "I can't breathe",
        "my son is gasping for air",
        "Her lips are blue",
        "My throat is closing up after the penicillin",
        "He is not breathing",
    ],
    "unconsciousness or a seizure": [
        "my husband is unconscious",
        "She won't wake up",
        "He's having a seizure",
        "my mother just collapsed",
    ],
    "heavy bleeding": [
        "I'm bleeding heavily",
        "He is vomiting blood",
        "I can't stop the bleeding",
        "the wound is bleeding and it won't stop",
    ],
    "danger to an unborn child or in pregnancy": [
        "My baby has stopped moving, I'm 34 weeks",
        "I am pregnant and bleeding",
    ],
}
CALM = [
    "What are the signs of a stroke?",
    "How is a heart attack treated?",
    "Does aspirin prevent heart attacks?",
    "I have no chest pain, only a cough",
    "The patient denies chest pain",
    "I had a stroke in 2015 and take aspirin",
    "He had chest pain years ago",
    "Can garlic cure high blood pressure?",
    "What does suicidal ideation mean?",
    "Is it true that overdose deaths are rising?",
    "Can I take ibuprofen if I'm already on aspirin for heart disease?",
    "What causes shortness of breath?",
    "I am not suicidal, just tired",
    "My father has a family history of stroke; having a stroke myself worries me",
    "What is anaphylaxis?",
    "How do overdoses of vitamin D happen?",
    "",
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in DANGER.items() for text in texts])
def test_danger_is_recognised(kind: str, text: str) -> None:
    found = emergency(text)
    assert found is not None and found.kind == kind


@pytest.mark.parametrize("text", CALM)
def test_what_is_no_danger_raises_no_alarm(text: str) -> None:
    assert emergency(text) is None


def test_each_danger_has_its_own_words() -> None:
    """A crisis line and a poison centre are named where they help; curly quotes are read too."""
    for text, message in (("I want to die", CRISIS), ("I took too many pills", POISON)):
        found = emergency(text)
        assert found and found.message == message
    assert emergency("I can’t breathe") is not None


def test_the_gravest_is_said_first() -> None:
    found = emergency("I took too many pills because I want to die, and my chest hurts")
    assert found and found.kind == "suicidal thoughts"
