"""The caps of a machine, refused by the endpoint that a program calls, each in a sentence that names it."""

from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from filelock import FileLock
from test_data import druglib
from test_training import config, rows

from models.shelf import Shelf
from tabs import train_api
from tabs.train_desk import Desk
from tabs.who import Gate
from training import data
from training.launch import Launcher, Limits


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(data, "DATA_DIR", druglib(tmp_path / "sets", rows(48, 1)))
    monkeypatch.setattr(Gate, "admit", lambda *given: None)
    return Desk(tmp_path / "home", Shelf(tmp_path / "shelf"), Gate())


def launch(desk: Desk, limits: Limits, recipe: str = "") -> Any:
    """Call /launch as a program does, on a machine with these caps."""
    desk.__dict__["_launcher"] = Launcher(desk.store, limits)
    (endpoint,) = [do for do in train_api._training(desk) if do.__name__ == "launch"]
    return desk.gate.only(endpoint)(None, None, recipe or config().dump(), "", "")


@pytest.mark.parametrize(
    ("limits", "recipe", "said"),
    [
        (Limits(rows=30), "", "at most 30 rows here; this one asks for 36"),
        (Limits(rows=30), config(max_rows=31).dump(), "at most 30 rows here; this one asks for 31"),
        (Limits(waiting=0), "", "the most allowed is 0"),
        (Limits(disk=-1), "", "delete some first"),
    ],
)
def test_a_cap_is_refused_in_words(desk: Desk, limits: Limits, recipe: str, said: str) -> None:
    with pytest.raises(gr.Error) as refused:
        launch(desk, limits, recipe)
    assert said in str(refused.value.message)
    assert desk.store.ids() == []
    assert launch(desk, Limits(), recipe)["state"] == "queued"


def test_a_run_beyond_its_minutes_is_stopped_with_what_it_learned(desk: Desk) -> None:
    run = desk.store.get(launch(desk, Limits(minutes=0))["id"])
    assert run.move("starting") and run.move("running")
    with FileLock(run.folder / "run.lock"):
        desk.launcher.tick()
    assert run.stop_file.read_text() == "keep" and run.state == "stopping"
    assert run.alerts == ["Stopped after the 0 minutes a run may take here."]
