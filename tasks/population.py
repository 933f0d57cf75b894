"""Whom a source speaks of and the question did not: a trial in pregnancy says little of people in general.

A rule list of groups that medicine treats apart. Knows nothing of models or pages.
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


def unasked(asked: str, source: str) -> list[str]:
    """Return the groups that a source speaks of and a question does not name."""
    found = [kind for kind, pattern in _GROUPS.items() if pattern.search(source) and not pattern.search(asked)]
    everyone = _ALL.search(source)
    return [kind for kind in found if not (everyone and kind in ("children", "older people"))]
