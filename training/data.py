"""Rows of a dataset as Examples, and the split that is frozen before anything is learned.

Near-duplicates are found first and never stand on two sides of a split. Knows nothing of models or runs.
"""

import csv
import gzip
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from datasketch import MinHash, MinHashLSH
from sklearn.model_selection import StratifiedGroupKFold

from tasks.spec import Data, Example, Task, UserError

DATA_DIR = Path(os.environ.get("CARETUNE_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
"""Where local copies of the datasets lie; set CARETUNE_DATA to say otherwise."""

SIMILAR = 0.7
"""Jaccard similarity of word 3-grams from which two texts count as near-duplicates."""

csv.field_size_limit(2**24)


@dataclass(frozen=True)
class Split:
    """Examples for learning and for choosing, and the id under which this cut is known."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    id: str


def used(task: Task, names: Sequence[str]) -> list[Data]:
    """Return the named datasets of a task, or all whose licence lets an adapter trained on them be shared."""
    return [task.dataset(name) for name in names] if names else [data for data in task.data if data.ships]


def load(data: Data, split: str, root: Path | None = None) -> list[Example]:
    """Return the examples of one split of a dataset, in file order.

    Raises:
        UserError: if the split does not exist or the file is not on this machine.
    """
    if split not in data.files and not (split == "test" and data.held_out):
        raise UserError(f"{data.name} has no split {split!r}; it has {', '.join(data.files)}.")
    path = (root or DATA_DIR) / data.folder / data.files[split if split in data.files else "train"]
    if not path.is_file():
        raise UserError(f"The dataset {data.name} is not here; CARETUNE_DATA must name the folder of {data.folder}/.")
    # No value means "missing": "None" and "NA" are what a patient wrote under side effects.
    wanted = data.parts.get(split)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        if ".jsonl" in path.name:
            rows: Iterable[Mapping[str, Any]] = map(json.loads, file)
        else:
            rows = csv.DictReader(file, delimiter="\t" if ".tsv" in path.name else ",")
        chosen = (row for row in rows if wanted is None or row["split"] in wanted)
        examples = [example for row in chosen for example in data.to_examples(row)]
    if not data.held_out:
        return examples
    return [example for example in examples if (_place(example) < data.held_out) == (split == "test")]


def _place(example: Example) -> float:
    """Return a number in [0, 1) that depends on the words alone, so repeats always fall on the same side."""
    return int(hashlib.sha256(key(example).encode()).hexdigest()[:8], 16) / 16**8


def key(example: Example) -> str:
    """Return the example's words alone, for exact comparison: case, spacing and punctuation aside."""
    return " ".join(re.findall(r"\w+", example.all_text.lower()))


def draw(examples: Sequence[Example], share: float) -> list[Example]:
    """Return the share of the examples whose words hash lowest; a share above 1 repeats them."""
    whole, part = divmod(share, 1.0)
    ranked = sorted(examples, key=_place)
    return [*list(examples) * int(whole), *ranked[: round(part * len(examples))]]


def without_repeats(test: Sequence[Example], train: Sequence[Example]) -> list[Example]:
    """Return the test examples whose whole text no training example repeats."""
    seen = {key(example) for example in train}
    return [example for example in test if key(example) not in seen]


def groups(examples: Sequence[Example]) -> np.ndarray:
    """Return one group number per example [n]; near-duplicates share theirs (MinHash LSH over word 3-grams)."""
    parent = list(range(len(examples)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    index = MinHashLSH(threshold=SIMILAR, num_perm=64)
    for i, example in enumerate(examples):
        words = key(example).split()
        shingles = {" ".join(words[j : j + 3]).encode() for j in range(max(len(words) - 2, 1))}
        sketch = MinHash(num_perm=64, seed=1)
        sketch.update_batch(list(shingles))
        for other in index.query(sketch):
            parent[root(i)] = root(other)
        index.insert(i, sketch)
    return np.array([root(i) for i in range(len(examples))])


def cut(examples: Sequence[Example], share: float, seed: int) -> Split:
    """Hold back about `share` of the examples for validation, by label and by near-duplicate group."""
    labels = [example.label or " | ".join(sorted(example.targets)) for example in examples]
    folds = StratifiedGroupKFold(max(2, round(1 / share)), shuffle=True, random_state=seed)
    train, held = next(folds.split(np.zeros(len(labels)), labels, groups(examples)))
    digest = hashlib.sha256(f"{seed} {share}".encode())
    for i in held:
        digest.update(f"{i} {key(examples[i])} {labels[i]}\n".encode())
    return Split(tuple(examples[i] for i in train), tuple(examples[i] for i in held), digest.hexdigest()[:16])
