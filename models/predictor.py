"""What every model of this app can do, the plainest one of them, and the one that reads with an adapter.

`Baseline` is two things at once: the floor a trained model must beat, and the model of the tests.
Importing this file imports no torch; making a `SlotPredictor` does.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from models.reading import Floats, Reading
from tasks.spec import Example, Prediction, Task

if TYPE_CHECKING:
    from models.encoder import Reader, Words

TOKENS_PER_BATCH = 32_768
"""Tokens that are sorted by length together: the more, the fuller the passes through the base. Costs memory."""


class Predictor(Protocol):
    """Anything that answers Examples with Predictions."""

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Answer a batch, in order."""
        ...

    def stream(self, example: Example) -> Iterator[Prediction]:
        """Answer one Example, in ever fuller Predictions; the last is final."""
        ...


class Baseline:
    """Always says the same label."""

    def __init__(self, labels: Sequence[str], label: str) -> None:
        self.scores = {name: float(name == label) for name in labels}
        self.label = label

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Answer a batch, in order."""
        return [Prediction(self.label, self.label, self.scores, source="baseline") for _ in examples]

    def stream(self, example: Example) -> Iterator[Prediction]:
        """Answer at once."""
        yield from self.predict([example])


class SlotPredictor:
    """Answers with one adapter on the embedded base."""

    def __init__(
        self,
        task: Task,
        reading: Reading,
        words: "Words",
        reader: "Reader",
        source: str = "",
        autocast: bool = False,
    ) -> None:
        self.autocast = autocast
        self.task = task
        self.reading = reading
        self.words = words
        self.reader = reader
        self.source = source

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Answer a batch, in order."""
        return self.reading.predictions(self.logits(examples), self.source) if examples else []

    def stream(self, example: Example) -> Iterator[Prediction]:
        """Answer at once."""
        yield from self.predict([example])

    def logits(self, examples: Sequence[Example]) -> Floats:
        """Return logits [examples, outputs], in order.

        Where the task can say the reverse of a text more plainly, that is read and the answer turned round. Where the
        first look is not sure of a label, the mean with a second look at the task's other form. What the task's signs
        say is added where the adapter was settled with it.
        """
        first = self._plainly(examples)
        others = {i: self.task.second(examples[i]) for i in self.reading.hesitates(first)} if self.task.second else {}
        again = [i for i, other in others.items() if other]
        if again:
            first[again] = (first[again] + self._logits([other for other in others.values() if other])) / 2
        if self.reading.signs and self.task.signs and len(examples):
            first += self.reading.beside(np.array([self.task.signs.of(example) for example in examples]))
        return first

    def _plainly(self, examples: Sequence[Example]) -> Floats:
        if not (self.reading.turns and self.task.opposite):
            return self._logits(examples)
        opposites = [self.task.opposite(example) for example in examples]
        logits = self._logits([other or example for other, example in zip(opposites, examples, strict=True)])
        rows = [i for i, other in enumerate(opposites) if other]
        logits[rows] = self.reading.turned(logits[rows], self.task.turned)
        return logits

    def _logits(self, examples: Sequence[Example]) -> Floats:
        # Examples of like length share a forward pass, so next to nothing is computed for padding.
        import torch

        rows = [self.task.segments(example) for example in examples]
        sizes = [sum(map(len, row)) for row in rows]
        order = sorted(range(len(rows)), key=sizes.__getitem__)
        out: list[tuple[list[int], Floats]] = []
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            for part in _parts(order, sizes):
                batch = self.words.batch([rows[i] for i in part])
                out.append((part, self.reader(batch).float().cpu().numpy()))
        logits = np.empty((len(rows), out[0][1].shape[1] if out else 0), np.float32)
        for part, values in out:
            logits[part] = values
        return logits


def _parts(order: Sequence[int], sizes: Sequence[int]) -> Iterator[list[int]]:
    """Cut `order` where the characters so far would make more than TOKENS_PER_BATCH tokens (about four each)."""
    part: list[int] = []
    room = TOKENS_PER_BATCH * 4
    for i in order:
        if part and room < sizes[i]:
            yield part
            part, room = [], TOKENS_PER_BATCH * 4
        part.append(i)
        room -= sizes[i]
    if part:
        yield part
