"""Starts runs in processes of their own, one after the other, and looks after them: queue, stop, resume, adoption.

The truth is in the run folders, so a restarted app goes on where the last one stopped. A process is only ever ended
by its recorded id together with its birth time. Knows nothing of browsers, nor of who may press the button.
"""

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

import tasks
from tasks.spec import UserError
from training import bounds, checkpoint, prepare, process, taught
from training.config import RunConfig
from training.launchers import KEY, Local, Way, remember, unfollowed, way_of
from training.runs import ACTIVE, Run, RunStore
from training.saved import STOPPED

ROOT = Path(__file__).parent.parent
BEGUN = ACTIVE - {"queued"}
"""States in which a run has a worker, or should have one."""
FAULTS = (OSError, ValueError, KeyError, TypeError, psutil.Error, UserError)
"""What may go wrong with one run: its files, its process, its recipe."""
BORN = 300.0
"""Seconds a worker may take to take its lock: it reads its libraries first, behind everybody else on a busy machine."""
NICE = 10
"""How far a worker stands behind whoever is waiting for an answer, from 0 to 19."""


def _setting(name: str, default: float) -> float:
    return float(os.environ.get(f"CARETUNE_{name}", default))


@dataclass(frozen=True)
class Limits:
    """What one machine gives to training: `rows` and `minutes` of a run, `waiting` runs in line, `disk` in GB.

    `memory` in GB is what a run may hold; 0 holds it to nothing.
    """

    rows: int = field(default_factory=lambda: int(_setting("MAX_ROWS", 200_000)))
    minutes: float = field(default_factory=lambda: _setting("MAX_MINUTES", 600))
    waiting: int = field(default_factory=lambda: int(_setting("MAX_WAITING", 12)))
    disk: float = field(default_factory=lambda: _setting("MAX_DISK_GB", 10))
    memory: float = field(default_factory=bounds.memory_gb)


