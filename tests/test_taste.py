"""A run as a taste: a minute or two on a lent GPU."""

import json
import time

import pytest
from test_training import config

from tasks.spec import UserError
from training import taste
from training.fitting import Stopped
from training.launchers import Taste
from training.runs import Run


@pytest.fixture
def slow(monkeypatch, alone: Run) -> None:
    """A fit that makes a step in no time, and steps until it is told to end."""

    def fit(run: Run) -> None:
        for step in range(1, 10_000):
            run.log({"step": step})
            if run.stop_file.exists():
                break
            time.sleep(0.005)
        if run.stop_file.read_text() == "stop":
            raise Stopped
        run.note({"steps": step, "planned_steps": 10_000})

    monkeypatch.setattr(taste, "train", fit)
    monkeypatch.setattr(taste, "score", lambda run: run.note({"scored": True}))
    monkeypatch.setattr(taste, "LOOK", 0.02)
    monkeypatch.setattr(taste, "END", 0.0)


def test_a_taste_ends_with_its_time_and_keeps_what_it_learned(run: Run, slow, monkeypatch) -> None:
    monkeypatch.setattr(taste, "seconds", lambda *_: 2.0)
    points = list(taste.carry_out(run, 1000, Taste()))
    assert points == run.points and 1 < len(points) < 10_000
    assert run.state == "finished" and run.facts["scored"]
    assert run.cause == f"A taste: {run.facts['steps']:,} of 10,000 steps."


def test_a_visitor_who_leaves_a_taste_ends_it(run: Run, slow, monkeypatch) -> None:
    monkeypatch.setattr(taste, "END", 5.0)
    asked = taste.lent(str(run.folder), 60)
    next(asked)
    asked.close()
    made = len(run.points)
    time.sleep(0.1)
    assert len(run.points) == made
    assert run.stop_file.read_text() == "stop"


def test_a_taste_that_cannot_be_trained_says_why(run: Run, monkeypatch) -> None:
    def fit(run: Run) -> None:
        raise UserError("The loss is not a number at step 3.")

    monkeypatch.setattr(taste, "train", fit)
    with pytest.raises(SystemExit, match="not a number"):
        list(taste.carry_out(run, 1000, Taste()))
    assert run.state == "failed" and "not a number" in run.cause


def test_what_a_taste_asks_for_is_worked_out_and_said_before(run: Run) -> None:
    few, many = config(epochs=1, batch_size=16), config(epochs=50, batch_size=16)
    assert taste.planned(config(epochs=3, batch_size=8, accumulation=2), 41) == 9
    assert taste.seconds(few, 160, Taste()) == 26  # 15 to begin, 10 steps of 0.1, 10 to end
    assert taste.seconds(many, 16_000, Taste()) == 60
    assert taste.foretold(few, 160, Taste()).startswith("Asks for 26 seconds of GPU: all 10 steps")
    assert "as many of its 50,000 steps as fit" in taste.foretold(many, 16_000, Taste())
    assert "quota" in taste.foretold(few, 160, Taste())


def test_what_a_gpu_is_lent_to_takes_and_gives_plain_values(run: Run, slow) -> None:
    """On ZeroGPU it is another process: only plain values go in and come out."""
    assert taste._duration(str(run.folder), 33) == 33
    run.stop_file.write_text("keep")
    said = list(taste.lent(str(run.folder), 60))
    assert json.loads(json.dumps(said)) == said
    assert said[-1]["learned"] is True


def test_a_base_is_brought_before_a_gpu_is_asked_for(run: Run, slow, monkeypatch) -> None:
    """What a download takes is no part of the quota; where it fails nothing was asked for."""
    begun: list[str] = []
    lent = taste.lent
    monkeypatch.setattr(taste, "bring", begun.append)
    monkeypatch.setattr(taste, "lent", lambda *given: begun.append("lent") or lent(*given))
    monkeypatch.setattr(taste, "seconds", lambda *_: 0.5)
    list(taste.carry_out(run, 1000, Taste()))
    assert begun == [run.config.base, "lent"] and run.state == "finished"
