"""A run is a folder, and its files are the truth. Only this module knows their names."""

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

import tasks
from models import reading
from models.loading import load
from models.shelf import Adapter, Shelf
from tasks.spec import Data, UserError
from training.config import RunConfig
from training.ranked import RankedReport, load_report
from training.report import Report


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
    def scratch(self) -> Path:
        """Return where the Trainer may write."""
        return self.folder / "scratch"

    @property
    def config(self) -> RunConfig:
        """Return what was asked for."""
        return RunConfig.load(self.folder / "recipe.yaml")

    @property
    def recipe(self) -> Path:
        """Return the file that says what was asked for."""
        return self.folder / "recipe.yaml"

    @property
    def status(self) -> str:
        """Return queued, running, trained, scored, or failed with the reason."""
        return (self.folder / "status.txt").read_text()

    @property
    def points(self) -> list[dict[str, Any]]:
        """Return the curve so far; a torn last line is left out."""
        path = self.folder / "metrics.jsonl"
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    @property
    def facts(self) -> dict[str, Any]:
        """Return what the run noted of its data and its choices."""
        return json.loads((self.folder / "facts.json").read_text())

    @property
    def report_file(self) -> Path:
        """Return where the score sheet lies once there is one."""
        return self.folder / "report.json"

    @property
    def report(self) -> Report | RankedReport | None:
        """Return the score sheet, or None before evaluation."""
        return load_report(self.report_file) if self.report_file.exists() else None

    def say(self, status: str) -> None:
        """Note where the run stands."""
        self._write("status.txt", status)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Make sure the folder says so, whatever ends the work inside: an error, a signal's exit, a lack of memory."""
        failed = True
        try:
            yield
            failed = False
        except UserError as error:
            self.say(f"failed: {error}")
            failed = False
            raise SystemExit(str(error)) from None
        finally:
            if failed:
                self.say(f"failed: {getattr(sys.exc_info()[0], '__name__', 'stopped')}; the log has the reason")

    def note(self, facts: Mapping[str, Any]) -> None:
        """Keep what was found out on the way."""
        self._write("facts.json", json.dumps(facts, indent=1) + "\n")

    def log(self, point: Mapping[str, float]) -> None:
        """Add a point to the curve."""
        with (self.folder / "metrics.jsonl").open("a") as file:
            file.write(json.dumps(point) + "\n")

    def _write(self, name: str, text: str) -> None:
        draft = self.folder / f".{name}"
        draft.write_text(text)
        os.replace(draft, self.folder / name)


@dataclass(frozen=True)
class RunStore:
    """All runs, oldest first."""

    root: Path

    def create(self, config: RunConfig) -> Run:
        """Open a folder for a new run."""
        run = Run(self.root / f"{config.task}-{time.strftime('%Y%m%d-%H%M%S')}-{os.urandom(2).hex()}")
        run.folder.mkdir(parents=True)
        run._write("recipe.yaml", config.dump())
        run.say("queued")
        return run

    def get(self, id: str) -> Run:
        """Return the run of that id; raise UserError where there is none."""
        if id not in self.ids():
            raise UserError("Choose a run first.")
        return Run(self.root / id)

    def ids(self) -> list[str]:
        """Return the ids of all runs, oldest first."""
        return sorted(path.parent.name for path in self.root.glob("*/recipe.yaml")) if self.root.exists() else []


def used(run: Run) -> list[Data]:
    """Return the datasets a run learned from."""
    return [tasks.get(run.config.task).dataset(name) for name in run.facts["datasets"]]


def credentialed(run: Run) -> bool:
    """Whether a run learned from data that only credentialed people may see."""
    return any(d.credentialed for d in used(run))


def promote(run: Run, shelf: Shelf) -> str:
    """Put a scored run in service; return what the trainer should read.

    Raises:
        UserError: if the run is not scored, its files were altered, or it speaks other labels than the task.
    """
    report = run.report
    if report is None:
        raise UserError("Only a run that has been scored can go live.")
    task = tasks.get(run.config.task)
    if os.environ.get("SPACE_ID") and credentialed(run):
        raise UserError("This run learned from credentialed data: it must not serve the public.")
    load(task, run.adapter).predict([task.samples[0]])  # what cannot answer here must not answer visitors
    shelf.put(task, Adapter(run.id, str(run.adapter), report.main.labels, report.headline))
    return f"**{task.title}** is now answered by `{run.id}`: {report.headline}."


def ship(run: Run, shelf: Shelf, card: str) -> Path:
    """Copy a scored run's adapter, report, recipe and card among the adapters that come with the project."""
    report = run.report
    if report is None:
        raise UserError("Only a run that has been scored can be shipped.")
    task = tasks.get(run.config.task)
    if closed := [d.name for d in used(run) if not d.ships]:
        raise UserError(f"Adapters trained on {', '.join(closed)} may not be shared; this run can only serve here.")
    folder = shelf.shipped / task.name
    draft = folder.with_name(f".{task.name}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name in (*reading.WEIGHT_FILES, reading.READING_FILE):
        shutil.copy(run.adapter / name, draft / name)
    shutil.copy(run.report_file, draft / "report.json")
    shutil.copy(run.recipe, draft / "recipe.yaml")
    (draft / "README.md").write_text(card)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return folder
