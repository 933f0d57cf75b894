"""What was said of each test row, by the run and by the floors on the same rows. The rows' text is not in it.

Row numbers are places in the test set as `training.evaluate.row_sets` gives it. Knows nothing of figures.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from models.reading import Floats
from tasks.spec import Example, Prediction, Task
from training.repeats import key

ABOUT = ("condition", "drug")
"""Targets that no head learns: what a row is about, so that errors can be counted by it."""


@dataclass(frozen=True)
class Rows:
    """n test rows: right and said labels as indices [n], probabilities [n, labels], words [n], the floors' answers.

    `id` changes with any row, and is empty in files of the first version; `leaked` marks the rows that a training row
    nearly repeats [n], None where nobody looked; `about` says by kind what each row is about [n].
    """

    labels: tuple[str, ...]
    right: Floats
    said: Floats
    scores: Floats
    words: Floats
    floors: Mapping[str, Floats]
    id: str = ""
    leaked: Floats | None = None
    about: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def same(self, other: "Rows") -> bool:
        """Whether another file is about the very same rows."""
        if self.id and other.id:
            return self.id == other.id
        return self.labels == other.labels and np.array_equal(self.right, other.right)

    @property
    def confidence(self) -> Floats:
        """Return the largest probability of each row [n]."""
        return self.scores.max(1)


def write(
    path: Path,
    task: Task,
    examples: Sequence[Example],
    found: Sequence[Prediction],
    floors: Mapping[str, Sequence[int]],
    leaked: Collection[int] | None = None,
) -> None:
    """Write one line per row, after a first line that names the labels and the rows; `leaked` are row numbers."""
    index = {label: i for i, label in enumerate(task.labels)}
    draft = path.with_name(f".{path.name}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"labels": task.labels, "id": rows_id(examples)}) + "\n")
        for i, (example, prediction) in enumerate(zip(examples, found, strict=True)):
            line = {
                "row": i,
                "right": index[example.label or ""],
                "said": index[prediction.best],
                "scores": [round(prediction.scores[label], 4) for label in task.labels],
                "words": len(example.all_text.split()),
                "floors": {name: answers[i] for name, answers in floors.items()},
                "about": {kind: _named(example, kind) for kind in ABOUT if kind in example.targets},
                **({} if leaked is None else {"leaked": i in leaked}),
            }
            file.write(json.dumps(line) + "\n")
    draft.replace(path)


def beside(path: Path, name: str, answers: Sequence[int]) -> None:
    """Put what somebody else said of every row, by index, beside what the floors said; said again it is replaced."""
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    kept = [json.loads(line) for line in lines]
    for line, answer in zip(kept, answers, strict=True):
        line["floors"][name] = answer
    draft = path.with_name(f".{path.name}")
    draft.write_text("\n".join([first, *map(json.dumps, kept)]) + "\n", encoding="utf-8")
    draft.replace(path)


def _named(example: Example, kind: str) -> str:
    """Return what a row is about, spelt as one spells it who looks for it: lower case, single spaces."""
    return " ".join(str(example.targets[kind]).lower().split())[:60]


def rows_id(examples: Sequence[Example]) -> str:
    """Return 16 hex digits that change with the words, the label or the place of any row."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(f"{example.label}\t{key(example)}\n".encode("utf-8", "replace"))
    return digest.hexdigest()[:16]


def read(path: Path) -> Rows | None:
    """Return the rows, or None where none were kept."""
    if not path.exists():
        return None
    first, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if not lines:  # runs of earlier versions were scored where training rows repeat every test row
        return None
    floors = {name: np.array([line["floors"][name] for line in lines]) for name in lines[0]["floors"]}
    columns = (np.array([line[name] for line in lines]) for name in ("right", "said", "scores", "words"))
    leaked = np.array([line["leaked"] for line in lines]) if "leaked" in lines[0] else None
    kinds = lines[0].get("about", {})
    about = {kind: tuple(line.get("about", {}).get(kind, "") for line in lines) for kind in kinds}
    return Rows(tuple(first["labels"]), *columns, floors, first.get("id", ""), leaked, about)
