"""What counts as saying a sentence again."""

import pytest

from tasks.passage import gainsaid, restated

METFORMIN = "Metformin lowers blood sugar in people with type 2 diabetes."


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (METFORMIN, METFORMIN),
        ("metformin lowers blood sugar in type 2 diabetes", METFORMIN),
        ("Metformin lowers blood sugar.", METFORMIN),
    ],
)
def test_a_sentence_is_said_again_with_words_left_out(said: str, sentence: str) -> None:
    assert restated(said, sentence)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("Metformin cures type 2 diabetes.", METFORMIN),
        ("Blood sugar lowers metformin.", METFORMIN),
        ("It is used for type 1 diabetes.", "It is not used for type 1 diabetes."),
        ("Zorvil causes rashes.", "Zorvil rarely causes rashes."),
        ("Zorvil cause rashes.", "Zorvil may cause rashes."),
        ("Zorvil helps.", "Zorvil helps only if it is taken daily."),
        ("Zorvil is safe.", "The claim that Zorvil is safe was withdrawn."),
        ("Zorvil helps.", "Zorvil " + "very " * 9 + "helps."),
        ("", METFORMIN),
        ("...", ""),
    ],
)
def test_what_weighs_may_not_be_left_out(said: str, sentence: str) -> None:
    assert not restated(said, sentence)


@pytest.mark.parametrize(
    ("said", "sentence", "wanted"),
    [
        ("It is used for type 1 diabetes.", "It is not used for type 1 diabetes.", True),
        ("Zorvil does not cure gout.", "Zorvil does cure gout.", True),
        ("Zorvil has an effect.", "Zorvil has no effect.", True),
        ("Zorvil is used for gout.", "Zorvil is not used for colds.", False),
        ("Zorvil is not used for gout.", "Zorvil is not used for gout.", False),
        ("Zorvil is used.", "Zorvil is rarely not used.", False),
    ],
)
def test_a_denial_in_the_same_words_is_a_contradiction(said: str, sentence: str, wanted: bool) -> None:
    assert gainsaid(said, sentence) is wanted
