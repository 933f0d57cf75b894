"""Aspects of a review: what a clause speaks of, and how kindly.

Covered: clauses of English reviews of a medicine (effectiveness, side effects, ease of use, cost) or of a hospital or
service (staff, waiting, communication, environment), and overall verdicts on either.
Not covered: which drug or person is meant; clauses that say two things at once get both aspects but one polarity.
Knows nothing of torch, of Gradio, or of where the rows lie.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.drug_reviews import EFFECTIVENESS, SIDE_EFFECTS
from tasks.made_clauses import found, made
from tasks.spec import Data, Example, Head, Kind, Task, clean

POLARITY = ("negative", "neutral", "positive")
ASPECTS = (
    "effectiveness",
    "side effects",
    "ease of use",
    "cost",
    "staff",
    "waiting",
    "communication",
    "environment",
    "overall experience",
)

# The NHS themes that name one of our aspects; the others (records, equipment, the Mental Health Act …) name none.
THEMES = {
    "Staff manner & personal attributes": "staff",
    "Competence & training": "staff",
    "Staff responsiveness": "staff",
    "Number & deployment of staff": "staff",
    "Staff continuity": "staff",
    "Timeliness of care": "waiting",
    "Appointment arrangements": "waiting",
    "Staff listening, understanding & involving patients": "communication",
    "Information directly from staff during care": "communication",
    "Being kept informed, clarity & consistency of information": "communication",
    "Information provision & guidance": "communication",
    "Contacting services": "communication",
    "Interaction with family/ carers": "communication",
    "Unspecified communication": "communication",
    "Food & drink provision & facilities": "environment",
    "Cleanliness, tidiness & infection control": "environment",
    "Environment & Facilities": "environment",
    "Sensory experience": "environment",
    "Activities & access to fresh air": "environment",
    "Electronic entertainment": "environment",
    "Parking": "environment",
    "Impact of treatment/ care": "effectiveness",
    "Pain management": "effectiveness",
    "Funding & use of financial resources": "cost",
    "Positive experience & gratitude": "overall experience",
    "Negative experience & dissatisfaction": "overall experience",
}

# Nobody has labelled cost and ease of use by hand in an open set. Their plain words label a clause weakly.
WEAK = (
    ("cost", "negative", r"expensive|costly|over-?priced|can ?not afford|can't afford|couldn't afford|not covered"),
    ("cost", "positive", r"cheap(?:er)?\b|affordable|inexpensive|low cost|covered by (?:my )?insurance"),
    (
        "ease of use",
        "positive",
        r"(?:easy|simple|convenient|painless) to (?:use|take|apply|swallow|remember|inject)|easily",
    ),
    (
        "ease of use",
        "negative",
        r"(?:hard|difficult|messy|awkward|painful) to (?:use|take|apply|swallow|inject)|inconvenient",
    ),
    ("overall experience", "positive", r"highly recommend|would recommend|love this|miracle|life ?saver|saved my life"),
    ("overall experience", "negative", r"would(?: not|n't) recommend|hate this|worst|never again|waste of"),
)
_WEAK = tuple((aspect, tone, re.compile(rf"\b(?:{words})", re.IGNORECASE)) for aspect, tone, words in WEAK)

# The rows it learned from and is measured on were cut by these; to change them is to train and measure it anew.
_ROW_SENTENCE = re.compile(r"(?<=[.!?])\s+|[\n\r]+")
_ROW_TURN = re.compile(r",?\s+(?=(?:but|however|although|though|yet|except)\b)|\s*;\s+", re.IGNORECASE)

# A pasted text is cut more carefully: not within "Dr. Smith", "20 mg. daily", "anything but", "not yet", "as though".
_SENTENCE = re.compile(r"(?<=[.!?])(?<!\b[Dd]r\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?!(?<=mg\.)\s+[a-z\d])\s+|[\n\r]+")
_FIXED = "".join(
    rf"(?<!\b{words})"
    for words in ("nothing", "anything", "choice", "can.t help", "cannot help", "couldn.t help", "could not help")
)
_TURN = re.compile(
    rf",?(?<!\s){_FIXED}\s+(?=but\b)"
    r"|,?(?<!\s)(?<!\bas)(?<!\beven)\s+(?=(?:however|although|(?:even\s+)?though|except)\b)"
    r"|,\s+(?=yet\b)|\s*;\s+",
    re.IGNORECASE,
)


# The themes name what a comment is mainly about: "the nurses were great" is often filed under gratitude alone. Where a
# comment names people, waiting or the experience outright, that aspect is added to its hand-given ones.
NAMED = (
    ("staff", r"nurses?|doctors?|staff|receptionists?|paramedics?|midwi(?:fe|ves)|therapists?|crew|drivers?"),
    ("waiting", r"wait(?:ed|ing|s)?|delay(?:s|ed)?|queues?"),
    ("overall experience", r"experiences?|overall"),
)
_NAMED = tuple((aspect, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for aspect, words in NAMED)
_JOINT = re.compile(r"^(?:but|however|although|though|yet|except|and|so)\b[,\s]*", re.IGNORECASE)


def segments(example: Example) -> Sequence[str]:
    """Return the clause without the joint it hangs on: "but I waited" is read as "I waited"."""
    return (_JOINT.sub("", example.text) or example.text,)


def clauses(text: str) -> list[str]:
    """Return the clauses of a pasted text in order: sentences, cut again where a "but" or a semicolon turns them.

    A cut that would leave fewer than two words is not made. Joined by spaces the clauses are the text again, save for
    commas and white space at the cuts.
    """
    return _cut(text, _SENTENCE, _TURN)


def _cut(text: str, ends: re.Pattern[str], turns: re.Pattern[str]) -> list[str]:
    found: list[str] = []
    for sentence in ends.split(text):
        start = len(found)
        for part in turns.split(sentence):
            if len(found) > start and (len(part.split()) < 2 or len(found[-1].split()) < 2):
                found[-1] = f"{found[-1]} {part}"
            elif part.strip():
                found.append(part.strip())
    return found


def from_nhs(row: Mapping[str, Any]) -> Sequence[Example]:
    """Map a patient's comment with its hand-given themes and sentiment; mixed comments are left out.

    A mixed comment (step 3 of 5) holds praise and blame in different clauses, so its one polarity is true of neither.
    """
    text = clean(str(row["text"]))
    aspects = {THEMES[theme] for theme in str(row["categories"]).split(" | ") if theme in THEMES}
    aspects |= {aspect for aspect, words in _NAMED if words.search(text)}
    if len(text.split()) < 3 or not aspects or len(text.split()) > 60:
        return ()
    return (_example(text, str(row["sentiment3"]), aspects),)


def from_druglib(row: Mapping[str, Any]) -> Sequence[Example]:
    """Map a drug review's fields: each field is about one aspect, and its five-step opinion gives the polarity."""
    worth = EFFECTIVENESS.index(row["effectiveness"])
    harm = SIDE_EFFECTS.index(row["sideEffects"])
    out = [
        *_field(
            str(row["benefitsReview"]),
            "effectiveness",
            ("negative", "negative", "neutral", "positive", "positive")[worth],
        ),
        *_field(
            str(row["sideEffectsReview"]),
            "side effects",
            ("negative", "negative", "negative", "neutral", "positive")[harm],
        ),
    ]
    return [*out, *_weak(str(row["commentsReview"]))]


