"""A passage as the verifier reads it: cut into sentences, and those kept that share most with a claim.

Knows nothing of labels or data.
"""

import re

from tasks.contradict import affirmed

KEPT = 4
"""Sentences of a passage that are read: on SciFact's training claims they hold the annotated ones in 92 of 100."""


_COMMON = """
a about after all also an and any are as at be been before being between both but by can cannot could did do
does during each for from further had has have he her here his how i if in into is it its less may might more
most no nor not of on only or other our out over own same she should so some such than that the their them then
there these they this those through to too under until up very was we were what when where which while who whom
why will with would you your
"""
_WEIGHT = """
no not never nor neither none nothing nobody without cannot t only except unless if but however although though may
might could can should would unlikely rarely seldom hardly barely few little less least some sometimes often possibly
perhaps probably suspected claims claim said says myth false wrong believed thought unproven or than before after until
high low slightly somewhat modestly modest partly weak weakly small
"""
_WEIGHTY = frozenset(_WEIGHT.split())
MOST_LEFT_OUT = 8
"""Words that may be left out of a sentence that is said again."""
_STOP = frozenset(_COMMON.split())
_ENDINGS = ("ations", "ation", "ing", "ies", "ied", "es", "ed", "ly", "s")
ENDS = r"(?<=[.!?])" + "".join(rf"(?<!\b{title}\.)" for title in ("St", "Dr", "Mr", "Mrs", "Ms", "Prof")) + r"\s+"
"""Where a sentence may end, as a pattern: not after a title, which a name follows ("St. John's wort")."""
_SENTENCE = re.compile(ENDS + r"(?=[A-Z0-9\"'(])")
_WORD = re.compile(r"[A-Za-z0-9]+")


def sentences(text: str) -> list[str]:
    """Return the sentences of a passage; lines end one too."""
    return [s.strip() for line in text.splitlines() for s in _SENTENCE.split(line) if s.strip()]


def shared(claim: str, sentence: str) -> int:
    """Return how much a sentence shares with a claim: the letters of the words both have, a long word's first eight."""
    return sum(min(len(stem), 8) for stem in _stems(claim) & _stems(sentence))


def read(claim: str, passage: str, kept: int = KEPT) -> list[str]:
    """Return the sentences of a passage that share most with the claim, in the passage's order."""
    found = sentences(passage)
    if len(found) <= kept:
        return found
    rank = sorted(range(len(found)), key=lambda i: (-shared(claim, found[i]), -i))[:kept]
    return [found[i] for i in sorted(rank)]


def _stems(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP}


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def restated(said: str, sentence: str) -> bool:
    """Return whether `said` is the sentence, or the sentence with words left out that change nothing of weight.

    What is left out may be neither a denial nor a condition nor a doubt: "may cause" does not say "cause".
    """
    rest = iter(_WORD.findall(sentence.lower()))
    skipped: list[str] = []
    words = _WORD.findall(said.lower())
    for word in words:
        for other in rest:
            if other == word:
                break
            skipped.append(other)
        else:
            return False
    skipped += rest
    return bool(words) and not _WEIGHTY & set(skipped) and len(skipped) <= MOST_LEFT_OUT


def gainsaid(said: str, sentence: str) -> bool:
    """Return whether one of the two plainly denies what the other says, in the same words."""
    fact, denied = affirmed(sentence), affirmed(said)
    return bool((fact and restated(said, fact)) or (denied and restated(denied, sentence)))
