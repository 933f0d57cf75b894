"""Builds an index: passages in, a folder out that opens by memory map. Resumable, incremental, all or nothing.

    <root>/<name>/manifest.json        written last; names the folder in force
    <root>/<name>/<version>/           passages.arrow, vectors, owners, keys and sections.npy, titles/ and texts/ (BM25)
    <root>/<name>/pending/*.safetensors  vectors embedded so far by a build that has not ended

A piece is embedded once: the vectors of the index in force and of a killed build are found again by the pieces' keys.
Knows nothing of where passages come from.
"""

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import bm25s
import numpy as np
import pyarrow as pa
from filelock import FileLock, Timeout
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from tqdm import tqdm

from models.bases import MINILM
from models.knowledge import sections
from models.knowledge.passages import Passage, Piece, checked, pieces
from models.knowledge.words import many
from models.reading import Floats
from tasks.spec import UserError

logging.getLogger("bm25s").setLevel(logging.WARNING)  # which sets itself to DEBUG when it is read
FORMAT = 1
MANIFEST = "manifest.json"
PENDING = "pending"
SHARD = 256
"""Pieces embedded between two writes to disk: what a killed build loses at most."""

Embed = Callable[[Sequence[str]], Floats]

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("title", pa.string()),
        ("text", pa.string()),
        ("collection", pa.string()),
        ("organisation", pa.string()),
        ("year", pa.int32()),
        ("url", pa.string()),
        ("kind", pa.string()),
        ("also", pa.list_(pa.string())),
        ("limits", pa.string()),
    ]
)


@dataclass(frozen=True)
class Manifest:
    """What an index is: the folder in force, what it was made from and by which model, and how large it is.

    `source` and `revision` say where the passages came from, `shape` which ranking fits them
    (models/knowledge/ranking), `store` what keeps them: "files" or "lancedb".
    """

    format: int
    name: str
    version: str
    base: str
    base_sha256: str
    source: str
    revision: str
    shape: str
    store: str
    passages: int
    pieces: int
    built: str


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of an index folder, or None where there is none.

    Raises:
        UserError: if it is not one of ours.
    """
    try:
        saved = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        found = Manifest(**{field.name: saved[field.name] for field in fields(Manifest)})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"The index {folder.name} is damaged; build it again.") from error
    # The version becomes a path below the index: nothing but the name of a folder made here may stand there.
    if found.format != FORMAT or not str(found.version).isalnum():
        raise UserError(f"The index {folder.name} was made by another version of this program; build it again.")
    return found


def embedder() -> Embed:
    """Return the function that embeds pieces with the embedded base."""
    from models.embedder import embed

    return embed


@contextmanager
def alone(folder: Path, wait: float = 0) -> Iterator[None]:
    """Hold an index's folder while it is built, which is made where it is not there.

    Raises:
        UserError: if another process still builds it after `wait` seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "building.lock")
    try:
        lock.acquire(timeout=wait)
    except Timeout as error:
        raise UserError(f"The index {folder.name} is being built by another process.") from error
    try:
        yield
    finally:
        lock.release()


def build(
    rows: Iterable[Passage],
    folder: Path,
    source: str,
    revision: str = "",
    shape: str = "plain",
    embed: Embed | None = None,
    quiet: bool = False,
    given: Mapping[bytes, Floats] | None = None,
    wait: float = 0,
) -> Manifest:
    """Build the index of these passages in `folder`, in place of the one that is there, and return what it is.

    `given` maps keys of pieces to vectors that need not be computed; another build is waited for `wait` seconds.

    Raises:
        UserError: if there is nothing to index, two passages share an id, or another build of it is running.
    """
    passages = checked(rows)
    with alone(folder, wait):
        parts = pieces(passages, MINILM.sha256)
        known = dict(given or {}) | _known(folder)
        embed_missing(parts, known, folder / PENDING, (lambda: embed) if embed else embedder, quiet)
        version = uuid4().hex
        target = folder / version
        target.mkdir()
        _write_vectors(parts, known, target)
        _write_passages(passages, target / "passages.arrow")
        _write_words(passages, target)
        manifest = stamped(folder, version, (source, revision, shape, "files"), (len(passages), len(parts)))
        sweep(folder, version)
        return manifest


def stamped(folder: Path, version: str, told: tuple[str, str, str, str], sizes: tuple[int, int]) -> Manifest:
    """Write the manifest that puts a finished version in force; `told` is its source, revision, shape and store."""
    built = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = Manifest(FORMAT, folder.name, version, MINILM.name, MINILM.sha256, *told, *sizes, built)
    draft = folder / f".{MANIFEST}.{version}"
    draft.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    os.replace(draft, folder / MANIFEST)
    return manifest


