"""What to do where the memory does not hold a batch: halve it, and say so. Knows nothing of models."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

import torch

from tasks.spec import UserError

Item = TypeVar("Item")
Out = TypeVar("Out")


_heard: ContextVar[list[str]] = ContextVar("heard")


@contextmanager
def heard() -> Iterator[list[str]]:
    """Hand out a list that gathers what is said of the memory inside, for whoever asked to be told with the answer."""
    token = _heard.set(found := [])
    try:
        yield found
    finally:
        _heard.reset(token)


def halving(
    compute: Callable[[Sequence[Item]], list[Out]],
    items: Sequence[Item],
    say: Callable[[str], None] = lambda text: None,
) -> list[Out]:
    """Return `compute(items)`, in halves where the memory does not hold them at once; say so each time.

    Raises:
        UserError: if a single item does not fit.
    """
    try:
        return compute(items)
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
    # Outside the except block, so that the failed attempt's tensors are no longer held by its traceback.
    if len(items) < 2:
        raise UserError("The memory does not hold this model and a text of this length; shorten it.")
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    half = (len(items) + 1) // 2
    say(f"Out of memory with {len(items)} texts at once; going on with {half}.")
    _heard.get([]).append(f"out of memory with {len(items)} texts at once, done with {half}")
    middle = (len(items) + 1) // 2
    return [*halving(compute, items[:middle], say), *halving(compute, items[middle:], say)]


def out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that the memory was too small."""
    return (
        isinstance(error, (torch.OutOfMemoryError, MemoryError))
        or "out of memory" in str(error).lower()
        or ("can't allocate memory" in str(error).lower())
    )
