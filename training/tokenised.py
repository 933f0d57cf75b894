"""Training rows as token ids, worked out once and kept as Arrow under the hash of everything they depend on.

A row is kept in every form it may be seen in (`task.variants`), so drawing a form costs no tokenising and, for long
notes, no sentence splitting. The file is written whole or not at all; two processes that want the same one both make
it and either's is right. A file that is damaged is made again. Token ids are as good as the text: the cache of
uploaded rows belongs into their run's folder. Knows nothing of the learner or of run folders.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

import tasks
from models.bases import BASES, revision
from tasks.spec import Example, Task
from training.config import RunConfig
from training.frozen import saved

if TYPE_CHECKING:
    from models.encoder import Batch, Words

VERSION = 1
_TOKENIZER = frozenset({".json", ".txt", ".model"})
"""Endings of the files beside the weights, among which a tokenizer's are."""
MOST = 2**30
"""Bytes a cache folder may hold; beyond, the files unused for longest go."""


def forms(task: Task, example: Example) -> list[tuple[float, Example]]:
    """Return (share of draws, form) of a row; a form without text is the row itself."""
    if task.variants is None:
        return [(1.0, example)]
    return [(share, form if form.all_text else example) for share, form in task.variants(example)]


def made_of(config: RunConfig, train: Sequence[Example]) -> str:
    """Return 16 hex digits that stand for the base's revision and for the rows, their labels and their order."""
    digest = hashlib.sha256(f"{BASES[config.base].sha256 or revision(config.base)}".encode())
    for row in train:
        digest.update(repr((row.all_text, row.label, sorted(row.targets.items()))).encode("utf-8", "replace"))
    return digest.hexdigest()[:16]


class Tokenised:
    """Token ids of rows in all their forms, read from a memory-mapped file."""

    def __init__(self, table: pa.Table) -> None:
        """Index a table of segments (row, form, slot, ids), sorted by row and form."""
        pairs = np.stack([table["row"].to_numpy(), table["form"].to_numpy()], axis=1)
        edges = np.flatnonzero(np.any(np.diff(pairs, axis=0), axis=1)) + 1
        starts = [0, *edges.tolist()] if len(pairs) else []
        ends = [*edges.tolist(), len(pairs)]
        self._where = {tuple(pairs[a].tolist()): (a, b) for a, b in zip(starts, ends, strict=False)}
        self._slots = table["slot"].to_numpy()
        lists = table["ids"].combine_chunks()
        self._offsets, self._ids = lists.offsets.to_numpy(), lists.values.to_numpy()

    def __len__(self) -> int:
        """Return how many (row, form) pairs are held."""
        return len(self._where)

    def segments(self, row: int, form: int) -> list[tuple[int, list[int]]]:
        """Return (slot, token ids) of every segment of a row in one of its forms."""
        start, end = self._where[row, form]
        return [
            (int(self._slots[i]), self._ids[self._offsets[i] : self._offsets[i + 1]].tolist())
            for i in range(start, end)
        ]

    def batch(self, picks: Sequence[tuple[int, int]]) -> "Batch":
        """Return the batch that `Words.batch` would make of these (row, form) pairs."""
        from models.encoder import Batch

        ids, owner, slots = [], [], []
        for place, (row, form) in enumerate(picks):
            for slot, tokens in self.segments(row, form):
                ids.append(tokens)
                owner.append(place)
                slots.append(slot)
        return Batch(ids, owner, slots, len(picks))


def tokenised(task: Task, words: "Words", tokenizer: Path, rows: Sequence[Example], folder: Path) -> Tokenised:
    """Return the rows' token ids, from `folder` where they are there, else made and left there.

    `tokenizer` is the folder that `words` was read from.
    """
    name = key(task, tokenizer, words.max_tokens, rows)
    path = folder / f"{name}.arrow"
    table = _open(path, name)
    if table is None:
        table = _make(task, words, rows)
        folder.mkdir(parents=True, exist_ok=True)
        _write(table, path, name)
        _sweep(folder, path)
    return Tokenised(table)


def key(task: Task, tokenizer: Path, max_tokens: int, rows: Sequence[Example]) -> str:
    """Return the hash of all that token ids hang on: rows, tokenizer, longest segment, and the code that cuts them."""
    digest = hashlib.sha256(f"{VERSION} {task.name} {max_tokens}".encode())
    files = sorted(file for file in tokenizer.iterdir() if file.is_file() and file.suffix in _TOKENIZER)
    for file in [*files, *sorted(Path(tasks.__file__).parent.rglob("*.py"))]:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    for row in rows:
        digest.update(json.dumps(saved(row), sort_keys=True).encode())
    return digest.hexdigest()


def _make(task: Task, words: "Words", rows: Sequence[Example]) -> pa.Table:
    row_of, form_of, slot_of, ids = [], [], [], []
    for row, example in enumerate(rows):
        for form, (_, seen) in enumerate(forms(task, example)):
            texts = list(enumerate(task.segments(seen)))
            for slot, text in [(slot, text) for slot, text in texts if text] or [(0, "")]:
                row_of.append(row)
                form_of.append(form)
                slot_of.append(slot)
                ids.append(words.ids(text))
    return pa.table(
        {
            "row": pa.array(row_of, pa.int32()),
            "form": pa.array(form_of, pa.int16()),
            "slot": pa.array(slot_of, pa.int16()),
            "ids": pa.array(ids, pa.list_(pa.int32())),
        }
    )


def _sum(table: pa.Table) -> str:
    """Return the sha256 of a table's content."""
    digest = hashlib.sha256()
    for name in ("row", "form", "slot"):
        digest.update(table[name].to_numpy().tobytes())
    lists = table["ids"].combine_chunks()
    digest.update(lists.offsets.to_numpy().tobytes())
    digest.update(lists.values.to_numpy().tobytes())
    return digest.hexdigest()


def _write(table: pa.Table, path: Path, name: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    marked = table.replace_schema_metadata({"key": name, "sha256": _sum(table)})
    try:
        with pa.OSFile(str(draft), "wb") as file, pa.ipc.new_file(file, marked.schema) as writer:
            writer.write_table(marked.combine_chunks())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _open(path: Path, name: str) -> pa.Table | None:
    """Return the table of a cache file, or None where there is none or it is damaged."""
    try:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        said = table.schema.metadata or {}
        whole = said.get(b"key") == name.encode() and said.get(b"sha256") == _sum(table).encode()
    except (OSError, pa.ArrowException, KeyError, ValueError):
        return None
    if not whole:
        return None
    with suppress(OSError):
        os.utime(path)  # files unused for longest go first
    return table


def _sweep(folder: Path, keep: Path) -> None:
    """Delete the files unused for longest while the folder is too large."""
    files = []
    for file in folder.glob("*.arrow"):
        with suppress(OSError):  # another process sweeps too
            files.append((file.stat().st_mtime, file.stat().st_size, file))
    total = sum(size for _, size, _ in files)
    for _, size, file in sorted(files):
        if total <= MOST:
            return
        if file != keep:
            file.unlink(missing_ok=True)
            total -= size
