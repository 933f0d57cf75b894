"""Turns a statement into one that says the opposite, by rule: training material for a verifier, nothing a person reads.

Most swaps go both ways ("increases" for "decreases" and back), so that no word of a changed statement gives away that
it was changed; a negation is taken out as readily as it is put in. Knows nothing of models or of files.
"""

import random
import re
from collections.abc import Callable, Iterator

_PAIRS = """
increase/decrease increases/decreases increased/decreased increasing/decreasing raise/lower raises/lowers raised/lowered
higher/lower greater/smaller more/less most/least high/low better/worse improve/worsen improves/worsens
improved/worsened improvement/worsening promote/inhibit promotes/inhibits promoted/inhibited promoting/inhibiting
activate/inactivate activates/inactivates activated/inactivated activation/inactivation enhance/impair
enhances/impairs enhanced/impaired stimulate/suppress stimulates/suppresses stimulated/suppressed
upregulate/downregulate upregulated/downregulated upregulates/downregulates upregulation/downregulation
up-regulated/down-regulated up-regulation/down-regulation gain/loss positive/negative positively/negatively
beneficial/harmful benefit/harm benefits/harms protective/hazardous safe/unsafe effective/ineffective
sufficient/insufficient necessary/unnecessary likely/unlikely common/rare frequent/infrequent presence/absence
present/absent early/late earlier/later before/after short/long shorter/longer faster/slower strong/weak
stronger/weaker dependent/independent sensitive/resistant sensitivity/resistance able/unable superior/inferior
longer-term/shorter-term success/failure successful/unsuccessful accelerate/delay accelerates/delays
accelerated/delayed induce/prevent induces/prevents induced/prevented cause/prevent causes/prevents
maximum/minimum above/below
"""
_SWAPS: dict[str, str] = {}
for _one, _other in (pair.split("/") for pair in _PAIRS.split()):
    _SWAPS.setdefault(_one, _other)
    _SWAPS.setdefault(_other, _one)
_SWAP = re.compile(
    r"(?<![\w-])(" + "|".join(sorted(map(re.escape, _SWAPS), key=len, reverse=True)) + r")(?![\w-])", re.I
)

_VERB = re.compile(r"\b(is|are|was|were|can|could|may|might|will|would|should|has|have|had)\b(?! not\b|['’]t)", re.I)
_NOT = re.compile(r"\b(is|are|was|were|can|could|may|might|will|would|should|has|have|had|does|did|do) not ", re.I)
_CANNOT = re.compile(r"\bcan(?:not|['’]t)\b", re.I)
_NO = re.compile(
    r"\b(no|without any) (?=(effect|evidence|association|difference|benefit|increase|decrease|change))", re.I
)
_NUMBER = re.compile(r"(?<![\w.,-])(\d{1,3})(\.\d+)?(?=\s?(%|percent|fold|years|days|weeks|months|patients|times))")

_FALSE = r"(?:(?:common |old |popular |widespread )?(?:myth|lie|misconception)|false|untrue|wrong|incorrect) that\b"
_DISOWNS = rf"^\W*(?:it|that)(?: is|['’]s) (?:just |only |simply |quite |completely )?(?:an? )?{_FALSE}"
_UNTRUE = r"^\W*(?:it|that)(?: is|['’]s)? ?(?:not|n['’]t) (?:true|correct|right|the case) that\b"
_DISOWNED = re.compile(rf"(?:{_DISOWNS}|{_UNTRUE}),?\s+(?P<said>\w.*)$", re.I | re.S)
_DENIAL = re.compile(
    rf"\b(?:{_FALSE}|(?:(?:fails?|failed) to|not|no|nor|never|without|cannot|none|neither|nobody|nothing)\b)|n['’]t\b",
    re.I,
)
_CLAUSE = r"^((?:(?!\b(?:if|when|where|who|that|which|after|because|unless)\b).)*?)\b"
"""What stands before the verb of a statement: what fails in a clause beside it is not what is stated."""
_AUXILIARY = r"(?:do|does|did|is|are|was|were|has|have|had|can|could|will|would|should|may|might)"
_NOT_IN_IT = rf"(?: {_AUXILIARY}(?:n['’]t| not| never| no)| cannot| (?:can|won)['’]t)\b"
_WITHHELD = re.compile(
    rf"\b(?:if|when|unless)(?: [\w'’-]+){{1,4}}?{_NOT_IN_IT}|"
    rf"(?<=\w )(?:who|whoever|which|that)(?: (?:\w+ly|still|also|just|already))?(?:{_NOT_IN_IT}| never\b)|"
    r"\b(?:from|by|of|for|about|after|through|despite|to) (?:not|never) (?:\w+ly )?\w+ing\b|"
    r"^\W*(?:not (?!every|all\b|only|just|true)|never\b|without\b)",
    re.I,
)
"""A denial within what is spoken of: "if it is not treated", "who do not smoke", "without water", "from not eating"."""
_PARTLY = re.compile(r"\bnot (?:only|just|all|every|always|as|yet)\b|\bno (?:longer|more|less|fewer|doubt)\b", re.I)
_DENIED = (
    (re.compile(rf"{_CLAUSE}fails to\b", re.I), r"\1does"),
    (re.compile(rf"{_CLAUSE}fail to\b", re.I), r"\1do"),
    (re.compile(rf"{_CLAUSE}failed to\b", re.I), r"\1did"),
    (re.compile(r"\bcan(?:not|['’]t)\b", re.I), "can"),
    (re.compile(r"\bwon['’]t\b", re.I), "will"),
    (
        re.compile(
            r"\b(does|do|did|is|are|was|were|could|may|might|will|would|should|has|have|had)(?: not|n['’]t)\b", re.I
        ),
        r"\1",
    ),
    (
        re.compile(r"\b(is|was|has|had|shows?|showed|finds?|found|provides?|offers?|gives?) no(?= [aeiou])", re.I),
        r"\1 an",
    ),
    (re.compile(r"\b(is|was|has|had|shows?|showed|finds?|found|provides?|offers?|gives?) no\b", re.I), r"\1 a"),
    (re.compile(r"\b(are|were|have) no\b", re.I), r"\1"),
)
_HEDGE = re.compile(
    r"^(?:(?:in conclusion|in summary|conclusions?|taken together|together|thus|therefore|hence|overall|finally|"
    r"collectively|here|moreover|furthermore|in addition|importantly|consequently|accordingly)[,:]?\s+)?"
    r"(?:(?:we (?:conclude|show|demonstrate|find|found|report|propose|suggest|provide evidence)|"
    r"(?:these|our|the|this|present|current|study|results?|data|findings?|analyses|analysis|observations|work|"
    r"studies|evidence|here|and|together)(?:\s(?:these|our|the|this|present|current|study|results?|data|findings?|"
    r"analyses|observations|work|studies|evidence|and|together))*\s(?:suggests?|indicates?|demonstrates?|shows?|"
    r"reveals?|supports?|identif(?:y|ies)|establish(?:es)?|provides? evidence|confirms?|implies|imply))"
    r"\s+(?:that\s+)?)?",
    re.I,
)
_ASIDE = re.compile(r"\s*\([^()]*\)|\s*\[[^\[\]]*\]")


