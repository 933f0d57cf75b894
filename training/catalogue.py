"""The dataset shelf: every set a trainer may choose, what it is, what may be done with it, and its rows as Examples.

The facts stand in `catalogue.yaml`; a task that names a set brings its own mapping of the rows. Knows nothing of
models, runs or the network: a set that is not on this machine is said to be missing (`training/hub.py` fetches).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from tasks.spec import Data, Example, Task, UserError, clean
from training import data, describe, labels
from training.describe import Lengths
from training.tells import marks_of

ROLES = ("train", "evaluate", "knowledge")
PREVIEW = 10


@dataclass(frozen=True)
class Entry:
    """One set on the shelf. What is not known is None or empty, never guessed.

    `named` says that a founding document names it, `stands_for` what it stands in for. `repo`, `subset` and
    `revision` name it on the Hub; a `script` set cannot be loaded from there any more. `files` are split name to file
    below `folder`, `parts` the values of the column "split" that make each where one file holds several, `rows` how
    many rows each holds, `columns` which columns are text, context and label. One that is `inside` comes with the
    project.
    """

    name: str
    title: str
    what: str
    role: str
    license: str
    ships: bool
    tasks: tuple[str, ...] = ()
    named: bool = False
    stands_for: str = ""
    credentialed: bool = False
    repo: str | None = None
    subset: str | None = None
    revision: str | None = None
    script: bool = False
    folder: str | None = None
    inside: bool = False
    files: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    note: str = ""

    @property
    def sharing(self) -> str:
        """Return in words what may be shared."""
        if self.credentialed:
            return "Credentialed: give a local path; neither its rows nor what was trained on it may be published."
        return "Adapters trained on it may be shared." if self.ships else "For measuring on this machine only."

    @property
    def access(self) -> str:
        """Return in words where the rows come from."""
        if self.credentialed:
            return "credentialed: give a local path"
        if self.inside:
            return "comes with the app"
        if self.repo is None:
            return "local copy" if self.folder else "no public source known; upload your own copy"
        if self.script:
            return f"Hub: {self.repo} (a loading script, which is no longer run; use a local copy)"
        pinned = f"@ {self.revision[:12]}" if self.revision else "(commit resolved at download)"
        return f"Hub: {self.repo}{f'/{self.subset}' if self.subset else ''} {pinned}"

    def path(self, split: str, root: Path | None = None) -> Path:
        """Return where a split's file lies.

        Raises:
            UserError: if the set has no such split, or no copy of it is on this machine.
        """
        if self.folder is None:
            raise UserError(f"{self.title} is not on this machine; upload your own copy.")
        if split not in self.files:
            raise UserError(f"{self.title} has no split {split!r}; it has {', '.join(self.files)}.")
        path = self._base(root) / self.folder / self.files[split]
        if not path.is_file():
            raise UserError(f"{self.title} is not here; CARETUNE_DATA must name the folder of {self.folder}/.")
        return path

    def here(self, root: Path | None = None) -> bool:
        """Whether all of its files are on this machine."""
        base = self._base(root)
        return bool(self.files) and all((base / str(self.folder) / name).is_file() for name in self.files.values())

    def _base(self, root: Path | None) -> Path:
        return data.PROJECT if self.inside else root or data.DATA_DIR


@dataclass(frozen=True)
class Shown:
    """A split as the shelf shows it: first rows, label counts, words per row."""

    columns: tuple[str, ...]
    preview: tuple[Mapping[str, str], ...]
    rows: int
    histogram: Mapping[str, int]
    lengths: Lengths


def _read() -> tuple[Entry, ...]:
    saved = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return tuple(Entry(**{**entry, "tasks": tuple(entry["tasks"])}) for entry in saved)


ALL = _read()


def get(name: str) -> Entry:
    """Return the entry of that name; raise UserError where there is none."""
    for entry in ALL:
        if entry.name == name:
            return entry
    raise UserError(f"There is no dataset {name!r} on the shelf.")


def for_task(task: Task) -> tuple[Entry, ...]:
    """Return the sets that fit a task: those it may learn from first, then those it may be measured on."""
    fit = [entry for entry in ALL if task.name in entry.tasks]
    return tuple(sorted(fit, key=lambda entry: ROLES.index(entry.role)))


def mapping(entry: Entry, task: Task) -> Data | None:
    """Return the task's own mapping of the set's rows, or None where the task names no such set."""
    return next((found for found in task.data if found.name == entry.name), None)


def splits(entry: Entry, task: Task | None = None) -> tuple[str, ...]:
    """Return the splits of a set, as the task cuts it where the task names it."""
    own = mapping(entry, task) if task else None
    if own is None:
        return tuple(entry.files)
    return tuple(dict.fromkeys([*own.files, *(["test"] if own.held_out else [])]))


def rows(entry: Entry, split: str, root: Path | None = None) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a split as they stand; raise UserError where it is not on this machine."""
    wanted = entry.parts.get(split)
    for row in data.raw(entry.path(split, root)):
        if wanted is None or row["split"] in wanted:
            yield row


