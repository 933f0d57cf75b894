"""Rows of a dataset as Examples, and the split that is frozen before anything is learned.

Near-duplicates are found first and never stand on two sides of a split. Knows nothing of models or runs.
"""

import csv
import gzip
import hashlib
import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from tasks.spec import Data, Example, Rivals, Task, UserError
from training import own
from training.foils import foils
from training.repeats import groups, key
from training.rivals import rivals

PROJECT = Path(__file__).parent.parent
DATA_DIR = Path(os.environ.get("CARETUNE_DATA", PROJECT.parent / "shared" / "data"))
"""Where local copies of the datasets lie; set CARETUNE_DATA to say otherwise."""

FINE = 20
"""Parts of a cut whose share is met closely."""

Row = Mapping[str, Any]

csv.field_size_limit(2**24)


@dataclass(frozen=True)
class Split:
    """Examples for learning and for choosing, and the id under which this cut is known."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    id: str


def named(task: Task, name: str) -> Data:
    """Return the dataset of that name: one of the task's, or somebody's own rows."""
    if not own.is_own(name):
        return task.dataset(name)
    path = own.path(name).resolve()
    return Data(
        name=name,
        folder=str(path.parent),
        files=dict.fromkeys(("train", "validation", "test"), path.name),
        parts={part: (part,) for part in ("train", "validation", "test")},
        license="the trainer's own rows; nothing is known of their licence",
        ships=False,
        to_examples=_own_row,
    )


def judged(task: Task, names: Sequence[str]) -> list[Example]:
    """Return the test rows, as far as they are here, that a run on the named datasets will be scored on."""
    tested = (d for d in used(task, names) if d.role == "train" and ("test" in d.files or d.held_out))
    return [example for d in tested if here(d) for example in load(d, "test")]


def _own_row(row: Mapping[str, Any]) -> Sequence[Example]:
    from training.frozen import example

    return (example(row),)


def used(task: Task, names: Sequence[str]) -> list[Data]:
    """Return the named datasets of a task, or all on its subject with labels that shared adapters may learn from."""
    return [named(task, name) for name in names] or [d for d in task.data if d.ships and not (d.written or d.aside)]


def load(data: Data, split: str, root: Path | None = None) -> list[Example]:
    """Return the examples of one split of a dataset, in file order.

    Raises:
        UserError: if the split does not exist or the file is not on this machine.
    """
    if split not in data.files and not (split == "test" and data.held_out):
        raise UserError(f"{data.name} has no split {split!r}; it has {', '.join(data.files)}.")
    path = folder_of(data, root) / data.files[split if split in data.files else "train"]
    if own.is_own(data.name):
        own.check(data.name)
    if not path.is_file():
        raise UserError(f"The dataset {data.name} is not here; CARETUNE_DATA must name the folder of {data.folder}/.")
    wanted = data.parts.get(split)
    chosen = (row for row in joined(data, path) if wanted is None or row.get("split", row.get("part")) in wanted)
    chosen = _apart(chosen, data.apart, path.parent)
    chosen = (row for row in chosen if data.side is None or data.side(row) == split)
    examples = [example for row in chosen for example in data.to_examples(row)]
    if data.rivals:
        examples += rivals(examples, data.rivals, _passages(data, data.rivals, split, path.parent))
    if data.foil:
        examples += foils(draw(examples, 0.5), examples, data.foil)
    if data.bundle > 1:
        return bundled(examples, data.bundle)
    if data.held_out:
        return [example for example in examples if (_place(example) < data.held_out) == (split == "test")]
    return examples


def _apart(rows: Iterable[Row], apart: tuple[str, str] | None, folder: Path) -> Iterable[Row]:
    """Return the rows whose value in a column does not occur in that column of a file."""
    if apart is None:
        return rows
    file, column = apart
    out = {str(row[column]) for row in raw(folder / file)}
    return (row for row in rows if str(row[column]) not in out)


def _passages(data: Data, wanted: Rivals, split: str, folder: Path) -> dict[str, str]:
    """Return the passages (id to text) that may be rivals of this split's texts."""
    rows = _apart(raw(folder / wanted.file), wanted.apart, folder)
    fit = (row for row in rows if data.side is None or data.side(row) == split)
    return dict(found for row in fit for found in wanted.passage(row))


def needed(data: Data) -> set[str]:
    """Return the names of all files that the rows of a dataset are made from."""
    more = [data.beside, data.apart, (data.rivals.file,) if data.rivals else None, data.rivals and data.rivals.apart]
    return {*data.files.values(), *(one[0] for one in more if one)}


def here(data: Data, root: Path | None = None) -> bool:
    """Return whether the files of a dataset are on this machine."""
    return all((folder_of(data, root) / name).is_file() for name in needed(data))


def folder_of(data: Data, root: Path | None = None) -> Path:
    """Return the folder that the files of a dataset lie in, whether they are there or not."""
    return (PROJECT if data.inside else root or DATA_DIR) / data.folder


