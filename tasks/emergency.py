"""Recognises that somebody may be in danger now, before anything else is answered. Pure text rules, no model.

A rule list, because it must be readable, testable and the same every time. It looks at the asker's own words: a danger
that is denied ("no chest pain"), asked about in general ("what are the signs of a stroke?") or long past is not taken
for one. It errs on the side of showing the message: seeing it needlessly costs a glance.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

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
    "now, also when there are no signs yet. Have the package at hand."
)


@dataclass(frozen=True, slots=True)
class Emergency:
    """What kind of danger was recognised, and what is said before any answer."""

    kind: str
    message: str


_MESSAGES = {"call": MESSAGE, "crisis": CRISIS, "poison": POISON}
_RULES = tuple(
    (rule["kind"], _MESSAGES[rule["message"]], re.compile(rf"\b(?:{'|'.join(rule['patterns'])})\b", re.I))
    for rule in yaml.safe_load((Path(__file__).parent / "emergencies.yaml").read_text(encoding="utf-8"))
)
_DENIED = re.compile(
    r"\b(no|not|without|denies|denied|never (had|have|felt|been)|"
    r"(do|does|did|have|is|was)n'?t( (have|feel|want to|had|got))?|do not have|free of|ruled out)"
    r"\s+(any |a |having |been |really |the )?(\w+ (or|and|,) )?$",
    re.I,
)
_GENERAL = re.compile(
    r"^\s*(what (are|is|causes?|does)|which (are|is)|how (do(es)?|can|is|are|common|many|to) (?!i\b)|"
    r"why (do|does|is|are) (?!(my|i)\b)|can (?!i\b|my\b)\w+|does \w+|do \w+ (cause|prevent|lower|reduce|help)|"
    r"is (there|it true|aspirin|ibuprofen)|are there|tell me about|explain|define|who (gets|is at risk)|where)\b",
    re.I,
)
_MINE = re.compile(
    r"\b(i am|i'm|i have|i've|i feel|i just|i took|i can'?t|i cannot|"
    r"my (?!doctor|nurse|question|teacher|homework|exam)\w+|"
    r"(he|she|they)('s| is| are| has| have| just| can'?t| took| won'?t)|now|tonight|suddenly|help|want to)\b",
    re.I,
)
_PAST = re.compile(
    r"\b((years?|months?|decades) ago|last year|as a child|in (19|20)\d\d|history of|used to have|survived|"
    r"had a (stroke|heart attack|seizure) (in|when|years?|last))\b",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.!?\n])\s+")


def emergency(text: str) -> Emergency | None:
    """Return the danger a text speaks of, the gravest first, or None."""
    sentences = [s for s in _SENTENCE.split(text.replace("’", "'")) if s.strip()]
    for kind, message, pattern in _RULES:
        for sentence in sentences:
            if any(_meant(sentence, found) for found in pattern.finditer(sentence)):
                return Emergency(kind, message)
    return None


def _meant(sentence: str, found: re.Match[str]) -> bool:
    """Whether words of danger are said of somebody, now, and not denied."""
    if _DENIED.search(sentence[: found.start()]):
        return False
    if _PAST.search(sentence):
        return False
    return not (_GENERAL.search(sentence) and not _MINE.search(sentence))
