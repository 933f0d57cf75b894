"""What people's ratings of answers amount to: means and shares with their intervals, and how far raters agree.

Ratings in, numbers out; None where a number has no meaning. Several ratings of answers to one question hang together,
so intervals redraw whole questions. Knows nothing of files or pages.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tasks.ratings import SAME, STEPS, Rating
from training.agreement import agreement, alpha
from training.statistics import interval, wilson

DRAWS = 2000
ENOUGH = 5
"""Rows that two raters share from which on their kappa counts: of one or two it is 0 or 1 by luck."""
Interval = tuple[float, float] | None
"""A 95 % interval; None where one question alone tells nothing of others."""


@dataclass(frozen=True)
class Mean:
    """The mean of some marks of `n` ratings, and the 95 % interval of it."""

    n: int
    value: float
    interval: Interval


@dataclass(frozen=True)
class Answerer:
    """How one answerer was rated; `grade` is the mean school grade of the answers, each counted once."""

    name: str
    questions: int
    factuality: Mean
    clarity: Mean
    grade: float


@dataclass(frozen=True)
class Contest:
    """How often the first of two answerers was preferred to the second.

    `share` is of the ratings that preferred one of them, None where none did; `interval` is the 95 % interval of it.
    """

    first: str
    second: str
    wins: int
    losses: int
    same: int
    interval: Interval

    @property
    def share(self) -> float | None:
        """Return the share of wins among what was decided."""
        decided = self.wins + self.losses
        return self.wins / decided if decided else None


@dataclass(frozen=True)
class Agreed:
    """How far raters agree on one thing over `n` answers or pairs that at least two of them rated.

    `alpha` is Krippendorff's; `kappa` the mean of Cohen's over all two raters who share enough rows, weighted by those.
    """

    what: str
    n: int
    alpha: float | None
    kappa: float | None


@dataclass(frozen=True)
class Summary:
    """All of it, over `n` ratings by `raters` people."""

    n: int
    raters: int
    questions: int
    answerers: tuple[Answerer, ...]
    contests: tuple[Contest, ...]
    agreed: tuple[Agreed, ...]


def summary(ratings: Sequence[Rating]) -> Summary:
    """Return what the ratings amount to."""
    names = sorted({name for one in ratings for name in (one.name_a, one.name_b)})
    return Summary(
        len(ratings),
        len({one.rater for one in ratings}),
        len({one.question for one in ratings}),
        tuple(_answerer(name, ratings) for name in names),
        tuple(filter(None, (_contest(a, b, ratings) for a, b in combinations(names, 2)))),
        (_agreed("factuality", ratings), _agreed("clarity", ratings), _agreed_preference(ratings)),
    )


def _answerer(name: str, ratings: Sequence[Rating]) -> Answerer:
    mine = [one for one in ratings if name in (one.name_a, one.name_b)]
    grades = {
        (one.question, text): grade
        for one in mine
        for who, text, grade in ((one.name_a, one.answer_a, one.grade_a), (one.name_b, one.answer_b, one.grade_b))
        if who == name
    }
    means = [
        _mean([(one.question, mark) for one in mine for who, mark in one.marks(what) if who == name])
        for what in ("factuality", "clarity")
    ]
    return Answerer(name, len({one.question for one in mine}), *means, float(np.mean(list(grades.values()))))


def _mean(marks: Sequence[tuple[str, float]]) -> Mean:
    """Return the mean of (question, mark), and its interval."""
    return Mean(len(marks), float(np.mean([mark for _, mark in marks])), _redrawn(marks))


def _redrawn(marks: Sequence[tuple[str, float]]) -> Interval:
    """Return the interval of the mean of (question, mark) by redrawing questions (a cluster bootstrap)."""
    places = {question: i for i, question in enumerate(dict.fromkeys(question for question, _ in marks))}
    if len(places) < 2:
        return None
    sums, counts = np.zeros(len(places)), np.zeros(len(places))
    for question, mark in marks:
        sums[places[question]] += mark
        counts[places[question]] += 1
    draws = np.random.default_rng(1).multinomial(len(places), np.full(len(places), 1 / len(places)), size=DRAWS)
    return interval((draws @ sums) / (draws @ counts))


def _contest(first: str, second: str, ratings: Sequence[Rating]) -> Contest | None:
    both = [one for one in ratings if {one.name_a, one.name_b} == {first, second}]
    if not both:
        return None
    said = Counter(one.preferred for one in both)
    won = [(one.question, float(one.preferred == first)) for one in both if one.preferred]
    return Contest(first, second, said[first], said[second], said[""], _share_interval(won))


def _share_interval(won: Sequence[tuple[str, float]]) -> Interval:
    """Return the interval of a share of (question, 0 or 1); where all say the same, Wilson's with questions for rows.

    However questions are redrawn that all say the same, the share stays: an interval of no width would claim too much.
    """
    found = _redrawn(won)
    if found is None or len({mark for _, mark in won}) > 1:
        return found
    questions = len({question for question, _ in won})
    return wilson(questions if won[0][1] else 0, questions)


def _agreed(what: str, ratings: Sequence[Rating]) -> Agreed:
    """Return the agreement on marks, which stand in an order; what is rated is an answer within its pair."""
    said = ((one.rater, (one.pair, name), mark - STEPS[0]) for one in ratings for name, mark in one.marks(what))
    return _agreement(what, said, len(STEPS), ordinal=True)


def _agreed_preference(ratings: Sequence[Rating]) -> Agreed:
    """Return the agreement on which of a pair is better, whichever was shown first."""
    said = (
        (one.rater, (one.pair, SAME), 2 if not one.preferred else sorted((one.name_a, one.name_b)).index(one.preferred))
        for one in ratings
    )
    return _agreement("preference", said, 3, ordinal=False)


def _agreement(what: str, said: Iterable[tuple[str, tuple[str, str], int]], labels: int, ordinal: bool) -> Agreed:
    cells: dict[tuple[str, str], dict[str, int]] = {}
    for rater, unit, label in said:
        cells.setdefault(unit, {})[rater] = label
    units = [marks for marks in cells.values() if len(marks) > 1]
    raters = sorted({rater for marks in units for rater in marks})
    if not units:
        return Agreed(what, 0, None, None)
    table = np.array([[marks.get(rater, -1) for marks in units] for rater in raters])
    kappas: list[tuple[float, int]] = []
    for one, other in combinations(range(len(raters)), 2):
        both = (table[one] >= 0) & (table[other] >= 0)
        if both.sum() >= ENOUGH:
            found = agreement({"one": table[one][both].tolist(), "other": table[other][both].tolist()}, labels)
            if (kappa := found.kappas[0][1]) is not None:
                kappas.append((kappa, int(both.sum())))
    mean = float(np.average([kappa for kappa, _ in kappas], weights=[rows for _, rows in kappas])) if kappas else None
    return Agreed(what, len(units), alpha(table, labels, ordinal), mean)
