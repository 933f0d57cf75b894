"""Which adapter serves which task. Knows nothing of how an adapter came to be."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from tasks.spec import Task, UserError

SHIPPED = Path(__file__).parent.parent / "adapters"
"""The adapters that come with the project: what serves until a run is promoted."""


@dataclass(frozen=True)
class Adapter:
    """A trained adapter fit to serve: where it lies, and what it was trained to say."""

    run: str
    folder: str
    labels: tuple[str, ...]
    headline: str


class Shelf:
    """One pointer file per task, replaced whole, so a reader never sees half a promotion."""

    def __init__(self, root: Path, shipped: Path = SHIPPED) -> None:
        self.root = root
        self.shipped = shipped

    def current(self, task: Task) -> Adapter | None:
        """Return the adapter in service, or None where there is none at all."""
        return self._read(self._path(task)) or self._shipped(task)

    def all(self, task: Task) -> list[Adapter]:
        """Return the adapters that are at hand: the one in service, the one before it, the one that was shipped."""
        found = [self.current(task), self._read(self._before(task)), self._shipped(task)]
        return list({one.folder: one for one in reversed(found) if one is not None}.values())[::-1]

    def put(self, task: Task, adapter: Adapter) -> None:
        """Put an adapter in service; raise UserError where it speaks other labels."""
        if adapter.labels != task.labels:
            raise UserError(f"This run was trained on {adapter.labels}, but the tab shows {task.labels}.")
        path = self._path(task)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():  # what served before, for the way back
            os.replace(self._draft(task, path.read_text()), self._before(task))
        else:
            self._before(task).unlink(missing_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(json.dumps(asdict(adapter)))
        os.replace(draft, path)

    def back(self, task: Task) -> Adapter | None:
        """Put back what served before the last promotion: an earlier run, or the adapter that was shipped (None)."""
        path, before = self._path(task), self._before(task)
        if not path.exists():
            raise UserError(
                f"{task.title} is answered by the adapter that was shipped; there is nothing to go back to."
            )
        if not before.exists():
            path.unlink()
            return None
        os.replace(before, path)
        return self.current(task)

    def _read(self, pointer: Path) -> Adapter | None:
        try:
            saved = json.loads(pointer.read_text())
        except FileNotFoundError:
            return None
        return Adapter(**{**saved, "labels": tuple(saved["labels"])})

    def _before(self, task: Task) -> Path:
        return self.root / f"{task.name}.before.json"

    def _draft(self, task: Task, text: str) -> Path:
        draft = self.root / f".{task.name}.before.{os.getpid()}"
        draft.write_text(text)
        return draft

    def _shipped(self, task: Task) -> Adapter | None:
        file = self.shipped / task.name / "reading.json"
        if not file.exists():
            return None
        saved = json.loads(file.read_text())
        return Adapter(saved["version"], str(file.parent), tuple(saved["labels"]), saved["headline"])

    def _path(self, task: Task) -> Path:
        return self.root / f"{task.name}.json"
