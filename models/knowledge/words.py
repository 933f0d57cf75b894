"""Text to the words that are counted: lower case, accents and endings off, words that say nothing out.

Numbers and single letters stay: vitamin C is not vitamin D. Knows nothing of indexes.
"""

import re
import unicodedata
from collections.abc import Container, Iterable, Sequence
from difflib import get_close_matches
from functools import cache

from Stemmer import Stemmer

SPELLED = 5
"""Letters of a word from which on it may be a misspelt one."""
LIKE = 0.82
"""How like a name an unknown word must be (difflib's ratio): one wrong letter in six, or two in eleven."""

_WORD = re.compile(r"[^\W_]+")
_GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "κ": "kappa", "μ": "mu", "ω": "omega"}
_GREEK_LETTER = re.compile("|".join(_GREEK))
# What joins words rather than names things. "Not", "more" and "less" are kept: in a claim they are the point.
_JOINING = """
a an the of in on at by for to from with and or is are was were be been being am do does did has have had this that
these those it its as if then than there here what which who whom whose when where why how can could will would shall
should may might must i me my we our us you your he him his she her they them their s t so such also into about any
some
"""
_SILENT = frozenset(_JOINING.split())


@cache
def _stemmer() -> Stemmer:
    return Stemmer("english")


def folded(text: str) -> str:
    """Return the text in lower case, without accents, Greek letters by name."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return _GREEK_LETTER.sub(lambda found: _GREEK[found[0]], plain)


def words(text: str) -> list[str]:
    """Return the stems of the words that count, in their order."""
    return _stemmer().stemWords([word for word in _WORD.findall(folded(text)) if word not in _SILENT])


def spelled(stems: Sequence[str], known: Container[str], names: Iterable[str]) -> list[str]:
    """Return the stems with each unknown one read as the name it is likest, where one is like enough.

    People misspell what they ask about ("arrhthmia"). A first letter is seldom wrong, and a short word is too like
    too many others.
    """
    if all(stem in known or len(stem) < SPELLED for stem in stems):
        return list(stems)
    listed = [name for name in names if len(name) >= SPELLED - 1]
    return [stem if stem in known or len(stem) < SPELLED else _likest(stem, listed) for stem in stems]


def _likest(stem: str, names: Iterable[str]) -> str:
    near = [name for name in names if name[0] == stem[0] and abs(len(name) - len(stem)) <= 2]
    return next(iter(get_close_matches(stem, near, 1, LIKE)), stem)


def many(texts: Iterable[str]) -> list[list[str]]:
    """Return `words` of each text."""
    return [words(text) for text in texts]
