"""Several processes that score one file between them, each with the adapter in its own memory.

Parts of the file go out in order and come back in order, a few ahead of what is waited for, so memory does not grow
with the file. Knows nothing of files.
"""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, TypeVar

from models import reading
from tasks.spec import Example, Prediction, Task, UserError

MOST = 64
Part = TypeVar("Part")
_held: dict[str, Any] = {}
"""The predictor of a process of a crew."""


class Crew:
    """So many processes that answer as one predictor would; a context manager, which sends them home.

    Each gets an equal share of the cores. `columns` says what the rows hold, as models.score knows them.
    """

    def __init__(self, task: Task, folder: Path, processes: int, columns: Mapping[str, str]) -> None:
        """Start the processes.

        Raises:
            UserError: if there would be none or too many, or the adapter is damaged.
        """
        if not 1 <= processes <= MOST:
            raise UserError(f"Between 1 and {MOST} processes can score a file.")
        self.task, self.reading = task, reading.read(folder, task)
        self.ahead = 2 * processes
        threads = max(1, (os.cpu_count() or 1) // processes)
        self._pool = ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context("spawn"),  # a fork would share torch's locks in mid-air
            initializer=_open,
            initargs=(task.name, str(folder), dict(columns), threads),
        )

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def submit(self, examples: Sequence[Example]) -> "Future[list[Prediction]]":
        """Hand out examples to be answered."""
        return self._pool.submit(_predict, list(examples))

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Answer a batch, in order."""
        return self.submit(examples).result() if examples else []


def answered(
    predictor: Any, parts: Iterable[tuple[Part, Sequence[Example]]]
) -> Iterator[tuple[Part, Sequence[Prediction]]]:
    """Yield every part with the answers to its examples, in order; who takes parts in hand works on several at once.

    Raises:
        UserError: if a process of the crew died.
    """
    if not hasattr(predictor, "submit"):
        for part, examples in parts:
            yield part, predictor.predict(examples)
        return
    try:
        yield from _ahead(predictor, parts)
    except BrokenProcessPool:
        broken = (
            "A scoring process ended; perhaps the memory does not hold so many. Start again: it goes on from there."
        )
    else:
        return
    raise UserError(broken)


def _ahead(
    predictor: Any, parts: Iterable[tuple[Part, Sequence[Example]]]
) -> Iterator[tuple[Part, Sequence[Prediction]]]:
    """Yield every part with its answers while the next are being answered; what is not waited for is taken back."""
    waiting: deque[tuple[Part, Future[list[Prediction]]]] = deque()
    try:
        for part, examples in parts:
            waiting.append((part, predictor.submit(examples)))
            if len(waiting) > predictor.ahead:
                first, answers = waiting.popleft()
                yield first, answers.result()
        while waiting:
            first, answers = waiting.popleft()
            yield first, answers.result()
    finally:
        for _, asked in waiting:
            asked.cancel()


def _open(task: str, folder: str, columns: Mapping[str, str], threads: int) -> None:
    """Load the adapter in a process of a crew."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ["OMP_NUM_THREADS"] = str(threads)  # before torch is read
    import torch

    import tasks
    from models.loading import load
    from models.scorer import fitting

    torch.set_num_threads(threads)
    _held["predictor"] = fitting(load(tasks.get(task), Path(folder)), columns)


def _predict(examples: Sequence[Example]) -> list[Prediction]:
    return _held["predictor"].predict(examples) if examples else []


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, however it went: nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
