"""The same store in LanceDB, for collections that outgrow one machine's memory; needs `pip install lancedb`.

Vectors and words lie in LanceDB's own tables below the index folder and are searched there; what comes back is ranked
like any other. Built in batches: a killed build goes on after its last whole batch, and unchanged pieces keep their
vectors. Knows nothing of how candidates are ranked.
"""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.index import FTS, IvfPq

from models.bases import MINILM
from models.knowledge import sections
from models.knowledge.building import (
    PENDING,
    SCHEMA,
    Embed,
    Manifest,
    alone,
    columns,
    embed_missing,
    embedder,
    read_manifest,
    stamped,
    sweep,
)
from models.knowledge.passages import Passage, Piece, checked, pieces
from models.knowledge.store import Candidates, Rows
from models.knowledge.words import many
from models.reading import Floats
from tasks.spec import UserError

BATCH = 2_000
"""Passages written at once."""
INDEXED = 100_000
"""Pieces from which on their vectors get an index; fewer are compared one by one, exactly."""
WIDER = 5
"""Pieces fetched for each passage wanted: a long passage has many."""
COUNTS = "counts.json"

PIECES = pa.schema([("passage", pa.int64()), ("key", pa.string()), ("vector", pa.list_(pa.float32(), MINILM.width))])
PASSAGES = pa.schema(
    [
        ("row", pa.int64()),
        *SCHEMA,
        ("names", pa.string()),
        ("words", pa.string()),
        ("sections", pa.list_(pa.float32(), len(sections.SECTIONS))),
    ]
)


