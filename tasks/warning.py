"""Which of two sentences is said first: one that warns, before one that calms about the same. A rule list."""

import re
from collections.abc import Sequence

from tasks.restraint import direction

CLOSE = 0.75
"""How much of a calming sentence's score a warning needs to be quoted before it."""
_RISK = r"(?:risks?|harm\w*|danger\w*|problems?|side effects?|chance|complications?|bleeding|effect)"
_CALMS = re.compile(
    rf"\b(?:little|low|lower|lowest|small|minimal|slight|negligible|no|rare|rarely|unlikely)\b(?:\W+\w+){{0,3}}?\W+{_RISK}\b|"
    rf"\b{_RISK}\b(?:\W+\w+){{0,4}}?\W+(?:low|small|minimal|slight|rare|unlikely|negligible)\b|"
    r"\b(?:fairly|generally|mostly|usually|considered|thought|likely) (?:to be )?safe\b|\bsafe for (?:most|many)\b",
    re.I,
)


def calms(sentence: str) -> bool:
    """Return whether a sentence lets somebody dare something: it denies a harm, calls it small, or permits."""
    return bool(_CALMS.search(sentence)) or direction(sentence) == "permits"


def warns(sentence: str) -> bool:
    """Return whether a sentence holds somebody back, and says nothing that calms."""
    return not calms(sentence) and direction(sentence) == "warns"


def first(said: Sequence[tuple[str, float]]) -> int:
    """Return the place of what is quoted first of sentences with their scores, the best first.

    Whoever reads one sentence only should not read that there is little risk where the next one says what it is.
    """
    best, score = said[0]
    if not calms(best):
        return 0
    return next((at for at, (text, other) in enumerate(said) if warns(text) and other >= CLOSE * score), 0)
