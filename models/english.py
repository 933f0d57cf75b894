"""Withholds the verdict on claims that do not look like English: search and verifier were trained on nothing else.

A claim too short to tell is taken for what the whole text is.
"""

from dataclasses import replace

from models.language import ENOUGH, notes
from tasks.evidence import Checked, Judged
from tasks.spec import Example
from tasks.verdict import UNKNOWN, Verdict, joined

WHY = "Only English is read here, so no verdict is given on this."


def english_only(text: str, checked: Checked) -> Checked:
    """Return what was found with no verdict on what does not look like English, claim by claim."""
    whole = notes(Example(text=text))
    parts = [notes(Example(text=j.claim)) if _long(j.claim) else whole for j in checked.claims]
    if not any(parts):
        return checked
    claims = tuple(_withheld(j) if said else j for j, said in zip(checked.claims, parts, strict=True))
    # A "nothing was found" on all parts together would not say why.
    verdict = claims[0].verdict if all(parts) else joined([judged.verdict for judged in claims])
    told = dict.fromkeys((*checked.notes, *(note for said in parts for note in said)))
    return replace(checked, verdict=verdict, claims=claims, notes=tuple(told))


def _long(claim: str) -> bool:
    return sum(char.isalpha() for char in claim) >= ENOUGH


def _withheld(judged: Judged) -> Judged:
    return replace(judged, verdict=Verdict(UNKNOWN, why=WHY, withheld=True))
