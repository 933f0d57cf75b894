"""Where an index lies and how it is asked: the seam between searching and storing, and the store of plain files.

`Files` opens the folder that `building` writes by memory map; a collection too large for one machine's memory lies in
a vector database behind the same Protocol (`lance.py`). Knows nothing of how candidates are ranked.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import bm25s
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.bases import BASES
from models.knowledge.building import Manifest, read_manifest
from models.knowledge.passages import Passage
from models.reading import Floats
from tasks.spec import UserError

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Candidates:
    """What the first look at a store brings up, one entry a passage; a score that is not known is NaN.

    `rows` number the passages of the store, `text` and `title` are BM25 scores, `cosine` that of the best piece.
    """

    rows: Rows
    text: Floats
    title: Floats
    cosine: Floats


class Store(Protocol):
    """An index as searching sees it."""

    manifest: Manifest

    def candidates(self, words: Sequence[str], vector: Floats, most: int) -> Candidates:
        """Return the `most` best passages by words, and as many by vector [width], each once."""
        ...

    def passages(self, rows: Rows) -> list[Passage]:
        """Return the passages of these rows, in their order."""
        ...

    def sections(self, rows: Rows) -> Floats:
        """Return what section each passage tells of [rows, sections]."""
        ...

    def rarity(self, words: Sequence[str]) -> Floats:
        """Return the inverse document frequency of each word [words]; that of an unknown word is the largest."""
        ...

    def vocabulary(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Return the words of the texts and those of the titles and other names, as keys."""
        ...


class Files:
    """The store of plain files: arrays, Arrow and JSON, opened by memory map, nothing pickled."""

    def __init__(self, folder: Path) -> None:
        manifest = read_manifest(folder)
        if manifest is None:
            raise UserError(f"There is no index {folder.name!r}; build it with: python -m models.knowledge build")
        if BASES.get(manifest.base) is None or BASES[manifest.base].sha256 != manifest.base_sha256:
            raise UserError(f"The index {folder.name} was made with a model that is not here; build it again.")
        self.manifest = manifest
        place = folder / manifest.version
        try:
            self._table = pa.ipc.open_file(pa.memory_map(str(place / "passages.arrow"))).read_all()
            self._vectors, self._owners, self._sections = (
                np.load(place / f"{name}.npy", mmap_mode="r", allow_pickle=False)
                for name in ("vectors", "owners", "sections")
            )
            self._titles, self._texts = (
                bm25s.BM25.load(place / name, mmap=True, allow_pickle=False, show_progress=False)
                for name in ("titles", "texts")
            )
        except (OSError, ValueError, KeyError, json.JSONDecodeError, pa.ArrowException) as error:
            raise UserError(f"The index {folder.name} is damaged; build it again.") from error
        self._check(folder.name)
        self._starts = np.flatnonzero(np.diff(self._owners, prepend=-1))

    def _check(self, name: str) -> None:
        count, whole = self.manifest.passages, self.manifest.pieces
        sizes = (self._table.num_rows, len(self._sections), self._titles.scores["num_docs"])
        if any(size != count for size in sizes) or not len(self._vectors) == len(self._owners) == whole:
            raise UserError(f"The index {name} is damaged; build it again.")

    def candidates(self, words: Sequence[str], vector: Floats, most: int) -> Candidates:
        """Return the `most` best passages by words, and as many by vector [width], each once, all scores known."""
        text, title = (_scores(index, words) for index in (self._texts, self._titles))
        cosine = np.maximum.reduceat(self._vectors @ vector.astype(np.float32), self._starts)
        both = text + title
        first = _best(both, most)
        rows = np.union1d(first[both[first] > 0], _best(cosine, most))
        return Candidates(rows, text[rows], title[rows], cosine[rows])

    def passages(self, rows: Rows) -> list[Passage]:
        """Return the passages of these rows, in their order."""
        found = self._table.take(pa.array(rows)).to_pylist()
        return [Passage(**{**row, "also": tuple(row["also"])}) for row in found]

    def sections(self, rows: Rows) -> Floats:
        """Return what section each passage tells of [rows, sections]."""
        return np.asarray(self._sections[rows])

    def rarity(self, words: Sequence[str]) -> Floats:
        """Return the inverse document frequency of each word [words], as BM25 counts it."""
        known, ends = self._texts.vocab_dict, self._texts.scores["indptr"]
        places = [known.get(word, -1) for word in words]
        counts = np.array([int(ends[p + 1]) - int(ends[p]) if 0 <= p < len(ends) - 1 else 0 for p in places])
        return np.log(1 + (self.manifest.passages - counts + 0.5) / (counts + 0.5))

    def vocabulary(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Return the words of the texts and those of the titles and other names, as keys."""
        return self._texts.vocab_dict, self._titles.vocab_dict


def _scores(index: bm25s.BM25, words: Sequence[str]) -> Floats:
    known = index.get_tokens_ids(list(words))
    return index.get_scores_from_ids(known) if known else np.zeros(index.scores["num_docs"], np.float32)


def _best(scores: Floats, most: int) -> Rows:
    if len(scores) <= most:
        return np.arange(len(scores))
    return np.argpartition(-scores, most - 1)[:most]
