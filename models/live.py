"""The model in service for each task: loaded when first asked, reloaded when the shelf moves.

Importing this file imports no torch, so the first page is served before any model is read.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock

from models.batcher import Batcher
from models.predictor import SlotPredictor
from models.shelf import Adapter, Shelf
from tasks.spec import Answer, Example, Prediction, Task, UserError


class Live:
    """Hands each tab one function: `answer(example)`."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._loaded: dict[str, tuple[Adapter, SlotPredictor]] = {}
        self._batchers: dict[str, Batcher[Example, Prediction]] = {}
        self._lock = Lock()

    def answer(self, task: Task) -> Answer:
        """Return the function a tab calls; it follows promotions by itself and shares batches with other visitors."""

        def one(example: Example) -> Iterator[Prediction]:
            yield self.batcher(task).submit(example).result()

        return one

    def answer_many(self, task: Task, examples: Sequence[Example]) -> list[Prediction]:
        """Answer several examples of one visitor together, in order."""
        return self.predictor(task).predict(examples)

    def batcher(self, task: Task) -> Batcher[Example, Prediction]:
        """Return the queue in which the visitors of one task meet."""
        with self._lock:
            if task.name not in self._batchers:
                self._batchers[task.name] = Batcher(lambda examples: self.predictor(task).predict(examples))
            return self._batchers[task.name]

    def predictor(self, task: Task) -> SlotPredictor:
        """Return the predictor in service, loading it where the shelf has moved.

        Raises:
            UserError: if no adapter for the task is there, or it cannot be opened and none was serving before.
        """
        wanted = self.shelf.current(task)
        if wanted is None:
            raise UserError(f"No trained adapter for {task.title} is installed.")
        with self._lock:
            held = self._loaded.get(task.name)
            if held is None or held[0] != wanted:
                self._loaded[task.name] = held = (wanted, self._load(task, wanted))
            return held[1]

    def warm(self, tasks: Sequence[Task]) -> None:
        """Load what will be asked for; what is not there is left for the first visitor to be told of."""
        for task in tasks:
            if self.shelf.current(task) is not None:
                self.predictor(task).predict([task.samples[0]])

    def _load(self, task: Task, adapter: Adapter) -> SlotPredictor:
        from models.loading import load

        return load(task, Path(adapter.folder), source=f"minilm-l6 + {task.name} {adapter.run}, {adapter.headline}")
