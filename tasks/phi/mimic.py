"""MIMIC's own marks: `[**Known lastname 123**]`, `[**2151-7-16**]`, and the kind each one's words name.

MIMIC-III notes come de-identified by PhysioNet's deid, which writes what it took out between `[**` and `**]`. Knows
nothing of texts without such marks.
"""

import re

from tasks.phi.sheet import Sheet

_BRACKET = re.compile(r"\[\*\*(?P<said>[^\[\]]{0,120}?)\*\*\]")
_KINDS = (
    ("AGE", r"\bage\b"),
    ("PHONE", r"telephone|pager|\bfax\b|phone"),
    ("EMAIL", r"e-?mail"),
    ("URL", r"\burl\b|web ?site|\bip\b"),
    ("ADDRESS", r"street|address|po box|zip|apartment"),
    ("ID", r"number|numeric identifier|\bid\b|\bssn\b|serial|medical record"),
    (
        "DATE",
        r"\b(?:date|month|year|day|holiday)s?\b|^[\s\d/:-]+$|^(?:january|february|march|april|may|june|july|august"
        r"|september|october|november|december)",
    ),
    (
        "LOCATION",
        r"hospital|location|ward|\bunit\b|university|college|school|country|state|\bcity\b|company|clinic|facility"
        r"|\bplace\b|ethnicity",
    ),
    ("NAME", r"name|initial|doctor|attending|dictator|\binfo\b|known|patient"),
)
_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS)


def _kind(said: str) -> str:
    """Return the kind that the words of a mark name; ID where they name none, for something was taken out."""
    return next((kind for kind, pattern in _PATTERNS if pattern.search(said.strip())), "ID")


def mark_brackets(sheet: Sheet) -> None:
    """Mark every `[**...**]` whole, brackets included."""
    for match in _BRACKET.finditer(sheet.text):
        sheet.mark(_kind(match["said"]), match.start(), match.end())
    sheet.settle()
