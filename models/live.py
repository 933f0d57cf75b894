"""The model in service for each task: loaded when first asked, reloaded when the shelf moves.

Importing this file imports no torch, so the first page is served before any model is read.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

from models.predictor import SlotPredictor
from models.shelf import Adapter, Shelf
from tasks.spec import Example, Prediction, Task, UserError


class Live:
    """Answers with whatever adapter the shelf names at the moment; follows promotions by itself."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.beforehand: list[Callable[[], None]] = []
        """What else is read once the adapters are, before anybody asks."""
        self._loaded: dict[tuple[str, bool], tuple[Adapter, SlotPredictor]] = {}
        self._loading = Lock()

    def answer(self, task: Task, examples: Sequence[Example]) -> list[Prediction]:
        """Answer several examples together, in order."""
        return self.predictor(task).predict(examples)

    def predictor(self, task: Task, exact: bool = False) -> SlotPredictor:
        """Return the predictor in service, loading it where the shelf has moved.

        With `exact` it runs as it was trained, in float32: slower, and the one that has gradients.

        Raises:
            UserError: if no adapter for the task is there, or it cannot be opened.
        """
        key = (task.name, exact)
        held = self._loaded.get(key)
        if held is None or held[0] != self._wanted(task):
            # One at a time: while it opens a model, transformers changes settings of the whole process. What is in
            # memory already goes on answering meanwhile.
            with self._loading:
                held, wanted = self._loaded.get(key), self._wanted(task)  # whoever waited may find it loaded
                if held is None or held[0] != wanted:
                    self._loaded[key] = held = (wanted, self._load(task, wanted, exact))
        return held[1]

    def _wanted(self, task: Task) -> Adapter:
        wanted = self.shelf.current(task)
        if wanted is None:
            raise UserError(f"No trained adapter for {task.title} is installed.")
        return wanted

    def warm(self, served: Sequence[Task], explained: Sequence[Task]) -> None:
        """Load what will be asked for; what is not there is left for the first visitor to be told of."""
        for task, exact in (*((task, False) for task in served), *((task, True) for task in explained)):
            if self.shelf.current(task) is not None:
                found = self.predictor(task, exact)
                if not getattr(found, "borrowed", False):  # nobody's quota of a lent GPU is spent on it
                    found.predict([task.samples[0]])
        for read in self.beforehand:
            read()

    def _load(self, task: Task, adapter: Adapter, exact: bool) -> SlotPredictor:
        from models.loading import load

        found = load(task, Path(adapter.folder), exact=exact)
        found.source = f"{found.reading.base} + {adapter.run}, {adapter.headline}"
        return found
