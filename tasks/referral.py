"""Which questions about medicines need a sentence that sends the asker to somebody who knows them. A rule list.

The rules look at question and answer alike. Knows nothing of models or pages.
"""

import re

from tasks.medicines import MEDICINE, REMEDY

PREGNANCY = (
    r"pregnan\w+|breast[- ]?feed\w*|nursing (mothers?|a baby)|trimester|unborn|fetus|foetus|conceiv(e|ing)|"
    r"pre-?eclampsia|lactat\w+|birth defects?"
)
_SPELT = (
    r"(?<!ty[- ])(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen)"
)
CHILDREN = (
    r"child|children|kids?|bab(y|ies)|infants?|toddlers?|newborns?|teen(ager)?s?|paediatric|pediatric|"
    r"(my|our) (son|daughter)|grand(son|daughter|child|children)|nieces?|nephews?|"
    rf"((1[0-7]|[1-9])|{_SPELT})([- ]?years?[- ]olds?|[- ]?y/?o)|(\d+|{_SPELT})[- ]?(month|week)s?[- ]olds?"
)
"""Words by which a text is about these, as patterns; tasks/population.py asks for them too."""

_RULES: tuple[tuple[str, str, str], ...] = (
    (
        "stopping a medicine",
        # Within one sentence: a question and its answer are read as one text, and are not about one thing.
        r"\b(stop(ping|ped)?|quit(ting)?|finish(ing)?|come off|coming off|discontinu\w+|wean\w*|skip(ping|ped)?|"
        r"cut(ting)? (down|out)|instead of (my|the|taking))\b("
        rf"[^.?!\n]{{0,120}}?\b(taking|{MEDICINE}|doses?|treatment)\b|"
        r" (it|them)\b(?! (from )?\w+ing\b))|"
        rf"\b{MEDICINE} ([\w'’-]+ ){{0,4}}?(stopped|skipped|discontinued)\b",
        "Please do not stop or change a prescribed medicine without the person who prescribed it.",
    ),
    (
        "dosing",
        r"\b(dos(e|es|age|ing)|overdos\w+|how (much|many|often)|"
        r"\d+ ?(mg|milligrams?|mcg|micrograms?|ml|iu|units?|(?-i:g)|grams?|tablets?|pills?|capsules?)(?! ?/ ?d?l\b)|"
        rf"({_SPELT}|twenty|thirty|forty|fifty) (tablets|pills|capsules|grams)|"
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
        r"while (on|taking)|with (my|other) (medicines?|medications?|meds|drugs?|pills?)|grapefruit|alcohol|"
        r"wine|beer|compatible)\b|"
        r"\b(take|taking|taken|use|using|have|having|give|drink|drinking|safe|okay|ok|fine)\b[^.?!\n]{0,60}?"
        rf"\b((with|plus|alongside) ([\w'’-]+ )?|{REMEDY} and ){REMEDY}\b",
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
