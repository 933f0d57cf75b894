"""Runs work in threads and hands on what it says: one piece of work with its words, or two streams beside each other.

Knows nothing of what is run.
"""

from collections.abc import Callable, Generator, Iterator
from queue import Queue
from threading import Event, Thread
from types import TracebackType
from typing import TypeVar

from tasks.spec import UserError

Item = TypeVar("Item")
Made = TypeVar("Made")
_END = object()


def told(do: Callable[[Callable[[str], None]], Made]) -> Iterator[str | Made]:
    """Yield the words that `do` is telling while it works, and last what it made.

    Raises:
        UserError: as `do` does; any other error of it becomes one that names its kind alone.
    """
    said: Queue[object] = Queue()
    made: list[Made] = []
    failed: list[str] = ["it could not be opened."]

    def work() -> None:
        try:
            made.append(do(said.put))
        except UserError as error:
            failed[:] = [str(error)]
        except (OSError, ValueError, RuntimeError, LookupError, TypeError, MemoryError, ImportError) as error:
            failed[:] = [f"it could not be opened ({type(error).__name__})."]
        finally:
            said.put(_END)

    Thread(target=work, daemon=True).start()
    while (item := said.get()) is not _END:
        yield str(item)
    if not made:
        raise UserError(failed[0])
    yield made[0]


def together(first: Iterator[Item], second: Iterator[Item]) -> Generator[tuple[Item | None, Item | None], None, None]:
    """Yield the newest item of each of two streams, whichever moves; None for one that said nothing yet.

    Each runs in a thread of its own; closing the iterator closes both after the item they are at.

    Raises:
        BaseException: whatever one of them raises, of any kind; the other is closed.
    """
    moved: Queue[tuple[int, Item | BaseException | None]] = Queue()
    over = Event()
    for place, items in enumerate((first, second)):
        Thread(target=_pump, args=(items, place, moved, over), daemon=True).start()
    newest: list[Item | None] = [None, None]
    running, drawn = 2, True
    try:
        while running:
            place, item = moved.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                running -= 1
            else:
                newest[place], drawn = item, False
            if moved.empty() and not drawn:  # what is already out of date is not handed on
                yield newest[0], newest[1]
                drawn = True
    finally:
        over.set()


class _HandedOn:
    """Puts what ends a block into the queue, None where it ended well: in its own thread nobody would hear of it.

    Nothing is raised there, nor printed: the message of an error may quote what a person typed.
    """

    def __init__(self, place: int, moved: "Queue[tuple[int, Item | BaseException | None]]") -> None:
        self.place, self.moved = place, moved

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Hand on whatever it is: a tokenizer's panic is not even an Exception."""
        self.moved.put((self.place, error))
        return True


def _pump(
    items: Iterator[Item], place: int, moved: "Queue[tuple[int, Item | BaseException | None]]", over: Event
) -> None:
    """Put every item of a stream into the queue, and what ended it; end where it is over."""
    with _HandedOn(place, moved):
        try:
            for item in items:
                if over.is_set():
                    break
                moved.put((place, item))
        finally:
            if isinstance(items, Generator):
                items.close()
