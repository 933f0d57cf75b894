"""A run that is asked to stop while its worker still reads its libraries: neither dead, nor doubled, nor revived."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_training import config

from training import process, worker
from training.launch import BORN, Launcher, Limits
from training.launchers import Local
from training.runs import Run, RunStore
from training.saved import STOPPED

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
"""A worker that has not come to taking its lock."""


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Launcher]:
    monkeypatch.setattr(Local, "command", lambda self, run: SLEEPER)
    launcher = Launcher(RunStore(tmp_path / "runs"), Limits(minutes=30))
    yield launcher
    for run in launcher.store.runs():
        if found := process.find(run):
            found.kill()
    for child in launcher._children:
        child.wait(120)


def begun(launcher: Launcher) -> Run:
    run = launcher.store.create(config())
    launcher.tick()
    assert run.state == "starting" and not run.alive
    return run


def ago(run: Run, seconds: float) -> None:
    """Let a run have come into its state so long ago."""
    (run.folder / "state.json").write_text(json.dumps({"state": run.state, "since": time.time() - seconds}))


def test_a_run_stopped_while_it_starts_is_waited_for(launcher: Launcher) -> None:
    run = begun(launcher)
    behind = launcher.store.create(config())
    launcher.stop(run.id)
    for _ in range(2):
        launcher.tick()
    Launcher(launcher.store).adopt()
    assert run.state == "stopping" and process.find(run)
    assert behind.state == "queued"


def test_a_worker_that_finds_a_request_to_stop_does_not_begin(launcher: Launcher, monkeypatch) -> None:
    run = launcher.store.create(config())
    assert run.move("starting")
    launcher.stop(run.id)
    monkeypatch.setattr(worker, "train", lambda run: pytest.fail("it was asked to stop"))
    worker.work(run)
    assert (run.state, run.cause) == ("stopped", STOPPED)


def test_a_run_that_was_asked_to_stop_and_is_dead_is_stopped(launcher: Launcher) -> None:
    run = begun(launcher)
    launcher.stop(run.id)
    process.kill(process.find(run))
    launcher._children[0].wait(120)
    launcher.tick()
    assert (run.state, run.cause) == ("stopped", STOPPED)


def test_so_is_one_that_died_together_with_the_app(launcher: Launcher) -> None:
    run = launcher.store.create(config())
    assert run.move("starting") and run.move("running")
    launcher.stop(run.id)
    launcher.adopt()
    assert (run.state, run.cause) == ("stopped", STOPPED)


def test_a_run_that_dies_while_it_keeps_what_it_learned_is_interrupted(launcher: Launcher) -> None:
    """Its request was not met."""
    run = launcher.store.create(config())
    assert run.move("starting") and run.move("running")
    launcher.stop(run.id, keep=True)
    launcher.tick()
    assert run.state == "interrupted"


def test_a_worker_that_never_takes_its_lock_is_ended_before_the_next_begins(launcher: Launcher) -> None:
    """It would come to life beside the next one."""
    run = begun(launcher)
    ago(run, BORN + 60)
    child = launcher._children[0]
    launcher.tick()
    assert run.state == "interrupted"
    assert child.wait(120) != 0
    assert process.find(run) is None


def test_another_app_lets_a_run_be_that_is_just_being_started(launcher: Launcher, monkeypatch) -> None:
    """Between the change of its state and the note of its process nobody is found, yet nobody is gone."""
    run, behind = (launcher.store.create(config()) for _ in range(2))
    (run.folder / process.FILE).write_text(json.dumps({"pid": 1, "born": 0.0, "noted": time.time() - 60}))  # before
    other, real = Launcher(launcher.store), process.note

    def note(run: Run, pid: int) -> None:
        other.tick()
        other.adopt()
        real(run, pid)

    monkeypatch.setattr(process, "note", note)
    launcher.tick()
    assert (run.state, behind.state) == ("starting", "queued")
    assert process.find(run) and other._children == []
    process.kill(process.find(run))
    launcher._children[0].wait(120)
    other.tick()
    assert run.state == "interrupted"  # it was noted: nothing is waited for


def test_a_run_whose_start_was_never_noted_is_not_waited_for_for_ever(launcher: Launcher) -> None:
    run = launcher.store.create(config())
    assert run.move("starting")
    launcher.adopt()
    assert run.state == "starting"
    ago(run, process.UNNOTED + 5)
    launcher.adopt()
    assert run.state == "interrupted"


def test_only_the_worker_that_was_found_before_the_end_is_ended(launcher: Launcher, monkeypatch) -> None:
    """Another app may have started the run anew in the same moment."""
    run = begun(launcher)
    worker_there = process.find(run)
    monkeypatch.setattr(process, "find", lambda run: worker_there if run.state != "starting" else None)
    monkeypatch.setattr(process, "kill", lambda found: pytest.fail("it is the next one's"))
    ago(run, BORN + 60)
    launcher.tick()
    assert run.state == "interrupted"


def test_a_signal_ends_the_scoring_of_a_run_that_is_asked_to_stop(launcher: Launcher, monkeypatch) -> None:
    run = launcher.store.create(config())
    monkeypatch.setattr(worker.bounds, "hold", lambda: None)
    monkeypatch.setattr(worker, "train", lambda run: None)

    def score(run: Run) -> None:
        assert run.state == "running"
        launcher.stop(run.id)
        worker.end(15, None)

    monkeypatch.setattr(worker, "score", score)
    worker.work(run)
    assert (run.state, run.cause) == ("stopped", STOPPED)
