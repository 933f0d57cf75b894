"""What anybody would say of a medicine or a service in plain words, praise and blame of each aspect."""

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import tasks
from models.loading import load
from models.shelf import SHIPPED
from tasks.made_clauses import MADE, found, made
from tasks.review_aspects import plain_druglib, plain_drugscom
from tasks.spec import Data, Example, Prediction
from training import data, repeats

TASK = tasks.get("review_aspects")
with (Path(__file__).parent / "plain_clauses.tsv").open(encoding="utf-8", newline="") as file:
    PLAIN = list(csv.DictReader(file, delimiter="\t"))
"""Written before the adapter learned from plain clauses, and never learned from."""
ROWS = [{"uniqueID": str(n), "rating": "2", "review": "Nothing to see here."} for n in range(400)]


@cache
def answers() -> tuple[Prediction, ...]:
    return tuple(load(TASK, SHIPPED / TASK.name).predict([Example(text=row["clause"]) for row in PLAIN]))


def test_what_is_made_is_whole_and_balanced() -> None:
    clauses = [clause for row in ROWS for clause in made(row)]
    assert {(aspect, tone) for aspect, tone, _ in clauses} == set(MADE)
    counts = Counter((aspect, tone) for aspect, tone, _ in clauses)
    assert all(counts[aspect, "negative"] == counts[aspect, "positive"] for aspect, _ in MADE)
    assert not [text for _, _, text in clauses if "{" in text or "|" in text or not text[0].isupper()]
    assert made(ROWS[0]) == made(dict(ROWS[0])) and len(plain_drugscom(ROWS[0])) == 2


@pytest.mark.parametrize(
    ("clause", "rating", "said"),
    [
        ("It didn't do much for my knee.", 2, [("effectiveness", "negative")]),
        ("Absolutely no relief.", 1, [("effectiveness", "negative")]),
        ("The one before did not help.", 9, []),
        ("It did not have any side effects, no effect on sleep.", 2, []),
        ("The gel was easy to apply.", 9, [("ease of use", "positive")]),
        ("It is not easy to swallow.", 3, []),
        ("The tablets are huge.", 8, [("ease of use", "negative")]),
        ("The tablets are not huge.", 8, []),
        ("A horrible taste in my mouth.", 5, []),
        ("I take it at night.", 2, []),
    ],
)
def test_a_clause_is_found_by_its_words(clause: str, rating: int, said: list[tuple[str, str]]) -> None:
    assert [(aspect, tone) for aspect, tone, _ in found([clause], rating)] == said


@pytest.mark.parametrize("dataset", [d for d in TASK.data if d.role == "extra"], ids=lambda dataset: dataset.name)
def test_what_it_learns_from_is_not_what_it_is_judged_by(dataset: Data) -> None:
    if not data.here(dataset):
        pytest.skip(f"{dataset.name} is not on this machine")
    judged = {repeats.key(Example(text=row["clause"])) for row in PLAIN}
    assert not {repeats.key(example) for example in data.load(dataset, "train")} & judged


def test_all_fields_of_a_drug_review_are_searched() -> None:
    row = {"benefitsReview": "Fine", "sideEffectsReview": "None. It did not work", "commentsReview": "Easy to take."}
    rows = plain_druglib({**row, "rating": "3"})
    assert [(e.text, e.label) for e in rows] == [("It did not work", "negative"), ("Easy to take.", "positive")]


REACHED = {
    ("effectiveness", "negative"): (21, 21),
    ("effectiveness", "positive"): (20, 20),
    ("side effects", "negative"): (11, 10),
    ("side effects", "positive"): (10, 8),
    ("ease of use", "negative"): (12, 10),
    ("ease of use", "positive"): (11, 11),
    ("cost", "negative"): (6, 5),
    ("cost", "positive"): (6, 5),
    ("staff", "negative"): (6, 6),
    ("staff", "positive"): (6, 5),
    ("waiting", "negative"): (6, 6),
    ("waiting", "positive"): (4, 4),
    ("communication", "negative"): (4, 2),
    ("communication", "positive"): (6, 6),
    ("environment", "negative"): (6, 0),
    ("environment", "positive"): (5, 2),
    ("overall experience", "negative"): (5, 5),
    ("overall experience", "positive"): (5, 4),
}
"""Clauses whose polarity is right, and those whose aspect is found too: the surroundings are seldom recognised."""


@pytest.mark.parametrize(("aspect", "polarity"), REACHED)
def test_plain_clauses_are_read_as_well_as_when_it_was_trained(aspect: str, polarity: str) -> None:
    """One clause of a kind may go the other way on another machine."""
    rows = [(row, said) for row, said in zip(PLAIN, answers(), strict=True) if row["aspect"] == aspect]
    toned = [said for row, said in rows if row["polarity"] == polarity and said.best == polarity]
    reached = len(toned), sum(aspect in said.claimed for said in toned)
    assert all(now >= before - 1 for now, before in zip(reached, REACHED[aspect, polarity], strict=True))


def test_few_plain_clauses_are_turned_round_with_confidence() -> None:
    wrong = [
        row["clause"] for row, said in zip(PLAIN, answers(), strict=True) if said.label not in (None, row["polarity"])
    ]
    assert len(wrong) <= 6, wrong
