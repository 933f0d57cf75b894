"""Says yes or no to a question where the known claims of an evidence card settle it.

A plain yes/no question is read as the claim it asks about, and judged as the claim check would judge it, by the cards
that search found for it. Only a card that knows a claim worded alike decides, or its plain words; what a verifier
alone would say does not, nor does a verdict that is withheld because it could hurt. Who asks for leave ("can children
eat honey?") may be held back by a no and is not waved on by a yes, who asks whether something is dangerous not by a
no. Knows nothing of indexes, adapters or pages.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from models.claims import Answer, Familiar, check
from tasks.asking import asks_leave, asks_need, claimed
from tasks.evidence import Evidence, Found
from tasks.health_claims import REFUTES, SUPPORTS
from tasks.medical_qa import MAYBE, NO, YES
from tasks.passage import sentences, told
from tasks.restraint import direction, matters, restrained
from tasks.spec import Example, Prediction, UserError
from tasks.verdict import FALSE, TRUE, Limits

ENOUGH = 30
"""The trust score from which a verdict is said as yes or no: just below the lowest right one on looked-at subjects."""
NEAR, MOST = 0.8, 4
"""How near a known claim of a card must lie to the question, and how many cards are read for it: one that lies further
off is often about something else, and each that is read takes time before the first word."""
PLAINER = 0.15
"""How much likelier another sentence must say so, to be quoted in place of the one nearest in words."""
_SAID = {TRUE: YES, FALSE: NO}
_RECOMMENDED = re.compile(r"\b(?:recommend|advis|indicat|prescrib|approv)\w*", re.I)
_MAY = re.compile(r"\b(?:may|might)\b", re.I)
_MODAL = re.compile(r"\b(?:may|might|can|could|ever|possibl[ey])\b", re.I)
_LIFE = re.compile(
    r"\b(?:suicid\w*|self[- ]?harm\w*|(?:kill|hurt|harm)\w* (?:one|them|your|him|her|my)sel(?:f|ves))\b", re.I
)
"""Of this nobody is told a bare yes or no."""
PERSONAL = re.compile(
    r"\b(?:(?<!type )(?<!factor )(?<!stage )(?<!phase )(?<!grade )i|i['’](?:m|ve|ll|d)|me|my|mine|we|(?-i:us)|our|"
    r"he|him|his|she|her|hers|(?:my|your|him|her)self)\b",
    re.I,
)


class Settled(NamedTuple):
    """Yes or no, by a passage: the sentence of it that is quoted, the known claim compared with, and the trust score.

    `compared` is empty where the passage says it, or denies it, in the very words that were asked.
    """

    decision: Prediction
    passage: Found
    sentence: str
    compared: str
    trust: int


Near = Callable[[str, Sequence[str]], Sequence[float]]
"""A claim and ids of passages in, the cosine of the nearest known claim of each out."""
Settle = Callable[[str, Sequence[Found]], Settled | None]
"""A question and the passages found for it in; None out where nothing settles it."""


def asks_plainly(question: str) -> bool:
    """Return whether a question can be answered by yes or no, the same for everybody."""
    claim = claimed(question)  # "tell me if", which opens it, makes nothing personal
    return claim is not None and not PERSONAL.search(claim) and not _LIFE.search(question)


def settle(
    question: str, found: Sequence[Found], answer: Answer, familiar: Familiar, near: Near, limits: Limits | None = None
) -> Settled | None:
    """Return yes or no to a question that `asks_plainly`, by the passages found for it; None where they do not tell.

    `answer` and `familiar` are as in models.claims.check, `near` as in models.familiar.
    """
    claim = claimed(question)
    if claim is None:
        return None
    close = near(claim, [passage.id for passage in found])
    read = [passage for passage, least in zip(found, close, strict=True) if least >= NEAR][:MOST]
    if not read:
        return None
    try:
        checked = check(claim, lambda *_: read, answer, limits, pointing=False, familiar=familiar)
    except UserError:  # put into a claim it says too little to be judged
        return None
    if len(checked.claims) != 1:
        return None
    (judged,) = checked.claims
    decided = [e for e in judged.evidence if e.found.id in judged.verdict.decided_by]
    verdict = restrained(question, judged.verdict, " ".join(e.found.text for e in decided))
    label = _SAID.get(verdict.label)
    if label is None or not decided or verdict.trust < ENOUGH or _held_back(question, label):
        return None
    first = decided[0]
    if not all(e.stance.like or told(claim, e.found.text) is not None for e in decided) or (
        label == YES and _MAY.search(first.stance.like) and not _MODAL.search(question)
    ):
        return None
    sentence = _saying(claim, first, label, answer)
    return Settled(_prediction(label, first), first.found, sentence, first.stance.like, verdict.trust)


def _saying(claim: str, evidence: Evidence, label: str, answer: Answer) -> str:
    """Return the sentence of a passage that answers a claim: the nearest in words, or one that plainly says it."""
    said = sentences(evidence.found.text)
    if evidence.sentence not in said or len(said) < 2:
        return evidence.sentence
    stance = SUPPORTS if label == YES else REFUTES
    scores = [one.scores[stance] for one in answer([Example(text=claim, context=each) for each in said])]
    best = int(np.argmax(scores))
    return said[best] if scores[best] >= scores[said.index(evidence.sentence)] + PLAINER else evidence.sentence


def _held_back(question: str, label: str) -> bool:
    """Return whether an answer would wave somebody on who asks for leave, or whether there is danger.

    Whether a medicine is recommended to somebody depends on more than a yes or no can say; who asks whether something
    need be done, or is serious, is not told no.
    """
    if _RECOMMENDED.search(question) and matters(question):
        return True
    if label == YES:
        return asks_leave(question)
    return asks_need(question) or direction(question) in ("warns", "either")


def _prediction(label: str, evidence: Evidence) -> Prediction:
    stance = evidence.stance
    scores = {YES: stance.supports, NO: stance.refutes, MAYBE: max(1.0 - stance.says, 0.0)}
    return Prediction(label, label, scores)
