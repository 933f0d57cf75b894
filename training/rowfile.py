"""What was said of each test row, by the run and by the floors on the same rows. The rows' text is not in it.

Row numbers are places in the test set as `training.evaluate.row_sets` gives it. Knows nothing of figures.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.reading import Floats
from tasks.spec import Example, Prediction, Task


@dataclass(frozen=True)
class Rows:
    """n test rows: right and said labels as indices [n], probabilities [n, labels], words [n], the floors' answers."""

    labels: tuple[str, ...]
    right: Floats
    said: Floats
    scores: Floats
    words: Floats
    floors: Mapping[str, Floats]

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
) -> None:
    """Write one line per row, after a first line that names the labels."""
    index = {label: i for i, label in enumerate(task.labels)}
    draft = path.with_name(f".{path.name}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"labels": task.labels}) + "\n")
        for i, (example, prediction) in enumerate(zip(examples, found, strict=True)):
            line = {
                "row": i,
                "right": index[example.label or ""],
                "said": index[prediction.best],
                "scores": [round(prediction.scores[label], 4) for label in task.labels],
                "words": len(example.all_text.split()),
                "floors": {name: answers[i] for name, answers in floors.items()},
            }
            file.write(json.dumps(line) + "\n")
    draft.replace(path)


def read(path: Path) -> Rows | None:
    """Return the rows, or None where none were kept."""
    if not path.exists():
        return None
    first, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    floors = {
        name: np.array([line["floors"][name] for line in lines]) for name in (lines[0]["floors"] if lines else ())
    }
    columns = (np.array([line[name] for line in lines]) for name in ("right", "said", "scores", "words"))
    return Rows(tuple(first["labels"]), *columns, floors)
