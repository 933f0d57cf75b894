"""Reads the shape of a pasted text: a conversation with speakers, or a review with its fields named.

Pure functions on text; knows nothing of any task.
"""

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from tasks.spec import Turn

if TYPE_CHECKING:
    from tasks.phi.lexicon import Sort

# Speakers are only looked for among words people use for them, or "Name:" at the start of a line.
_ROLE = r"(?:doctor|doc|dr|physician|clinician|patient|nurse|pharmacist|therapist|provider|caller|gp)\.?"
_SPOKEN_OF = (
    r"(?<!\bmy )(?<!\bour )(?<!\byour )(?<!\bher )(?<!\bhis )(?<!\btheir )(?<!\bthe )(?<!\ba )(?<!\bthis )(?<!\bthat )"
)
_STAMP = r"(?:[\[(]?\d{1,2}:\d\d(?::\d\d)?[\])]?[ \t]+)?"
"""The time of a turn, as transcripts print it before the speaker."""
_END = r"\*{0,2}\]?(?:[ \t]*\([^()\n]{1,30}\))?[ \t]*:(?:\*\*)?"
"""What may stand between a speaker and what is said: a bracket that closes, a stage direction, the colon."""
_INLINE = re.compile(
    rf"(?:^|(?<=[\s.!?])){_STAMP}{_SPOKEN_OF}\[?\*{{0,2}}({_ROLE}(?: ?\d{{1,2}})?){_END}\s*",
    re.IGNORECASE,
)
_LINE = re.compile(
    rf"^[ \t]*{_STAMP}\[?\*{{0,2}}((?:Speaker|Person|Participant|User) ?\d{{1,2}}|"
    rf"[A-Z][\w.'’-]{{0,20}}(?: [A-Z][\w.'’-]{{0,20}})?){_END}[ \t]+",
    re.MULTILINE,
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
    r"sister|brother|carer|caregiver|parent|(?:grand(?:ma|pa|mother|father|son|daughter|dad|mum|child))|aunt|uncle|niece|"
    r"nephew|cousin|\w+-in-law|woman|man|girl|boy|lady|spouse|partner|fianc[ée]e?|friend|neighbou?r|relative|family|"
    r"user|you|he|she|him|her|they|person|member|speaker|resident|visitor|interviewee|respondent|victim|"
    r"(?:mr|mrs|ms|miss)\b.*)\.?",
    re.I,
)
"""Who speaks to a clinician, beside people called by their names."""
_THINGS = re.compile(
    r"wards?|rooms?|queues?|equipment|machines?|food|meals?|drinks?|waits?|reception|desk|appointments?|outcomes?|results?|verdict|website|phone|"
    r"toilets?|beds?|coffee|patients|others|everyone|nobody|access|value|comfort|privacy|hygiene|pharmacy|taste|size|"
    r"mornings?|evenings?|nights?|today|yesterday|now|then|later|first|second|third|last|"
    r"\w+(?:tions?|ness|ments?|ings?|[ae]nce|ility|ilities|ship|ology)",
    re.I,
)
"""What a review is divided by; beside a clinician alone every other word is somebody's name."""
_SPEECH = re.compile(
    r"\?|\b(?:you|your|yours|yourself|let'?s|please|thanks?|sorry)\b|"
    r"(?:^|[.!;,]\s*)(?:i|we|i'\w+|we'\w+|this|that|it|it's|that's|there|here|hi|hello|hey|good (?:morning|afternoon|"
    r"evening|day|news)|ok|okay|right|well|yes|yeah|no|sure|hm+|mhm|let|take|try|keep|stop|start|come|rest|drink|call|"
    r"use|rinse|breathe|open|lie|sit|tell|have|avoid|continue|increase|reduce)\b(?! (?:time|charge|advantage))",
    re.I,
)
"""What is said to somebody: a question, an address, a greeting, what the speaker thinks or wants done."""
_MANNER = (
    r"rude|kind|friendly|unfriendly|cold|dismissive|arrogant|useless|hopeless|incompetent|competent|caring|uncaring|"
    r"helpful|unhelpful|patient|impatient|rushed|hurried|gentle|rough|careless|thorough|attentive|inattentive|"
    r"condescending|patroni[sz]ing|professional|unprofessional|sweet|cruel|polite|impolite|abrupt|brusque|curt|"
    r"compassionate|considerate|inconsiderate|understanding|knowledgeable|respectful|disrespectful|indifferent|"
    r"uninterested|disinterested|sympathetic|unsympathetic|callous|heartless|approachable|warm|bored|distracted|"
    r"(?:\w+-)(?:tempered|mannered|hearted|spoken|handed)"
)
_REGARD = (
    r"good|great|bad|poor|awful|terrible|horrible|dreadful|appalling|wonderful|lovely|nice|excellent|superb|amazing|"
    r"brilliant|fantastic|outstanding|disappointing|disgraceful"
)
_DID = (
    r"listened|ignored|dismissed|rushed|shouted|yelled|refused|laughed|smiled|snapped|barked|sighed|lied|cared|"
    r"apologi[sz]ed|interrupted|explained|reassured|belittled|mocked|scolded|lectured|talked down|hung up|"
    r"(?:took|gave|left|made|kept|told|sent|spoke|cut|\w+ed)(?: \w+){0,2}? (?:me|us|my|our|him|her|his|their|them)|"
    r"had (?:no|little|zero|all the)"
)
_OPINION = re.compile(
    r"(?:^|[.!;,]\s*)(?:(?:very|so|really|quite|too|always|extremely|rather|a bit|absolutely|both|was|is|were) )*"
    rf"(?:(?:{_MANNER})\b|(?:{_REGARD}) (?:and|but|again|with|at|towards|(?:bedside )?manners?|attitude|man|woman|"
    rf"person|listener)\b|(?:{_DID})\b|(?:never|(?:did|would|could|was|had)(?: not|n't)) \w+|"
    r"an? (?:\w+ ){0,2}(?:man|woman|person|human|gentleman|lady|listener|professional|saint|angel|star|gem|bully|joke|"
    r"disgrace|delight)\b)",
    re.I,
)
"""How somebody is or what they did, without saying who: the word before the colon is spoken of and does not speak."""
_HEADINGS = frozenset({"conversation", "transcript", "dialogue", "dialog", "chat", "chat log"})


