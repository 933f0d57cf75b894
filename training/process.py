"""The process of a run's worker: noted with its birth time, found again by both, ended where it does not end by itself.

A number alone may belong to a stranger by now. Says too what a worker is told of this environment. Knows nothing of
queues.
"""

import json
import math
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from models import bases
from training import saved
from training.runs import Run

# What a worker needs to find Python, the data, the network and the machine's parts. No token and no key is among it.
ENVIRONMENT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "SYSTEMROOT", "VIRTUAL_ENV", "PYTHONPATH", "LD_LIBRARY_PATH"),
    *("CARETUNE_DATA", "CARETUNE_HOME", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "HF_HOME", "HF_HUB_OFFLINE"),
    *("CARETUNE_BASES", "HF_HUB_CACHE", "HF_ENDPOINT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
    *("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"),
)
FILE = "process.json"
SILENT = 120.0
"""Seconds without a sign of life after which a worker counts as stuck."""
UNNOTED = 30.0
"""Seconds an app may take to start a process and to write down which it is."""
PATIENCE = 60.0
"""Seconds a worker has to end after it was asked to."""
KEEPING = 600.0
"""Seconds a worker has to begin to keep what it learned after it was asked to."""
GRACE = 10.0
"""Seconds between noticing that a worker must be ended, asking its process, and ending it by force."""
FORCED = "Its process did not end when it was asked to, and was ended by force."


def note(run: Run, pid: int) -> None:
    """Write down which process works on a run."""
    born = psutil.Process(pid).create_time()
    saved.write(run.folder / FILE, json.dumps({"pid": pid, "born": born, "noted": time.time()}))


def unnoted(run: Run) -> bool:
    """Whether an app, this one or another, is starting a run's process and has yet to write down which that is."""
    since, said = run.since, saved.mapping(run.folder / FILE).get("noted", 0.0)
    noted = float(said) if isinstance(said, int | float) else 0.0
    return run.state == "starting" and noted < since and time.time() - since <= UNNOTED


def find(run: Run) -> psutil.Process | None:
    """Return the run's own process, or None where it is gone; this process and its parent are nobody's worker."""
    try:
        said = saved.mapping(run.folder / FILE)
        process = psutil.Process(said["pid"])
        if _ours(process):
            return None
        if abs(process.create_time() - said["born"]) < 1 and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except (KeyError, TypeError, ValueError, psutil.NoSuchProcess):
        return None
    return None


def kill(process: psutil.Process) -> None:
    """End a process at once, with all it has started: torchrun's workers have sessions of their own.

    Its group is ended only where it leads one, as workers do: a group that it shares with this app is not touched.
    This process and its parent never end themselves, whatever is asked.
    """
    if _ours(process):
        return
    below = process.children(recursive=True)
    for one in (process, *below):
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            if hasattr(os, "killpg") and one.is_running() and os.getpgid(one.pid) == one.pid:
                os.killpg(one.pid, signal.SIGKILL)
            else:
                one.kill()


def _ours(process: psutil.Process) -> bool:
    return process.pid in (os.getpid(), os.getppid())


class Overdue:
    """Ends workers that have fallen silent, or go on though they were asked to end.

    In steps, a GRACE apart: noticed, asked, forced. A process is not asked at first sight, for after a machine has
    slept every worker looks silent until its next beat. One that is stopped, or stuck outside Python, does not hear.
    """

    def __init__(self, longest: float, clock: Callable[[], float]) -> None:
        """Give a worker `longest` seconds to validate and score what it keeps; `clock` tells the time between steps."""
        self.longest, self._clock = max(KEEPING, longest), clock
        self._steps: dict[str, tuple[int, float]] = {}

    def forget(self, run: Run) -> None:
        """Begin anew with a run: it has another worker, or one that is heard of again."""
        self._steps.pop(run.id, None)

    def look(self, run: Run) -> None:
        """Take the next step with a run's worker where that is due."""
        if not self._is(run):
            return self.forget(run)
        worker, now = find(run), self._clock()
        step, since = self._steps.get(run.id, (0, -math.inf))
        if worker is None or now - since < GRACE:
            return None
        self._steps[run.id] = (step + 1, now)
        if step == 1:
            worker.terminate()
        elif step > 1:
            run.alert(FORCED)
            kill(worker)
        return None

    def _is(self, run: Run) -> bool:
        now = time.time()
        if run.beat_file.exists() and now - run.beat_file.stat().st_mtime > SILENT:
            return True
        if run.state != "stopping" or not run.stop_file.exists():
            return False
        keeps = self.longest if run.keeping_file.exists() else KEEPING
        return now - run.since > {"stop": PATIENCE, "keep": keeps}.get(run.stop_file.read_text(), math.inf)


def inherited() -> dict[str, str]:
    """Return what a worker is told of this process's environment; folders in full, for it stands elsewhere."""
    env = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    if "CARETUNE_DATA" in env:
        env["CARETUNE_DATA"] = str(Path(env["CARETUNE_DATA"]).resolve())
    if folders := env.get(bases.SETTING):
        env[bases.SETTING] = os.pathsep.join(str(Path(one).resolve()) for one in folders.split(os.pathsep) if one)
    return env
