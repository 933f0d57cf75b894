"""Evidence as the verifier takes it: from hits of the knowledge, nearness from cosines."""

from collections.abc import Sequence
from pathlib import Path

from encyclopedia import embed

from models.claims import check
from models.finding import FAR, NEAR, Finder, found
from models.knowledge import Hit, Passage, building
from tasks.health_claims import LABELS
from tasks.spec import Example, Prediction
from tasks.verdict import FALSE, Limits

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


def test_rows_of_two_tables_with_one_number_are_two_sources(root: Path) -> None:
    """A verdict rests on the one that decided; neither is taken for the other. Ids of the cards stay as they are."""
    for name, text in (("first", "Garlic is a plant of the kitchen."), ("second", "Garlic does not cure gout.")):
        building.build([Passage("1", "Garlic", text)], root / name, "own file", embed=embed, quiet=True)
    finder = Finder(root)

    def search(text: str, k: int) -> Sequence:
        return [one for one in finder(text, k) if one.id.endswith("/1")]

    def verify(examples: Sequence[Example]) -> Sequence[Prediction]:
        told = [(0.02, 0.96, 0.02) if "not cure" in e.context else (0.01, 0.01, 0.98) for e in examples]
        return [Prediction(None, LABELS[2], dict(zip(LABELS, scores, strict=True))) for scores in told]

    said = check("Garlic cures gout.", search, verify, Limits(near=0))
    assert said.verdict.label == FALSE and said.verdict.decided_by == ("second/1",)
    assert {e.found.id for e in said.claims[0].evidence} == {"first/1", "second/1"}
    card = Passage("garlic", "Garlic", "Garlic is a plant.", "cards")
    assert found(Hit(card, 1.0, index="cards")).id == "garlic"
