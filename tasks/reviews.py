"""A whole review read: its tone, how strong, what each clause speaks of, and turn by turn where it is a conversation.

Joins what the two adapters of a review say. Pure functions: the models come in as a function, no torch is imported.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from tasks import drug_reviews, review_aspects
from tasks.drug_reviews import SLOTS, expected_rating, intensity, leading
from tasks.emergency import CRISIS, emergency
from tasks.review_aspects import clauses
from tasks.spec import Example, Prediction, Task, Turn
from tasks.turns import CLINICIAN, named_fields, turns

MEDICINE = frozenset({"effectiveness", "side effects", "ease of use", "cost"})
SERVICE = frozenset({"staff", "waiting", "communication", "environment"})
WHOLE = "overall experience"
UNCLEAR = "unclear"
"""What is said of a polarity or a tone that the adapter declines to name."""
CERTAIN, HINT = 0.8, 0.25
"""Probabilities from which an aspect of the unlikely subject is named, and one where no aspect reaches its own cut."""
DENIABLE = frozenset({"benefits", "side effects"})
BARE = re.compile(r"(?:none|nothing|nil|zero)(?: at all| whatsoever| really| so far)?\s*[.!]*", re.I)
"""A whole answer that says what there was not, once the field it answers is known."""
MAX_CLAUSES = 60
"""Clauses read for aspects; of a longer text the first ones are, and the answer says so."""
STRENGTHLESS = "How strong the tone is cannot be told: whoever answered chose among the labels, not among ratings."
TONE_ALONE = (
    "Whoever answered was asked for the tone of the whole text. Strength, aspects and the tone turn by turn are read "
    "by the adapters in service alone."
)
SHORT = 20
"""Words of a turn that is read as a clause too: reviews are longer, and "It hurts terribly" was read as praise. Of 162
plain clauses the review adapter alone tells the side of 0.84, the mean with the clause adapter 0.93; of 400 short
comments on a hospital 0.87 and 0.88 (a script)."""
LONG = "Only the first clauses of this long text were read for aspects."
CONCERN = f"If such thoughts are with you now: {CRISIS}"
"""Said above what is said of a review. Other dangers are not looked for: a review tells of what is over, side effects
above all, while thoughts of suicide come back."""

Notes = Callable[[Example], tuple[str, ...]]
Predict = Callable[[Task, Sequence[Example]], Sequence[Prediction]]


@dataclass(frozen=True, slots=True)
class ClauseReading:
    """What one clause speaks of, its polarity or that it is unclear, where it leans, and how probable that is."""

    text: str
    aspects: tuple[str, ...]
    polarity: str
    leans: str
    share: float


@dataclass(frozen=True, slots=True)
class ReviewReading:
    """All that is said of one review; strength and rating are None where labels alone were told apart.

    `unsaid` says in words what whoever answered could not give, or was not asked for. `concern` is what is said to a
    writer who may be in danger, before anything else.
    """

    prediction: Prediction
    intensity: str | None
    rating: float | None
    clauses: tuple[ClauseReading, ...]
    tone: tuple[tuple[Turn, str, float], ...]
    flags: tuple[str, ...]
    notes: tuple[str, ...] = ()
    unsaid: str = ""
    concern: str = ""

    @property
    def aspects(self) -> dict[str, str]:
        """Return the polarity of every aspect named, the surest clause deciding where clauses differ.

        The overall experience is the tone of the whole review: one kind clause among others is no overall verdict.
        """
        found = {aspect: clause.polarity for aspect, clause in self._surest.items()}
        return found | {WHOLE: self.prediction.label or UNCLEAR} if self.clauses else {}

    @property
    def aspect_shares(self) -> dict[str, float]:
        """Return how probable what is said of each aspect is; of an unclear one, that to which it leans.

        Of the overall experience nothing is told where whoever answered gave names alone.
        """
        found = {aspect: clause.share for aspect, clause in self._surest.items() if aspect != WHOLE}
        whole = {WHOLE: self.prediction.scores[self.leading]} if self.prediction.graded else {}
        return found | whole if self.clauses else {}

    @property
    def _surest(self) -> dict[str, ClauseReading]:
        """Return the clause that speaks for each aspect: a clear one before an unclear one, then the likelier."""
        ranked = sorted(self.clauses, key=lambda clause: (clause.polarity != UNCLEAR, clause.share))
        return {aspect: clause for clause in ranked for aspect in clause.aspects}

    @property
    def two_best(self) -> Sequence[str]:
        """Return the two likeliest labels."""
        return sorted(self.prediction.scores, key=lambda label: -self.prediction.scores[label])[:2]

    @property
    def leading(self) -> str:
        """Return the label the answer speaks of: the one chosen, or the first of the two named where none was."""
        return leading(self.prediction)


def understand(text: str, fields: Mapping[str, str]) -> Example:
    """Return the Example a person meant: the form's fields, or fields named inside the text, or the text as it is."""
    filled = {slot: value for slot, value in fields.items() if value}
    if text and not filled:
        filled = dict(named_fields(text, SLOTS))
        text = "" if filled else text
    return Example(text=text, fields=filled)


