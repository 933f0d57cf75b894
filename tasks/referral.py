"""Which questions about medicines need a sentence that sends the asker to somebody who knows them. A rule list.

The rules look at question and answer alike. Knows nothing of models or pages.
"""

import re

PREGNANCY = (
    r"pregnan\w+|breast-?feed\w*|nursing (mother|a baby)|trimester|unborn|fetus|foetus|conceiv(e|ing)|pre-?eclampsia|"
    r"lactat\w+"
)
CHILDREN = (
    r"child|children|kids?|bab(y|ies)|infants?|toddlers?|newborns?|teen(ager)?s?|paediatric|pediatric|"
    r"(my|our) (son|daughter)|(1[0-7]|[1-9])[- ]years?[- ]olds?|\d+[- ](month|week)s?[- ]olds?"
)
"""Words by which a text is about these, as patterns; tasks/population.py asks for them too."""

_RULES: tuple[tuple[str, str, str], ...] = (
    (
        "stopping a medicine",
        r"\b(stop(ping)?|quit(ting)?|finish(ing)?|come off|coming off|discontinu\w+|wean\w*|skip(ping)?|"
        r"cut(ting)? (down|out)|instead of (my|the|taking))\b.*\b(taking|medicines?|medications?|meds|pills?|"
        r"tablets?|drugs?|insulin|antidepressants?|antibiotics?|steroids?|statins?|blood thinners?|"
        r"doses?|it|them|treatment)\b",
        "Please do not stop or change a prescribed medicine without the person who prescribed it.",
    ),
    (
        "dosing",
        r"\b(dos(e|es|age|ing)|how (much|many|often)|\d+ ?(mg|milligrams?|mcg|micrograms?|ml|iu|units?)|"
        r"twice (a day|daily)|maximum (amount|daily)|double)\b",
        "The right dose depends on the person; a pharmacist or doctor can say what it is for you.",
    ),
    (
        "pregnancy and breastfeeding",
        rf"\b({PREGNANCY})\b",
        "In pregnancy and while breastfeeding, ask your doctor or midwife before taking or leaving out any medicine.",
    ),
    (
        "children",
        rf"\b({CHILDREN})\b",
        "For a child, ask a doctor or pharmacist first: what is safe for adults may not be for them.",
    ),
    (
        "interactions",
        r"\b(interact\w*|together|combin(e|ed|ing|ation)|mix(ing|ed)?|at the same time|along with|already (on|taking)|"
        r"while (on|taking)|with (my|other) (medicines?|medications?|meds|drugs?|pills?)|grapefruit|alcohol)\b",
        "Before combining medicines or supplements, ask a pharmacist or doctor who knows everything you take.",
    ),
)
_COMPILED = tuple((kind, re.compile(pattern, re.I | re.S), line) for kind, pattern, line in _RULES)
GENERAL = "This is information, not advice for you; a professional who knows you can say what applies."


def referrals(text: str) -> dict[str, str]:
    """Return the sentence each matter in the text calls for, by the matter's name."""
    return {kind: line for kind, pattern, line in _COMPILED if pattern.search(text)}


def referred(question: str, answer: str) -> str:
    """Return what is to stand under an answer: the sentences its matters call for, or the general one."""
    found = referrals(f"{question}\n{answer}")
    return " ".join(found.values()) or GENERAL
