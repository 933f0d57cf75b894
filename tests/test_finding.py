"""Evidence as the verifier takes it: from hits of the knowledge, nearness from cosines."""

from models.finding import FAR, NEAR, found
from models.knowledge import Hit, Passage

PASSAGE = Passage("p1", "Garlic", "Garlic is a plant.", year=2020, url="https://x.org", kind="review", limits="Adults.")


def test_nearness_is_a_share_of_the_cosines_that_mean_something() -> None:
    """Below FAR it is 0, above NEAR 1; a hit that only words brought up is far."""
    middle = (FAR + NEAR) / 2
    for cosine, near in ((0.1, 0.0), (FAR, 0.0), (middle, 0.5), (NEAR, 1.0), (0.99, 1.0)):
        assert abs(found(Hit(PASSAGE, 1.0, {"cosine": cosine})).near - near) < 1e-9
    assert found(Hit(PASSAGE, 1.0, {"bm25_rank": 1.0})).near == 0


def test_what_a_passage_says_of_itself_goes_along() -> None:
    one = found(Hit(PASSAGE, 1.0, {"cosine": 0.5}))
    assert (one.id, one.text, one.title, one.year, one.url, one.kind, one.limits) == (
        "p1", "Garlic is a plant.", "Garlic", 2020, "https://x.org", "review", "Adults."
    )  # fmt: skip
