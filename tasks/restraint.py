"""Where a wrong verdict could hurt, it may hold a person back but never wave them on. A rule list, pure functions.

In the matters that call for a referral (medicines together, doses, pregnancy, children, stopping a medicine) a claim
that permits is not called true and a claim that warns is not called false: that word is left to somebody who knows the
person. The passages are shown all the same. The verifier calls close wordings of the opposite alike, and these are the
claims where that costs most. It calls amounts alike too: by a passage that names another one no claim is called true.
Knows nothing of models, search or pages.
"""

import re

from tasks.amounts import amounts, other_amounts
from tasks.contradict import disowned
from tasks.likeness import denying
from tasks.medicines import MEDICINE
from tasks.referral import referrals
from tasks.verdict import FALSE, TRUE, UNKNOWN, Verdict

_TAKE = (
    r"(?:take|takes|taken|taking|use|uses|used|using|drink|drunk|give|given|combine|combined|mix|mixed|stop|stopped)"
)
_HARM = (
    r"(?:interfer\w*|interact\w*|harm\w*|hurt\w*|danger\w*|risk\w*|weaken\w*|damag\w*|toxic\w*|poison\w*|bleed\w*|"
    r"unsafe|addictive|side effects?|withdrawal|problems?|disadvantages?|drawbacks?|downsides?|unhealthy|"
    r"overdos\w*|defects?|miscarr\w*|fatal(?:ly)?|"
    r"deadly|lethal|deform\w*|kill(?:s|ed|ing)?(?!\W+(?:[\w-]+\W+){0,3}?(?:\w*virus\w*|covid\w*|bacteri\w*|germs?|"
    r"microb\w*|organisms?|parasites?|fung\w+|lice|cancers?|tumou?rs?|cells?|pain)\b))"
)
_ACTS = rf"(?:{_HARM}|die[sd]?|deaths?|affect\w*|influenc\w*|chang\w*|reduc\w*|lower\w*)"
_NOT = (
    r"(?:\b(?:no|not|never|hardly|zero|free of|nobody|no one|none|"
    r"without(?!(?:\W+\w+){1,4}?\W+(?:can|could|may|is|are|will)\b)|"
    r"nothing(?!\W+(?:(?:is|can be)\W+(?:as|more)|(?:bad )?happens)\b)|(?:fails?|failed) to)\b|n['’]t\b)"
)
_GOOD = r"(?:(?:good|useful|helpful|beneficial) for|compatible)"
_FEW = rf"(?:\W+(?!{_ACTS})\w+)"
_DANGER = (
    r"(?:risks?|dangers?|harm|hazards?|side effects?|problems?|disadvantages?|drawbacks?|downsides?|toxicity|chances?|"
    r"likelihood)"
)
_SLIGHT = r"(?:low|little|small|slight|minor|minimal|negligible|tiny)"
_DENIES_HARM = re.compile(
    rf"{_NOT}{_FEW}{{0,4}}?\W+{_ACTS}\b|"
    rf"(?<!too )(?<!at )(?<!at a )\b{_SLIGHT}\W+(?:(?:real|known|actual|added|extra|overall|bleeding)\W+)?{_DANGER}\b|"
    rf"\b{_DANGER}\b[^.;]{{0,60}}?\b(?:is|are|remains?|stays?|seems?)\W+(?:(?:very|quite|only|so|rather)\W+)?{_SLIGHT}\b",
    re.I,
)
_SELDOM = re.compile(rf"\b(?:rarely|seldom|barely|scarcely|unlikely){_FEW}{{0,3}}?\W+{_ACTS}\b", re.I)
"""Says that harm is rare: who believes it may dare, who is told that it is wrong may think there is none."""
_FORBIDS = re.compile(
    rf"{_NOT}{_FEW}{{0,3}}?\W+(?:{_TAKE}|safe|{_GOOD}|benefits?|recommended|advised|allowed)\b|\bcannot\b|"
    r"\b(?:avoid\w*|unsafe|contraindicated|forbidden|keep away)\b",
    re.I,
)
_POISON = (
    r"(?:bleach|methanol|antifreeze|turpentine|kerosene|petrol|paraffin|chlorine dioxide|hydrogen peroxide|"
    r"disinfectants?|detergents?|weed ?killer|pesticides?|mercury|arsenic|cyanide|borax|essential oils?)"
)
_SWALLOWS = rf"\b(?:drink|swallow|inject|inhal|gargl|eat|tak|us)\w*\W+(?:\w+\W+){{0,2}}?{_POISON}\b"
_PERMITS = re.compile(
    r"\b(?:safe(?:ly)?|harmless|fine|okay|ok|all right|no need|need not|needn['’]t|(?:do|does)(?: not|n['’]t) need|"
    rf"not needed|nothing (?:bad )?happens|{_GOOD})\b|"
    rf"\b(?:can|may|could|should|must)\s+(?:\w+\s+){{0,3}}?{_TAKE}\b|"
    r"\b(?:can|may|could)\s+(?:\w+\s+){0,3}?(?:live|manage|cope|do|go|get by)\s+(?:\w+\s+){0,4}?without\b|"
    rf"{_SWALLOWS}(?:(?!\bnot\b|\bnever\b|n['’]t\b)[^.;]){{0,40}}?\b(?:cures?|treats?|prevents?|heals?|helps?|protects?)\b",
    re.I,
)
_WARNS = re.compile(rf"\b{_HARM}\b|\bless (?:well|effective\w*)\b|\bwarn\w*\b", re.I)
_BENEFITS = re.compile(r"\bbenefits?\b", re.I)
_WITH = re.compile(
    rf"\b(?:{_TAKE}|safe|fine|okay|ok|interfer\w*|weaken\w*|go(?:es)? well)\b[^.;]{{0,60}}?\bwith\b", re.I
)
_LASTING = (
    r"(?:insulin|inhalers?|antidepressants?|antipsychotics?|anticonvulsants?|steroids?|statins?|blood[ -]thinners?|"
    r"beta[ -]?blockers?|chemo(?:therapy)?|(?:\w+ )?(?:medicines?|medications?|tablets?|pills?))"
)
"""What is left out at one's peril; a cold that needs no antibiotics is no such matter."""
_LEAVES_OUT = re.compile(
    rf"\b(?:(?:do|does|did)(?: not|n['’]t) need|no need (?:of|for)|need not|needn['’]t|without|skip\w*|leav\w+ out)\W+"
    rf"(?:\w+\W+){{0,3}}?{_LASTING}\b|\b{_LASTING}\W+(?:\w+\W+){{0,2}}?(?:not needed|not necessary|unnecessary)\b",
    re.I,
)
_ILL = re.compile(
    r"\b(?:asthmatics?|diabetics?|epileptics?|ha?emophiliacs?|alcoholics?|"
    r"(?:people|patients|anyone|everyone|those|adults|women|men) (?:with|who have|on|taking))\b",
    re.I,
)
_TAKES = re.compile(rf"\b{MEDICINE}\b", re.I)
_POISONS = re.compile(rf"\b{_POISON}\b", re.I)
_TOGETHER, _DOSING = "interactions", "dosing"
_DOSE = re.compile(r"(?<!\blow[- ])\b(?:overdos\w+|dos(?:es?|ages?|ing))\b", re.I)
_SPARED = re.compile(
    rf"\b(?:at|with|of)\s(?:an?\s)?(?:\w+\s)?risk\b|"
    rf"\b(?:prevent|lower|reduc|cut|decreas|protect|guard|against|fewer|less)\w*\W+(?:[\w-]+\W+){{0,4}}?{_HARM}\b",
    re.I,
)
"""Harm that is named and not warned of: whom something is for, or what it is said to spare."""
_HELD = {"permits": (TRUE,), "warns": (FALSE,), "either": (TRUE, FALSE), "": ()}
"""The verdicts that are not given on a claim, by its direction."""
_OWN = (
    ("stopping a medicine", _LEAVES_OUT, referrals("stopping medicines")["stopping a medicine"]),
    ("poisons", _POISONS, "Do not swallow anything not meant to be swallowed; a poison centre can advise."),
)


