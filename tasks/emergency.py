"""Recognises that somebody may be in danger now, before anything else is answered. Pure text rules, no model.

A rule list, because it must be readable, testable and the same every time. It looks at the asker's own words: a danger
that is denied ("no chest pain"), asked about in general ("what are the signs of a stroke?") or long past is not taken
for one, save a question of how people kill themselves, which nobody need put in his own name. It errs on the side of
showing the message: seeing it needlessly costs a glance. All that is looked at beside a match is near it, or read once
a sentence, so that a long text is read in one go.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from tasks.apostrophes import apostrophised

MESSAGE = (
    "If this is happening now, call your local emergency number (112 in Europe, 911 in the US, 999 in the UK) or ask "
    "someone near you to call."
)
CRISIS = (
    "You do not have to carry this alone. If you may act on these thoughts, call your local emergency number or a "
    "crisis line (988 in the US and Canada, 116 123 in the UK and much of Europe), or tell someone near you now."
)
POISON = (
    "If too much was taken, or something harmful was swallowed, call a poison centre or your local emergency number "
    "now, even if there are no symptoms yet. Have the package at hand."
)


@dataclass(frozen=True, slots=True)
class Emergency:
    """What kind of danger was recognised, and what is said before any answer."""

    kind: str
    message: str


_NEAR = 120
"""Characters beside a match that are read to tell whether it is denied or past."""
_MESSAGES = {"call": MESSAGE, "crisis": CRISIS, "poison": POISON}
_LISTS = yaml.safe_load((Path(__file__).parent / "emergencies.yaml").read_text(encoding="utf-8"))


def _compiled(patterns: list[str]) -> re.Pattern[str]:
    """Return one pattern of several, with the words that the names in braces stand for."""
    joined = "|".join(patterns)
    for name, words in _LISTS["words"].items():
        joined = joined.replace(f"{{{name}}}", f"(?:{'|'.join(words)})")
    return re.compile(rf"\b(?:{joined})\b", re.I)


_RULES = tuple(
    (rule["kind"], _MESSAGES[rule["message"]], _compiled(rule["patterns"]), rule.get("even_in_general", False))
    for rule in _LISTS["rules"]
)
_SPELLED = (
    (re.compile(r"\bcan ?not\b", re.I), "can't"),
    (re.compile(r"\bwill not\b", re.I), "won't"),
    (re.compile(r"\b(is|are|was|were|do|does|did|has|have|had|could|would) not\b", re.I), r"\1n't"),
    (re.compile(r"\b([Ii])(m|ve)\b"), r"\1'\2"),  # not IM, which is an injection
    (re.compile(r"\b([Ss]?[Hh]e)s\b"), r"\1's"),
)
"""One way to say what people write in several: "cant", "can not" and "cannot" are "can't"."""
_DENIED = re.compile(
    r"\b(?:(?:no longer|(?:do|does|did|has|have|had|is|are|was|were)n't)(?: (?:have|has|having|feel|want to|had|got))?|"
    r"not|denies|denied|without|no(?: more)?|never(?: (?:had|have|felt|been))?|free of|ruled out)"
    r" (?:any |a |having |been |really |the )?(?:\w+,? or )?$|"
    # A list may be long where its start can only be a denial: "denies fever, cough or chest pain".
    r"\b(?:denies|denied|without|no(?! (?:idea|clue|one))|(?:do|does|did)n't have|never had)"
    r"(?: (?!(?:i|my|his|her|me|he|she|it|is|has|helps?|works?|relief|if|whether)\b)\w+,?){1,6} or (?:any )?$",
    re.I,
)
_UNLIKE = re.compile(
    r"\W*(?:\w+ )?(?:like (?:this|that)|(?:this|so|as) (?:badly|bad|strong|severe|intense|much)|"
    r"before(?=\W*$|\W+(?:and|but|now)))\b",
    re.I,
)
"""After "I never had chest pain": that there is one now."""
_EACH_TIME = re.compile(r"\b(?:can't|couldn't|can (?:hardly|barely)|unable to|never)\b.*\bwithout (?:\w+ )?$", re.I)
_GENERAL = re.compile(
    r"^\s*(what (are|is|causes?|does|happens (in|during|after))|which (are|is)|"
    r"how (do(es)?|can|is|are|common|many|to) (?!i\b)|why (do|does|is|are) (?!(my|i)\b)|"
    r"can (?!(i|my|he|she|we|anyone|someone)\b)\w+|does (?!(anyone|someone)\b)\w+|"
    r"do \w+ (cause|prevent|lower|raise|increase|reduce|help)|"
    r"is (there|it true|aspirin|ibuprofen|\w+ (used|more|common))|are there|tell me about|explain|define|"
    r"who (gets|is at risk)|where)\b",
    re.I,
)
_MINE = re.compile(
    r"\b(i am|i'm|i have|i've|i feel|i just|i took|i can'?t|i cannot|"
    r"my (?!doctor|nurse|question|teacher|homework|exam)\w+|"
    r"(he|she|they)('s| is| are| has| have| just| can'?t| took| won'?t)|now|tonight|suddenly|help|want to|"
    r"some(one|body) (who )?(is|has)|myself|kill me|ways? to (commit|die|end)|painless\w*|lethal|"
    r"(is|are|be) (fatal|deadly))\b",
    re.I,
)
_PAST = re.compile(
    r"\b((years?|months?|decades) ago|last year|as a (child|kid|teenager)|in (19|20)\d\d|used to (have|get)|survived|"
    r"when (i|he|she) was (a (child|kid|baby|teen\w*|student|boy|girl)|young|little|\d+(?! \w))|"
    r"(years|months) since (i|he|she)|had a (stroke|heart attack|seizure) (when|years?|last (?!night)))\b",
    re.I,
)
_HISTORY = re.compile(
    r"\bhistory of (?:(?:a|an|any|severe|mild|bad|frequent|recurrent|chronic|previous|past|repeated|having) ){0,2}$",
    re.I,
)
_NOW = re.compile(
    r"\b(now|again|today|tonight|yesterday|this (morning|afternoon|evening|week)|last (night|week)|"
    r"(minutes?|hours?|days?) ago|(?<!years )(?<!months )since (?!then\b)\w+|((am|is|are)|'(m|s|re)) having|"
    r"(is|are|came|come|coming) back)\b",
    re.I,
)
_PRESENT = re.compile(r"\b(is|are|am|i'm|(he|she|it)'s|(?<!to )(have|has)(?! had)|(ca|wo|is|does)n't)\b", re.I)
"""Said right before the words of danger or in them: "he had a stroke years ago he is unconscious"."""
_CLAUSE = re.compile(r"[,;:] |\b(?:and|but|then) ", re.I)
_OPENING = re.compile(
    r"^((?:(?:\w+ ){0,3}(?:years?|months?|decades) ago|last year|as a (?:child|kid|teenager)|in (?:19|20)\d\d)),", re.I
)
_SENTENCE = re.compile(r"(?<=[.!?\n])\s+|(?<=\bno)\n", re.I)
"""A line that ends in no answers itself: "Fever: no", and then "Chest pain: yes"."""


def emergency(text: str) -> Emergency | None:
    """Return the danger a text speaks of, the gravest first, or None."""
    said = [sentence for sentence in map(_spelled, _SENTENCE.split(text)) if sentence]
    sentences = [(sentence, bool(_NOW.search(sentence)), _in_general(sentence)) for sentence in said]
    for kind, message, pattern, even_in_general in _RULES:
        for sentence, now, general in sentences:
            if (even_in_general or not general) and any(
                _meant(sentence, found, now) for found in pattern.finditer(sentence)
            ):
                return Emergency(kind, message)
    return None


def _spelled(sentence: str) -> str:
    """Return a sentence with the spellings that the patterns know."""
    said = " ".join(apostrophised(sentence).split())
    for written, known in _SPELLED:
        said = written.sub(known, said)
    return _OPENING.sub(r"\1", said)  # "years ago, I had": the comma ends no clause


def _in_general(sentence: str) -> bool:
    """Whether a sentence asks of a danger, and of nobody's."""
    return bool(_GENERAL.search(sentence) and not _MINE.search(sentence))


def _meant(sentence: str, found: re.Match[str], now: bool) -> bool:
    """Whether words of danger are said of somebody and not denied, and not of the past in a sentence without a now."""
    before = sentence[max(0, found.start() - _NEAR) : found.start()]
    after = sentence[found.end() : found.end() + _NEAR]
    if _DENIED.search(before) and not _UNLIKE.match(after) and not _EACH_TIME.search(before):
        return False
    if now:
        return True
    clause = _CLAUSE.split(before)[-1] + found[0] + _CLAUSE.split(after)[0]
    return not (_HISTORY.search(before) or (_PAST.search(clause) and not _PRESENT.search(before[-12:] + found[0])))
