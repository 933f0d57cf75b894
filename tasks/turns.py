"""Reads the shape of a pasted text: a conversation with speakers, or a review with its fields named.

Pure functions on text; knows nothing of any task.
"""

import re
from collections.abc import Sequence

from tasks.spec import Turn

# Speakers are only looked for among words people use for them, or "Name:" at the start of a line.
_ROLE = r"(?:doctor|dr|physician|clinician|patient|nurse|pharmacist|therapist|provider|caller|gp)\.?"
_INLINE = re.compile(rf"(?:^|(?<=[\s.!?]))({_ROLE})\s*:\s*", re.IGNORECASE)
_LINE = re.compile(r"^[ \t]*([A-Z][\w.'’-]{0,20}(?: [A-Z][\w.'’-]{0,20})?)[ \t]*:[ \t]+", re.MULTILINE)


def turns(text: str) -> list[Turn]:
    """Return the turns of a conversation in order; an empty list where the text is none.

    A conversation has at least two turns by at least two speakers, and nothing stands before the first of them.
    """
    for pattern in (_INLINE, _LINE):
        marks = list(pattern.finditer(text))
        speakers = {mark[1].lower() for mark in marks}
        if len(marks) >= 2 and len(speakers) >= 2 and not text[: marks[0].start()].strip():
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
