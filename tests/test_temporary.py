"""The folder of uploads and of files to take home: how much may lie there, who asks, and how it is swept."""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tabs import many, safety, temporary, train_settings
from tabs.chat import _Page
from tasks.spec import UserError

NO_ROOM = "There is no room for more files just now; please try again later."
TOO_LONG = "This text is too long to be saved as a file here; please copy it instead."
PAGE = _Page(SimpleNamespace(offers=()), lambda _: 5.0)


@pytest.fixture
def uploads(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(temporary, "TEMP_BYTES", 1000)
    monkeypatch.setattr(temporary, "ENTRIES", 20)
    return tmp_path


def filled(uploads: Path) -> Path:
    (uploads / "one").mkdir()
    (uploads / "one" / "file.csv").write_bytes(b"x" * 1001)
    return uploads / "one" / "file.csv"


def test_many_bytes_or_many_files_leave_no_room(uploads: Path, monkeypatch) -> None:
    monkeypatch.setattr(temporary, "FRESH", 0.0)
    assert not temporary.full()
    filled(uploads).write_bytes(b"x" * 1000)
    assert not temporary.full()
    empty = [uploads / f"{i}" for i in range(20)]
    for path in empty:
        path.mkdir()
    assert temporary.full()
    for path in empty:
        path.rmdir()
    (uploads / "one" / "file.csv").write_bytes(b"x" * 1001)
    assert temporary.full()


def test_the_folder_is_not_looked_through_for_every_caller(uploads: Path, monkeypatch) -> None:
    walks: list[str] = []
    walk = os.walk
    monkeypatch.setattr(os, "walk", lambda root: walks.append(root) or walk(root))
    assert not temporary.full()
    filled(uploads)
    assert not temporary.full() and walks == [str(uploads)]
    monkeypatch.setattr(temporary, "FRESH", 0.0)
    assert temporary.full()


def test_what_is_swept_while_it_is_counted_weighs_nothing(uploads: Path, monkeypatch) -> None:
    filled(uploads)

    def gone(path: str) -> None:
        raise FileNotFoundError(path)

    monkeypatch.setattr(os, "lstat", gone)
    assert not temporary.full()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(uploads / "never made"))
    assert not temporary.full()


SAID = [{"role": "user", "content": "Garlic?"}]
WRITERS = {
    "transcript": lambda path: PAGE.on_transcript(SAID),
    "recipe": lambda path: train_settings._as_file("epochs: 1"),
    "scored": lambda path: next(many.scored(DESK, str(path), [])),
}
DESK: Any = SimpleNamespace(
    files=SimpleNamespace(columns=lambda _: [], score=lambda *_, **__: iter(["busy"])),
    summary=lambda _: None,
    task=SimpleNamespace(slots=()),
)


@pytest.mark.parametrize("writer", WRITERS)
def test_nothing_is_written_where_there_is_no_room(uploads: Path, writer: str) -> None:
    path = filled(uploads)
    before = sorted(uploads.rglob("*"))
    with pytest.raises(UserError, match=NO_ROOM):
        WRITERS[writer](path)
    assert sorted(uploads.rglob("*")) == before


@pytest.mark.parametrize("writer", WRITERS)
def test_where_there_is_room_each_has_a_folder_of_its_own(uploads: Path, writer: str) -> None:
    path = uploads / "file.csv"
    path.touch()
    WRITERS[writer](path)
    assert len([p for p in uploads.iterdir() if p.is_dir()]) == 1


def test_every_room_for_files_is_asked_of_one_place() -> None:
    tabs = Path(temporary.__file__).parent
    makers = [p.name for p in tabs.glob("*.py") if "mkdtemp" in p.read_text() or "get_upload_folder" in p.read_text()]
    assert makers == ["temporary.py"]


def test_a_text_of_the_visitors_own_is_of_a_bounded_length(uploads: Path) -> None:
    long = "é" * (temporary.TEXT_BYTES // 2 + 1)
    with pytest.raises(UserError, match=TOO_LONG):
        PAGE.on_transcript([{"role": "user", "content": long}])
    with pytest.raises(UserError, match=TOO_LONG):
        train_settings._as_file(long)
    assert list(uploads.iterdir()) == []


def guarded(method: str, path: str) -> int:
    """Return the status with which the guard answers a request that lands nowhere."""
    said: list[Any] = []

    async def through(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def call() -> None:
        scope = {"type": "http", "method": method, "path": path, "headers": []}
        await safety.Guard(through)(scope, _nothing, _into(said))

    with ThreadPoolExecutor(1) as apart:  # a browser test before this one leaves a loop in this thread
        apart.submit(asyncio.run, call()).result()
    return said[0]["status"]


async def _nothing() -> dict[str, Any]:
    return {"type": "http.request"}


def _into(said: list[Any]) -> Any:
    async def send(message: Any) -> None:
        said.append(message)

    return send


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/gradio_api/mcp/", "/gradio_api/mcp"])
def test_a_file_that_arrives_where_there_is_no_room_is_refused(uploads: Path, path: str) -> None:
    filled(uploads)
    assert guarded("POST", path) == 507


def test_only_what_brings_a_file_has_the_folder_looked_through_and_nobody_waits_for_it(monkeypatch) -> None:
    """The event loop, on which everybody is served, does not look."""
    on_the_loop: list[bool] = []

    def full() -> bool:
        on_the_loop.append(asyncio._get_running_loop() is not None)
        return False

    monkeypatch.setattr(temporary, "full", full)
    for method, path in (("GET", "/upload"), ("GET", "/gradio_api/file=/upload"), ("POST", "/gradio_api/call/ask")):
        assert guarded(method, path) == 204
    assert on_the_loop == []
    assert guarded("POST", "/gradio_api/upload") == 204
    assert on_the_loop == [False]


def test_the_sweeper_takes_the_old_and_leaves_the_new(tmp_path) -> None:
    old, new, busy = (tmp_path / name for name in ("old", "new", "busy"))
    for folder in (old, new, busy):
        folder.mkdir()
        (folder / "part").write_text("x")
    past = time.time() - 7200
    for path in (old / "part", old, busy):
        os.utime(path, (past, past))
    assert temporary.sweep(tmp_path, older_than=3600) == 1
    assert not old.exists() and new.exists() and busy.exists()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_sweeper_sweeps_what_is_old_and_leaves_the_rest(tmp_path, monkeypatch) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for path in (old, new):
        path.mkdir()
        (path / "file.csv").write_text("x")
    for path in (old / "file.csv", old):
        os.utime(path, (0, 0))
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            raise SystemExit  # ends the thread, which would go on as long as the app
        os.utime(new / "file.csv", (0, 0))
        os.utime(new, (0, 0))
        assert new.exists() and not old.exists()

    monkeypatch.setattr(temporary, "time", SimpleNamespace(time=time.time, sleep=wait))
    temporary.start_sweeper(tmp_path, every=5.0, older_than=3600.0).join()
    assert waits == [5.0, 5.0] and list(tmp_path.iterdir()) == []
