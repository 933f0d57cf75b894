"""A passage as the verifier reads it: cut into sentences, and those kept that share most with a claim.

Knows nothing of labels or data.
"""

import re
import unicodedata

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
absence absent wrong according per against mice mouse rats rat cells vitro and while whereas is are was were
nicht kein keine nie ohne pas ne ni jamais sans nunca sin non
"""
_WEIGHTY = re.compile(
    r"(?:stop|avoid|lack|deficien|resistan|fail|refus|prevent|reduc|withdr|overdos|allerg|animal|harm|danger|"
    r"contraindicat|unsafe|toxic|worse|poison|fatal|lethal)\w*|" + "|".join(_WEIGHT.split())
)
MOST_LEFT_OUT = 8
"""Words that may be left out of a sentence that is said again."""
FEWEST = 4
"""Words that a sentence has at least from which any may be left out: "Paracetamol" is no claim about it."""
_STOP = frozenset(_COMMON.split())
_OPENING = _STOP | {"people", "patients", "adults"}
"""Words that open what may be left out: "in adults" may be, "resistance" behind "insulin" may not."""
_ENDINGS = ("ations", "ation", "ing", "ies", "ied", "es", "ed", "ly", "s")
ENDS = r"(?<=[.!?])" + "".join(rf"(?<!\b{title}\.)" for title in ("St", "Dr", "Mr", "Mrs", "Ms", "Prof")) + r"\s+"
"""Where a sentence may end, as a pattern: not after a title, which a name follows ("St. John's wort")."""
ABBREVIATED = re.compile(r"(?:\b(?:e\.g|i\.e|St|Dr|Mr|Mrs|Ms|Prof|vs|approx|cf|et al|Fig)|U\.S|U\.K)\.\s*$", re.I)
"""How a text ends where its full stop belongs to an abbreviation. ENDS stays narrower: stored pieces are cut by it."""
_SENTENCE = re.compile(ENDS + r"(?=[A-Z0-9\"'(])")
_WORD = re.compile(r"[A-Za-z0-9]+")
_TOKEN = re.compile(r"(?:(?<![\w)])[-−+±])?[.,]?\d+(?:[.,]\d+)*|[^\W\d_]+|[<>≤≥%/]")
"""A number with its sign and its point, a word in any script, or a sign that a dose or a limit hangs on."""
_BREAKS = frozenset(",;:–—()")
_BROKEN = re.compile(rf"{_TOKEN.pattern}|[,;:–—()]")
"""The same, and what parts a sentence."""
_EMPTY = frozenset(["a", "an", "the", "of", "do", "does"])
"""Words that a denial may have beyond what it denies."""
_TAKES_BACK = re.compile(
    r"^\W*(?:(?:but|except|only|unless|if|when|however|though|although|yet|not|never|otherwise|provided|and only)\b|"
    r"(?:this|that|it|they|these|those)\b.*\b(?:only|not|never|except|exceptions?|unless|depends?)\b|with\b)|"
    r"\bexceptions?\b",
    re.I,
)
"""How what follows a semicolon begins where it narrows what stands before it."""


def sentences(text: str) -> list[str]:
    """Return the sentences of a passage; lines end one too."""
    return [s.strip() for line in text.splitlines() for s in _SENTENCE.split(line) if s.strip()]


def shared(claim: str, sentence: str) -> int:
    """Return how much a sentence shares with a claim: the letters of the words both have, a long word's first eight."""
    return sum(min(len(stem), 8) for stem in stems(claim) & stems(sentence))


def read(claim: str, passage: str, kept: int = KEPT) -> list[str]:
    """Return the sentences of a passage that share most with the claim, in the passage's order."""
    found = sentences(passage)
    if len(found) <= kept:
        return found
    rank = sorted(range(len(found)), key=lambda i: (-shared(claim, found[i]), -i))[:kept]
    return [found[i] for i in sorted(rank)]


def stems(text: str) -> set[str]:
    """Return the words of a text that carry its meaning, without their endings."""
    return {_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP}


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def restated(said: str, sentence: str) -> bool:
    """Return whether `said` is the sentence, or the sentence with words left out that change nothing of weight.

    What is left out may be no denial, condition or doubt ("may cause" does not say "cause"), no number
    or sign, and nothing that changes what is spoken of ("insulin resistance" is not insulin).
    """
    runs = _left_out(said, sentence)
    if runs is None or sum(map(len, runs)) > (MOST_LEFT_OUT if len(_tokens(said)) >= FEWEST else 0):
        return False
    light = all(run[0] in _OPENING and all(map(_light, run)) for run in runs)
    return light and not _crosses(said, sentence)


def _crosses(said: str, sentence: str) -> bool:
    """Return whether words left out reach over a comma or the like: "safe for adults, harmful for infants".

    An opening set off by one ("in adults, ...") is left out as a whole and crosses none.
    """
    runs = _left_out(said, sentence, _BROKEN) or []
    inner = ["".join("," if part in _BREAKS else "w" for part in run).strip(",") for run in runs]
    return any("," in run for run in inner)


def gainsaid(said: str, sentence: str) -> bool:
    """Return whether one of the two plainly denies what the other says, in the same words.

    What denies a special case ("not safe in large doses") denies nothing of the general one.
    """
    fact, denied = affirmed(sentence), affirmed(said)
    return bool((fact and _same(said, fact)) or (denied and restated(denied, sentence)))


def told(said: str, passage: str) -> bool | None:
    """Return whether a passage says something word for word (True) or plainly denies it (False); None for neither.

    Stricter than `restated`: where one sentence is to settle a claim, no word with a meaning is left out of it, or its
    "in some people" would be lost. A part before a semicolon stands alone unless the next one takes something back.
    """
    parts = [part for sentence in sentences(passage) for part in (sentence, *_apart(sentence))]
    denied = affirmed(said)
    if any(_same(said, part) for part in parts):
        return True
    facts = [fact for part in parts if (fact := affirmed(part))]
    if any(_same(said, fact) for fact in facts) or (denied and any(_same(denied, part) for part in parts)):
        return False
    return None


def _apart(sentence: str) -> list[str]:
    parts = [part for part in re.split(r";\s+", sentence) if part]
    after = [*parts[1:], ""]
    return [part for part, rest in zip(parts, after, strict=True) if not _TAKES_BACK.search(rest)]


def _same(said: str, sentence: str) -> bool:
    runs = _left_out(said, sentence)
    return runs is not None and all(word in _EMPTY for run in runs for word in run)


def _tokens(text: str, pattern: re.Pattern[str] = _TOKEN) -> list[str]:
    return pattern.findall(unicodedata.normalize("NFC", text.casefold()))


def _light(word: str) -> bool:
    return word.isascii() and word.isalpha() and not _WEIGHTY.fullmatch(word)


def _left_out(said: str, sentence: str, pattern: re.Pattern[str] = _TOKEN) -> list[list[str]] | None:
    """Return the runs of words a sentence has beyond what is said; None where it is not said in its words and order."""
    words = _tokens(said)
    if not words or (sentence.rstrip().endswith("?") and not said.rstrip().endswith("?")):  # a question states nothing
        return None
    rest, runs, start = _tokens(sentence, pattern), [], 0
    for word in words:
        if word not in rest[start:]:
            return None
        place = rest.index(word, start)
        runs.append(rest[start:place])
        start = place + 1
    return [run for run in (*runs, rest[start:]) if run]