def read_reviews(examples: Sequence[Example], predict: Predict, notes: Notes) -> list[ReviewReading]:
    """Read several reviews with one pass per adapter; `predict(task, examples)` is the models' part.

    `notes(example)` returns sentences a reader must see beside the answer, such as that the text is not English. Where
    there are any, no label is chosen.

    A conversation is judged by what others than the clinician say, and every turn gets its own tone.
    """
    spoken = [turns(example.text) if not example.fields else [] for example in examples]
    judged = [patient_side(example) for example in examples]
    single = [Example(text=turn.content) for said in spoken for turn in said]
    tones = predict(drug_reviews.TASK, [*judged, *single])
    short = [example for example in single if len(example.text.split()) <= SHORT]
    parts = [_clauses(example) for example in judged]
    flat = [Example(text=asked) for found in parts for _, asked in found[:MAX_CLAUSES]]
    clauses_read = predict(review_aspects.TASK, [*flat, *short]) if flat or short else ()
    aspects, as_clause = iter(clauses_read[: len(flat)]), iter(clauses_read[len(flat) :])
    after = iter(
        _turn_tone(tone, next(as_clause) if len(example.text.split()) <= SHORT else None)
        for example, tone in zip(single, tones[len(judged) :], strict=True)
    )
    out = []
    for example, prediction, said, found in zip(judged, tones[: len(judged)], spoken, parts, strict=True):
        read = _read([shown for shown, _ in found[:MAX_CLAUSES]], list(islice(aspects, len(found[:MAX_CLAUSES]))))
        tone = tuple((turn, *next(after)) for turn in said)
        reading = _reading(prediction, read, tone, notes(example))
        more = (LONG,) if len(found) > MAX_CLAUSES else ()
        out.append(replace(reading, notes=(*reading.notes, *more), concern=_concern(example)))
    return out


def _turn_tone(as_review: Prediction, as_clause: Prediction | None) -> tuple[str, float]:
    """Return the tone of a turn and how probable it is: of a short one the mean of what both adapters say."""
    if as_clause is None:
        return as_review.label or UNCLEAR, as_review.scores[as_review.best]
    mean = {label: (share + as_clause.scores.get(label, 0.0)) / 2 for label, share in as_review.scores.items()}
    best = max(mean, key=mean.__getitem__)
    sure = mean[best] >= 0.5 and (as_review.label or as_clause.label)
    return best if sure else UNCLEAR, mean[best]


def read_tone(example: Example, predict: Predict, notes: Notes) -> ReviewReading:
    """Read the tone of one review and nothing else: whoever is asked instead of the adapters learned no aspects."""
    (prediction,) = predict(drug_reviews.TASK, [patient_side(example)])
    return replace(_reading(prediction, (), (), notes(example)), unsaid=TONE_ALONE, concern=_concern(example))


