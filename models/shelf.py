"""Which adapter serves which task. Knows nothing of how an adapter came to be."""

import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

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
    """One pointer file per task, replaced whole, so a reader never sees half a promotion.

    A pointer to a folder that is gone counts as none: what was shipped answers, and the log says so once.
    """

    def __init__(self, root: Path, shipped: Path = SHIPPED) -> None:
        self.root = root
        self.shipped = shipped
        self._missed: set[str] = set()

    def current(self, task: Task) -> Adapter | None:
        """Return the adapter in service, or None where there is none at all."""
        return self._read(self._path(task)) or self._shipped(task)

    def all(self, task: Task) -> list[Adapter]:
        """Return the adapters that are at hand: the one in service, the one before it, the one that was shipped."""
        found = [self.current(task), self._read(self._before(task)), self._shipped(task)]
        return list({one.folder: one for one in reversed(found) if one is not None}.values())[::-1]

    def holds(self, task: Task, folder: Path) -> bool:
        """Whether the adapter in that folder is in service, or is the way back."""
        return any(Path(one.folder).resolve() == folder.resolve() for one in self.all(task))

    def put(self, task: Task, adapter: Adapter) -> None:
        """Put an adapter in service; raise UserError where it speaks other labels.

        Put again while it serves, it leaves the way back as it was.
        """
        if adapter.labels != task.labels:
            raise UserError(f"This run was trained on {adapter.labels}, but the tab shows {task.labels}.")
        with self._lock():
            path = self._path(task)
            serving = self._read(path)
            if serving is None:
                self._before(task).unlink(missing_ok=True)
            elif serving.folder != adapter.folder:  # what served before, for the way back
                self._write(self._before(task), serving)
            self._write(path, adapter)

    def back(self, task: Task) -> Adapter | None:
        """Put back what served before the last promotion: an earlier run, or the adapter that was shipped (None)."""
        path, before = self._path(task), self._before(task)
        with self._lock():
            if not path.exists():
                raise UserError(
                    f"{task.title} is answered by the adapter that was shipped; there is nothing to go back to."
                )
            if self._read(before) is None:
                path.unlink()
                before.unlink(missing_ok=True)
                return None
            os.replace(before, path)
            return self.current(task)

    def _lock(self) -> FileLock:
        self.root.mkdir(parents=True, exist_ok=True)
        return FileLock(self.root / ".lock")

    def _read(self, pointer: Path) -> Adapter | None:
        try:
            saved = json.loads(pointer.read_text())
        except FileNotFoundError:
            return None
        found = Adapter(**{**saved, "labels": tuple(saved["labels"])})
        if Path(found.folder).is_dir():
            return found
        if found.folder not in self._missed:
            self._missed.add(found.folder)
            logging.getLogger(__name__).warning("%s names run %s, whose files are gone", pointer.name, found.run)
        return None

    @staticmethod
    def _write(pointer: Path, adapter: Adapter) -> None:
        draft = pointer.with_name(f".{pointer.name}.{os.getpid()}")
        draft.write_text(json.dumps(asdict(adapter)))
        os.replace(draft, pointer)

    def _before(self, task: Task) -> Path:
        return self.root / f"{task.name}.before.json"

    def _shipped(self, task: Task) -> Adapter | None:
        file = self.shipped / task.name / "reading.json"
        if not file.exists():
            return None
        saved = json.loads(file.read_text())
        return Adapter(saved["version"], str(file.parent), tuple(saved["labels"]), saved["headline"])

    def _path(self, task: Task) -> Path:
        return self.root / f"{task.name}.json"
