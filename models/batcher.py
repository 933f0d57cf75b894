"""Visitors who ask at the same moment share a forward pass. Knows nothing of models: it is handed the function.

The first caller of a quiet moment is served at once; whoever arrives while a batch is being computed forms the next
one. So a lone visitor never waits for company, and a crowd is served in as few passes as possible.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Condition, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """A queue in front of `function`, which answers a list in order."""

    def __init__(self, function: Callable[[Sequence[Item]], Sequence[Result]], most: int = 32) -> None:
        self.function = function
        self.most = most
        self.sizes: deque[int] = deque(maxlen=256)
        self._waiting: deque[tuple[Item, Future[Result]]] = deque()
        self._more = Condition()
        Thread(target=self._serve, name="batcher", daemon=True).start()

    def submit(self, item: Item) -> "Future[Result]":
        """Queue an item; the future carries its result or the exception its batch raised."""
        future: Future[Result] = Future()
        with self._more:
            self._waiting.append((item, future))
            self._more.notify()
        return future

    def _serve(self) -> None:
        # A worker thread of its own carries any exception, even one that is no Exception (a tokenizer's panic), back as
        # a value: this loop cannot be ended by what a visitor typed.
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="batch")
        while True:
            with self._more:
                self._more.wait_for(lambda: bool(self._waiting))
                batch = [self._waiting.popleft() for _ in range(min(self.most, len(self._waiting)))]
            # A caller who left cancelled its future; nothing is computed for it.
            batch = [(item, future) for item, future in batch if future.set_running_or_notify_cancel()]
            if batch:
                self.sizes.append(len(batch))
                self._answer(worker, batch)

    def _answer(self, worker: ThreadPoolExecutor, batch: Sequence[tuple[Item, "Future[Result]"]]) -> None:
        done = worker.submit(self._compute, [item for item, _ in batch])
        error = done.exception()
        if error is None:
            for (_, future), result in zip(batch, done.result(), strict=True):
                future.set_result(result)
        elif len(batch) == 1:
            batch[0][1].set_exception(error)
        else:
            for pair in batch:  # one visitor's bad text must not cost the others their answer
                self._answer(worker, [pair])

    def _compute(self, items: Sequence[Item]) -> Sequence[Result]:
        results = self.function(items)
        if len(results) != len(items):
            raise RuntimeError(f"{len(items)} items in, {len(results)} answers out")
        return results
