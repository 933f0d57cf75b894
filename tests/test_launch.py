"""Runs in processes of their own: killed, resumed, stopped, queued, and never lost."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from test_training import config, folder  # noqa: F401  (a fixture)

import tasks
from tasks.spec import UserError
from training import checkpoint, data, launch
from training.config import RunConfig
from training.launch import Launcher, Limits
from training.process import ENVIRONMENT
from training.runs import Run, RunStore


@pytest.fixture
def launcher(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Launcher:  # noqa: F811
    monkeypatch.setenv("CARETUNE_DATA", str(folder))
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    return Launcher(RunStore(tmp_path / "runs"), Limits(waiting=3))


def wait(launcher: Launcher, run: Run, done: object, seconds: float = 600) -> None:
    """Let the launcher work until `done()`; fail with the log where that takes too long."""
    end = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end, f"{run.state} {run.cause}\n{run.log_tail()}"
        launcher.tick()
        time.sleep(0.1)


def ended(run: Run) -> bool:
    return run.state in ("finished", "stopped", "failed", "interrupted") and not run.alive


def test_a_run_killed_in_mid_epoch_and_resumed_ends_as_one_never_interrupted(launcher: Launcher) -> None:
    """SIGKILL, between two checkpoints; the adapters are the same bytes."""
    asked = config(epochs=3, save_every=2, batch_size=4)
    whole = launcher.launch(asked)
    wait(launcher, whole, lambda: ended(whole))
    assert whole.state == "finished", whole.log_tail()
    torn = launcher.launch(asked)
    wait(launcher, torn, lambda: (newest := checkpoint.newest(torn.checkpoints / "main")) and newest.step >= 4)
    os.kill(json.loads((torn.folder / "process.json").read_text())["pid"], signal.SIGKILL)
    wait(launcher, torn, lambda: ended(torn))
    assert torn.state == "interrupted"
    assert "can be resumed" in torn.cause
    launcher.resume(torn.id)
    wait(launcher, torn, lambda: ended(torn))
    assert torn.state == "finished", torn.log_tail()
    for name in ("adapter_model.safetensors", "head.safetensors"):
        assert (torn.adapter / name).read_bytes() == (whole.adapter / name).read_bytes()
    assert torn.report.main.confusion == whole.report.main.confusion
    assert torn.facts["best_validation"] == whole.facts["best_validation"]
    losses = [{p["step"]: p["validation_loss"] for p in run.points if "validation_loss" in p} for run in (whole, torn)]
    assert losses[0] == losses[1]


def test_a_run_is_stopped_resumed_and_kept(launcher: Launcher) -> None:
    """Stop leaves a checkpoint; keep leaves a scored adapter of what was learned so far."""
    run = launcher.launch(config(epochs=50, patience=50, batch_size=4), title="long")
    wait(launcher, run, lambda: run.state == "running" and len(run.points) > 0)
    launcher.stop(run.id)
    wait(launcher, run, lambda: ended(run))
    assert run.state == "stopped"
    reached = checkpoint.newest(run.checkpoints / "main").step
    assert reached > 0
    assert run.report is None
    launcher.resume(run.id)
    wait(launcher, run, lambda: any(p["step"] > reached for p in run.points))
    launcher.stop(run.id, keep=True)
    wait(launcher, run, lambda: ended(run))
    assert run.state == "finished"
    assert "kept" in run.cause
    assert run.report.main.n == 24
    assert run.facts["steps"] < run.facts["planned_steps"]


def test_runs_wait_in_line_and_the_same_token_starts_one(launcher: Launcher) -> None:
    """Positions are seen; a second press of the button changes nothing; the line has an end."""
    first = launcher.launch(config(), token="form-1")
    assert launcher.launch(config(), token="form-1") == first
    second = launcher.launch(config(), token="form-2")
    assert (first.position, second.position) == (1, 2)
    launcher.launch(config())
    with pytest.raises(UserError, match="3 runs wait in line"):
        launcher.launch(config())
    launcher.stop(first.id)
    assert first.state == "stopped"
    assert second.position == 1
    with pytest.raises(UserError, match="not at work"):
        launcher.stop(first.id)


def test_what_died_with_the_last_app_is_interrupted(launcher: Launcher) -> None:
    """No worker holds the lock, so nobody is at work, whatever the file says."""
    run = launcher.launch(config())
    assert run.move("starting")
    assert run.move("running", frm="starting")
    assert not run.move("running", frm="starting")
    Launcher(launcher.store).adopt()
    assert run.state == "interrupted"


def test_a_run_at_work_or_in_line_is_not_deleted(launcher: Launcher) -> None:
    """Its files are in use."""
    run = launcher.launch(config())
    with pytest.raises(UserError, match="stop it first"):
        launcher.store.delete(run.id)
    launcher.stop(run.id)
    launcher.store.delete(run.id)
    assert launcher.store.ids() == []


def test_no_secret_reaches_a_worker() -> None:
    """A worker reads local data; it needs no token."""
    assert not any(word in name for name in ENVIRONMENT for word in ("TOKEN", "KEY", "SECRET", "PASSWORD"))


def test_a_night_asleep_is_no_work(launcher: Launcher, monkeypatch) -> None:
    """The machine's clock goes on while it sleeps, or is set; the one that runs are timed by does not."""
    ours = [1000.0]
    watch = Launcher(launcher.store, Limits(minutes=600), clock=lambda: ours[0])
    run = watch.launch(config())
    assert run.move("starting") and run.move("running", frm="starting")
    begun = time.time()
    with run.told():
        watch._look(run)
        ours[0] += 60
        monkeypatch.setattr(launch.time, "time", lambda: begun + 14 * 3600)
        watch._look(run)
        assert run.state == "running"
        ours[0] += 601 * 60
        watch._look(run)
        assert run.state == "stopping"


