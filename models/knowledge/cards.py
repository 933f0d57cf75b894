"""The cards that come with the project, as a collection that is always there.

Their index is made the first time they are asked for and again when they change; the vectors come with the project, so
that takes no model and no time. Knows nothing of how they are searched.
"""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from models.bases import MINILM
from models.knowledge import building
from models.knowledge.passages import Passage, checked, pieces
from models.knowledge.store import Files
from models.packed import packed, unpacked
from tasks.spec import UserError

FILE = Path(__file__).parents[2] / "knowledge" / "cards.jsonl"
VECTORS = FILE.with_suffix(".safetensors")
NAME = "cards"
SOURCE = "the project's own cards"
PATIENCE = 60.0
"""Seconds to wait for another process that makes the same index."""


def passages(path: Path = FILE) -> list[Passage]:
    """Return the cards as passages: each under its topic and its source's title, its terms as other names."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_passage(json.loads(line)) for line in lines if line.strip()]


def _passage(card: dict[str, Any]) -> Passage:
    topic = card["topic"][:1].upper() + card["topic"][1:]
    return Passage(
        id=card["id"],
        title=f"{topic} ({card['title']})" if topic else card["title"],
        text=card["statement"],
        collection=NAME,
        organisation=card["organisation"],
        year=card["year"],
        url=card["url"] or "",
        kind=card["kind"],
        also=(topic, *card["terms"]),
        limits=card["limits"] or "",
    )


def prepared(root: Path, embed: building.Embed | None = None, path: Path = FILE, vectors: Path = VECTORS) -> Files:
    """Return the cards' store, its index made where it is missing or of other cards.

    Raises:
        UserError: if the cards are missing or damaged.
    """
    try:
        revision = hashlib.sha256(path.read_bytes()).hexdigest()
        rows = passages(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError("The cards that come with the app are missing or damaged.") from error
    folder = root / NAME
    try:
        before = building.read_manifest(folder)
        if before is not None and before.revision == revision:
            return Files(folder)
    except UserError:  # of an older version, or damaged: made anew below
        pass
    try:
        _make(rows, folder, revision, embed, vectors)
    except OSError:  # a folder of data that may only be read
        folder = Path(tempfile.mkdtemp(prefix="caretune-cards-"))
        _make(rows, folder, revision, embed, vectors)
    return Files(folder)


def _make(rows: list[Passage], folder: Path, revision: str, embed: building.Embed | None, vectors: Path) -> None:
    known = {} if embed else given(vectors)
    building.build(rows, folder, SOURCE, revision, embed=embed, quiet=True, given=known, wait=PATIENCE)


def given(path: Path = VECTORS) -> dict[bytes, Any]:
    """Return key to vector of the pieces whose vectors come with the project; none where the file is not there."""
    if not path.is_file():
        return {}
    saved = load_file(path)
    return dict(zip(map(bytes, saved["keys"]), unpacked(saved), strict=True))


def write_vectors(path: Path = VECTORS, embed: building.Embed | None = None) -> int:
    """Compute the cards' vectors and write them; return how many."""
    parts = list({part.key: part for part in pieces(checked(passages()), MINILM.sha256)}.values())
    vectors = (embed or building.embedder())([part.text for part in parts])
    keys = np.frombuffer(b"".join(part.key for part in parts), np.uint8).reshape(-1, 16)
    save_file(packed(vectors) | {"keys": keys}, path)
    return len(parts)