def turns(text: str) -> list[Turn]:
    """Return the turns of a conversation in order; an empty list where the text is none.

    A conversation has at least two turns by at least two speakers, and nothing but a heading stands before the first
    of them. Headings look the same ("Doctor: rude. Food: lovely."), so a speaker has to return, or all have to be
    people, and not clinicians alone; and what stands beside a clinician must not be an opinion of them.
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
            return [] if _judged(said) else [turn for turn in said if turn.content]
    return []


def _judged(said: Sequence[Turn]) -> bool:
    """Return whether a clinician is spoken of and not heard: an opinion somewhere, and nothing said to anybody."""
    parts = [turn.content for turn in said if CLINICIAN.search(turn.role)]
    return any(_OPINION.search(part) for part in parts) and not any(_SPEECH.search(part) for part in parts)


def _people(speakers: Collection[str]) -> bool:
    """Return whether all of them are people, and one at least no clinician."""
    named = [speaker.rstrip(" 0123456789") for speaker in speakers]
    others = [speaker for speaker in named if not CLINICIAN.search(speaker)]
    if len(others) == 1 and len(speakers) == 2 and _may_be_called(others[0].split()[0]):
        return True
    return bool(others) and all(_PATIENT.fullmatch(speaker) or _called(speaker.split()[0]) for speaker in others)


def _sort(word: str) -> "Sort":
    from tasks.phi.lexicon import fold, sort_of  # its lists of names are read by whoever needs them first

    return sort_of(fold(word))


def _called(word: str) -> bool:
    """Return whether somebody may be called so; nobody whom a month or a ward is likelier to be meant by."""
    sort = _sort(word)
    return sort.given and not sort.clinical and not sort.function


def _may_be_called(word: str) -> bool:
    """Return whether somebody who answers a clinician may be called so: names are of all the world's languages."""
    sort = _sort(word)
    if sort.name:
        return not _THINGS.fullmatch(word) and (sort.given or not sort.clinical)
    return not (sort.clinical or sort.function or _THINGS.fullmatch(word))


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
