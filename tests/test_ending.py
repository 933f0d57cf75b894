"""A worker that does not end by itself: noticed, asked, ended by force; and one that works is left alone."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from test_training import config

from training import launch, process, worker
from training.launch import Launcher, Limits
from training.process import FORCED, GRACE, KEEPING, PATIENCE, SILENT
from training.runs import Run, RunStore

STUBBORN = """
import signal, subprocess, sys, time
from filelock import FileLock
signal.signal(signal.SIGTERM, signal.SIG_IGN)
lock = FileLock(sys.argv[1])
lock.acquire()
below = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(below.pid, flush=True)
time.sleep(600)
"""
posix = pytest.mark.skipif(not hasattr(os, "killpg"), reason="elsewhere asking a process ends it")


class Clock:
    """Shows what it is set to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def launcher(tmp_path: Path, clock: Clock) -> Launcher:
    return Launcher(RunStore(tmp_path / "runs"), Limits(minutes=30), clock)


@pytest.fixture
def run(launcher: Launcher) -> Run:
    run = launcher.store.create(config())
    assert run.move("starting") and run.move("running")
    return run


def ago(run: Run, state: str, seconds: float) -> None:
    """Let a run have come into a state so long ago."""
    (run.folder / "state.json").write_text(json.dumps({"state": state, "since": time.time() - seconds}))


def beat(run: Run, seconds: float) -> None:
    """Let a worker have given its last sign of life so long ago."""
    run.beat_file.touch()
    os.utime(run.beat_file, (time.time() - seconds,) * 2)


@pytest.fixture
def stubborn(run: Run) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A worker that ignores SIGTERM, and what it has started in a session of its own, as torchrun does."""
    child = subprocess.Popen(
        [sys.executable, "-c", STUBBORN, str(run.folder / "run.lock")],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    below = int(child.stdout.readline())
    process.note(run, child.pid)
    yield child, below
    for pid in (child.pid, below):
        if psutil.pid_exists(pid):
            os.kill(pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


@posix
@pytest.mark.parametrize("stopped", [False, True])
def test_a_worker_that_does_not_hear_is_ended_by_force(launcher, run, clock, stubborn, stopped: bool) -> None:
    """One that ignores the signal, and one that is stopped; the line goes on afterwards."""
    child, below = stubborn
    if stopped:
        os.kill(child.pid, signal.SIGSTOP)
    beat(run, SILENT + 60)
    for _ in range(2):
        launcher.tick()
        clock.now += GRACE
    launcher.tick()
    assert child.wait(timeout=120) == -signal.SIGKILL
    until(lambda: gone(below))
    launcher.tick()
    assert run.state == "interrupted" and "can be resumed" in run.cause
    assert run.alerts == [FORCED]


@pytest.fixture
def signalled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would be done to a worker, which here is nobody."""
    did: list[str] = []

    class Worker:
        def terminate(self) -> None:
            did.append("asked")

    monkeypatch.setattr(process, "find", lambda run: Worker())
    monkeypatch.setattr(process, "kill", lambda worker: did.append("killed"))
    return did


def test_a_worker_is_asked_once_and_given_its_time(launcher, run, clock, signalled) -> None:
    beat(run, SILENT + 60)
    with FileLock(run.folder / "run.lock"):
        for second in range(int(2 * GRACE)):
            launcher.tick()
            assert signalled == ["asked"] * (second >= GRACE)
            clock.now += 1
        launcher.tick()
    assert signalled == ["asked", "killed"]


def test_a_worker_that_is_heard_of_again_is_let_be(launcher, run, clock, signalled) -> None:
    """As after the machine has slept, whenever that is."""
    with FileLock(run.folder / "run.lock"):
        for _ in range(3):
            beat(run, SILENT + 60)
            launcher.tick()
            clock.now += GRACE / 2
            beat(run, 0)
            launcher.tick()
            clock.now += GRACE
    assert signalled == []


