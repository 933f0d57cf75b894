"""Puts a misspelt word right for the search: one that nobody knows becomes the word of a card that it nearly is.

Knows nothing of search or pages: it is handed what says whether a word is known, and the words that may stand instead.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator

from tasks.medicines import MEDICINE

SHORTEST = 6
"""Letters a word needs: of a shorter one, one other letter makes another word."""
NEAR, NEAR_MEDICINE = 0.84, 0.88
"""Share of letters two words have in common (difflib) before one is taken for the other; of a medicine's name more."""
APART = 0.04
"""How much nearer it has to be than the next that is no other form of it."""
_STARTS = (
    ("hyper", "hypo"), ("sub", "supra"), ("supra", "super"), ("anti", "ante"), ("inter", "intra"), ("abd", "add"),
    ("macro", "micro"), ("eso", "exo"), ("endo", "ecto"), ("ile", "ili"), ("perineal", "peroneal"), ("pre", "per"),
)  # fmt: skip
_FINISHES = (
    ("itis", "osis", "oma", "emia", "uria", "iasis"), ("ectomy", "ostomy", "otomy"), ("ase", "ose"), ("agia", "asia"),
    ("ine", "ide", "ate", "ite"), ("pathy", "pexy"), ("penia", "philia"),
)  # fmt: skip
"""Beginnings and endings that make of one word another thing, often the opposite: none is ever put for another."""
RARE = frozenset(["adduction", "clonic", "cytosine", "ectopia", "habitus"])
"""Words on none of the lists that are asked, each a letter from another word of a card."""
_WORD = re.compile(r"(?<![\w'’-])[A-Za-z]?[a-z]{5,}(?![\w'’-])")
_MEDICINE = re.compile(MEDICINE, re.I)
_ENDS = (
    ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("d", ""), ("ied", "y"), ("ing", ""), ("ing", "e"),
    ("ly", ""), ("er", ""), ("er", "e"), ("able", ""), ("able", "e"), ("ness", ""), ("ally", ""),
)  # fmt: skip


class Speller:
    """Called with a question, it returns it with its misspelt words put right. It keeps nothing of it."""

    def __init__(self, known: Callable[[str], bool], words: Iterable[str]) -> None:
        """Take what says of a word in small letters whether it is known, and the words that may stand instead."""
        self._known = known
        self._words = frozenset(word for word in words if len(word) >= SHORTEST)

    def __call__(self, question: str) -> str:
        """Return the question with its misspelt words put right."""
        return _WORD.sub(lambda found: self._right(found[0]), question)

    def _right(self, word: str) -> str:
        lowered = word.lower()
        if len(word) < SHORTEST or self._ordinary(lowered):
            return word
        # A slip of the hand is one letter; what differs by more may be another word that nobody listed.
        slips = sorted(other for other in self._words if _slip(lowered, other))
        near = difflib.get_close_matches(lowered, slips, 3, NEAR)
        if not near:
            return word
        best, share = near[0], _share(lowered, near[0])
        rivals = [other for other in near[1:] if other[:5] != best[:5] and share - _share(lowered, other) < APART]
        unsure = share < NEAR_MEDICINE and bool(_MEDICINE.fullmatch(best))
        turned = any(_slip(lowered, other) for other in _opposites(best))
        return word if rivals or unsure or turned else best

    def _ordinary(self, word: str) -> bool:
        """Whether a word is known, a form of a known one, or what a medicine may be called: that is never changed."""
        return bool(_MEDICINE.fullmatch(word)) or any(
            form in self._words or self._known(form) for form in _forms(word) if len(form) > 3
        )


def _forms(word: str) -> Iterator[str]:
    yield word
    for end, instead in _ENDS:
        if word.endswith(end):
            stem = word.removesuffix(end) + instead
            yield stem
            if stem[-2:-1] == stem[-1:]:  # "stopped"
                yield stem[:-1]


def _share(one: str, other: str) -> float:
    # In the order in which get_close_matches compares.
    return difflib.SequenceMatcher(None, other, one).ratio()


def _slip(one: str, other: str) -> bool:
    """Whether words with one first letter differ by one letter at most: added, lost, changed or swapped."""
    if one[:1] != other[:1] or abs(len(one) - len(other)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    mine, theirs = one[at:], other[at:]
    return (
        mine[1:] == theirs[1:]
        or mine[1:] == theirs
        or mine == theirs[1:]
        or (mine[:2] == theirs[1::-1] and mine[2:] == theirs[2:])
    )


def _opposites(word: str) -> Iterator[str]:
    """Yield what a word would be with another beginning or ending: what is as near to these may mean one of them."""
    for pair in _STARTS:
        for start, instead in (pair, pair[::-1]):
            if word.startswith(start):
                yield instead + word.removeprefix(start)
    for ends in _FINISHES:
        for end in ends:
            if word.endswith(end):
                yield from (word.removesuffix(end) + instead for instead in ends if instead != end)
