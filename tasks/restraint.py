"""Where a wrong verdict could hurt, it may hold a person back but never wave them on. A rule list, pure functions.

In the matters that call for a referral (medicines together, doses, pregnancy, children, stopping a medicine) a claim
that permits is not called true and a claim that warns is not called false: that word is left to somebody who knows the
person. The passages are shown all the same. The verifier calls close wordings of the opposite alike, and these are the
claims where that costs most. Knows nothing of models, search or pages.
"""

import re

from tasks.referral import referrals
from tasks.verdict import FALSE, TRUE, UNKNOWN, Verdict

_TAKE = (
    r"(?:take|takes|taken|taking|use|uses|used|using|drink|drunk|give|given|combine|combined|mix|mixed|stop|stopped)"
)
_HARM = (
    r"(?:interfer\w*|interact\w*|harm\w*|hurt\w*|danger\w*|risk\w*|weaken\w*|damag\w*|toxic\w*|poison\w*|bleed\w*|"
    r"unsafe|addictive|side effects?|withdrawal|problems?|overdos\w*|defects?|miscarr\w*)"
)
_ACTS = rf"(?:{_HARM}|affect\w*|influenc\w*|chang\w*|reduc\w*|lower\w*)"
_NOT = r"(?:\b(?:no|not|never|without|hardly|zero|free of)\b|n['’]t\b)"
_FEW = rf"(?:\W+(?!{_ACTS})\w+)"
_DENIES_HARM = re.compile(rf"{_NOT}{_FEW}{{0,4}}?\W+{_ACTS}\b", re.I)
_FORBIDS = re.compile(
    rf"{_NOT}{_FEW}{{0,3}}?\W+(?:{_TAKE}|safe|recommended|advised|allowed)\b|\bcannot\b|"
    r"\b(?:avoid\w*|unsafe|contraindicated|forbidden|keep away)\b",
    re.I,
)
_PERMITS = re.compile(
    r"\b(?:safe(?:ly)?|harmless|fine|okay|ok|all right|no need|need not|needn['’]t|(?:do|does)(?: not|n['’]t) need)\b|"
    rf"\b(?:can|may|could|should|must)\s+(?:\w+\s+){{0,3}}?{_TAKE}\b",
    re.I,
)
_WARNS = re.compile(rf"\b{_HARM}\b|\bless (?:well|effective\w*)\b|\bwarn\w*\b", re.I)
_WITH = re.compile(
    rf"\b(?:{_TAKE}|safe|fine|okay|ok|interfer\w*|weaken\w*|go(?:es)? well)\b[^.;]{{0,60}}?\bwith\b", re.I
)
_TOGETHER = "interactions"


def direction(claim: str) -> str:
    """Return "permits", "warns", or "" where a claim does neither: whether who believes it would dare or leave."""
    if _DENIES_HARM.search(claim):
        return "permits"
    if _FORBIDS.search(claim):
        return "warns"
    if _PERMITS.search(claim):
        return "permits"
    return "warns" if _WARNS.search(claim) else ""


def matters(claim: str) -> dict[str, str]:
    """Return what calls for a professional in a claim, and the sentence that says so, by its name."""
    found = referrals(claim)
    if _TOGETHER not in found and _WITH.search(claim):
        found |= {_TOGETHER: referrals("medicines together")[_TOGETHER]}
    return found


def restrained(claim: str, verdict: Verdict) -> Verdict:
    """Return the verdict, or "not enough evidence" where it would permit, or lay a warning aside, in such a matter."""
    way = direction(claim)
    if (way, verdict.label) not in (("permits", TRUE), ("warns", FALSE)):
        return verdict
    lines = matters(claim)
    if not lines:
        return verdict
    said = f"A wrong verdict could hurt here, so none is given: please read what was found. {' '.join(lines.values())}"
    return Verdict(UNKNOWN, decided_by=verdict.decided_by, why=said, withheld=True)
