"""Reads the shape of a pasted text: a conversation with speakers, or a review with its fields named.

Pure functions on text; knows nothing of any task.
"""

import re
from collections.abc import Iterable, Sequence

from tasks.phi.lexicon import fold, sort_of
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
CLINICIAN = re.compile(
    r"\b(?:doctor|doc|dr|md|physician|clinician|nurse|pharmacist|\w*therapist|provider|gp|consultant|surgeon|dentist|"
    r"midwife|practitioner|specialist|\w+ologist|\w+iatrist|\w+iatrician)s?\b",
    re.I,
)
"""Whole words: Drew and Nursel are people who may be ill."""
_PATIENT = re.compile(
    r"(?:patient|pt|me|myself|i|client|customer|caller|participant|mother|mum|mom|father|dad|wife|husband|daughter|son|"
    r"sister|brother|carer|caregiver|parent|(?:mr|mrs|ms|miss)\b.*)\.?",
    re.I,
)
"""Who speaks to a clinician, beside people called by their names."""
_HEADINGS = frozenset({"conversation", "transcript", "dialogue", "dialog", "chat", "chat log"})


def turns(text: str) -> list[Turn]:
    """Return the turns of a conversation in order; an empty list where the text is none.

    A conversation has at least two turns by at least two speakers, and nothing but a heading stands before the first
    of them. Headings look the same ("Doctor: rude. Food: lovely."), so a speaker has to return, or all have to be known
    to be people, and not clinicians alone.
    """
    for pattern in (_INLINE, _LINE):
        marks = [mark for mark in pattern.finditer(text) if not _FIELDS.fullmatch(mark[1])]
        speakers = {mark[1].lower() for mark in marks}
        talking = len(speakers) < len(marks) or _people(speakers)
        before = text[: marks[0].start()].strip("#*: \t\r\n").lower() if marks else ""
        if len(speakers) >= 2 and talking and (not before or before in _HEADINGS):
            ends = [*[mark.start() for mark in marks[1:]], len(text)]
            said = [
                Turn(mark[1].strip().title(), text[mark.end() : end].strip())
                for mark, end in zip(marks, ends, strict=True)
            ]
            return [turn for turn in said if turn.content]
    return []


def _people(speakers: Iterable[str]) -> bool:
    """Return whether all of them are people, and one at least no clinician."""
    others = [speaker for speaker in speakers if not CLINICIAN.search(speaker)]
    return bool(others) and all(_PATIENT.fullmatch(speaker) or _called(speaker.split()[0]) for speaker in others)


def _called(word: str) -> bool:
    """Return whether somebody may be called so; nobody whom a month or a ward is likelier to be meant by."""
    sort = sort_of(fold(word))
    return sort.given and not sort.clinical and not sort.function


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
