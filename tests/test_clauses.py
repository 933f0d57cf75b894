"""Where a pasted review is cut into clauses, and that the rows of the data sets stay cut as they were learned."""

import pytest

from tasks.review_aspects import clauses, from_druglib, from_drugscom


@pytest.mark.parametrize(
    "text",
    [
        "The staff were anything but helpful.",
        "It gave me nothing but headaches.",
        "It gave me nothing  but headaches.",
        "I had no choice but to stop it.",
        "I could not help but cry all day.",
        "I have not yet noticed any side effects.",
        "I have yet to feel any better.",
        "I felt as though nobody was listening.",
        "I saw Dr. Smith and then Mrs. Jones today.",
        "My dr. put me on this last year.",
        "I take 20 mg. daily and 10mg. at night.",
    ],
)
def test_a_fixed_phrase_is_not_cut(text: str) -> None:
    assert clauses(text) == [text]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("It did not help but the cream did.", ["It did not help", "but the cream did."]),
        ("I felt nothing, but my sister did.", ["I felt nothing", "but my sister did."]),
        ("It hurt a lot, yet I would return.", ["It hurt a lot", "yet I would return."]),
        ("It hurt a lot; yet I would return.", ["It hurt a lot", "yet I would return."]),
        ("I would take it even though it hurt.", ["I would take it", "even though it hurt."]),
        ("Good care though parking was poor.", ["Good care", "though parking was poor."]),
        ("I take 20 mg. It cured me.", ["I take 20 mg.", "It cured me."]),
        ("The food was great. I waited long!", ["The food was great.", "I waited long!"]),
    ],
)
def test_a_turn_is_cut(text: str, cut: list[str]) -> None:
    assert clauses(text) == cut


def test_the_rows_of_the_data_sets_are_cut_as_they_were_when_it_was_trained() -> None:
    (row,) = from_drugscom({"review": "It was nothing but cheap to buy."})
    assert row.text == "but cheap to buy."
    opinion = {"effectiveness": "Highly Effective", "sideEffects": "No Side Effects", "commentsReview": ""}
    rows = from_druglib(
        {**opinion, "benefitsReview": "Has not yet done anything.", "sideEffectsReview": "None so far."}
    )
    assert [row.text for row in rows] == ["Has not", "None so far."]
