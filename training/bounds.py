"""What a worker may take of the machine at most, held by the operating system; and in plain words what ended one.

Only Linux counts all the memory a process writes to (RLIMIT_DATA); elsewhere the cap is set and may hold less. Mapped
files (weights, libraries) do not count: they are given back when memory is short. Knows nothing of runs.
"""

import errno
import os

from tasks.spec import UserError
from training import machine

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

MEMORY, DISK = "CARETUNE_MAX_MEMORY_GB", "CARETUNE_MAX_DISK_GB"
SHARE = 0.85
"""Part of the machine's memory that a run may hold where nobody said how much; the rest is the app's."""
_STARVED = ("out of memory", "can't allocate memory", "cannot allocate memory", "bad_alloc", "memoryerror")
"""How a lack of memory is called by PyTorch, the system, C++ and Python, in lower case."""


def memory_gb() -> float:
    """Return how much memory a run may hold; 0 where it may hold all there is."""
    said = os.environ.get(MEMORY, "")
    return float(said) if said else SHARE * machine.total_mb() * machine.MIB / 1e9


def hold() -> None:
    """Let the system refuse this process more memory or longer files than a run may have; its children as well.

    Memory is left alone where CUDA is used: it reserves address space that it never writes to.

    Raises:
        UserError: if the process holds that much already, before it has begun.
    """
    if resource is None:
        return
    _lower(resource.RLIMIT_FSIZE, float(os.environ.get(DISK, "0")))
    most = memory_gb()
    if not most or machine.device() == "cuda":
        return
    _lower(resource.RLIMIT_DATA, most)
    try:
        bytearray(64 * machine.MIB)
    except MemoryError:
        said = f"A run may hold {most:.1f} GB of memory here ({MEMORY}), which is too little to begin."
        raise UserError(said) from None


def _lower(kind: int, gb: float) -> None:
    """Set a limit of this process for good, unless a lower one stands; 0 sets none."""
    held = resource.getrlimit(kind)[1]
    if gb > 0 and (held == resource.RLIM_INFINITY or gb * 1e9 < held):
        resource.setrlimit(kind, (int(gb * 1e9), int(gb * 1e9)))


def cause(error: BaseException | None) -> str:
    """Return in plain words what ended a run that should not have ended."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full; delete runs that are no longer needed and resume it."
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return f"A file grew beyond what runs may take of the disk here ({DISK})."
    found = error
    while found is not None:
        if starved(f"{type(found).__name__} {found}"):
            return too_large()
        found = found.__cause__ or found.__context__
    return f"{type(error).__name__ if error else 'stopped'}; the end of the log has the reason."


def starved(text: str) -> bool:
    """Whether a message or the end of a log says that the memory was too small."""
    return any(word in text.lower() for word in _STARVED)


def too_large() -> str:
    """Return what is said of a run that needed more memory than it may hold."""
    most = f" than the {memory_gb():.1f} GB a run may hold here ({MEMORY})" if memory_gb() else " than there is"
    return f"It needed more memory{most}; lower batch_size or max_tokens, or take a smaller base, and launch it anew."