@pytest.mark.parametrize(
    ("asked", "keeping", "since", "late"),
    [
        ("stop", False, PATIENCE - 20, False),
        ("stop", False, PATIENCE + 20, True),
        ("stop", True, PATIENCE + 20, True),
        ("keep", False, KEEPING - 20, False),
        ("keep", False, KEEPING + 20, True),
        ("keep", True, KEEPING + 20, False),
        ("keep", True, 30 * 60 + 20, True),
        ("", False, 10**6, False),
    ],
)
def test_how_long_a_worker_has_to_end(launcher, run, clock, signalled, asked, keeping, since, late) -> None:
    """What it learned is kept in peace; a request that it never hears of does not block the line."""
    run.stop_file.write_text(asked)
    if keeping:
        run.keeping_file.touch()
    ago(run, "stopping", since)
    with FileLock(run.folder / "run.lock"):
        launcher.tick()
        clock.now += GRACE
        launcher.tick()
    assert signalled == ["asked"] * late


@pytest.mark.parametrize("scoring", [0, 30 * 60 - 20, 30 * 60 + 20])
def test_a_run_that_is_being_scored_has_learned_to_its_end(launcher, run, scoring: int) -> None:
    """The minutes of a run do not end it then; those of the scoring do, and what it learned is left."""
    ago(run, "running", 40 * 60)
    run.keeping_file.touch()
    os.utime(run.keeping_file, (time.time() - scoring,) * 2)
    with FileLock(run.folder / "run.lock"):
        launcher.tick()
    late = scoring > 30 * 60
    assert run.state == ("stopping" if late else "running")
    assert run.alerts == ["Its scoring was stopped after the 30 minutes that may take here."] * late
    assert run.asked() == "stop" * late


def test_who_hears_keep_begins_to_keep(run: Run) -> None:
    assert run.asked() == ""
    run.stop_file.write_text("stop")
    assert run.asked() == "stop" and not run.keeping_file.exists()
    run.stop_file.write_text("keep")
    assert run.asked() == "keep" and run.keeping_file.exists()


def test_a_worker_gives_signs_of_life_while_it_scores(launcher, monkeypatch) -> None:
    run = launcher.store.create(config())
    seen: list[bool] = []

    def score(run: Run) -> None:
        run.beat_file.unlink()
        until(run.beat_file.exists)
        seen.append(run.keeping_file.exists())

    monkeypatch.setattr(worker, "BEAT", 0.01)
    monkeypatch.setattr(worker.bounds, "hold", lambda: None)
    monkeypatch.setattr(worker, "train", lambda run: run.beat_file.touch())
    monkeypatch.setattr(worker, "score", score)
    worker.work(run)
    assert run.state == "finished" and seen == [True]


def test_a_resumed_run_is_not_taken_for_the_one_that_was_silent(launcher, monkeypatch) -> None:
    run = launcher.store.create(config())
    beat(run, SILENT + 60)
    run.keeping_file.touch()
    monkeypatch.setattr(launch, "give_way", lambda pid: None)
    monkeypatch.setattr(process, "note", lambda run, pid: None)
    monkeypatch.setattr(launch.subprocess, "Popen", lambda *given, **named: type("Started", (), {"pid": 0})())
    launcher.tick()
    assert run.state == "starting" and not run.beat_file.exists() and not run.keeping_file.exists()


@posix
def test_the_group_of_this_app_is_not_touched() -> None:
    """A process that leads no group of its own is ended alone."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    process.kill(psutil.Process(child.pid))
    assert child.wait(timeout=120) == -signal.SIGKILL


@pytest.mark.parametrize("pid", [os.getpid, os.getppid])
def test_neither_this_process_nor_its_parent_is_taken_for_a_worker(launcher, run, monkeypatch, pid) -> None:
    """Whatever a run's folder says, nobody ends the app or what started it."""
    sent: list[object] = []
    for name in ("kill", "terminate"):
        monkeypatch.setattr(psutil.Process, name, lambda self: sent.append(self.pid))
    monkeypatch.setattr(os, "killpg", lambda group, signal: sent.append(group), raising=False)
    process.note(run, pid())
    assert process.find(run) is None
    launcher.tick()
    assert run.state == "interrupted"
    process.kill(psutil.Process(pid()))
    assert sent == []


def test_a_number_that_is_a_strangers_by_now_is_nobody(run: Run, stubborn) -> None:
    child, _ = stubborn
    assert process.find(run).pid == child.pid
    said = json.loads((run.folder / process.FILE).read_text())
    (run.folder / process.FILE).write_text(json.dumps({**said, "born": said["born"] - 100}))
    assert process.find(run) is None
    (run.folder / process.FILE).write_text("{")
    assert process.find(run) is None
