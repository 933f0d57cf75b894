"""What people say of two answers to one question: the pair they saw, how it is hidden, and what they thought of it.

Pure data and functions. Knows nothing of files, of who answered, or of pages.
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from tasks.spec import UserError, check_text, clean

STEPS = (1, 2, 3, 4, 5)
"""Marks for factuality and clarity, 5 the best."""
FIRST, SECOND, SAME = "A", "B", "no difference"
CHOICES = (FIRST, SECOND, SAME)
"""What may be preferred."""

OF_FILE = " (from a file)"
"""Follows the names in pairs that were made elsewhere."""

MOST_QUESTION = 2_000
MOST_ANSWER = 8_000
MOST_COMMENT = 1_000
MOST_NAME = 60
"""Longest texts, in characters."""


@dataclass(frozen=True)
class Pair:
    """A question with two answers, in the order in which they are shown, and who gave them."""

    question: str
    answer_a: str
    answer_b: str
    name_a: str
    name_b: str

    @property
    def id(self) -> str:
        """Return what names these two answers to this question, whichever is shown first."""
        both = sorted(((self.name_a, self.answer_a), (self.name_b, self.answer_b)))
        return hashlib.sha256(repr((self.question, both)).encode()).hexdigest()[:16]

    def of_file(self) -> "Pair":
        """Return the pair as one of somebody's file: the names in it are theirs to choose, and nobody's here."""
        return replace(self, name_a=f"{self.name_a}{OF_FILE}", name_b=f"{self.name_b}{OF_FILE}")

    def turned(self) -> "Pair":
        """Return the same pair the other way round."""
        return replace(self, answer_a=self.answer_b, answer_b=self.answer_a, name_a=self.name_b, name_b=self.name_a)


@dataclass(frozen=True)
class Rating:
    """What one person said of one pair.

    `grade_a` and `grade_b` are the school grades from which the answers are read (Flesch-Kincaid); `at` is an ISO 8601
    time in UTC.
    """

    pair: str
    question: str
    name_a: str
    name_b: str
    answer_a: str
    answer_b: str
    factuality_a: int
    factuality_b: int
    clarity_a: int
    clarity_b: int
    preference: str
    grade_a: float
    grade_b: float
    comment: str
    rater: str
    at: str

    @property
    def preferred(self) -> str:
        """Return the name of the answerer that was preferred; empty where neither was."""
        return {FIRST: self.name_a, SECOND: self.name_b}.get(self.preference, "")

    def marks(self, what: str) -> tuple[tuple[str, int], tuple[str, int]]:
        """Return (answerer, mark) of both answers for "factuality" or "clarity"."""
        cells = asdict(self)
        return (self.name_a, cells[f"{what}_a"]), (self.name_b, cells[f"{what}_b"])


COLUMNS = tuple(f.name for f in fields(Rating))
"""The columns of what is stored and exported, in order."""


def pair(cells: Mapping[str, Any]) -> Pair:
    """Return the pair that a row of somebody's file holds: question, answer_a, answer_b, name_a, name_b.

    Raises:
        UserError: if a text is missing or too long, or both answers are by the same answerer.
    """
    found = Pair(
        check_text(cells.get("question", ""), MOST_QUESTION, "question"),
        check_text(cells.get("answer_a", ""), MOST_ANSWER, "answer A"),
        check_text(cells.get("answer_b", ""), MOST_ANSWER, "answer B"),
        check_text(cells.get("name_a", ""), MOST_NAME, "name of who gave answer A"),
        check_text(cells.get("name_b", ""), MOST_NAME, "name of who gave answer B"),
    )
    if found.name_a == found.name_b:
        raise UserError("Both answers are by the same answerer; there is nothing to compare.")
    return found


def hidden(found: Pair, draw: random.Random) -> Pair:
    """Return the pair in an order that says nothing of who gave which answer."""
    return found.turned() if draw.random() < 0.5 else found


def rating(
    found: Pair,
    marks: Sequence[object],
    preference: object,
    comment: object,
    rater: str,
    grades: Sequence[float],
    at: str,
) -> Rating:
    """Return a checked rating; `marks` are factuality of A and B, then clarity of A and B.

    Raises:
        UserError: if something was not answered, or the comment is too long.
    """
    if len(marks) != 4 or any(isinstance(mark, bool) or mark not in STEPS for mark in marks):
        raise UserError("Please mark factuality and clarity of both answers, from 1 to 5.")
    if preference not in CHOICES:
        raise UserError("Please say which answer you prefer, or that there is no difference.")
    said = comment if isinstance(comment, str) else ""
    if len(said) > MOST_COMMENT:
        raise UserError(f"This comment has {len(said):,} characters; at most {MOST_COMMENT:,} are kept.")
    whole = [int(str(mark)) for mark in marks]
    return Rating(
        pair=found.id,
        question=found.question,
        name_a=found.name_a,
        name_b=found.name_b,
        answer_a=found.answer_a,
        answer_b=found.answer_b,
        factuality_a=whole[0],
        factuality_b=whole[1],
        clarity_a=whole[2],
        clarity_b=whole[3],
        preference=str(preference),
        grade_a=round(grades[0], 2),
        grade_b=round(grades[1], 2),
        comment=clean(said),
        rater=rater,
        at=at,
    )


def rater_name(typed: object, drawn: str) -> str:
    """Return the drawn name of a rater's page, with the name they gave before it: anybody may type anybody's.

    Raises:
        UserError: if the name is too long.
    """
    name = clean(typed) if isinstance(typed, str) else ""
    if len(name) > MOST_NAME:
        raise UserError(f"A name may have at most {MOST_NAME} characters.")
    said = " ".join(name.split())
    return f"{said} ({drawn})" if said else drawn
