"""What people's ratings amount to, as rows of plain text for tables. Knows nothing of Gradio or of files."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.ratings_report import Interval, Mean, Summary

NONE = "–"
"""Stands where a number has no meaning yet."""
FEW = "not enough"
"""Stands for the kappa where several rated, but no two of them enough of the same."""


def said_of(told: "Summary") -> str:
    """Say in numbers alone what there is."""
    return f"**{told.n:,} ratings** by {told.raters:,} raters, of answers to {told.questions:,} questions."


def answerer_rows(told: "Summary") -> list[list[str]]:
    """Return a row for every answerer: marks with their intervals, and how hard the answers are to read."""
    return [
        [one.name, f"{one.questions:,}", _mean(one.factuality), _mean(one.clarity), f"{max(one.grade, 0):.1f}"]
        for one in told.answerers
    ]


def contest_rows(told: "Summary") -> list[list[str]]:
    """Return a row for every two answerers that were set beside each other."""
    return [
        [
            one.first,
            one.second,
            f"{one.wins:,}",
            f"{one.losses:,}",
            f"{one.same:,}",
            NONE if one.share is None else f"{one.share:.0%} {_span(one.interval, '.0%')}".strip(),
        ]
        for one in told.contests
    ]


def agreed_rows(told: "Summary") -> list[list[str]]:
    """Return how far raters agree on each thing."""
    return [
        [one.what, f"{one.n:,}", _number(one.alpha), _number(one.kappa, NONE if one.alpha is None else FEW)]
        for one in told.agreed
    ]


def _mean(mean: "Mean") -> str:
    return f"{mean.value:.2f} {_span(mean.interval, '.2f')}".strip()


def _span(interval: "Interval", form: str) -> str:
    return "" if interval is None else f"[{interval[0]:{form}}, {interval[1]:{form}}]"


def _number(value: float | None, none: str = NONE) -> str:
    return none if value is None else f"{value:.2f}"