class Launcher:
    """One line of runs, one worker at a time."""

    def __init__(
        self, store: RunStore, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.store = store
        self.limits = limits or Limits()
        self._clock = clock
        self._overdue = process.Overdue(self.limits.minutes * 60, clock)
        self._begun: dict[tuple[str, float], float] = {}  # by run and when it says it began: that moment, by our clock
        self._children: list[subprocess.Popen[bytes]] = []
        self._keys: dict[str, str] = {}  # of runs that wait; never written down
        self._lock = threading.RLock()

    def launch(self, config: RunConfig, title: str = "", token: str = "", way: Way | None = None, key: str = "") -> Run:
        """Put a run in line; the same token twice starts one run.

        `way` says how it is carried out, on this machine unless given; `key` is the Hugging Face token that it is
        billed to, where the way needs one.

        Raises:
            UserError: if the line, the disk or the run is beyond the limits, or the way cannot carry it out.
        """
        way = way or Local()
        waiting = sum(run.state == "queued" for run in self.store.runs())
        if waiting >= self.limits.waiting:
            raise UserError(f"{waiting} runs wait in line already; the most allowed is {self.limits.waiting}.")
        way.check(config)
        taught.check(tasks.get(config.task), config)
        if config.prepare:
            prepare.check(tasks.get(config.task), config.prepare)
        asked = max(config.max_rows, rows_of(config))
        if asked > self.limits.rows:
            raise UserError(f"A run may use at most {self.limits.rows:,} rows here; this one asks for {asked:,}.")
        taken = sum(run.bytes for run in self.store.runs()) / 1e9
        if taken > self.limits.disk:
            raise UserError(f"The runs take {taken:.1f} GB of {self.limits.disk:g} allowed; delete some first.")
        with self._lock:  # a run is in line as soon as it has a folder
            run = self.store.create(config, title, token)
            remember(run, way)
            if key:
                self._keys[run.id] = key
        return run

    def stop(self, id: str, keep: bool = False) -> None:
        """Ask a run to end, with `keep` after keeping and scoring what it has learned.

        Raises:
            UserError: if it is neither waiting nor at work.
        """
        run = self.store.get(id)
        if run.move("stopped", frm="queued", cause="Stopped while it waited in line."):
            return
        if run.state not in ACTIVE:
            raise UserError("This run is not at work.")
        run.stop_file.write_text("keep" if keep else "stop")
        # A quick worker may have read the file and ended as asked before its state is changed here.
        if not run.move("stopping") and run.state not in ("stopping", "stopped", *(("finished",) if keep else ())):
            raise UserError("This run has just ended.")

    def resume(self, id: str, key: str = "") -> None:
        """Put a run that ended early in line again; it goes on from its last checkpoint. `key` is as in `launch`.

        Raises:
            UserError: if it is at work, finished, or kept nothing to go on from.
        """
        run = self.store.get(id)
        if run.alive:
            raise UserError("This run is still at work.")
        if run.state not in ("stopped", "interrupted", "failed"):
            raise UserError("Only a run that ended early can be resumed.")
        if not way_of(run).command(run):
            raise UserError("A taste lives in one request and cannot be resumed; launch its recipe anew, or in full.")
        if not any(checkpoint.newest(stage) for stage in run.checkpoints.glob("*")) and run.points:
            run.alert("No whole checkpoint was left; it starts from the beginning.")
        run.stop_file.unlink(missing_ok=True)
        if key:
            self._keys[run.id] = key
        run.move("queued")

    def adopt(self) -> None:
        """At the app's start: runs whose worker died are interrupted, those whose worker lives are followed on."""
        for run in self.store.runs():
            with _apart(run):
                if run.state in BEGUN and _deserted(run):
                    _end(run, "The machine or the app stopped while it ran; it can be resumed.")

    def tick(self) -> None:
        """Look after the workers, and start the next run if none is at work."""
        self._children = [child for child in self._children if child.poll() is None]
        for run in self.store.runs():
            with _apart(run):
                if run.state in BEGUN:
                    self._look(run)
        if self._line(self.store.runs()):
            # Another app on this folder may be looking as well: whoever holds the lock starts the next run.
            with suppress(Timeout), FileLock(self.store.root / ".line.lock", timeout=0):
                self._start_next()

    def _start_next(self) -> None:
        runs = self.store.runs()
        if any(map(_at_work, runs)):
            return
        for run in self._line(runs):
            with _apart(run):
                self._start(run)
            if run.state != "queued":
                return

    def _line(self, runs: Sequence[Run]) -> list[Run]:
        """Return the runs that wait for a process, the next one first."""
        line = []
        with self._lock:  # whatever is listed by now has been told how it is carried out
            for run in runs:
                with _apart(run):
                    if run.state == "queued" and way_of(run).command(run):
                        line.append((run.since, run.id, run))
        return [run for _, _, run in sorted(line, key=lambda one: one[:2])]

    def _start(self, run: Run) -> None:
        if not run.move("starting", frm="queued"):
            return
        for left in (run.beat_file, run.keeping_file):  # by the worker before
            left.unlink(missing_ok=True)
        self._overdue.forget(run)
        way = way_of(run)
        env = process.inherited() | dict(way.environment())
        if way.needs_key:
            env[KEY] = self._key(run)
            if not env[KEY]:
                run.move("failed", cause="It needs a Hugging Face token to be billed to; sign in and resume it.")
                return
        with run.log_file.open("ab") as log:
            child = subprocess.Popen(
                way.command(run),
                cwd=ROOT,
                # A worker stands elsewhere: where this app keeps its things must be said in full.
                env={
                    **env,
                    "CARETUNE_HOME": str(self.store.root.resolve().parent),
                    bounds.MEMORY: str(self.limits.memory),
                    bounds.DISK: str(self.limits.disk),
                    "PYTHONUNBUFFERED": "1",
                    "TOKENIZERS_PARALLELISM": "false",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._children.append(child)
        process.note(run, child.pid)
        give_way(child.pid)

    def _key(self, run: Run) -> str:
        """Return the token a run is billed to: its owner's; this machine's only where nobody else can start runs."""
        from huggingface_hub import get_token

        own = "" if os.environ.get("SPACE_ID") else get_token() or ""
        return self._keys.pop(run.id, "") or own

    def _look(self, run: Run) -> None:
        """Tell what has become of a run that should be at work, and end what went beyond its limits."""
        if _deserted(run):
            if bounds.starved(run.log_tail(20)):  # where even the word of it found no memory
                run.move("failed", cause=bounds.too_large())
            _end(run, "Its process ended without a word (killed, or out of memory); it can be resumed.")
            return
        scores = run.keeping_file.exists()  # it has learned to its end; its scoring has as many minutes again
        begun = run.keeping_file.stat().st_mtime if scores else run.since
        if run.state in ("starting", "running") and self._worked(run, begun) > self.limits.minutes * 60:
            what = "Its scoring was stopped" if scores else "Stopped"
            run.alert(
                f"{what} after the {self.limits.minutes:g} minutes {'that' if scores else 'a run'} may take here."
            )
            self.stop(run.id, keep=not scores)
        self._overdue.look(run)

    def _worked(self, run: Run, begun: float) -> float:
        """Return the seconds since `begun`, without any that the machine slept or its clock jumped meanwhile."""
        now = self._clock()
        return now - self._begun.setdefault((run.id, begun), now - max(0.0, time.time() - begun))


@contextmanager
def _apart(run: Run) -> Iterator[None]:
    """Let what goes wrong with one run, a damaged file or a full disk, keep nobody from looking after the others."""
    try:
        yield
    except FAULTS as error:
        logging.getLogger(__name__).warning("run %s not looked after: %s", run.id, type(error).__name__)


def _deserted(run: Run) -> bool:
    """Whether nobody works on a run that should have a worker; a new one has time to come to taking its lock."""
    if run.alive or process.unnoted(run):
        return False
    young = run.state in ("starting", "stopping") and time.time() - run.since <= BORN
    return not young or process.find(run) is None


def _end(run: Run, cause: str) -> None:
    """Write down that a run's worker is gone: as was asked, or for that cause."""
    late = process.find(run)  # before the change: whoever is found later may be the next one's worker
    left = unfollowed(run)  # a request to stop may not have come as far as its job
    asked = not left and run.asked() == "stop" and run.move("stopped", frm="stopping", cause=STOPPED)
    ended = asked or run.move("interrupted", cause=left or cause)
    if ended and late:
        process.kill(late)  # it would take up the run again, beside the next one


def _at_work(run: Run) -> bool:
    """Whether a run has a worker, or is about to have one."""
    found = run.state in BEGUN
    with _apart(run):
        found = found or run.alive
    return found


def rows_of(config: RunConfig) -> int:
    """Return how many rows an epoch of a run would read; 0 where its sets are not here, which the run itself says."""
    from training.estimate import planned

    try:
        plan = planned(config)
    except UserError:
        return 0
    return round(plan.rows + plan.first_rows / config.first_epochs)


def give_way(pid: int) -> None:
    """Let visitors come before a worker.

    Where Linux shares the processor between sessions first (autogroups), niceness counts only inside a session, and a
    worker has one of its own: the session has to be nice as well. A session that others share is left as it is.
    """
    psutil.Process(pid).nice(NICE)
    if hasattr(os, "getsid") and os.getsid(pid) == pid:
        with suppress(OSError):  # no Linux, no autogroups, or asked for too often
            Path(f"/proc/{pid}/autogroup").write_text(str(NICE))
