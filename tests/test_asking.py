"""What a yes/no question asks is put into a claim, and what asks for leave is told apart."""

import pytest

from tasks.asking import asks_leave, asks_need, claimed, topic_asked


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        ("Is psoriasis contagious?", "psoriasis contagious."),
        ("Does garlic lower blood pressure?", "garlic lower blood pressure."),
        ("Hi, can you catch shingles from somebody?", "you catch shingles from somebody."),
        ("Isn't psoriasis contagious?", "psoriasis contagious."),
        ("Don’t vaccines cause autism?", "vaccines cause autism."),
        ("Is it true that garlic cures cancer?", "garlic cures cancer."),
        ("Is it really a fact: carrots help you see in the dark", "carrots help you see in the dark."),
        ("Do you know whether gout is hereditary?", "gout is hereditary."),
        ("I was wondering if shingles is contagious", "shingles is contagious."),
        ("Is there a cure for gout?", "there is a cure for gout."),
        ("Can St. John's wort make the pill fail?", "St. John's wort make the pill fail."),
        ("Does garlic thin the blood, right?", "garlic thin the blood."),
        ("Doesn't garlic thin the blood?", "garlic thin the blood."),
        ("Does sugar really make children hyper??", "sugar make children hyper."),
        ("Hello doctor, can you tell me if gout is hereditary?", "gout is hereditary."),
        ("Do you think that garlic thins the blood?", "garlic thins the blood."),
    ],
)
def test_a_yes_no_question_is_read_as_what_it_asks(question: str, claim: str) -> None:
    assert claimed(question) == claim


@pytest.mark.parametrize(
    "question",
    [
        "What is gout?",
        "How does garlic lower blood pressure?",
        "Does salt not raise blood pressure?",
        "Is it that you should never eat eggs?",
        "Is it a myth that carrots help you see?",
        "Is gout hereditary or caused by food?",
        "Is gout viral OR bacterial?",
        "Is honey ok? Is it safe for babies?",
        "Is honey good for coughs?Is it safe for babies",
        "Does aspirin thin blood, and is it safe?",
        "If a child has fever, should aspirin be given?",
        "Is it false that vaccines cause autism?",
        "Is measles neither dangerous nor contagious?",
        "Is insulin unnecessary in type 1 diabetes?",
        "Do antibiotics fail to cure colds?",
        "Is that eczema contagious?",
        "Is it true what they say about eggs?",
        "Do you know what gout is?",
        "Can you tell me why measles is contagious?",
        "Does garlic help " + "-" * 1900 + "?",
        "My mother has gout. Is it hereditary?",
        "Is gout?",
        "Does",
        "",
        "Do " + "very " * 40 + "old people sleep less?",
    ],
)
def test_what_is_no_plain_question_is_left_alone(question: str) -> None:
    """Another kind of question, a denial, a choice, a story: a yes or no to it would be read wrongly."""
    assert claimed(question) is None


@pytest.mark.parametrize(
    "question",
    [
        "Should you stop antidepressants suddenly?",
        "Can you eat raw chicken?",
        "Can children under one have honey?",
        "Is it safe to fly with a cold?",
        "Is smoking now and then harmless?",
        "Could people with asthma take ibuprofen?",
        "Can insulin be stopped?",
        "Is it possible to stop statins?",
        "Does stopping statins help?",
        "Is it correct to take aspirin daily?",
    ],
)
def test_who_asks_for_leave_is_told_apart(question: str) -> None:
    assert asks_leave(question)


@pytest.mark.parametrize(
    "question",
    [
        "Is psoriasis contagious?",
        "Can shingles be caught?",
        "Does garlic work?",
        "Can stress raise it?",
        "Do healthy babies need vitamin K?",
    ],
)
def test_who_asks_for_a_fact_asks_for_no_leave(question: str) -> None:
    assert not asks_leave(question)


def test_who_asks_whether_something_need_be_done_or_is_serious_is_told_apart() -> None:
    assert all(map(asks_need, ("Does a snake bite need treatment?", "Must a fever be treated?", "Is sepsis serious?")))
    assert not asks_need("Is psoriasis contagious?")


@pytest.mark.parametrize("text", ["can" + "'" * 2000, "can" + "-can" * 500, "can" + " -'" * 600, "is a " * 400])
def test_long_runs_are_read_at_once(text: str) -> None:
    """A pattern that let quotes and dashes belong to words and to gaps never came to an end."""
    assert not asks_leave(text) or claimed(text) is None


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("What is known about cholera?", "cholera"),
        ("Back pain: what is known?", "Back pain"),
        ("Measles", "Measles"),
        ("what's the flu", "flu"),
        ("Hi, could you tell me more about lupus please?", "lupus"),
        ("I would like to know more about gout", "gout"),
        ("What should I know about antacids?", "antacids"),
        ("What are the symptoms of measles?", "symptoms of measles"),
        ("I have gout. What now?", ""),
        ("", ""),
        ("tell me " * 500, ""),
    ],
)
def test_an_open_question_names_its_topic(question: str, topic: str) -> None:
    assert topic_asked(question) == topic