def from_drugscom(row: Mapping[str, Any]) -> Sequence[Example]:
    """Keep of a Drugs.com review the clauses whose plain words name an aspect."""
    return _weak(str(row["review"]))


def plain_druglib(row: Mapping[str, Any]) -> Sequence[Example]:
    """Keep of all fields of a drug review the clauses that say outright that it failed, or how it is taken."""
    texts = (str(row[name]) for name in ("benefitsReview", "sideEffectsReview", "commentsReview"))
    return _plain("\n".join(texts), row)


def plain_drugscom(row: Mapping[str, Any]) -> Sequence[Example]:
    """Keep the same of a Drugs.com review, and add the two clauses that it lends its id to."""
    return [*_plain(str(row["review"]), row), *(_example(text, tone, {aspect}) for aspect, tone, text in made(row))]


def _plain(text: str, row: Mapping[str, Any]) -> list[Example]:
    cut = _cut(clean(text), _ROW_SENTENCE, _ROW_TURN)
    return [_example(clause, tone, {aspect}) for aspect, tone, clause in found(cut, int(row["rating"]))]


def _weak(text: str) -> Sequence[Example]:
    found = _cut(clean(text), _ROW_SENTENCE, _ROW_TURN)
    return [
        _example(clause, tone, {aspect}) for clause in found for aspect, tone, words in _WEAK if words.search(clause)
    ]


