"""Reads texts beside a query with the relevance adapter: orders the best of a search anew, and rates sentences.

How much its word counts beside the search's own order was fitted by training/fit_relevance.py and lies in
knowledge/relevance.json, for each shape of collection; a shape that is not named there is not read again. Importing
this file imports no torch. Knows nothing of indexes, pages or of where an adapter lies: it is handed what answers.
"""

import json
import math
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from models.shelf import SHIPPED
from tasks.relevance import RELEVANT, titled
from tasks.reply import Candidate
from tasks.spec import Example, Prediction

if TYPE_CHECKING:
    from models.knowledge import Passage

Answer = Callable[[Sequence[Example]], Sequence[Prediction]]

WEIGHTS = Path(__file__).parents[1] / "knowledge" / "relevance.json"
LONGEST = 4_000
"""Characters of a passage in which the sentences to be read are looked for."""
SECOND = 12
"""Sentences of a question that get a second opinion."""
_LEAST = 1e-6


class Mix(NamedTuple):
    """How many of the first hits are read, and what a unit of log-odds counts beside the search's own order."""

    first: int
    weight: float


@cache
def mixes(path: Path = WEIGHTS) -> dict[str, Mix]:
    """Return the fitted mix of each shape that is worth reading again."""
    saved = json.loads(path.read_text(encoding="utf-8"))
    return {shape: Mix(found["first"], found["weight"]) for shape, found in saved.items() if found["weight"] > 0}


@cache
def shipped(task: str = "relevance") -> Answer:
    """Return what answers with a task's adapter that comes with the project; it is read when first asked for."""
    import tasks
    from models.loading import load

    return load(tasks.get(task), SHIPPED / task).predict


def shares(answer: Answer, query: str, texts: Sequence[tuple[str, str]]) -> list[float]:
    """Return how likely each (title, text) answers the query or bears on it."""
    if not texts:
        return []
    asked = [Example(text=query, context=titled(title, text) if title else _line(text)) for title, text in texts]
    return [found.scores[RELEVANT] for found in answer(asked)]


def rate(answer: Answer, question: str, candidates: Sequence[Candidate]) -> list[float]:
    """Return for each sentence the probability that it answers the question."""
    return shares(answer, question, [(c.title, c.sentence) for c in candidates])


def doubted(said: Sequence[float], doubt: Callable[[Sequence[int]], Sequence[float]], enough: float) -> list[float]:
    """Return what the adapter said of each sentence, for the SECOND best as low as a second opinion below `enough`.

    The adapter learned from questions that have an answer and finds one to those that have none: at 0.3 it answered 28
    of 30 of Med-HALT's questions about nothing, where the rating of models/rating.py answered none. `doubt` gives that
    rating of the sentences at some places; all others are not worth quoting. Where the two agree on no sentence, the
    rating's word stands alone.
    """
    best = sorted(range(len(said)), key=lambda i: -said[i])[:SECOND]
    sure = dict(zip(best, doubt(best) if best else (), strict=True))
    agreed = {place: said[place] if sure[place] >= enough else min(said[place], sure[place]) for place in best}
    told = agreed if any(share >= enough for share in agreed.values()) else sure
    return [float(told.get(place, 0.0)) for place in range(len(said))]


def reranker(answer: Answer, weight: float) -> "Callable[[str, Sequence[Passage]], list[float]]":
    """Return what scores passages that come in the order of a search: by that order and by what the adapter says."""

    def rerank(query: str, passages: Sequence["Passage"]) -> list[float]:
        found = shares(answer, query, [(p.title, p.text[:LONGEST]) for p in passages])
        return [mixed(place, share, weight) for place, share in enumerate(found)]

    return rerank


def mixed(place: int, share: float, weight: float) -> float:
    """Return the score of the hit at `place` (from 0) that answers with probability `share`."""
    return weight * _odds(share) - math.log1p(place)


def _odds(share: float) -> float:
    kept = min(max(share, _LEAST), 1 - _LEAST)
    return math.log(kept / (1 - kept))


def _line(text: str) -> str:
    """Return a text without a title as one line: the first of several would be read as its title."""
    return " ".join(text.split())
