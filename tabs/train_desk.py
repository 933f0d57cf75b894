"""What the steps of the Train & Evaluate tab share: the runs, who may change them, and the parts they have in common.

Nothing heavy is read before somebody looks: the room of training brings torch, and the first page does not wait for it.
"""

import logging
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

import tasks
from tabs.train_watch import Watch
from tabs.who import Gate
from tasks.spec import UserError
from training import own

if TYPE_CHECKING:
    from training.launch import Launcher
    from training.runs import Run, RunStore

BEAT = 1.0
"""Seconds between two looks at the line of waiting runs."""


@dataclass
class Desk:
    """The runs of one app, handed to every step; `shelf` says which adapter serves which task."""

    home: Path
    shelf: Any
    gate: Gate
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def store(self) -> "RunStore":
        """Return the store of all runs."""
        with self._lock:
            return self._store

    @property
    def launcher(self) -> "Launcher":
        """Return the one launcher of this process."""
        with self._lock:
            return self._launcher

    @property
    def watch(self) -> Watch:
        """Return what all pages see of the runs."""
        with self._lock:
            return self._watch

    @cached_property
    def _store(self) -> "RunStore":
        from training.runs import RunStore

        return RunStore(self.home / "runs")

    @cached_property
    def _launcher(self) -> "Launcher":
        from training.launch import Launcher

        return Launcher(self.store)

    @cached_property
    def _watch(self) -> Watch:
        return Watch(self.store)

    def own_rows(self) -> set[str]:
        """Return the sets of somebody's own rows that runs are made of."""
        return {name for run in self.store.runs() for name in _datasets(run)}

    def delete(self, id: str) -> None:
        """Remove a run with all that only it needs; raise UserError while it is at work or somebody is served by it."""
        run = self.store.get(id)
        for task in tasks.ALL:
            if self.shelf.holds(task, run.adapter):
                now = f"{task.title} is answered by this run, or would be after a step back"
                raise UserError(f"{now}; put others in its place first.")
        rows = _datasets(run)
        self.store.delete(run.id)
        own.drop(rows, self.own_rows())
        self.watch.forget(run.id)

    def start(self) -> threading.Thread:
        """Take back the runs that outlived the last app, and from now on start whatever waits in line."""
        thread = threading.Thread(target=self._serve, name="launcher", daemon=True)
        thread.start()
        return thread

    def _serve(self) -> None:
        look = self.launcher.adopt
        while True:
            try:
                look()
                look = self.launcher.tick
            except (OSError, UserError) as error:
                logging.getLogger(__name__).warning("runs not looked after: %s", type(error).__name__)
            time.sleep(BEAT)


def _datasets(run: "Run") -> tuple[str, ...]:
    try:
        return run.config.datasets
    except UserError:  # a recipe of another version
        return ()


@dataclass(frozen=True)
class Shared:
    """Components that several steps read or write."""

    steps: gr.Tabs
    chosen: gr.Dropdown
    row: gr.Row
    """Where `chosen` stands; seen only in the steps that are about one run."""
    listed: gr.State
    """Changes, at a beat, where a run came, went, or moved on to another state or score."""
    moved: gr.State
    """Changes, at a beat, where a run's curve grew."""
