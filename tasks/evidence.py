"""What search and verifier hand to each other and to the pages: a passage, what it says, and what follows from it.

Pure data; knows nothing of models, search or pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tasks.verdict import Stance, Verdict

SUPPORTED = "supports"


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that search brought up; `near` says from 0 to 1 how close it lies to what was searched for.

    It is `meant` where it is known to speak of what was asked, in words like these.
    """

    id: str
    text: str
    near: float
    title: str = ""
    organisation: str = ""
    year: int | None = None
    url: str = ""
    kind: str = ""
    limits: str = ""
    meant: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage, what it says of the claim, and the sentence that says it."""

    found: Found
    stance: Stance
    sentence: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One claim, its verdict, and the evidence, what weighs most first."""

    claim: str
    verdict: Verdict
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A text's claims, each judged, and the verdict on the whole; not `graded` where stances came without shares.

    `notes` are sentences a reader must see beside it, such as what was not searched.
    """

    verdict: Verdict
    claims: tuple[Judged, ...]
    source: str = ""
    graded: bool = True
    notes: tuple[str, ...] = ()

    def first(self, few: int, most: int) -> list[tuple[Judged, Evidence]]:
        """Return the evidence to show first, with its claim: what each claim rests on or, where on none, lies nearest.

        At most `most` of these; others without repeats follow only until there are `few`.
        """
        ranked = [
            (judged, judged.evidence[place], place)
            for place in range(max(len(judged.evidence) for judged in self.claims))
            for judged in self.claims
            if place < len(judged.evidence)
        ]
        out, others = [], []
        for judged, evidence, place in ranked:
            rests = place == 0 or evidence.found.id in judged.verdict.decided_by
            (out if rests else others).append((judged, evidence))
        out, seen = out[:most], {evidence.found.id for _, evidence in out}
        for judged, evidence in others:
            if len(out) < few and evidence.found.id not in seen:
                seen.add(evidence.found.id)
                out.append((judged, evidence))
        return out


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer, what its context says of it, and the sentence of the context that says it."""

    text: str
    stance: str
    scores: Mapping[str, float]
    because: str = ""


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """The sentences of an answer, and how many of them the context bears out; `graded` and `notes` as in Checked.

    Where no context was `given` each sentence was judged as a claim, by the evidence found for it.
    """

    sentences: tuple[Sentence, ...]
    source: str = ""
    graded: bool = True
    notes: tuple[str, ...] = ()
    given: bool = True

    @property
    def supported(self) -> float:
        """Return the share of sentences that the context supports."""
        return sum(s.stance == SUPPORTED for s in self.sentences) / len(self.sentences)

    @property
    def hallucinated(self) -> float:
        """Return the share of sentences that the context does not support: contradicted, or not in it."""
        return 1 - self.supported


class Asked(NamedTuple):
    """A claim, the id of a passage that was found for it, and what the verifier said: supports and refutes, 0 to 1."""

    claim: str
    card: str
    supports: float
    refutes: float


class Known(NamedTuple):
    """How likely a card supports and refutes a claim, and the nearest known claim that speaks for the likelier side.

    `like` is empty where no known claim does, and it is the verifier that settles it.
    """

    supports: float
    refutes: float
    like: str
    for_it: bool
    """Whether the card supports that known claim."""

    @property
    def said(self) -> str:
        """Return in words which known claim this was compared with; "" where it was with none."""
        return self.like and f"“{self.like.rstrip('.')}”, which this source {'supports' if self.for_it else 'refutes'}"
