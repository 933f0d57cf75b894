"""Kinds that one letter or number tells apart: hepatitis B, vitamin C, type 1 of diabetes.

They weigh next to nothing in a vector and are passed over where words are compared, so that what is said of hepatitis A
lies near a question on hepatitis B. Pure functions.
"""

import re

_KIND = re.compile(
    r"\b(hepatitis|vitamin|type|omega|factor|group|grade|stage|phase)s?[ -]?([a-ek]\d{0,2}|[ivx]{1,4}|\d{1,2})\b", re.I
)
_LETTERED = ("hepatitis", "vitamin")
_ROMAN = {name: str(n) for n, name in enumerate("i ii iii iv v vi vii viii ix x".split(), 1)}  # noqa: SIM905


def kinds(text: str) -> set[tuple[str, str]]:
    """Return what is named together with the letter or number that tells its kind, in small letters and digits."""
    found = ((word.lower(), mark.lower()) for word, mark in _KIND.findall(text))
    return {(word, mark if word in _LETTERED else _ROMAN.get(mark, mark)) for word, mark in found}


def of_another_kind(asked: str, text: str) -> bool:
    """Return whether a text names kinds of something that was asked about, and none of those asked about.

    One that names no kind at all may speak of all of them. Vitamin D3 is a vitamin D.
    """
    wanted, named = kinds(asked), kinds(text)
    for word in {word for word, _ in wanted} & {word for word, _ in named}:
        pairs = [(a, b) for this, a in wanted for that, b in named if this == that == word]
        if not any(_same(a, b) for a, b in pairs):
            return True
    return False


def _same(a: str, b: str) -> bool:
    return a == b or (a[0].isalpha() and (a.startswith(b) or b.startswith(a)))