class Lance:
    """An index in LanceDB; see `store.Store`."""

    def __init__(self, folder: Path) -> None:
        manifest = read_manifest(folder)
        if manifest is None or manifest.base_sha256 != MINILM.sha256:
            raise UserError(f"There is no index {folder.name!r} made by the model that is here; build it again.")
        self.manifest = manifest
        try:
            base = lancedb.connect(folder / manifest.version)
            self._pieces, self._passages = base.open_table("pieces"), base.open_table("passages")
            saved = json.loads((folder / manifest.version / COUNTS).read_text(encoding="utf-8"))
            self._counts, self._names = saved["words"], saved["names"]
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise UserError(f"The index {folder.name} is damaged; build it again.") from error

    def candidates(self, words: Sequence[str], vector: Floats, most: int) -> Candidates:
        """Return the `most` best passages by words, and as many by vector [width]; a BM25 score not known is 0."""
        texts, names = (self._by_words(column, words, most) for column in ("words", "names"))
        near = self._by_vector(vector, most)
        rows = np.array(sorted({*texts, *names, *near}), np.int64)
        return Candidates(
            rows,
            np.array([texts.get(row, 0.0) for row in rows.tolist()]),
            np.array([names.get(row, 0.0) for row in rows.tolist()]),
            np.array([near.get(row, np.nan) for row in rows.tolist()]),
        )

    def _by_words(self, column: str, words: Sequence[str], most: int) -> dict[int, float]:
        if not words:
            return {}
        # The stems are letters and digits only: nothing in them can be read as an operator of the query language.
        asked = self._passages.search(" ".join(words), query_type="fts", fts_columns=column)
        found = asked.select(["row", "_score"]).limit(most).to_arrow().to_pylist()
        return {hit["row"]: hit["_score"] for hit in found}

    def _by_vector(self, vector: Floats, most: int) -> dict[int, float]:
        asked = self._pieces.search(vector.astype(np.float32)).distance_type("cosine").limit(WIDER * most)
        best: dict[int, float] = {}
        for hit in asked.select(["passage", "_distance"]).to_arrow().to_pylist():  # nearest first
            if len(best) < most:
                best.setdefault(hit["passage"], 1 - hit["_distance"])
        return best

    def _rows(self, rows: Rows, names: Sequence[str]) -> list[dict[str, Any]]:
        asked = self._passages.search().where(f"row in ({', '.join(str(int(row)) for row in rows)})")
        found = asked.select(["row", *names]).limit(len(rows)).to_arrow().to_pylist() if len(rows) else []
        by_row = {hit.pop("row"): hit for hit in found}
        return [by_row[int(row)] for row in rows]

    def passages(self, rows: Rows) -> list[Passage]:
        """Return the passages of these rows, in their order."""
        return [Passage(**{**row, "also": tuple(row["also"])}) for row in self._rows(rows, SCHEMA.names)]

    def sections(self, rows: Rows) -> Floats:
        """Return what section each passage tells of [rows, sections]."""
        found = [row["sections"] for row in self._rows(rows, ["sections"])]
        return np.array(found, np.float32).reshape(-1, len(sections.SECTIONS))

    def rarity(self, words: Sequence[str]) -> Floats:
        """Return the inverse document frequency of each word [words], as BM25 counts it."""
        counts = np.array([self._counts.get(word, 0) for word in words])
        return np.log(1 + (self.manifest.passages - counts + 0.5) / (counts + 0.5))

    def vocabulary(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Return the words of the texts and those of the titles and other names, as keys."""
        return self._counts, self._names


def build(
    rows: Sequence[Passage],
    folder: Path,
    source: str,
    revision: str = "",
    shape: str = "plain",
    embed: Embed | None = None,
    quiet: bool = False,
) -> Manifest:
    """Build the index of these passages in `folder` as LanceDB tables, and return what it is; see `building.build`."""
    passages = checked(rows)
    with alone(folder):
        version = _version(passages)
        before = read_manifest(folder)
        if before is not None and before.version == version:
            return before
        count = _fill(passages, folder, version, before, embed, quiet)
        made = stamped(folder, version, (source, revision, shape, "lancedb"), (len(passages), count))
        sweep(folder, version)
        return made


def _version(passages: Sequence[Passage]) -> str:
    """Return a name that the same passages always get: by it a killed build finds what it had done."""
    digest = hashlib.sha256(f"{MINILM.sha256} {len(passages)}".encode())
    for passage in passages:
        digest.update(repr(passage).encode())
    return digest.hexdigest()[:32]


def _fill(
    passages: Sequence[Passage],
    folder: Path,
    version: str,
    before: Manifest | None,
    embed: Embed | None,
    quiet: bool,
) -> int:
    """Write both tables and their indexes; return how many pieces there are."""
    base = lancedb.connect(folder / version)
    mine = base.create_table("pieces", schema=PIECES, exist_ok=True)
    told = base.create_table("passages", schema=PASSAGES, exist_ok=True)
    done = told.count_rows()
    mine.delete(f"passage >= {done}")  # pieces of a batch whose passages were not written any more
    for start, batch in _batches(passages, done):
        parts = pieces(batch, MINILM.sha256)
        known = _known(folder, before, parts)
        embed_missing(parts, known, folder / PENDING, (lambda: embed) if embed else embedder, quiet)
        mine.add(_piece_rows(parts, known, start))
        told.add(_passage_rows(batch, start))
        shutil.rmtree(folder / PENDING, ignore_errors=True)
    for column in ("words", "names"):
        told.create_index(column, config=_words_index(), replace=True)
    count = mine.count_rows()
    if count >= INDEXED:
        mine.create_index("vector", config=IvfPq(distance_type="cosine"), replace=True)
    counts: dict[str, Counter[str]] = {"words": Counter(), "names": Counter()}
    for _, batch in _batches(passages, 0):
        for kind, texts in (("words", _words(batch)), ("names", _names(batch))):
            counts[kind].update(word for some in texts for word in set(some))
    (folder / version / COUNTS).write_text(json.dumps(counts, ensure_ascii=False), encoding="utf-8")
    return count


def _batches(passages: Sequence[Passage], start: int) -> Iterator[tuple[int, Sequence[Passage]]]:
    for place in range(start, len(passages), BATCH):
        yield place, passages[place : place + BATCH]


def _words_index() -> FTS:
    """Return BM25 over words that are stems already: nothing of Lance's own reading of them is wanted."""
    plain = {"stem": False, "remove_stop_words": False, "ascii_folding": False, "lower_case": False}
    return FTS(base_tokenizer="whitespace", max_token_length=None, with_position=False, **plain)


def _known(folder: Path, before: Manifest | None, parts: Sequence[Piece]) -> dict[bytes, Floats]:
    """Return the vectors that the index in force has of these pieces."""
    if before is None or before.store != "lancedb" or before.base_sha256 != MINILM.sha256 or not parts:
        return {}
    table = lancedb.connect(folder / before.version).open_table("pieces")
    keys = ", ".join(f"'{part.key.hex()}'" for part in parts)
    found = table.search().where(f"key in ({keys})").select(["key", "vector"]).limit(2 * len(parts)).to_arrow()
    return {bytes.fromhex(row["key"]): np.array(row["vector"], np.float32) for row in found.to_pylist()}


def _piece_rows(parts: Sequence[Piece], known: dict[bytes, Floats], start: int) -> pa.Table:
    vectors = np.stack([known[part.key] for part in parts]).astype(np.float32)
    return pa.table(
        {
            "passage": [start + part.passage for part in parts],
            "key": [part.key.hex() for part in parts],
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), MINILM.width),
        },
        schema=PIECES,
    )


def _words(batch: Sequence[Passage]) -> list[list[str]]:
    return many(f"{p.title}\n{p.text}\n{p.limits}" for p in batch)


def _names(batch: Sequence[Passage]) -> list[list[str]]:
    return many(" ".join((p.title, *p.also)) for p in batch)


def _passage_rows(batch: Sequence[Passage], start: int) -> pa.Table:
    names = _names(batch)
    tells = sections.load().told(many(p.text for p in batch), [frozenset(some) for some in names])
    own = {
        "row": list(range(start, start + len(batch))),
        "names": [" ".join(some) for some in names],
        "words": [" ".join(some) for some in _words(batch)],
        "sections": pa.FixedSizeListArray.from_arrays(pa.array(tells.ravel()), len(sections.SECTIONS)),
    }
    return pa.table(columns(batch) | own, schema=PASSAGES)
