"""The models in service: each loaded once, and what is in memory answers while another is loaded."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import tasks
from models.live import Live
from models.shelf import Adapter, Shelf
from tasks.spec import Task, UserError

REVIEWS, NOTES = tasks.get("drug_reviews"), tasks.get("clinical_notes")
LONG = 60


class Slow:
    """Stands for the reading of weights: it begins, and ends when it is let."""

    def __init__(self) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.read: list[str] = []

    def load(self, task: Task, adapter: Adapter, exact: bool) -> Any:
        self.read.append(adapter.run)
        self.begun.set()
        assert self.may_end.wait(LONG)
        return SimpleNamespace(run=adapter.run)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    found = Slow()
    monkeypatch.setattr(Live, "_load", lambda live, *given: found.load(*given))
    return found


@pytest.fixture
def live(tmp_path: Path, slow: Slow) -> Live:
    """Both tasks served, and loaded."""
    live = Live(Shelf(tmp_path / "shelf", tmp_path / "none"))
    slow.may_end.set()
    for task in (REVIEWS, NOTES):
        promote(live, task, "first")
        live.predictor(task)
    slow.may_end.clear()
    slow.begun.clear()
    slow.read.clear()
    return live


def promote(live: Live, task: Task, run: str) -> None:
    folder = live.shelf.root / run
    folder.mkdir(parents=True, exist_ok=True)
    live.shelf.put(task, Adapter(run, str(folder), task.labels, "not measured"))


def test_while_one_task_gets_its_new_model_the_others_answer(live: Live, slow: Slow) -> None:
    promote(live, REVIEWS, "second")
    with ThreadPoolExecutor(2) as pool:
        new = pool.submit(live.predictor, REVIEWS)
        assert slow.begun.wait(LONG)
        try:
            assert pool.submit(live.predictor, NOTES).result(LONG).run == "first"
            assert not new.done()
        finally:
            slow.may_end.set()
        assert new.result(LONG).run == "second"


def test_two_who_ask_at_once_have_it_loaded_once(live: Live, slow: Slow) -> None:
    promote(live, REVIEWS, "second")
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(live.predictor, REVIEWS) for _ in range(2)]
        assert slow.begun.wait(LONG)
        slow.may_end.set()
        one, other = (asked.result(LONG) for asked in both)
    assert one is other and slow.read == ["second"]


def test_who_waited_gets_what_is_in_service_by_then(live: Live, slow: Slow) -> None:
    """Not what was when they asked: it would take the place of the newer one."""
    promote(live, REVIEWS, "second")
    with ThreadPoolExecutor(2) as pool:
        early = pool.submit(live.predictor, REVIEWS)
        assert slow.begun.wait(LONG)
        late = pool.submit(live.predictor, REVIEWS)
        promote(live, REVIEWS, "third")
        slow.may_end.set()
        assert early.result(LONG).run == "second" and late.result(LONG).run == "third"
    assert live.predictor(REVIEWS).run == "third" and slow.read == ["second", "third"]


def test_what_is_not_installed_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No trained adapter for"):
        Live(Shelf(tmp_path / "shelf", tmp_path / "none")).predictor(REVIEWS)
