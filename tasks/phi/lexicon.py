"""Personal names of many languages, read once from the Faker package (MIT), and what kind of word each word is.

Faker keeps first and last names by locale for making test data; only its lists are read here. Written without accents
and in lower case, so that `JOSÉ`, `Jose` and `José` are one. Knows nothing of where a word stands in a note.
"""

import unicodedata
from functools import cache, lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from tasks.phi.geography import PLACES
from tasks.phi.words import (
    CLINICAL,
    CLINICAL_ENDINGS,
    EPONYMS,
    FUNCTION,
    GIVEN_OR_WORD,
    NAME_AND_WORD,
)

_CLIPPED = frozenset({"ve", "m", "ll", "re", "d", "t"})
_LAST_LATIN = "\u024f"


class Names(NamedTuple):
    """Given and family names, folded."""

    given: frozenset[str]
    family: frozenset[str]


class Sort(NamedTuple):
    """What a word may be. `sure` names are nothing else: no word, no eponym, no maker."""

    given: bool
    family: bool
    sure: bool
    clinical: bool
    function: bool

    @property
    def name(self) -> bool:
        """Whether the lexicon has it at all."""
        return self.given or self.family


def fold(word: str) -> str:
    """Return the word in lower case without accents."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.replace("’", "'"))
    return "".join(c for c in plain if not unicodedata.combining(c)).lower()


@cache
def names() -> Names:
    """Return all names in Latin letters that Faker knows; takes about 0.3 s the first time."""
    folder = import_module("faker.providers.person")
    lists: dict[str, set[str]] = {"first": set(), "last": set()}
    for module in iter_modules(folder.__path__):
        provider = import_module(f"{folder.__name__}.{module.name}").Provider
        for attribute in dir(provider):
            which, _, what = attribute.partition("_")
            values = getattr(provider, attribute)
            if (
                which in lists
                and what.startswith(("names", "romanized"))
                and isinstance(values, (tuple, list, dict, set))
            ):
                lists[which] |= {fold(v) for v in values if isinstance(v, str) and max(v, default="") <= _LAST_LATIN}
    return Names(frozenset(lists["first"]), frozenset(lists["last"]))


@lru_cache(maxsize=65536)
def sort_of(word: str) -> Sort:
    """Return what the folded word may be; a double name is what its parts are."""
    parts = [part for part in word.split("-") if part] or [word]
    known = names()
    given = all(part in known.given or part in known.family for part in parts) and parts[0] in known.given
    family = all(part in known.given or part in known.family for part in parts) and parts[-1] in known.family
    stem, _, clipped = word.replace("’", "'").partition("'")
    function = word in FUNCTION or (stem in FUNCTION and clipped in _CLIPPED)
    ambiguous = (
        any(p in GIVEN_OR_WORD or p in NAME_AND_WORD or p in EPONYMS or p in CLINICAL or len(p) < 3 for p in parts)
        or word in PLACES
    )
    sure = (given or family) and not ambiguous and not function
    ends_so = len(word) > 5 and word.endswith(CLINICAL_ENDINGS) and not (given or family)
    clinical = ends_so or word in CLINICAL or (len(parts) > 1 and any(p in CLINICAL or p in FUNCTION for p in parts))
    return Sort(given, family, sure, clinical, function)
