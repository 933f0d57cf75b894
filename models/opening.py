"""Opens a generator of this machine when somebody has chosen it: told in words, and refused before it is too large.

Knows nothing of the list of those that are offered, of search or of pages.
"""

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, TypeVar

import psutil
import torch

from models import zero
from models.bases import BASES, Base
from models.fetch import fetch
from models.likelihood import Likelihood
from models.live import Live
from models.speaking import untuned
from models.weights import ROOM, dtype, pool
from models.writers import LocalWriter
from tasks.spec import Task, UserError

Model = TypeVar("Model")
Tell = Callable[[str], None]

WINDOW = 4096
"""Tokens a base reads at once at most: what search finds fits, and more costs memory."""


class Opened:
    """The generator opened last; those on the same base stay open beside it, as a comparison needs them."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Any] = {}
        self._lock = Lock()

    def untuned(self, task: Task, name: str, tell: Tell, ask: str) -> LocalWriter:
        """Return a base as it came, to write answers.

        Raises:
            UserError: if its files cannot be had, or this machine has no room for them.
        """
        return LocalWriter(self.held(name, task.name, tell, lambda: self._untuned(task, name)), name, ask)

    def labeller(self, task: Task, name: str, tell: Tell) -> Likelihood:
        """Return a base as it came, to choose among a task's labels; raises what `untuned` does."""
        return self.held(name, task.name, tell, lambda: self._untuned(task, name))

    def held(self, base: str, what: str, tell: Tell, make: Callable[[], Model]) -> Model:
        """Return what was made before, or make it; what stands on another base is let go of first.

        Raises:
            UserError: if the base's files cannot be had, or this machine has no room for them.
        """
        with self._lock:  # two visitors who choose at once wait for one another, and one of them reads the weights
            if (base, what) not in self._open:
                self._open = {key: one for key, one in self._open.items() if key[0] == base}
                ready(BASES[base], tell)
                self._open[base, what] = make()
            return self._open[base, what]

    def _untuned(self, task: Task, name: str) -> Likelihood:
        return untuned(task, name, min(BASES[name].max_tokens, WINDOW))

    def tuned(self, task: Task, live: Live, base: str, name: str, tell: Tell) -> LocalWriter:
        """Return what serves the task, asked as it was trained.

        Raises:
            UserError: as `untuned` does, or where it answers with labels alone.
        """
        with self._lock:
            ready(BASES[base], tell)
            one = live.predictor(task)
        if not isinstance(one, Likelihood):
            raise UserError("it answers with labels, not in words.")
        return LocalWriter(one, name)


@cache
def opened() -> Opened:
    """Return the one of this process: chat and tabs hold the same base, not one each."""
    return Opened()


def ready(base: Base, tell: Tell) -> None:
    """Bring a base's files here and see that there is room for it.

    Raises:
        UserError: if they cannot be had, or do not fit.
    """
    if any(base.name in key for key in pool().keys if isinstance(key, tuple)):
        return
    if not zero.away():
        check_room(base)
    if base.folder is None and not base.package:
        fetch(base, tell)
    if zero.away():
        tell(f"{base.name} writes on a GPU that is lent for the length of an answer …")
        return
    tell(f"Reading {base.name} into memory ({base.needs()}) …")


def check_room(base: Base, free: int | None = None) -> None:
    """Raise UserError where the weights are larger than the memory: a process that tries is killed, not refused.

    `free` is the memory in bytes, by default what is left on this machine (the GPU's whole memory, where there is one)
    together with what models that can be dropped take.
    """
    need = base.bytes(dtype(base).itemsize * 8)
    if need is None:
        return
    if free is None:
        free = psutil.virtual_memory().available
        if torch.cuda.is_available():
            free += torch.cuda.mem_get_info()[1]
        else:
            free += pool().size
    if need * ROOM > free:
        raise UserError(
            f"it needs about {need * ROOM / 1e9:.1f} GB of memory here, and {free / 1e9:.1f} GB are free. Please "
            "choose another."
        )
