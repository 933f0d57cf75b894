"""A run is a folder, and its files are the truth. Only this module knows their names.

Its state changes by compare-and-set under a lock file, so two apps, a worker and a person cannot all win. Whether a
worker lives is told by the lock it holds, never by a number that may have been given to another process.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tasks.spec import UserError
from training import bounds, saved
from training.config import RunConfig
from training.ranked import RankedReport, load_report
from training.report import Report
from training.saved import NEXT

ACTIVE = frozenset({"queued", "starting", "running", "stopping"})


@dataclass(frozen=True)
class Run:
    """A training run, as its folder tells it."""

    folder: Path

    @property
    def id(self) -> str:
        """Return the folder name."""
        return self.folder.name

    @property
    def adapter(self) -> Path:
        """Return where the weights lie once training is done."""
        return self.folder / "adapter"

    @property
    def checkpoints(self) -> Path:
        """Return where the checkpoints lie."""
        return self.folder / "checkpoints"

    @property
    def recipe(self) -> Path:
        """Return the file that says what was asked for."""
        return self.folder / "recipe.yaml"

    @property
    def stop_file(self) -> Path:
        """Return the file that asks the worker to end: it says "stop" or "keep"."""
        return self.folder / "stop"

    @property
    def beat_file(self) -> Path:
        """Return the file that the worker touches again and again for as long as it lives."""
        return self.folder / "heartbeat"

    @property
    def keeping_file(self) -> Path:
        """Return the file that says that the worker has begun to keep and score what it has learned."""
        return self.folder / "keeping"

    @property
    def log_file(self) -> Path:
        """Return where the worker's output goes."""
        return self.folder / "log.txt"

    @property
    def report_file(self) -> Path:
        """Return where the score sheet lies once there is one."""
        return self.folder / "report.json"

    @property
    def rows_file(self) -> Path:
        """Return where it stands what was said of each test row."""
        return self.folder / "rows.jsonl"

    @property
    def config(self) -> RunConfig:
        """Return what was asked for."""
        return RunConfig.load(self.recipe)

    @property
    def state(self) -> str:
        """Return where the run stands: a key of saved.NEXT."""
        return str(self._state()["state"])

    @property
    def cause(self) -> str:
        """Return why it ended as it did, in plain words; empty where there is nothing to say."""
        return str(self._state()["cause"])

    @property
    def since(self) -> float:
        """Return when it came into this state, in seconds since 1970."""
        return float(self._state()["since"])

    @property
    def about(self) -> dict[str, Any]:
        """Return what a person said of the run: title, notes; and the token of its launch."""
        return saved.mapping(self.folder / "about.json")

    @property
    def title(self) -> str:
        """Return what a person called the run."""
        return str(self.about.get("title", ""))

    @property
    def notes(self) -> str:
        """Return what a person noted of the run."""
        return str(self.about.get("notes", ""))

    @property
    def position(self) -> int | None:
        """Return its place in the line of waiting runs, from 1; None where it does not wait."""
        if self.state != "queued":
            return None
        waiting = sorted((r.since, r.id) for r in RunStore(self.folder.parent).runs() if r.state == "queued")
        return next((i for i, (_, id) in enumerate(waiting, 1) if id == self.id), None)

    @property
    def alerts(self) -> list[str]:
        """Return what the run warned of, each once, in order."""
        path = self.folder / "alerts.txt"
        return list(dict.fromkeys(path.read_text("utf-8").splitlines())) if path.exists() else []

    @property
    def points(self) -> list[dict[str, Any]]:
        """Return the curve so far."""
        return self.points_since(0)[0]

    @property
    def facts(self) -> dict[str, Any]:
        """Return what the run noted of its data and its choices."""
        return saved.mapping(self.folder / "facts.json")

    @property
    def report(self) -> Report | RankedReport | None:
        """Return the score sheet, or None before evaluation."""
        try:
            return load_report(self.report_file) if self.report_file.exists() else None
        except (ValueError, KeyError, TypeError, AttributeError):  # torn: as good as none, and scoring writes it anew
            return None

    @property
    def bytes(self) -> int:
        """Return how much disk the run takes."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    @property
    def alive(self) -> bool:
        """Whether a worker holds the run's lock."""
        try:
            with FileLock(self.folder / "run.lock", timeout=0.05, poll_interval=0.01):  # others ask for a moment only
                return False
        except Timeout:
            return True

    def asked(self) -> str:
        """Return what the stop file asks of the worker, or nothing; the answer to "keep" is to begin with it."""
        said = self.stop_file.read_text() if self.stop_file.exists() else ""
        if said == "keep":
            self.keeping_file.touch()
        return said

    def points_since(self, offset: int) -> tuple[list[dict[str, Any]], int]:
        """Return the points written after byte `offset`, and the offset to go on from; a torn line waits."""
        path = self.folder / "metrics.jsonl"
        if not path.exists():
            return [], offset
        with path.open("rb") as file:
            file.seek(offset)
            raw = file.read()
        whole = raw[: raw.rfind(b"\n") + 1]
        return saved.lines(whole), offset + len(whole)

    def log_tail(self, lines: int = 60) -> str:
        """Return the last lines of the worker's output."""
        raw = self.log_file.read_bytes()[-65_536:] if self.log_file.exists() else b""
        return "\n".join(raw.decode("utf-8", "replace").splitlines()[-lines:])

    def move(self, to: str, *, frm: str | None = None, cause: str = "") -> bool:
        """Change the state if it may follow the present one (and that is `frm`, where given); return whether it did."""
        with FileLock(self.folder / "state.lock"):
            now = self.state
            if to not in NEXT[now] or (frm is not None and now != frm):
                return False
            self._write("state.json", json.dumps({"state": to, "cause": cause, "since": time.time()}))
            return True

    def describe(self, title: str | None = None, notes: str | None = None) -> None:
        """Keep what a person says of the run."""
        said = {k: v for k, v in (("title", title), ("notes", notes)) if v is not None}
        self._write("about.json", json.dumps({**self.about, **said}, ensure_ascii=False))

    def alert(self, text: str) -> None:
        """Warn of something; a sentence of ours."""
        self._append("alerts.txt", text)

    def note(self, facts: Mapping[str, Any]) -> None:
        """Keep what was found out on the way, beside what is known already."""
        self._write("facts.json", json.dumps({**self.facts, **facts}, indent=1) + "\n")

    def log(self, point: Mapping[str, float]) -> None:
        """Add a point to the curve."""
        self._append("metrics.jsonl", json.dumps(point))

    @contextmanager
    def told(self) -> Iterator[None]:
        """Hold the run's lock, and make sure the folder says so, whatever ends the work inside.

        Raises:
            UserError: if another process is at work on the run.
        """
        lock = FileLock(self.folder / "run.lock")
        try:
            lock.acquire(timeout=5)  # whoever asks whether a run is alive holds it for a moment
        except Timeout:
            raise UserError("Another process is at work on this run.") from None
        failed = True
        try:
            yield
            failed = False
        except UserError as error:
            self.move("failed", cause=str(error))
            failed = False
            raise SystemExit(str(error)) from None
        finally:
            if failed:
                self.move("failed", cause=bounds.cause(sys.exc_info()[1]))
            lock.release()

    def _state(self) -> dict[str, Any]:
        return saved.state(self.folder)

    def _append(self, name: str, line: str) -> None:
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _write(self, name: str, text: str) -> None:
        saved.write(self.folder / name, text)


