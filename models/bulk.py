"""Claims and questions by the file: what stands in for a predictor where an answer takes more than one reading.

Each has what models/score.py asks of a predictor: a task that says the columns, a reading that says what was used (so
that a journal is taken up by the same only), and `predict`. Knows nothing of files.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.answering import Decide, Rate, reply
from models.claims import TAKEN, check
from models.predictor import SlotPredictor
from tasks.evidence import Found
from tasks.spec import Example, Prediction, UserError
from tasks.verdict import UNKNOWN, VERDICTS, Limits, atomic

Search = Callable[[str, int], Sequence[Found]]
FEW = 32
"""Rows answered at a time: each takes a search, so that many more would keep progress, and a limit of time, waiting."""


@dataclass(frozen=True)
class Used:
    """The files a row's result depends on, by name, as their sha256."""

    sha256: Mapping[str, str]


class ClaimScorer:
    """Gives each row of claims a verdict, its trust score and the sources it rests on.

    Without `pointing` the verifier is not asked which sentence decided, which no file shows.
    """

    def __init__(
        self,
        verifier: SlotPredictor,
        search: Search,
        used: Mapping[str, str],
        limits: Limits,
        taken: int = TAKEN,
        pointing: bool = True,
    ) -> None:
        self.task = replace(verifier.task, labels=VERDICTS, columns={"claim": ("claim", "statement")}, output=_verdict)
        self.reading = Used({**verifier.reading.sha256, **used})
        self._verifier, self._search, self._limits = verifier, search, limits
        self._taken, self._pointing = taken, pointing
        self.chunk = getattr(verifier, "chunk", FEW)

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Return a Prediction per example: `best` the verdict, `text` the trust score, `evidence` the sources.

        There is no trust score where the verifier named stances without shares.
        """
        return [self._one(example) for example in examples]

    def _one(self, example: Example) -> Prediction:
        text = example.text or example.fields.get("claim", "")
        try:
            atomic(text)
        except UserError:  # a row that makes no claim is answered, not skipped: its file keeps its shape
            return Prediction(None, UNKNOWN, text="0")
        found = check(text, self._search, self._verifier.predict, self._limits, self._taken, self._pointing)
        verdict = found.verdict
        names = {e.found.id: _named(e.found) for j in found.claims for e in j.evidence}
        sources = tuple(names[name] for name in verdict.decided_by)
        label = None if verdict.label == UNKNOWN else verdict.label
        trust = str(verdict.trust) if found.graded else ""
        return Prediction(label, verdict.label, text=trust, evidence=sources, source=found.source)


class QuestionScorer:
    """Answers each row's question from its context, or from what search finds where the row has none."""

    def __init__(
        self, decider: SlotPredictor, search: Search, rate: Rate, decide: Decide, used: Mapping[str, str]
    ) -> None:
        self.task = replace(decider.task, output=_answered)
        self.reading = Used({**decider.reading.sha256, **used})
        self._decider, self._search, self._rate, self._decide = decider, search, rate, decide
        self.chunk = getattr(decider, "chunk", FEW)

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Return a Prediction per example: the decision, in `text` the answer, in `evidence` its sources."""
        return [self._one(example) for example in examples]

    def _one(self, example: Example) -> Prediction:
        question = example.text or example.fields.get("question", "")
        context = example.context or example.fields.get("context", "")
        given = Found("context", context, 1.0, title="the row's own context")
        *_, last = reply(question, (), (lambda q, k: [given]) if context else self._search, self._rate)
        said = " ".join(quote.text for quote in last.quotes)
        read = context or said
        decided = self._decide(question, read) if read else None
        scores = decided.scores if decided else dict.fromkeys(self.task.labels, 0.0)
        best = decided.best if decided else ""
        sources = tuple(_named(found) for found in last.sources)
        heads = {"confidence": {"confidence": last.confidence}}
        text = said or "I do not know: nothing found answers this."
        return Prediction(decided.label if decided else None, best, scores, heads, text=text, evidence=sources)


def _named(found: Found) -> str:
    return found.url or ", ".join(part for part in (found.organisation, found.title) if part) or found.id


def _verdict(prediction: Prediction) -> dict[str, Any]:
    return {
        "verdict": prediction.best,
        "trust": int(prediction.text) if prediction.text else None,
        "sources": list(prediction.evidence),
    }


def _answered(prediction: Prediction) -> dict[str, Any]:
    shares = {f"p_{label}": round(share, 4) for label, share in prediction.scores.items()}
    return {
        "decision": prediction.best,
        **shares,
        "abstained": prediction.abstained,
        "answer": prediction.text,
        "sources": list(prediction.evidence),
        "confidence": round(prediction.heads.get("confidence", {}).get("confidence", 0.0), 4),
    }
