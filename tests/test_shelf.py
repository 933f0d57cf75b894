"""What serves is found again: put twice, taken back, deleted on purpose or by accident."""

import logging
import shutil
from pathlib import Path

import pytest
from filelock import FileLock, Timeout
from judged import TASK, judged

from models.shelf import Adapter, Shelf
from tabs.train_desk import Desk
from tabs.who import Gate
from tasks.spec import UserError


def adapter(root: Path, name: str, headline: str = "h") -> Adapter:
    (root / name).mkdir(exist_ok=True)
    return Adapter(name, str(root / name), TASK.labels, headline)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


def test_what_is_put_twice_leaves_the_way_back(shelf: Shelf, tmp_path: Path) -> None:
    """A second press, or the same run scored anew, is no second promotion."""
    for name, headline in (("a", "h"), ("b", "h"), ("b", "h"), ("b", "scored again")):
        shelf.put(TASK, adapter(tmp_path, name, headline))
    assert shelf.current(TASK).headline == "scored again"
    assert shelf.back(TASK).run == "a"


def test_nobody_comes_between_reading_what_serves_and_writing(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = [], Shelf._read

    def read(self: Shelf, pointer: Path) -> Adapter | None:
        asked.append(pointer)
        with pytest.raises(Timeout):
            FileLock(self.root / ".lock", timeout=0).acquire()
        return real(self, pointer)

    monkeypatch.setattr(Shelf, "_read", read)
    shelf.put(TASK, adapter(tmp_path, "a"))
    shelf.put(TASK, adapter(tmp_path, "b"))
    assert shelf.back(TASK).run == "a" and len(asked) == 4


def test_a_run_that_is_gone_leaves_what_was_shipped(shelf: Shelf, tmp_path: Path, caplog) -> None:
    """Said once, not with every text."""
    shipped = shelf.current(TASK)
    shelf.put(TASK, adapter(tmp_path, "a"))
    shelf.put(TASK, adapter(tmp_path, "b"))
    shutil.rmtree(tmp_path / "b")
    with caplog.at_level(logging.WARNING):
        assert shelf.current(TASK) == shelf.current(TASK) == shipped
    assert [record.getMessage() for record in caplog.records] == [f"{TASK.name}.json names run b, whose files are gone"]
    shutil.rmtree(tmp_path / "a")
    assert shelf.all(TASK) == [shipped]
    assert shelf.back(TASK) is None and shelf.current(TASK) == shipped
    with pytest.raises(UserError, match="nothing to go back to"):
        shelf.back(TASK)


def test_a_run_in_service_or_before_it_is_not_deleted(shelf: Shelf, tmp_path: Path) -> None:
    desk = Desk(tmp_path, shelf, Gate(token="right"))
    runs = [judged(desk.store, [], title=name) for name in "ab"]
    for run in runs:
        run.adapter.mkdir()
        shelf.put(TASK, Adapter(run.id, str(run.adapter), TASK.labels, "h"))
    for run in runs:
        with pytest.raises(UserError, match="answered by this run, or would be after a step back"):
            desk.delete(run.id)
        assert run.recipe.exists()
    shelf.back(TASK)
    desk.delete(runs[1].id)
    assert not runs[1].folder.exists() and shelf.current(TASK).run == runs[0].id