def direction(claim: str) -> str:
    """Return whether who believes a claim would dare or leave: "permits", "warns", "either", or "" for neither."""
    denied = disowned(claim)
    if denied is not None:
        said = direction(denied)
        return {"permits": "warns", "warns": "permits"}.get(said, said)
    if _SELDOM.search(claim):
        return "either"
    if _DENIES_HARM.search(claim):
        return "permits"
    if _FORBIDS.search(claim):
        return "warns"
    if _PERMITS.search(claim):
        return "permits"
    if _WARNS.search(claim):
        return "warns"
    return "permits" if _BENEFITS.search(claim) else ""


def plainly_asked(question: str) -> bool:
    """Return whether a yes or a no to a question may be read off a source.

    Not where it asks for leave ("Is stopping it safe?") or whether something is not so ("Is it useless?"): the reader
    has seen neither, and says yes to what the source warns of.
    """
    return direction(question) not in ("permits", "either") and not denying(question)


def matters(claim: str) -> dict[str, str]:
    """Return what calls for a professional in a claim, and the sentence that says so, by its name."""
    found = referrals(claim)
    if _TOGETHER not in found and _WITH.search(claim):
        found |= {_TOGETHER: referrals("medicines together")[_TOGETHER]}
    found |= {kind: line for kind, pattern, line in _OWN if kind not in found and pattern.search(claim)}
    if _ILL.search(claim) and _TAKES.search(claim):
        found |= {"an illness": "With an illness, ask a pharmacist or doctor which medicines are safe with it."}
    return found


def restrained(claim: str, verdict: Verdict, passage: str = "") -> Verdict:
    """Return the verdict, or "not enough evidence" where it would permit, or lay a warning aside, in such a matter.

    `passage` is what decided: a claim that names another amount than it does is not true by it.
    """
    if verdict.label == TRUE and other_amounts(claim, passage):
        return _withheld(verdict, "What was found names another amount than this claim: please compare the two.")
    lines = matters(claim)
    way = direction(claim)
    held = verdict.label in _HELD[way] or (verdict.label == TRUE and _DOSING in lines and _unheard(claim, way, passage))
    if not lines or not held:
        return verdict
    said = "A wrong verdict could hurt here, so none is given: please read what was found."
    return _withheld(verdict, " ".join([said, *lines.values()]))


def _unheard(claim: str, way: str, passage: str) -> bool:
    """Return whether a claim names a dose that the passage does not, and holds nobody back."""
    if way == "warns" and (_FORBIDS.search(claim) or _WARNS.search(_SPARED.sub(" ", claim))):
        return False
    named = amounts(claim)
    return not named <= amounts(passage) if named else bool(_DOSE.search(claim))


def _withheld(verdict: Verdict, why: str) -> Verdict:
    return Verdict(UNKNOWN, decided_by=verdict.decided_by, why=why, withheld=True)
