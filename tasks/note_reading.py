"""What is said of one clinical note: the masked text, its categories, the sentences behind them, titles that lie near.

Pure data. Everything in it is made from the masked text: the text a person pasted goes no further than the masking.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tasks.clinical_notes import ranked
from tasks.deidentify import Deidentified
from tasks.findings import Span
from tasks.spec import Prediction

SHOWN = 5
"""Categories whose sentences and nearby titles are looked up."""


class Carried(NamedTuple):
    """A sentence of the masked text, and its share (0-1) of what spoke for the category."""

    start: int
    end: int
    share: float


class Suggestion(NamedTuple):
    """A title of ICD-9-CM near a carrying sentence; `closeness` is the cosine of their embeddings."""

    code: str
    title: str
    category: str
    closeness: float


@dataclass(frozen=True)
class NoteReading:
    """One note, read so far; `read` is the share of it that has been.

    `unsaid` says in words what whoever answered could not give.
    """

    masked: Deidentified
    prediction: Prediction | None = None
    read: float = 0.0
    carried: dict[str, tuple[Carried, ...]] = field(default_factory=dict)
    suggestions: tuple[Suggestion, ...] = ()
    set_aside: tuple[Span, ...] = ()
    notes: tuple[str, ...] = ()
    unsaid: str = ""

    @property
    def done(self) -> bool:
        """Whether the whole note was read."""
        return self.read >= 1.0

    @property
    def said(self) -> list[str]:
        """Return the categories claimed, likeliest first."""
        return ranked(self.prediction) if self.prediction else []

    @property
    def shown(self) -> list[str]:
        """Return the categories to explain: those claimed, else the likeliest two, at most SHOWN."""
        if self.prediction is None:
            return []
        scores = self.prediction.scores
        if not self.prediction.graded:
            return self.said[:SHOWN]
        return (self.said or sorted(scores, key=lambda label: -scores[label])[:2])[:SHOWN]


def as_dict(reading: NoteReading) -> dict[str, Any]:
    """Return a reading as plain data; `docs/clinical_note.md` describes it."""
    text, prediction = reading.masked.text, reading.prediction
    scores = prediction.scores if prediction else {}
    order: Sequence[str] = sorted(scores, key=lambda label: -scores[label])
    return {
        "deidentified": text,
        "masked": dict(reading.masked.counts),
        "categories": [
            {
                "category": label,
                "probability": round(scores[label], 4) if prediction and prediction.graded else None,
                "claimed": bool(prediction) and label in prediction.claimed,
                "sentences": [
                    {"text": text[c.start : c.end], "share": round(c.share, 3)} for c in reading.carried.get(label, ())
                ],
            }
            for label in order
        ],
        "suggestions": [s._asdict() | {"closeness": round(s.closeness, 3)} for s in reading.suggestions],
        "set_aside": [{"text": text[s.start : s.end], "why": s.kind} for s in reading.set_aside],
        "notes": list(reading.notes),
        "unsaid": reading.unsaid,
        "source": prediction.source if prediction else "",
        "caution": "Suggestions for a clinician, not a diagnosis.",
    }
