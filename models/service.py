"""What the pages ask about a text, answered by the adapter in service or by whoever was chosen instead.

Every stream ends with the answer; before it come words about what is waited for. Importing this file imports no torch.
Knows nothing of Gradio.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import tasks
from models.batcher import Batcher
from models.checker import Checker
from models.live import Live
from models.predictor import Predictor
from models.readers import Readers
from tasks.evidence import Checked, Faithfulness
from tasks.note_reading import NoteReading
from tasks.reviews import ReviewReading, patient_side, read_reviews, read_tone
from tasks.spec import Example, Task
from tasks.written import HERE

Remarks = Callable[[Example], tuple[str, ...]]
"""Sentences a reader must see beside an answer, such as that the text is not English."""

ASKED = "Waiting for the answer …"


class Service:
    """Answers for the tabs; `by` is the key of who answers, `token` the signed-in visitor's own."""

    def __init__(self, live: Live, checker: Checker, readers: Readers, remarks: Remarks) -> None:
        self.live, self.checker, self.readers, self.remarks = live, checker, readers, remarks
        self.reviews, self.notes = tasks.get("drug_reviews"), tasks.get("clinical_notes")
        self._batcher: Batcher[Example, ReviewReading] = Batcher(
            lambda examples: read_reviews(examples, live.answer, remarks)
        )

    def review(self, example: Example, by: str = HERE, token: str | None = None) -> Iterator[str | ReviewReading]:
        """Yield what is said of a review; the adapter in service answers visitors of one moment together."""
        if by == HERE:
            yield self._batcher.submit(example).result()
            return
        for step in self.readers.opened(self.reviews, by, token):
            if isinstance(step, str):
                yield step
            else:
                yield ASKED
                yield read_tone(example, _only(step), self.remarks)

    def words(self, example: Example, label: str, by: str = HERE) -> list[tuple[str, float]]:
        """Return the words that carried a review's label; none where whoever answered cannot be asked so often."""
        from models.attribution import words

        if by == HERE:
            return words(self.live.predictor(self.reviews, exact=True), patient_side(example), label)
        if by.startswith("remote:"):
            return []
        *_, found = self.readers.opened(self.reviews, by)
        return [] if getattr(found, "borrowed", False) else words(found, patient_side(example), label)

    def note(self, text: str, by: str = HERE, token: str | None = None) -> Iterator[str | NoteReading]:
        """Yield what is said of a note, which is masked here before anybody reads it."""
        from models.notes import read_note

        for step in self.readers.opened(self.notes, by, token):
            if isinstance(step, str):
                yield step
            else:
                yield from read_note(step, text, self.remarks)

    def claim(self, text: str, by: str = HERE, token: str | None = None) -> Iterator[str | Checked]:
        """Yield the verdict on a claim; the evidence is searched for here, whoever reads it."""
        yield from self._checked(by, token, lambda other: self._claim(text, other))

    def _claim(self, text: str, other: Any) -> Checked:
        found = self.checker.check(text, other)
        return replace(found, notes=(*found.notes, *self.checker.finder.missing))

    def answer(
        self, question: str, context: str, text: str, by: str = HERE, token: str | None = None
    ) -> Iterator[str | Faithfulness]:
        """Yield which sentences of an answer its context bears out."""
        yield from self._checked(by, token, lambda other: self._faithful(question, context, text, other))

    def _faithful(self, question: str, context: str, text: str, other: Any) -> Faithfulness:
        found = self.checker.check_answer(question, context, text, other)
        said = self.remarks(Example(text=text)) or (self.remarks(Example(text=context)) if context else ())
        return replace(found, notes=(*said, *(() if context else self.checker.finder.missing)))

    def _checked(self, by: str, token: str | None, check: Callable[[Any], Any]) -> Iterator[Any]:
        if by == HERE:
            yield check(None)
            return
        for step in self.readers.opened(self.checker.claims, by, token):
            if isinstance(step, str):
                yield step
            else:
                yield ASKED
                yield check(step.predict)


def _only(predictor: Predictor) -> Callable[[Task, Sequence[Example]], Sequence[Any]]:
    return lambda task, examples: predictor.predict(examples)
