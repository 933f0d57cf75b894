"""Puts back the apostrophes people leave out: "dont" and "won’t" are "don't" and "won't".

A denial without its apostrophe was no denial to the rules that read words. Pure functions; knows nothing of tasks.
"""

import re

_QUOTES = str.maketrans("’‘ʼ´`", "'" * 5)
_SHORTENED = re.compile(
    r"\b(ca|wo|is|are|was|were|do|does|did|has|have|had|could|would|should|must|need)nt\b", re.IGNORECASE
)


def apostrophised(text: str) -> str:
    """Return a text in which every shortened "not" has a plain apostrophe; all else stays, its capitals too."""
    return _SHORTENED.sub(lambda found: _denied(found[0]), text.translate(_QUOTES))


def _denied(word: str) -> str:
    return f"{word[:-1]}'{word[-1]}"