def examples(entry: Entry, split: str, task: Task | None = None, root: Path | None = None) -> list[Example]:
    """Return the rows of a split as Examples.

    For a task that names the set, by the task's own mapping; for one the set fits, by `columns`, with the set's labels
    put into the task's where that can be told (rows where it cannot are left out); else with the set's own labels.

    Raises:
        UserError: if there is no such split, or it is not on this machine.
    """
    own = mapping(entry, task) if task else None
    if own is not None and split in splits(entry, task):
        return data.load(own, split, root)
    if own is not None:
        return [example for row in rows(entry, split, root) for example in own.to_examples(row)]
    found = [_example(entry, row) for row in rows(entry, split, root)]
    return _for_task(task, found) if task is not None and task.name in entry.tasks else found


def _example(entry: Entry, row: Mapping[str, Any]) -> Example:
    def joined(role: str) -> str:
        return clean("\n".join(filter(None, (_words(row.get(name)) for name in entry.columns.get(role, ())))))

    label = next((row.get(name) for name in entry.columns.get("label", ())), None)
    if isinstance(label, list):
        return Example(joined("text"), context=joined("context"), targets={"label": tuple(map(str, label))})
    return Example(joined("text"), context=joined("context"), label=_words(label) or None)


def _for_task(task: Task, found: Sequence[Example]) -> list[Example]:
    meant = labels.suggest(task, Counter(value for example in found for value in marks_of(example)))
    out = []
    for example in found:
        said = tuple(meant[value] for value in sorted(marks_of(example)) if value in meant)
        if said:
            meaning = labels.meaning(task, said)
            targets = {} if meaning.target is None else {task.heads[0].name: meaning.target}
            out.append(replace(example, label=meaning.label, targets=targets))
    return out


def _words(cell: Any) -> str:
    """Return a cell as text: lists by line, dialogues and options with who or which before each."""
    if cell is None:
        return ""
    if isinstance(cell, Mapping):
        return "\n".join(f"{name}: {_words(value)}" for name, value in cell.items())
    if isinstance(cell, (list, tuple)):
        return "\n".join(map(_words, cell))
    return str(cell).strip()


def show(entry: Entry, split: str, task: Task | None = None, root: Path | None = None) -> Shown:
    """Return what the shelf shows of a split; raise UserError where it is not on this machine."""
    found = examples(entry, split, task, root)
    raw = split if split in entry.files else next(iter(entry.files))
    first = list(islice(rows(entry, raw, root), PREVIEW))
    own = task if task is not None and task.name in entry.tasks else None
    columns = tuple(first[0]) if first else ()
    return Shown(columns, describe.preview(first), len(found), describe.histogram(own, found), Lengths.of(found))
