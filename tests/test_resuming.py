"""What a fit goes on from, what it refuses to go on from, and what it warns of on the way."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from test_training import TASK, config, rows

from tasks.spec import Example, UserError
from training import checkpoint, learner, train, worker
from training.fitting import Outside, Place
from training.launch import Launcher
from training.learner import fit
from training.runs import Run, RunStore

ROWS = [Example(text=row[1], label="positive", targets={"rating": "9"}) for row in rows(16, 3)]
ASKED = config(epochs=2, save_every=1, batch_size=8)


def told(folder: Path) -> tuple[Outside, list[str], list[dict[str, float]]]:
    warned: list[str] = []
    points: list[dict[str, float]] = []
    return Outside(points.append, warned.append, folder=folder), warned, points


def says_one_class(reader: object) -> dict[str, float]:
    return {"score": 0.0, "labels_said": 1.0, "rows": 4.0}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Checkpoints of a fit that ran to its end."""
    folder = tmp_path_factory.mktemp("run") / "main"
    outside, warned, _ = told(folder)
    fit(TASK, ASKED, ROWS, says_one_class, outside)
    assert warned == [f"After epoch {n} it predicts one class only on the validation rows." for n in (1, 2)]
    return folder


def test_damaged_checkpoints_are_put_aside_and_told(kept: Path, tmp_path: Path) -> None:
    folder = tmp_path / "main"
    shutil.copytree(kept, folder)
    last, before = sorted(folder.glob("step-*"), reverse=True)
    (last / "state.safetensors").write_bytes(b"torn")
    outside, warned, points = told(folder)
    learned = fit(TASK, ASKED, ROWS, lambda reader: {"score": 0.0}, outside)
    assert warned[0] == "Damaged checkpoints were put aside: 1. It goes on from the newest that is whole."
    assert (tmp_path / "quarantine" / f"main-{last.name}" / "state.safetensors").read_bytes() == b"torn"
    assert learned.steps == 4 and checkpoint.newest(folder).step == 4
    assert before.name == "step-00000003" and points[-1]["epoch"] == 2  # a step was made again, no more


def test_a_fit_that_had_lost_patience_learns_no_more_when_taken_up_again(tmp_path: Path, monkeypatch) -> None:
    """Its last checkpoint is of the end of an epoch, and was written before it gave up."""
    asked = replace(ASKED, epochs=4, patience=1)
    ended = fit(TASK, asked, ROWS, says_one_class, told(tmp_path)[0])
    assert (ended.steps, ended.best_epoch) == (4, 1)  # two epochs of two steps, the second no better
    monkeypatch.setattr("training.fitting.Fitting.step", lambda *given: pytest.fail("it learned on"))
    assert fit(TASK, asked, ROWS, says_one_class, told(tmp_path)[0]).steps == 4


@pytest.mark.parametrize("change", ["label", "order", "base"])
def test_rows_or_a_base_that_changed_are_not_gone_on_with(kept: Path, monkeypatch, change: str) -> None:
    changed = list(ROWS)
    if change == "label":
        changed[3] = replace(changed[3], label="negative")
    elif change == "order":
        changed.reverse()
    else:
        monkeypatch.setattr(learner, "made_of", lambda config, train: "another")
    with pytest.raises(UserError, match="not those this run began with"):
        fit(TASK, ASKED, changed, says_one_class, told(kept)[0])


def test_a_loss_that_grows_is_warned_of() -> None:
    outside, warned, _ = told(Path())
    place = Place(step=10, sum_loss=5.0, in_sum=1, first_loss=1.0)
    optimizer = SimpleNamespace(param_groups=[{"lr": 0.1}])
    fitting = SimpleNamespace(place=place, config=ASKED, outside=outside, planned=20, optimizer=optimizer)
    point = learner._point(fitting, 1.0, 10, 8.0)
    assert point["loss"] == 5.0
    assert warned == ["The loss grew to 5.00 from 1.00: the learning rate may be too high."]
    place.sum_loss, place.in_sum = 1.5, 1
    learner._point(fitting, 1.0, 10, 8.0)
    assert len(warned) == 1


def test_a_run_whose_scoring_fails_goes_on_from_its_last_checkpoint_into_scoring(run: Run, monkeypatch) -> None:
    """It is not finished before it is scored: its cause is kept, and it learns nothing twice."""
    monkeypatch.setattr(worker.bounds, "hold", lambda: None)
    launcher = Launcher(RunStore(run.folder.parent))

    def ended(error: BaseException) -> None:
        def score(run: Run) -> None:
            assert run.state == "running"
            raise error

        with monkeypatch.context() as patch, pytest.raises((SystemExit, MemoryError)):
            patch.setattr(worker, "score", score)
            worker.work(run)

    ended(UserError("No test row is left to score on."))
    assert (run.state, run.cause) == ("failed", "No test row is left to score on.")
    launcher.resume(run.id)
    ended(MemoryError())
    assert run.state == "failed" and "more memory" in run.cause
    launcher.resume(run.id)
    monkeypatch.setattr("training.fitting.Fitting.step", lambda *given: pytest.fail("it learned on"))
    worker.work(run)
    assert (run.state, run.cause) == ("finished", "") and run.report.main.n == 24


def test_the_command_line_trains_and_says_that_nothing_is_scored(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(train, "train", lambda run: None)
    assert train.main(["--recipe", "task: drug_reviews", "--runs", str(tmp_path)]) == 0
    (run,) = RunStore(tmp_path).runs()
    assert (run.state, run.cause) == ("finished", "Trained; not scored yet.")
