"""Reads the shape of a pasted text: a conversation with speakers, or a review with its fields named.

Pure functions on text; knows nothing of any task.
"""

import re
from collections.abc import Sequence

from tasks.spec import Turn

# Speakers are only looked for among words people use for them, or "Name:" at the start of a line.
_ROLE = r"(?:doctor|doc|dr|physician|clinician|patient|nurse|pharmacist|therapist|provider|caller|gp)\.?"
_SPOKEN_OF = (
    r"(?<!\bmy )(?<!\bour )(?<!\byour )(?<!\bher )(?<!\bhis )(?<!\btheir )(?<!\bthe )(?<!\ba )(?<!\bthis )(?<!\bthat )"
)
_INLINE = re.compile(
    rf"(?:^|(?<=[\s.!?])){_SPOKEN_OF}\*{{0,2}}({_ROLE})\*{{0,2}}\s*:(?:\*\*)?\s*",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"^[ \t]*\*{0,2}([A-Z][\w.'’-]{0,20}(?: [A-Z][\w.'’-]{0,20})?)\*{0,2}[ \t]*:(?:\*\*)?[ \t]+", re.MULTILINE
)
_FIELDS = re.compile(
    r"ratings?|score|stars|comments?|review|title|summary|overall|pros?|cons?|(?:dis)?advantages|positives?|negatives?|"
    r"good|bad|benefits?|effectiveness|(?:side )?effects|cost|price|date|age|drug|medicine|medication|dose|dosage|"
    r"condition|reason|notes?|update|edit|subject|warning|tip",
    re.IGNORECASE,
)
"""What a review's form asks for; nobody is called so."""
_HEADINGS = frozenset({"conversation", "transcript", "dialogue", "dialog", "chat", "chat log"})


def turns(text: str) -> list[Turn]:
    """Return the turns of a conversation in order; an empty list where the text is none.

    A conversation has at least two turns by at least two speakers, and nothing but a heading stands before the first
    of them.
    """
    for pattern in (_INLINE, _LINE):
        marks = [mark for mark in pattern.finditer(text) if not _FIELDS.fullmatch(mark[1])]
        speakers = {mark[1].lower() for mark in marks}
        before = text[: marks[0].start()].strip("#*: \t\r\n").lower() if marks else ""
        if len(speakers) >= 2 and (not before or before in _HEADINGS):
            ends = [*[mark.start() for mark in marks[1:]], len(text)]
            said = [
                Turn(mark[1].strip().title(), text[mark.end() : end].strip())
                for mark, end in zip(marks, ends, strict=True)
            ]
            return [turn for turn in said if turn.content]
    return []


def named_fields(text: str, names: Sequence[str]) -> dict[str, str]:
    """Return the parts of a text that names its fields ("Benefits: … Side effects: …"); empty where it does not.

    At least two of `names` must stand with a colon, and nothing before the first.
    """
    either = "|".join(re.escape(name) for name in names)
    marks = list(re.finditer(rf"(?:^|(?<=\s))({either})\s*:\s*", text, re.IGNORECASE))
    found = [mark[1].lower() for mark in marks]
    if len(set(found)) < 2 or len(set(found)) != len(found) or text[: marks[0].start()].strip():
        return {}
    ends = [*[mark.start() for mark in marks[1:]], len(text)]
    return {name: text[mark.end() : end].strip() for name, mark, end in zip(found, marks, ends, strict=True)}
