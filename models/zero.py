"""Whether a GPU is borrowed by the function here (a ZeroGPU Space), and for how long a piece of work should ask for it.

Importing it imports no torch. Knows nothing of tasks or of what is computed.
"""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from models.bases import Base

LEAST, MOST = 10, 120
"""Seconds that are asked for at least and at most; free accounts have five minutes of a day."""
START = 5.0
"""Seconds a lent GPU is allowed to be ready in, beside reading the weights."""
# What follows is assumed and never more than a fraction of what such GPUs are sold as; asking for too little costs a
# visitor the answer, asking for too much costs nothing but a place in the queue. None of it was measured on ZeroGPU.
READ = 1e9
"""Bytes of weights that reach the GPU in a second."""
FLOPS = 3e13
"""Operations in a second while a prompt is read."""
BANDWIDTH = 3e11
"""Bytes of weights looked at in a second while an answer is written: every token looks at all of them."""
TOKEN = 0.03
"""Seconds of a written token that do not depend on the model's size."""

_lent: ContextVar[bool] = ContextVar("lent", default=False)


def on_zero() -> bool:
    """Whether this is a Space that borrows its GPU."""
    return os.environ.get("SPACES_ZERO_GPU") == "true"


def away() -> bool:
    """Whether the GPU is elsewhere: on such a Space, outside of what it is lent to."""
    return on_zero() and not _lent.get()


@contextmanager
def here() -> Iterator[None]:
    """Open models where the code stands, as what a GPU is lent to does."""
    token = _lent.set(True)
    try:
        yield
    finally:
        _lent.reset(token)


def seconds(base: Base, read: int, written: int = 0, bits: float = 16.0) -> int:
    """Return for how many seconds to ask, to read so many tokens with a base and to write so many."""
    size, parameters = base.bytes(bits) or 0, base.parameters or 0
    reading = 2.0 * parameters * read / FLOPS
    writing = written * (TOKEN + size / BANDWIDTH)
    return max(LEAST, min(MOST, math.ceil(START + size / READ + reading + writing)))