def test_limits_are_said_in_words(launcher: Launcher) -> None:
    """Rows and disk."""
    with pytest.raises(UserError, match="at most 10 rows"):
        Launcher(launcher.store, Limits(rows=10)).launch(config(max_rows=11))
    launcher.launch(config())
    with pytest.raises(UserError, match="delete some first"):
        Launcher(launcher.store, Limits(disk=0)).launch(config())


def test_all_rows_of_sets_are_counted_where_no_number_is_asked_for(launcher: Launcher, monkeypatch) -> None:
    """A run that asks for all rows is refused like one that says how many."""
    monkeypatch.setattr(launch, "rows_of", lambda config: 11)
    with pytest.raises(UserError, match="at most 10 rows here; this one asks for 11"):
        Launcher(launcher.store, Limits(rows=10)).launch(config())
    Launcher(launcher.store, Limits(rows=11)).launch(config())


def test_rows_are_counted_in_the_files_and_unknown_without_them(launcher: Launcher) -> None:
    """What is held back to validate is not learned from; a set that is not here is the run's business to say."""
    reviews = tasks.get("drug_reviews")
    assert 0 < launch.rows_of(config(max_rows=0)) < len(data.load(reviews.dataset("druglib"), "train"))
    assert launch.rows_of(RunConfig(reviews.name, datasets=("drugscom_sample",))) == 0


@pytest.mark.parametrize("own", [True, False])
def test_a_worker_gives_way_in_its_session_and_as_a_session(own: bool) -> None:
    """Niceness inside a session of its own would give way to nobody; a session it shares keeps its place."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=own)
    group = Path(f"/proc/{child.pid}/autogroup")
    try:
        before = group.read_text() if group.exists() else ""
        launch.give_way(child.pid)
        assert psutil.Process(child.pid).nice() == launch.NICE
        if group.exists():
            said = group.read_text().strip()
            assert said.endswith(f"nice {launch.NICE}") if own else said == before.strip()
    finally:
        child.communicate(b"\n", timeout=20)


def test_a_torn_checkpoint_is_passed_over(tmp_path: Path) -> None:
    """The one before is whole, and is taken."""
    import torch

    for step in (1, 2):
        checkpoint.save(tmp_path, step, {"w": torch.full((3,), float(step))}, {"step": step})
    (tmp_path / "step-00000002" / "state.safetensors").write_bytes(b"torn")
    found = checkpoint.newest(tmp_path)
    assert found.step == 1
    assert found.tensors["w"].tolist() == [1, 1, 1]
    (tmp_path / "step-00000001" / "manifest.json").unlink()
    assert checkpoint.newest(tmp_path) is None


def test_a_torn_line_of_the_curve_waits_for_its_end(tmp_path: Path) -> None:
    """Readers go on from a byte offset and never see half a point."""
    run = Run(tmp_path)
    run.log({"step": 1})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 2')
    points, offset = run.points_since(0)
    assert points == [{"step": 1}]
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write("}\n")
    assert run.points_since(offset)[0] == [{"step": 2}]


def test_folders_of_the_first_version_are_still_read(tmp_path: Path) -> None:
    """Their state was a line of text."""
    for text, state in (("scored", "finished"), ("failed: no data", "failed"), ("running", "interrupted")):
        (tmp_path / "status.txt").write_text(text)
        assert Run(tmp_path).state == state
