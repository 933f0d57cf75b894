"""Run folders as a full disk or a loss of power leaves them: told of the one run, and nobody else is kept waiting."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest
from test_training import config

from models.shelf import Shelf
from tabs.train_desk import Desk
from tabs.train_watch import Watch
from tabs.who import Gate
from tasks.spec import UserError
from training import launchers, saved
from training.launch import Launcher, Limits
from training.launchers import Local, Torchrun, remember, way_of
from training.runs import Run, RunStore

TORN = (
    *(b"", b'{"state": "runn', b'"running"', b"null", b"[]", b"{}"),
    *(b'{"state": "asleep"}', b'{"state": ["x"]}', b"\xff\0"),
)


class Started:
    """Stands for a worker that does nothing."""

    pid = 0

    def __init__(self, *given: Any, **named: Any) -> None:
        pass

    def poll(self) -> None:
        return None


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Launcher:
    monkeypatch.setattr(subprocess, "Popen", Started)
    monkeypatch.setattr("training.process.note", lambda run, pid: None)
    monkeypatch.setattr("training.launch.give_way", lambda pid: None)
    monkeypatch.setattr("training.launch.rows_of", lambda config: 0)
    return Launcher(RunStore(tmp_path / "runs"), Limits())


@pytest.mark.parametrize("left", TORN)
def test_a_run_whose_state_cannot_be_read_failed_and_the_others_start(launcher: Launcher, left: bytes) -> None:
    torn, other = launcher.launch(config(), "torn"), launcher.launch(config(), "other")
    (torn.folder / "state.json").write_bytes(left)
    launcher.adopt()
    launcher.tick()
    assert (torn.state, torn.cause) == ("failed", saved.DAMAGED)
    assert other.state == "starting"
    _, rows = Watch(launcher.store).board()
    assert {row.title: row.state for row in rows} == {"torn": "failed", "other": "starting"}


def test_a_run_whose_state_was_lost_can_be_taken_up_again_and_deleted(launcher: Launcher) -> None:
    run = launcher.launch(config())
    (run.folder / "state.json").write_bytes(b"")
    launcher.resume(run.id)
    assert (run.state, run.cause) == ("queued", "")
    (run.folder / "state.json").write_bytes(b"")
    launcher.store.delete(run.id)
    assert launcher.store.ids() == []


@pytest.mark.parametrize("error", [OSError, ValueError, KeyError, UserError, psutil.AccessDenied])
def test_what_goes_wrong_with_one_run_stops_no_other(launcher: Launcher, error: type, monkeypatch) -> None:
    """Whether it stands in line, or its worker is gone."""
    bad, gone, good = (launcher.launch(config()) for _ in range(3))
    real = Run.move

    def move(run: Run, *given: Any, **named: Any) -> bool:
        if run.id == bad.id:
            raise error("boo")
        return real(run, *given, **named)

    real(gone, "starting")
    real(gone, "running")
    monkeypatch.setattr(Run, "move", move)
    launcher.adopt()
    assert gone.state == "interrupted"
    launcher.tick()
    assert (bad.state, good.state) == ("queued", "starting")
    for state in ("starting", "running"):
        real(bad, state)
    real(good, "running")
    Launcher(launcher.store).adopt()
    assert good.state == "interrupted"


def test_the_line_is_looked_after_though_adoption_fails_at_first(tmp_path: Path, monkeypatch) -> None:
    """Whoever looks after it lives on, and adopts before anything is started."""
    did: list[str] = []

    class Faulty:
        def adopt(self) -> None:
            did.append("adopt")
            if len(did) == 1:
                raise OSError

        def tick(self) -> None:
            did.append("tick")
            raise KeyboardInterrupt  # it would go on for ever

    monkeypatch.setattr("tabs.train_desk.BEAT", 0)
    desk = Desk(tmp_path, Shelf(tmp_path / "shelf"), Gate())
    desk.__dict__["_launcher"] = Faulty()
    with pytest.raises(KeyboardInterrupt):
        desk._serve()
    assert did == ["adopt", "adopt", "tick"]


def test_torn_words_points_and_scores_are_left_out(launcher: Launcher, monkeypatch) -> None:
    run = launcher.launch(config(), "mine")
    run.log({"step": 1})
    with (run.folder / "metrics.jsonl").open("ab") as file:
        file.write(b'{"step": 2\0\0{"step": 3}\n7\n')
    run.log({"step": 4})
    assert run.points == [{"step": 1}, {"step": 4}]
    for name in ("about.json", "facts.json", "report.json"):
        (run.folder / name).write_bytes(b'{"titl')
    assert (run.title, run.facts, run.report) == ("", {}, None)
    assert len(Watch(launcher.store).board()[1]) == 1


def test_a_file_is_on_the_disk_before_it_takes_the_place_of_the_other(tmp_path: Path, monkeypatch) -> None:
    path, held = tmp_path / "state.json", []
    real = os.replace
    monkeypatch.setattr(os, "fsync", lambda file: held.append(os.fstat(file).st_size))

    def replace(draft: Path, place: Path) -> None:
        held.append("replaced")
        real(draft, place)

    monkeypatch.setattr(os, "replace", replace)
    saved.write(path, json.dumps({"a": 1}))
    assert held == [8, "replaced"] and saved.mapping(path) == {"a": 1}


@pytest.mark.parametrize("left", [b"", b"null", b"[1]", b'"x"'])
def test_a_way_that_cannot_be_read_is_this_machine(launcher: Launcher, left: bytes) -> None:
    run = launcher.launch(config())
    (run.folder / launchers.FILE).unlink()
    remember(run, Torchrun(2))
    assert way_of(run) == Torchrun(2)
    (run.folder / launchers.FILE).write_bytes(left)
    assert way_of(run) == Local()
