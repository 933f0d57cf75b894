"""Whom a source speaks of and the question did not: a trial in pregnancy says little of people in general.

Rule lists of groups that medicine treats apart. Knows nothing of models or pages.
"""

import re

from tasks.referral import CHILDREN, PREGNANCY

_GROUPS: dict[str, re.Pattern[str]] = {
    kind: re.compile(pattern, re.I)
    for kind, pattern in {
        "pregnancy or the time after birth": rf"\b({PREGNANCY}|(ante|pre|post|peri)-?natal\w*|post-?partum|"
        r"gestation\w*|(?<!my )(?<!our )(?<!her )(?<!his )(?<!old )mothers?|after (giving )?birth)\b",
        "children": rf"\b({CHILDREN}|childhood|neonat\w+|adolescen\w+|pa?ediatric\w*|school-?(children|age)|boys?|"
        r"girls?)\b",
        "older people": r"\b(elderly|older (people|adults|persons|patients|men|women)|geriatric\w*|nursing homes?|"
        r"[6-9]\d( years)?( of age)? (and|or) (over|older|above)|(my|our) [6-9]\d[- ]?years?[- ]olds?|"
        r"(aged|people|adults|women|men|patients) over [6-9]\d|(my|our) (grandmother|grandfather))\b",
        "animals or the laboratory": r"\b(mice|mouse|rats?|murine|rabbits?|zebrafish|in vitro|cell lines?|"
        r"animal models?)\b",
    }.items()
}
_ALL = re.compile(
    r"(?<!older )\b(adults?(?!,? (?:(?:aged|over|above|of|at least) ){0,2}[6-9]\d)|"
    r"all ages|any age|general population)\b",
    re.I,
)
"""Where these stand beside children or older people, a source speaks of everyone."""


_BABY = re.compile(r"\bbaby\b", re.I)


def _born(text: str, beside: str) -> str:
    """Return a text without the one baby that goes with every pregnancy: it is no matter of children."""
    return _BABY.sub(" ", text) if _GROUPS["pregnancy or the time after birth"].search(beside) else text


def unasked(asked: str, source: str) -> list[str]:
    """Return the groups that a source speaks of and a question does not name."""
    told = _born(source, f"{asked} {source}")
    found = [kind for kind, pattern in _GROUPS.items() if pattern.search(told) and not pattern.search(asked)]
    everyone = _ALL.search(source)
    return [kind for kind in found if not (everyone and kind in ("children", "older people"))]


_WOMEN, _MEN = (rf"(?<!older )(?<!old )(?:{words})" for words in (r"women|woman|females?", r"men|man|males?"))
_ASKED = {
    "pregnancy": r"pregnan\w+|unborn|fetus|foetus|trimesters?|conceiv(?:e|ing)|pre-?eclampsia|gestation\w*|"
    r"birth defects?",
    "breastfeeding": r"breast[- ]?(?:feed|fed|milk)\w*|nursing|lactat\w+",
    "birth": r"after (?:giving )?birth|post-?(?:partum|natal)\w*",
    "children": rf"{CHILDREN}|childhood|schoolchildren|neonat\w+|adolescen\w+|pa?ediatric\w*|boys?|girls?",
    "older": r"elderly|seniors?|geriatric\w*|old(?:er)? (?:age|people|adults?|persons?|patients?|men|women)|"
    r"(?:aged?|over) [6-9]\d|[6-9]\d(?: years)? (?:and|or) (?:over|older|above)|[6-9]\d[- ]years?[- ]olds?",
    "adults": r"(?<!older )(?:adults?|grown-?ups?)",
    "men": _MEN,
    "women": _WOMEN,
}
WHOM = {kind: re.compile(rf"\b(?:{pattern})\b", re.I) for kind, pattern in _ASKED.items()}
"""Those a question may ask for, finer than above; the words of one stand for each other."""
GROWN = ("adults", "men", "women")
"""Groups that most of what holds for anybody holds for, without naming them."""
NOT_WHOM = {
    kind: re.compile(rf"\b(?:not|non|never|aren['’]?t|isn['’]?t)[- ]+(?:\w+ )?(?:{pattern})\b", re.I)
    for kind, pattern in _ASKED.items()
}


def asked_for(question: str) -> list[str]:
    """Return the groups a question is about; one that it leaves out ("not pregnant") is none of them."""
    return [kind for kind, pattern in WHOM.items() if pattern.search(NOT_WHOM[kind].sub(" ", question))]


def speaks_of(kind: str, source: str) -> bool:
    """Return whether a source speaks of a group."""
    return bool(WHOM[kind].search(_born(source, source) if kind == "children" else source))


def without_groups(past: str, question: str) -> str:
    """Return a past question without the people it was about, where the new one names others or leaves them out.

    Women alone are no others: they may be the pregnant ones of before.
    """
    if set(asked_for(question)) <= {"women"} and not any(out.search(question) for out in NOT_WHOM.values()):
        return past
    for pattern in WHOM.values():
        past = pattern.sub(" ", past)
    return past
