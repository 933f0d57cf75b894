"""What a sentence points at that names nothing itself: "It cures colds" after one on garlic. Pure text rules."""

import re
from collections.abc import Sequence

from tasks.dialogue import subject

_VERB = (
    r"(?:is|are|was|were|can|could|may|might|will|would|shall|should|must|has|have|had|does|do|did|helps?|prevents?|"
    r"cures?|treats?|causes?|lowers?|raises?|reduces?|increases?|contains?|works?|protects?|kills?|improves?)"
)
_POINTS = re.compile(
    rf"^(?:(?P<one>it)|(?P<many>they)|(?P<this>this)(?=\s{_VERB}\b)|(?P<these>these|those)(?=\s{_VERB}\b))\b"
    r"(?!(?:\s(?:is|was|takes|seems|helps)|['’]s)\b[^.;]*\b(?:that|to)\b)",
    re.I,
)
"""A pronoun that opens a statement; not "it is true that", which points at nothing before."""
_ASKED = re.compile(r"^\W*(?:and |but |so )?(?:what|how) about (?P<name>[^?]+?)\s*\?$", re.I)
_OPENING = re.compile(
    r"^(?P<name>(?!(?:I|we|you|he|she|it|they|there|this|that|these|those|no ?one|nothing|nobody|none|everyone|"
    r"everybody|everything|someone|somebody|something|anyone|anybody|anything|who\w*|what\w*|which|when\w*|where\w*|if|"
    r"unless|while|because|since|although|though|until|after|before|once|as|in|on|at|by|for|with|without|from|to|"
    rf"during|under|instead|despite)\b)[^,;:]+?)\s+{_VERB}\b",
    re.I,
)
_QUANTITY = re.compile(
    r"^(?:(?:no|not|all|almost|nearly|hardly|any|every|each|few|fewer|many|much|more|most|several|some|only|just|even|"
    r"neither|either|both|very|a|little|one|none|half|the|other)\s+)+(?:of\s+)?",
    re.I,
)
"""What says of how many something holds: said of what the pronoun stands for, "no vaccines" would turn it round."""
_MOST = 5
"""Words that what a sentence is about has at most; more are half a sentence."""


def spelled_out(parts: Sequence[str]) -> list[tuple[str, str]]:
    """Return each part with its pronoun's name in it, and the part before it that names something ("" for none)."""
    out: list[tuple[str, str]] = []
    before = ""
    for part in parts:
        whole = _named(part, before)
        out.append((whole, before))
        before = whole if subject(whole) else before
    return out


def points(claim: str) -> bool:
    """Return whether a claim opens with a pronoun, so that alone it may be about anything."""
    return bool(_POINTS.match(claim))


def _named(part: str, before: str) -> str:
    found = _POINTS.match(part)
    name = _name(before) if found and not part.endswith("?") else ""
    if not found or not name or _plural(name) != bool(found["many"] or found["these"]):
        return part
    return f"{name[:1].upper()}{name[1:]}{part[found.end() :]}"


def _name(before: str) -> str:
    found = _ASKED.match(before) or (None if before.endswith("?") else _OPENING.match(before))
    name = found["name"].strip() if found else ""
    counted = _QUANTITY.match(name)
    if counted and re.search(r"\b(?!(?:a|the|other|very)\b)\w", counted[0], re.I):
        name = name[counted.end() :]
        if re.search(r"\b(?:n?or|but|than|not)\b", name, re.I):
            return ""
    return name if 0 < len(name.split()) <= _MOST else ""


def _plural(name: str) -> bool:
    last = name.split()[-1].lower()
    return " and " in name or (last.endswith("s") and not last.endswith(("ss", "us", "is")))