def contradicted(statement: str, seed: str) -> str | None:
    """Return the statement with one word of weight turned round, or None where no rule finds one.

    The same statement and seed give the same answer.
    """
    draw = random.Random(f"{seed} {statement}")
    ways: list[Callable[[str, random.Random], str | None]] = [_swapped, _swapped, _swapped, _negated, _renumbered]
    draw.shuffle(ways)
    return next((found for found in _tried(ways, statement, draw) if found and found != statement), None)


def denials(statement: str) -> int:
    """Return how many words of a statement deny."""
    return len(_DENIAL.findall(statement))


def opposites() -> set[frozenset[str]]:
    """Return the pairs of words that are swapped: each means the opposite of the other."""
    return {frozenset(pair.split("/")) for pair in _PAIRS.split()}


def affirmed(statement: str) -> str | None:
    """Return what a statement denies, said as a fact; None where it denies nothing, or not by one plain negation."""
    if len(_DENIAL.findall(statement)) != 1 or _PARTLY.search(statement):
        return None
    said = disowned(statement)
    if said is not None:
        return said
    if conditional(statement):
        return None
    for pattern, instead in _DENIED:
        if pattern.search(statement):
            return pattern.sub(instead, statement, count=1)
    return None


def conditional(statement: str) -> bool:
    """Return whether a denial is part of what a statement is about, a condition or a group, and denies nothing else.

    "If it is not treated it can harm the eyes" does not deny what "if it is treated it can harm the eyes" says.
    """
    return disowned(statement) is None and bool(_WITHHELD.search(statement))


def disowned(statement: str) -> str | None:
    """Return what a statement calls false ("it is a myth that..."), or None where it is not of that kind."""
    found = _DISOWNED.match(statement.strip())
    return found["said"][:1].upper() + found["said"][1:] if found else None


def plain(statement: str) -> str:
    """Return what a finding says, without "these results suggest that" before it and brackets within it."""
    bare = _HEDGE.sub("", _ASIDE.sub("", statement.strip()), count=1)
    return bare[:1].upper() + bare[1:] if bare else statement


def _tried(
    ways: list[Callable[[str, random.Random], str | None]], statement: str, draw: random.Random
) -> Iterator[str | None]:
    for way in ways:
        yield way(statement, draw)


def _swapped(statement: str, draw: random.Random) -> str | None:
    places = list(_SWAP.finditer(statement))
    if not places:
        return None
    place = draw.choice(places)
    other = _SWAPS[place[0].lower()]
    other = other.capitalize() if place[0][0].isupper() else other
    return statement[: place.start()] + other + statement[place.end() :]


def _negated(statement: str, draw: random.Random) -> str | None:
    """Take a negation out where there is one, and put one in only where there is none."""
    for pattern, instead in ((_NOT, r"\1 "), (_CANNOT, "can"), (_NO, "an ")):
        if pattern.search(statement):
            return pattern.sub(instead, statement, count=1)
    found = _VERB.search(statement)
    if found is None:
        return None
    return f"{statement[: found.end()]} not{statement[found.end() :]}"


def _renumbered(statement: str, draw: random.Random) -> str | None:
    places = list(_NUMBER.finditer(statement))
    if not places:
        return None
    place = draw.choice(places)
    old = int(place[1])
    new = max(1, round(old * draw.choice((0.3, 0.5, 2, 3))))
    return statement[: place.start()] + str(new if new != old else old + 7) + statement[place.end() :]