def _concern(example: Example) -> str:
    found = emergency(patient_side(example).all_text)
    return CONCERN if found and found.message == CRISIS else ""


def _reading(
    prediction: Prediction,
    read: tuple[ClauseReading, ...],
    tone: tuple[tuple[Turn, str, float], ...],
    remarks: tuple[str, ...],
) -> ReviewReading:
    if remarks:  # nothing is claimed of a text that the adapter cannot read; its guesses are shown as guesses
        prediction = replace(prediction, label=None)
        return ReviewReading(prediction, None, None, read, tone, (), remarks)
    flags = _flags(prediction, read)
    if prediction.coarse:
        return ReviewReading(prediction, None, None, read, tone, flags, remarks, STRENGTHLESS)
    return ReviewReading(prediction, intensity(prediction), expected_rating(prediction), read, tone, flags, remarks)


def patient_side(example: Example) -> Example:
    """Return what is judged: of a conversation what others than the clinician say, else the review itself."""
    said = turns(example.text) if not example.fields else []
    others = [turn.content for turn in said if not CLINICIAN.search(turn.role)]
    return Example(text="\n".join(others)) if others else example


def _clauses(example: Example) -> list[tuple[str, str]]:
    """Return each clause as it was written and as it is read.

    "None." answers the field it stands in: of side effects that is praise, of benefits blame.
    """
    parts = [*example.fields.items(), ("", example.text)]
    return [
        (clause, f"No {slot}." if slot in DENIABLE and BARE.fullmatch(clause) else clause)
        for slot, part in parts
        if part
        for clause in clauses(part)
    ]


def _read(clauses: Sequence[str], predictions: Sequence[Prediction]) -> tuple[ClauseReading, ...]:
    """Name what each clause speaks of, in the light of the whole review.

    A review is of a medicine or of a service. Read alone, "it was a frustrating experience" could be either; beside
    nurses and waiting rooms it is not about side effects. So the aspects of the less likely subject need to be certain.
    """
    shares = [prediction.heads["aspects"] for prediction in predictions]
    medicine = sum(share for row in shares for aspect, share in row.items() if aspect in MEDICINE)
    service = sum(share for row in shares for aspect, share in row.items() if aspect in SERVICE)
    unlikely = SERVICE if medicine >= service else MEDICINE
    out = []
    for text, prediction, row in zip(clauses, predictions, shares, strict=True):
        likely = [aspect for aspect in row if aspect not in unlikely or row[aspect] >= CERTAIN]
        named = [aspect for aspect in likely if aspect in prediction.claimed]
        named = named or [aspect for aspect in likely if row[aspect] >= HINT]
        if not named and prediction.claimed:
            named = [WHOLE]  # it speaks of something, and what it seemed to speak of is not in this review
        named = sorted(named, key=lambda aspect: -row.get(aspect, 0.0))[:2]
        said, leans = prediction.label or UNCLEAR, prediction.best
        out.append(ClauseReading(text, tuple(named), said, leans, prediction.scores[leans]))
    return tuple(out)


def _flags(prediction: Prediction, read: Sequence[ClauseReading]) -> tuple[str, ...]:
    """Say when a writer is dissatisfied, and when it is the medicine they speak against.

    A cost may be anybody's: a car park can be dear too.
    """
    if prediction.abstained or prediction.best != "negative":
        return ()
    blame = [set(c.aspects) for c in read if c.polarity == "negative" and c.aspects]
    against = [aspects for aspects in blame if aspects & MEDICINE - {"cost"}]
    service = [aspects for aspects in blame if not aspects & MEDICINE]
    medicine = bool(against) and len(against) >= len(service)
    return ("dissatisfied", "negative towards the medication") if medicine else ("dissatisfied",)