@dataclass(frozen=True)
class RunStore:
    """All runs, oldest first."""

    root: Path

    def create(self, config: RunConfig, title: str = "", token: str = "") -> Run:
        """Open a folder for a new run; the same token twice is the same run."""
        self.root.mkdir(parents=True, exist_ok=True)
        with FileLock(self.root / ".lock"):
            known = (run for run in reversed(self.runs()[-50:]) if token and run.about.get("token") == token)
            if (again := next(known, None)) is not None:
                return again
            run = Run(self.root / f"{config.task}-{time.strftime('%Y%m%d-%H%M%S')}-{os.urandom(4).hex()}")
            run.folder.mkdir()
            run._write("about.json", json.dumps({"title": title, "token": token}, ensure_ascii=False))
            run._write("state.json", json.dumps({"state": "queued", "cause": "", "since": time.time()}))
            run._write("recipe.yaml", config.dump())  # last: a folder with a recipe is a run
            return run

    def get(self, id: str) -> Run:
        """Return the run of that id; raise UserError where there is none."""
        if id not in self.ids():
            raise UserError("Choose a run first.")
        return Run(self.root / id)

    def ids(self) -> list[str]:
        """Return the ids of all runs, oldest first."""
        found = (path.parent.name for path in self.root.glob("*/recipe.yaml"))
        return sorted(found, key=lambda name: name.rsplit("-", 3)[1:])

    def runs(self) -> list[Run]:
        """Return all runs, oldest first."""
        return [Run(self.root / id) for id in self.ids()]

    def delete(self, id: str) -> None:
        """Remove a run and its files for good; raise UserError while it is at work or waits."""
        run = self.get(id)
        if run.state in ACTIVE or run.alive:
            raise UserError("This run is at work or waits in line; stop it first.")
        run.recipe.unlink()  # first: half a folder is no run
        shutil.rmtree(run.folder.rename(run.folder.with_name(f".{run.id}")))  # nobody asks after half a run
