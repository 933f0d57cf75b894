"""Rows put down so that a run can name them: a trainer's own set, cut in three and kept with its cut.

An uploaded or fetched set is used by one run and lies in that run's folder as JSON lines; the file's sha256 is what the
run's recipe says. Knows nothing of models, and nothing of where such a file came from beyond what it is told.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tasks.spec import Example, Task, Turn, UserError
from training import describe
from training.data import cut
from training.repeats import groups

PARTS = ("train", "validation", "test")
LARGE = 0.2
"""Share of the rows held back from which a group of near-duplicates is too large to stand among them."""


@dataclass(frozen=True)
class Cut:
    """Rows in three parts, the seed that drew them, and the id every report on them carries.

    `source` says where the rows came from (a file's sha256, or a Hub set and its commit).
    """

    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    test: tuple[Example, ...] = ()
    seed: int = 0
    source: Mapping[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> dict[str, tuple[Example, ...]]:
        """Return the rows by part."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def id(self) -> str:
        """Return 16 hex digits that change with any row, label or side."""
        digest = hashlib.sha256()
        for name, rows in self.parts.items():
            for row in rows:
                digest.update(f"{json.dumps({'part': name, **saved(row)}, sort_keys=True)}\n".encode())
        return digest.hexdigest()[:16]

    def findings(self, task: Task) -> list[str]:
        """Return what is wrong with the cut, such as a label without a test row, a sentence each."""
        return describe.gaps({name: describe.histogram(task, rows) for name, rows in self.parts.items() if rows})


def split(
    examples: Sequence[Example],
    validation: float = 0.15,
    test: float = 0.15,
    seed: int = 7,
    source: Mapping[str, str] | None = None,
) -> Cut:
    """Cut rows in three (in two where `test` is 0): shares kept per label, near-duplicates never on two sides.

    A group of near-duplicates too large to be judged by is only learned from.

    Raises:
        UserError: if the shares leave nothing to learn from, or there are too few rows.
    """
    if not 0 < validation < 1 or not 0 <= test < 1 or validation + test > 0.8:
        raise UserError("At least a fifth of the rows must be left to learn from, and some to choose by.")
    if not 0 <= seed < 2**32:
        raise UserError("The seed of a cut is a whole number from 0 to 4,294,967,295.")
    parts, shares = groups(examples), (validation, test)
    small = _small(parts, len(examples) * (min(validation, test) or validation))
    try:
        found = _three([row for row, fits in zip(examples, small, strict=True) if fits], parts[small], shares, seed)
    except UserError:  # the rest is too few: then large groups are cut as well
        found, small = _three(examples, parts, shares, seed), np.ones(len(parts), dtype=bool)
    apart = (row for row, fits in zip(examples, small, strict=True) if not fits)
    return Cut((*found[0], *apart), *found[1:], seed, dict(source or {}))


def _small(parts: np.ndarray, held: float) -> np.ndarray:
    """Return which rows [n] are of a near-duplicate group small enough to stand among `held` rows.

    A larger one would be most of what is judged by, one text many times over, and none of it would be learned from.
    """
    sizes = Counter(parts.tolist())
    return np.array([sizes[part] <= max(LARGE * held, 2) for part in parts.tolist()], dtype=bool)


def _three(
    examples: Sequence[Example], parts: np.ndarray, shares: tuple[float, float], seed: int
) -> tuple[tuple[Example, ...], tuple[Example, ...], tuple[Example, ...]]:
    validation, test = shares
    rest, held = tuple(examples), ()
    if test:
        # Near-duplicates are searched for once: rows are told apart by identity, for equal ones are of one group.
        group_of = {id(row): part for row, part in zip(examples, parts, strict=True)}
        first = cut(examples, test, seed, parts, fine=True)
        rest, held = first.train, first.validation
        parts = np.array([group_of[id(row)] for row in rest])
    second = cut(rest, validation / (1 - test), seed, parts, fine=True)
    return second.train, second.validation, held


def write(rows: Cut | Sequence[Example], path: Path) -> str:
    """Write rows as JSON lines, whole or not at all, and return the file's sha256.

    The first line of a Cut is its seed and source; every other line is a row.
    """
    lines = []
    if isinstance(rows, Cut):
        lines.append(json.dumps({"cut": rows.id, "seed": rows.seed, "source": dict(rows.source)}))
        lines += [json.dumps({"part": name, **saved(row)}) for name, part in rows.parts.items() for row in part]
    else:
        lines += [json.dumps(saved(row)) for row in rows]
    # ASCII escapes keep even a lone surrogate apart from the file's encoding.
    content = "".join(f"{line}\n" for line in lines).encode("ascii")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
    return hashlib.sha256(content).hexdigest()


def read(path: Path, sha256: str = "") -> list[Example]:
    """Return all rows of a file written by `write`, in order.

    Raises:
        UserError: if the file is missing, is not the one with that sha256, or cannot be read.
    """
    return [row for _, row in _rows(_lines(path, sha256))]


def read_cut(path: Path, sha256: str = "") -> Cut:
    """Return the Cut written to this file.

    Raises:
        UserError: as `read`; or if the file holds rows without a cut.
    """
    lines = _lines(path, sha256)
    if not lines or "cut" not in lines[0]:
        raise UserError("The rows of this run are not cut into train, validation and test.")
    rows = _rows(lines)
    train, validation, test = (tuple(row for part, row in rows if part == name) for name in PARTS)
    found = Cut(train, validation, test, int(lines[0]["seed"]), dict(lines[0]["source"]))
    if found.id != lines[0]["cut"]:
        raise UserError("The rows of this run were changed after they were cut.")
    return found


def _lines(path: Path, sha256: str) -> list[dict[str, Any]]:
    try:
        content = path.read_bytes()
        lines = [json.loads(line) for line in content.splitlines()]
    except OSError as error:
        raise UserError("The rows this run was made for are not in its folder.") from error
    except ValueError as error:
        raise UserError("The rows of this run cannot be read.") from error
    if sha256 and hashlib.sha256(content).hexdigest() != sha256:
        raise UserError("The rows in this run's folder are not those its recipe names.")
    return lines


def _rows(lines: Sequence[Mapping[str, Any]]) -> list[tuple[str, Example]]:
    try:
        return [(line.get("part", ""), example(line)) for line in lines if "cut" not in line]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UserError("The rows of this run cannot be read.") from error


def saved(row: Example) -> dict[str, Any]:
    """Return a row as JSON can hold it."""
    return {
        "text": row.text,
        "fields": dict(row.fields),
        "context": row.context,
        "history": [list(turn) for turn in row.history],
        "label": row.label,
        "targets": _plain(row.targets),
    }


def _plain(targets: Mapping[str, str | tuple[str, ...]]) -> dict[str, str | list[str]]:
    return {name: value if isinstance(value, str) else list(value) for name, value in targets.items()}


def example(line: Mapping[str, Any]) -> Example:
    """Return the row that one line says; raise KeyError, TypeError or ValueError where it says none."""
    return Example(
        text=line["text"],
        fields=dict(line["fields"]),
        context=line["context"],
        history=tuple(Turn(*turn) for turn in line["history"]),
        label=line["label"],
        targets={n: value if isinstance(value, str) else tuple(value) for n, value in line["targets"].items()},
    )