def _known(folder: Path) -> dict[bytes, Floats]:
    """Return key to vector of every piece embedded before, here."""
    known: dict[bytes, Floats] = {}
    try:
        before = read_manifest(folder)
    except UserError:  # what is damaged or of another version is built anew
        before = None
    if before and before.store == "files" and before.base_sha256 == MINILM.sha256:
        old = folder / before.version
        try:
            keys, vectors = (np.load(old / f"{name}.npy", allow_pickle=False) for name in ("keys", "vectors"))
            known |= zip(map(bytes, keys), vectors, strict=True)
        except (OSError, ValueError):  # a damaged index is built anew, not trusted
            known.clear()
    for shard in sorted((folder / PENDING).glob("*.safetensors")):
        try:
            saved = load_file(shard)
            known |= zip(map(bytes, saved["keys"]), saved["vectors"], strict=True)
        except (OSError, SafetensorError, KeyError, ValueError):
            shard.unlink(missing_ok=True)
    return known


def embed_missing(
    parts: Sequence[Piece],
    known: dict[bytes, Floats],
    pending: Path,
    made: Callable[[], Embed],
    quiet: bool,
) -> None:
    """Embed what is not known, longest first, and write it down as it comes; `known` grows.

    `made` returns the function that embeds; where nothing is missing no model is loaded.
    """
    unique = {part.key: part for part in parts if part.key not in known}
    if not unique:
        return
    todo, embed = sorted(unique.values(), key=lambda part: -len(part.text)), made()
    pending.mkdir(exist_ok=True)
    with tqdm(total=sum(len(part.text) for part in todo), unit="char", unit_scale=True, disable=quiet) as bar:
        for start in range(0, len(todo), SHARD):
            some = todo[start : start + SHARD]
            vectors = np.asarray(embed([part.text for part in some]), np.float32)
            keys = np.frombuffer(b"".join(part.key for part in some), np.uint8).reshape(-1, 16)
            draft = pending / f".{uuid4().hex}"
            save_file({"keys": keys, "vectors": vectors}, draft)
            os.replace(draft, pending / f"{draft.name[1:]}.safetensors")
            known |= zip((part.key for part in some), vectors, strict=True)
            bar.update(sum(len(part.text) for part in some))


def _write_vectors(parts: Sequence[Piece], known: Mapping[bytes, Floats], target: Path) -> None:
    np.save(target / "vectors.npy", np.stack([known[part.key] for part in parts]).astype(np.float32))
    np.save(target / "owners.npy", np.array([part.passage for part in parts], np.int32))
    np.save(target / "keys.npy", np.frombuffer(b"".join(part.key for part in parts), np.uint8).reshape(-1, 16))


def columns(passages: Sequence[Passage]) -> dict[str, list[Any]]:
    """Return the passages column by column, as SCHEMA names them."""
    found = {name: [getattr(p, name) for p in passages] for name in SCHEMA.names}
    return found | {"also": [list(p.also) for p in passages]}


def _write_passages(passages: Sequence[Passage], path: Path) -> None:
    table = pa.table(columns(passages), schema=SCHEMA)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as writer:
        writer.write_table(table)


def _write_words(passages: Sequence[Passage], target: Path) -> None:
    """Write both BM25 indexes, one document a passage, and what section each tells of.

    `bm25s` saves arrays and JSON, nothing pickled.
    """
    names = many(" ".join((p.title, *p.also)) for p in passages)
    texts = many(p.text for p in passages)
    titles, limits = (many(getattr(p, field) for p in passages) for field in ("title", "limits"))
    np.save(target / "sections.npy", sections.load().told(texts, [frozenset(some) for some in names]))
    whole = [[*title, *text, *limit] for title, text, limit in zip(titles, texts, limits, strict=True)]
    for name, documents in (("titles", names), ("texts", whole)):
        index = bm25s.BM25(k1=1.2, b=0.75)
        # Where no passage has a title there is no word to count; the empty one is in no question.
        index.index(documents if any(documents) else [[""]] * len(documents), show_progress=False)
        index.save(target / name, show_progress=False, allow_pickle=False)


def sweep(folder: Path, version: str) -> None:
    """Remove what the new index replaces; readers of the old one keep their maps until they close them."""
    for other in folder.iterdir():
        if other.is_dir() and other.name != version:
            shutil.rmtree(other, ignore_errors=True)
