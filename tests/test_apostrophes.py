"""Apostrophes that people leave out are put back, and what they deny is heard as denied."""

import pytest
from test_claims import GARLIC, verifier

from models.claims import check
from tasks.apostrophes import apostrophised
from tasks.asking import claimed
from tasks.emergency import emergency

WORDS = "isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't couldn't won't shouldn't mustn't"


@pytest.mark.parametrize("word", WORDS.split())
@pytest.mark.parametrize("mark", ["", "’", "‘", "´", "`"])
def test_every_way_to_write_it_is_the_same_word(word: str, mark: str) -> None:
    written = f"It {word.replace(chr(39), mark)} so. {word.replace(chr(39), mark).capitalize()} it?"
    assert apostrophised(written) == f"It {word} so. {word.capitalize()} it?"
    assert apostrophised(apostrophised(written)) == apostrophised(written)


def test_other_words_stay() -> None:
    same = "I want an important plant, a servant and penchants; cantaloupe. 5\u20327"
    assert apostrophised(same) == same


def test_claims_and_questions_are_heard_with_them() -> None:
    """A claim that denies what a card denies too is no longer read as what it denies."""
    heard = check("Garlic cant cure gout.", lambda q, k: [GARLIC], verifier)
    assert heard.claims[0].claim == "Garlic can't cure gout."
    assert claimed("Doesnt zorvil cure gout?") == claimed("Doesn’t zorvil cure gout?") == "zorvil cure gout."


@pytest.mark.parametrize(
    "text",
    [
        "Should I go to A&E with a swollen leg and short of breath?",
        "I have a swollen leg, out of breath",
        "calf pain and short of breath since the flight",
        "im short of breath",
        "I’m short of breath",
        "my mum is getting short of breath",
    ],
)
def test_who_is_short_of_breath_is_in_danger(text: str) -> None:
    found = emergency(text)
    assert found and found.kind == "trouble breathing"


@pytest.mark.parametrize(
    "text",
    [
        "Swollen legs and shortness of breath in heart failure",
        "I had a swollen leg, no shortness of breath",
        "I'm short of breath when I climb stairs, is it asthma?",
        "I am not short of breath",
        "People with COPD are short of breath",
        "he was short of breath last year",
    ],
)
def test_shortness_of_breath_in_general_or_on_the_stairs_is_none(text: str) -> None:
    assert emergency(text) is None
