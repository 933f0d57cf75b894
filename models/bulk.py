"""Claims and questions by the file: what stands in for a predictor where an answer takes more than one reading.

Each has what models/score.py asks of a predictor: a task that says the columns, a reading that says what was used (so
that a journal is taken up by the same only), and `predict`. Knows nothing of files.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.answering import Decide, Rate, reply
from models.claims import TAKEN, Familiar, check
from models.predictor import SlotPredictor
from models.settling import Settle
from tasks.evidence import Found
from tasks.medical_qa import LABELS
from tasks.spec import Example, Prediction, Task, UserError
from tasks.verdict import UNKNOWN, VERDICTS, Limits, atomic

Search = Callable[[str, int], Sequence[Found]]
FEW = 32
"""Rows answered at a time: each takes a search, so that many more would keep progress, and a limit of time, waiting."""


@dataclass(frozen=True)
class Used:
    """What a row's result rests on, by name, as sha256: files, and how they are read."""

    rests_on: Mapping[str, str]


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
        familiar: Familiar | None = None,
    ) -> None:
        self.task = claims_task(verifier.task)
        self.reading = Used({**verifier.reading.rests_on, **used})
        self._verifier, self._search, self._limits = verifier, search, limits
        self._taken, self._pointing, self._familiar = taken, pointing, familiar
        self.chunk = getattr(verifier, "chunk", FEW)

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Return a Prediction per example: `best` the verdict, `evidence` the sources, `more` the trust score and why.

        There is no trust score where the verifier named stances without shares. A row that the task refuses is none.
        """
        return [self._one(example) for example in examples]

    def _one(self, example: Example) -> Prediction:
        text = _claim(example)
        found = check(
            text, self._search, self._verifier.predict, self._limits, self._taken, self._pointing, self._familiar
        )
        verdict = found.verdict
        names = {e.found.id: _named(e.found) for j in found.claims for e in j.evidence}
        sources = tuple(names[name] for name in verdict.decided_by)
        label = None if verdict.label == UNKNOWN else verdict.label
        trust = verdict.trust if found.graded else None
        more = {"trust": trust, "why": verdict.why, "withheld": verdict.withheld}
        return Prediction(label, verdict.label, evidence=sources, source=found.source, more=more)


class QuestionScorer:
    """Answers each row's question from its context, or from what search finds where the row has none."""

    def __init__(
        self,
        decider: SlotPredictor,
        search: Search,
        rate: Rate,
        decide: Decide,
        used: Mapping[str, str],
        spell: Callable[[str], str] = str,
        settle: Settle | None = None,
    ) -> None:
        self.task = questions_task(decider.task)
        self.reading = Used({**decider.reading.rests_on, **used})
        self._decider, self._search, self._rate, self._decide, self._spell = decider, search, rate, decide, spell
        self._settle = settle
        self.chunk = getattr(decider, "chunk", FEW)

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Return a Prediction per example: the decision, in `text` the answer, in `evidence` its sources."""
        return [self._one(example) for example in examples]

    def _one(self, example: Example) -> Prediction:
        question = example.text or example.fields.get("question", "")
        context = example.context or example.fields.get("context", "")
        given = Found("context", context, 1.0, title="the row's own context")
        if context:  # somebody chose it, so all of it is read
            *_, last = reply(question, (), lambda q, k: [given], self._rate, early=None)
            decided: Prediction | None = self._decide(question, context)
        else:  # of what was found by searching the chat reads a yes or no only where it may, and so does this
            *_, last = reply(
                question, (), self._search, self._rate, self._decide, spell=self._spell, settle=self._settle
            )
            decided = last.decision
        said = " ".join(quote.text for quote in last.quotes)
        more = {
            "emergency": last.danger.kind if last.danger else "",
            "referral": last.referral,
            "searched_for": ", ".join(last.spelt),
            "confidence": round(last.confidence, 4),
        }
        return Prediction(
            decided.label if decided else None,
            decided.best if decided else "",
            decided.scores if decided else {},
            text=said or "I do not know: nothing found answers this.",
            evidence=tuple(_named(found) for found in last.sources),
            more=more,
        )


def claims_task(task: Task) -> Task:
    """Return the task of a file of claims: its labels are verdicts."""
    named = {"claim": ("claim", "statement")}
    return replace(task, labels=VERDICTS, columns=named, output=_verdict, refuses=_refused)


def questions_task(task: Task) -> Task:
    """Return the task of a file of questions."""
    return replace(task, output=_answered)


def _claim(example: Example) -> str:
    return example.text or example.fields.get("claim", "")


def _refused(example: Example) -> str:
    """Return why a row cannot be judged, in the words of the page; a verdict beside it would look like a judgement."""
    try:
        atomic(_claim(example))
    except UserError as error:
        return str(error)
    return ""


def _named(found: Found) -> str:
    return found.url or ", ".join(part for part in (found.organisation, found.title) if part) or found.id


def _verdict(prediction: Prediction) -> dict[str, Any]:
    more = {name: prediction.more.get(name) for name in ("trust", "why", "withheld")}
    return {"verdict": prediction.best, **more, "sources": list(prediction.evidence)}


def _answered(prediction: Prediction) -> dict[str, Any]:
    shares = {label: round(share, 4) for label, share in prediction.scores.items()}
    return {
        "decision": prediction.best,
        **{f"p_{label}": shares.get(label) for label in LABELS},
        "abstained": prediction.abstained,
        "answer": prediction.text,
        "sources": list(prediction.evidence),
        **{name: prediction.more.get(name) for name in ("confidence", "emergency", "referral", "searched_for")},
    }
