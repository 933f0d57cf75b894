"""What all open pages see of the runs: read once per change from the run folders, shared by everyone who looks.

A page asks for a version number and draws only when that has moved, so watching costs nothing while nothing happens.
Knows nothing of Gradio, and keeps no truth of its own: dropped and made anew, it says the same.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tasks.spec import UserError

if TYPE_CHECKING:
    from training.runs import Run, RunStore

BOARD = 200
"""Runs listed, newest first."""
FRESH = 0.5
"""Seconds for which what was read of a run is not read again."""
WORKING = ("running", "stopping")
"""States in which a run still writes."""
CURVES = 24
"""Runs whose curves are kept in memory."""


@dataclass(frozen=True)
class Row:
    """One run, as a line of the list."""

    id: str
    title: str
    task: str
    base: str
    state: str
    position: int | None
    score: str


@dataclass
class Curve:
    """The measured values of one run so far, by name and step; of a step told twice (after a resume) the last holds."""

    offset: int = 0
    version: int = 0
    read: float = -1e9
    series: dict[str, dict[float, float]] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)

    def add(self, points: list[Mapping[str, Any]]) -> None:
        """Take in further points."""
        for point in points:
            self.last |= point
            step = point.get("step")
            if not isinstance(step, (int, float)):
                continue
            for name, value in point.items():
                if name != "step" and isinstance(value, (int, float)):
                    self.series.setdefault(name, {})[step] = value


class Watch:
    """Reads run folders for everyone who looks; safe to ask from many threads."""

    def __init__(self, store: "RunStore") -> None:
        self.store = store
        self.version = 0
        self.rows: tuple[Row, ...] = ()
        self._lock = threading.Lock()
        self._curves: OrderedDict[str, Curve] = OrderedDict()
        self._fixed: dict[str, tuple[str, str]] = {}
        self._scores: dict[str, tuple[float, str]] = {}
        self._read = -1e9

    def board(self) -> tuple[int, tuple[Row, ...]]:
        """Return the version of the list of runs and the list, newest first."""
        with self._lock:
            if time.monotonic() - self._read > FRESH:
                rows = tuple(self._row(run) for run in self._runs())
                self.version += rows != self.rows
                self.rows, self._read = rows, time.monotonic()
            return self.version, self.rows

    def curve(self, run: "Run") -> Curve:
        """Return the curve of a run with whatever has been added to its file since it was last asked for."""
        with self._lock:
            curve = self._curves.setdefault(run.id, Curve())
            self._curves.move_to_end(run.id)
            while len(self._curves) > CURVES:
                self._curves.popitem(last=False)
            if time.monotonic() - curve.read > FRESH:
                points, offset = run.points_since(curve.offset)
                curve.add(points)
                curve.version += offset != curve.offset
                curve.offset, curve.read = offset, time.monotonic()
            return curve

    def curves(self, rows: Sequence[Row]) -> int:
        """Return a number that grows with every point that a run at work writes."""
        total = 0
        for row in rows:
            if row.state in WORKING:
                try:
                    total += self.curve(self.store.get(row.id)).version
                except UserError:  # deleted since it was listed
                    continue
        return total

    def forget(self, id: str) -> None:
        """Drop what was read of a run that is gone."""
        with self._lock:
            for kept in (self._curves, self._fixed, self._scores):
                kept.pop(id, None)  # type: ignore[attr-defined]
            self._read = -1e9

    def stale(self) -> None:
        """Read the list anew at the next question: the asker has just changed something."""
        self._read = -1e9

    def _runs(self) -> list["Run"]:
        found = []
        for id in reversed(self.store.ids()[-BOARD:]):
            try:
                found.append(self.store.get(id))
            except UserError:  # deleted between the listing and the look
                continue
        return found

    def _row(self, run: "Run") -> Row:
        if run.id not in self._fixed:  # what was asked for never changes, and YAML is slow to read
            self._fixed[run.id] = _asked(run)
        task, base = self._fixed[run.id]
        return Row(run.id, run.title, task, base, run.state, run.position, self._score(run))

    def _score(self, run: "Run") -> str:
        """Return the main score of a run in one line, worked out once per report: its interval takes 2,000 draws."""
        try:
            written = run.report_file.stat().st_mtime
        except FileNotFoundError:
            return ""
        if self._scores.get(run.id, (None,))[0] != written:
            report = run.report
            self._scores[run.id] = (written, report.headline if report else "")
        return self._scores[run.id][1]


def _asked(run: "Run") -> tuple[str, str]:
    try:
        return run.config.task, run.config.base
    except UserError:  # a recipe of another version: the run is listed all the same
        return "?", "?"