def joined(data: Data, path: Path) -> Iterator[Row]:
    """Return the rows of a file of a dataset, each with the rows of another file that it names."""
    if data.beside is None:
        return raw(path)
    file, there, here = data.beside
    known = {str(row[there]): row for row in raw(path.with_name(file))}
    named = ((row, [row[here]] if isinstance(row[here], str) else row[here]) for row in raw(path))
    return ({**row, "beside": [known[str(n)] for n in names if str(n) in known]} for row, names in named)


def raw(path: Path) -> Iterator[Row]:
    """Yield the rows of a .csv, .tsv or .jsonl file, gzipped or not, as they stand.

    No value means "missing": "None" and "NA" are what a patient wrote under side effects.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        if ".jsonl" in path.name:
            yield from map(json.loads, file)
        else:
            yield from csv.DictReader(file, delimiter="\t" if ".tsv" in path.name else ",")


def bundled(examples: Sequence[Example], size: int) -> list[Example]:
    """Return texts joined `size` at a time, in the order of their hashes; a joined text has the labels of its parts.

    One title names one category; several together look like what they stand for, a note with several.
    """
    ranked = sorted(examples, key=_place)
    out = []
    for start in range(0, len(ranked), size):
        part = ranked[start : start + size]
        targets = {name: tuple(sorted({value for e in part for value in e.targets[name]})) for name in part[0].targets}
        out.append(Example(text="\n".join(e.text for e in part), targets=targets))
    return out


def _place(example: Example) -> float:
    """Return a number in [0, 1) that depends on the words alone, so repeats always fall on the same side."""
    return int(hashlib.sha256(key(example).encode()).hexdigest()[:8], 16) / 16**8


def asked(example: Example) -> str:
    """Return the words of a pair's question or claim alone; of a text without a context, all of its words.

    The same question beside another context has the same answer: it must not be learned where it is validated on.
    """
    return " ".join(re.findall(r"\w+", example.text.lower())) if example.text and example.context else key(example)


def draw(examples: Sequence[Example], share: float) -> list[Example]:
    """Return the share of the examples whose words hash lowest; a share above 1 repeats them."""
    whole, part = divmod(share, 1.0)
    ranked = sorted(examples, key=_place)
    return [*list(examples) * int(whole), *ranked[: round(part * len(examples))]]


def some(sets: Sequence[Sequence[Example]], most: int, seed: int) -> list[Example]:
    """Return `most` rows of several sets, in their order, or all where they are no more or `most` is 0.

    Every label of every set is drawn by its share, and each at least once as far as `most` reaches: a file is often
    sorted by label, and its head would be one label alone.
    """
    kinds = [(n, _kind(row)) for n, found in enumerate(sets) for row in found]
    rows = [row for found in sets for row in found]
    if not most or len(rows) <= most:
        return rows
    order, sizes, seen = list(range(len(rows))), Counter(kinds), Counter[tuple[int, str]]()
    random.Random(seed).shuffle(order)
    ranked = []
    for turn, i in enumerate(order):
        ranked.append((seen[kinds[i]] / sizes[kinds[i]], turn, i))
        seen[kinds[i]] += 1
    return [rows[i] for i in sorted(i for _, _, i in sorted(ranked)[:most])]


def _kind(example: Example) -> str:
    """Return what is kept even between the sides of a cut: the label, or which targets are known."""
    return example.label or " | ".join(sorted(example.targets))


def without_repeats(test: Sequence[Example], train: Sequence[Example]) -> list[Example]:
    """Return the test examples whose whole text no training example repeats."""
    seen = {key(example) for example in train}
    return [example for example in test if key(example) not in seen]


def cut(
    examples: Sequence[Example],
    share: float,
    seed: int,
    parts: np.ndarray | None = None,
    place: int = 0,
    fine: bool = False,
) -> Split:
    """Hold back about `share` of the examples for validation, by label and by near-duplicate group.

    It is one of as many parts as come nearest to it: 0.4 becomes a half. Another `place` holds back another: the cuts
    of one seed hold every example back once. With `fine` several of twenty parts are held back where that is much
    nearer. `parts` are the groups [n] where they are known already.

    Raises:
        UserError: if there are too few distinct examples to hold any back.
    """
    labels = [_kind(example) for example in examples]
    parts, count, taken = groups(examples) if parts is None else parts, max(2, round(1 / share)), 1
    most = min(len(set(parts.tolist())), max(Counter(labels).values(), default=0))
    if fine and most >= FINE and abs(1 / count - share) > share / 10:
        count, taken = FINE, max(1, round(share * FINE))
    if most < count:
        raise UserError(f"{len(examples):,} rows, repeats aside, are too few to hold {share:.0%} of them back.")
    folds = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    found = [held for _, held in folds.split(np.zeros(len(labels)), labels, parts)][place * taken :][:taken]
    held = np.sort(np.concatenate(found))
    train = np.setdiff1d(np.arange(len(labels)), held)
    digest = hashlib.sha256(f"{seed} {share}".encode())
    for i in held:
        digest.update(f"{i} {key(examples[i])} {labels[i]}\n".encode())
    return Split(tuple(examples[i] for i in train), tuple(examples[i] for i in held), digest.hexdigest()[:16])