def _field(text: str, aspect: str, tone: str) -> Sequence[Example]:
    """Return the first clause of a field: later ones wander off to other subjects."""
    return [_example(clause, tone, {aspect}) for clause in _cut(clean(text), _ROW_SENTENCE, _ROW_TURN)[:1]]


def _example(text: str, tone: str, aspects: set[str]) -> Example:
    return Example(text=text, label=tone, targets={"polarity": tone, "aspects": tuple(sorted(aspects))})


TASK = Task(
    name="review_aspects",
    title="Aspects of a review",
    kind=Kind.ASPECTS,
    intro="What each clause of a review speaks of, and how kindly.",
    caution="Aspects are read clause by clause; irony and clauses that say two things at once are read badly.",
    labels=POLARITY,
    heads=(Head("polarity", POLARITY), Head("aspects", ASPECTS, multi=True, weight=2.0)),
    fold={tone: (tone,) for tone in POLARITY},
    slots=("clause",),
    segments=segments,
    data=(
        Data(
            name="nhs_fft",
            folder="nhs_fft",
            files={"train": "nhs_fft_v6.csv.gz"},
            license="MIT (pxtextmining, NHS England 2021)",
            ships=True,
            to_examples=from_nhs,
            held_out=0.2,
            note="NHS Friends and Family Test comments of two trusts, themes and sentiment by hand (pxtextmining "
            "v6). "
            "Where a comment names staff, waiting or its experience outright, that aspect is added, "
            "in test rows too: the "
            "F1 of these three is partly agreement with plain words.",
        ),
        Data(
            name="druglib",
            folder="druglib",
            files={"train": "drugLibTrain_raw.tsv.gz", "test": "drugLibTest_raw.tsv.gz"},
            license="CC BY 4.0 (as UCI lists dataset 461 today; an older UCI page said research use only)",
            ships=True,
            to_examples=from_druglib,
            note="Clauses of the benefits and side-effects fields; cost and ease of use labelled by their plain words.",
        ),
        Data(
            name="drugscom_sample",
            folder="drugscom_sample",
            files={"train": "drugscom_sample.csv.gz"},
            license="CC BY 4.0 (as UCI lists dataset 462 today; an older UCI page said research use only)",
            ships=True,
            to_examples=from_drugscom,
            role="extra",
            note="Only clauses whose plain words name cost, ease of use or an overall verdict.",
        ),
        Data(
            name="druglib_plain",
            folder="druglib",
            files={"train": "drugLibTrain_raw.tsv.gz"},
            license="CC BY 4.0 (as UCI lists dataset 461 today; an older UCI page said research use only)",
            ships=True,
            to_examples=plain_druglib,
            role="extra",
            note="Short clauses of all fields that deny an effect, in reviews rated 4 or less, or say how it is taken.",
        ),
        Data(
            name="drugscom_plain",
            folder="drugscom_sample",
            files={"train": "drugscom_sample.csv.gz"},
            license="CC BY 4.0 (as UCI lists dataset 462 today; an older UCI page said research use only)",
            ships=True,
            to_examples=plain_drugscom,
            role="extra",
            note="The same, and for each review a sentence of blame and one of praise on a medicine, made by rule.",
        ),
    ),
    samples=(Example(text="The nurses were great."), Example(text="It made me dizzy for a week.")),
    unit="clauses",
    order=11,
)
