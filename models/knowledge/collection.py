"""Collections and how they are searched, one or several at once; a re-ranker may read the best.

Knows nothing of how an index is built, save that the cards' index makes itself.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import numpy as np

from models.knowledge.building import MANIFEST, Embed, Manifest, embedder, read_manifest
from models.knowledge.passages import Hit, Passage
from models.knowledge.ranking import fused, order, ranks
from models.knowledge.store import Candidates, Files, Store
from models.knowledge.words import spelled, words
from models.reading import Floats
from tasks.spec import UserError, check_text

CARDS = "cards"
LOOK = 100
"""Candidates that words bring up, and as many that meaning does; the best of both are weighed."""
READ = 50
"""Hits that a re-ranker reads."""
MAX_QUERY = 20_000

Rerank = Callable[[str, Sequence[Passage]], Sequence[float]]
"""A question and passages in, one score for each passage out, higher is better."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def home() -> Path:
    """Return the folder of the indexes: `knowledge` in $CARETUNE_DATA_DIR, or where all else of the app lies."""
    root = os.environ.get("CARETUNE_DATA_DIR") or os.environ.get("CARETUNE_HOME", "data")
    return Path(root) / "knowledge"


def folder(name: str, root: Path | None = None) -> Path:
    """Return where a collection's index lies; raise UserError where the name is none, such as a path."""
    if not _NAME.fullmatch(name):
        raise UserError("A collection's name is made of small letters, digits, - and _, at most 64 of them.")
    return (root or home()) / name


def listed(root: Path | None = None) -> tuple[list[Manifest], list[str]]:
    """Return what every index in the folder is, by name, and of each that does not open why, in a sentence.

    The cards are always there and not among them.
    """
    root = root or home()
    places = sorted(path.parent for path in root.glob(f"*/{MANIFEST}")) if root.is_dir() else []
    good: list[Manifest] = []
    bad: list[str] = []
    for place in places:
        if place.name == CARDS:
            continue
        try:
            good.append(opened(place.name, root).store.manifest)
        except UserError as error:  # one that is damaged must not keep the others from being searched
            said = str(error)
            bad.append(said if place.name in said else f"The index {place.name} does not open: {said}")
    return good, bad


@dataclass(frozen=True)
class Collection:
    """A store that is open, and what embeds questions for it."""

    store: Store
    embed: Embed

    @classmethod
    def open(cls, name: str, root: Path | None = None, embed: Embed | None = None) -> "Collection":
        """Open a collection by name.

        Raises:
            UserError: if there is none of that name, or its index is damaged or made by another model.
        """
        if name == CARDS:
            from models.knowledge.cards import prepared

            return cls(prepared(root or home(), embed), embed or embedder())
        return cls(_store(folder(name, root)), embed or embedder())

    def search(self, query: str, k: int = 10, rerank: Rerank | None = None, read: int = READ) -> list[Hit]:
        """Return the `k` best passages for a query, best first; raise UserError where the query is none."""
        return self.search_many([query], k, rerank, read)[0]

    def search_many(
        self, queries: Sequence[str], k: int = 10, rerank: Rerank | None = None, read: int = READ
    ) -> list[list[Hit]]:
        """Return `search` of each query; they are embedded together."""
        return search_many([self], queries, k, rerank, read)


def _store(place: Path) -> Store:
    manifest = read_manifest(place)
    return lance().Lance(place) if manifest is not None and manifest.store == "lancedb" else Files(place)


def lance() -> ModuleType:
    """Return the module of the LanceDB store; raise UserError where LanceDB is not installed."""
    try:
        from models.knowledge import lance as module
    except ModuleNotFoundError as error:
        raise UserError("This index lies in LanceDB, which is not installed; run: pip install lancedb") from error
    return module


@lru_cache(maxsize=16)
def _opened(name: str, root: Path, version: str) -> Collection:
    return Collection.open(name, root)


def opened(name: str, root: Path | None = None) -> Collection:
    """Return a collection, opened once for every build of it."""
    root = root or home()
    manifest = read_manifest(folder(name, root)) if name != CARDS else None
    return _opened(name, root, manifest.version if manifest else "")


def search(
    query: str,
    names: Sequence[str] = (CARDS,),
    k: int = 10,
    rerank: Rerank | None = None,
    root: Path | None = None,
    read: int = READ,
) -> list[Hit]:
    """Return the `k` best passages of the named collections together, best first; the re-ranker reads `read` of them.

    Raises:
        UserError: if a collection is not there, or the query is empty or too long.
    """
    return search_many([opened(name, root) for name in names], [query], k, rerank, read)[0]


def search_many(
    collections: Sequence[Collection],
    queries: Sequence[str],
    k: int = 10,
    rerank: Rerank | None = None,
    read: int = READ,
) -> list[list[Hit]]:
    """Return the `k` best passages of several collections together for each query, best first."""
    if not collections or not queries:
        return [[] for _ in queries]
    cleaned = [check_text(query, MAX_QUERY, "question") for query in queries]
    vectors = collections[0].embed(cleaned)
    out = []
    for query, vector in zip(cleaned, vectors, strict=True):
        found = merged([_hits(c.store, query, vector, max(k, READ)) for c in collections])
        out.append((reranked(query, found, rerank, read) if rerank else found)[:k])
    return out


def _hits(store: Store, query: str, vector: Floats, most: int) -> list[Hit]:
    """Return the best passages of one store, best first."""
    said = spelled(words(query), *store.vocabulary())
    found = store.candidates(said, vector, LOOK)
    if not len(found.rows):
        return []
    passages = store.passages(found.rows)
    scores = order(query, said, found, passages, store)
    parts = _parts(found)
    best = np.argsort(-scores, kind="stable")[:most]
    return [Hit(passages[i], float(scores[i]), parts[i], store.manifest.name) for i in best]


def _parts(found: Candidates) -> list[dict[str, float]]:
    by_words, by_meaning = ranks(found.text + found.title), ranks(found.cosine)
    out = []
    for i in range(len(found.rows)):
        parts = {}
        if found.text[i] + found.title[i] > 0:
            parts["bm25_rank"] = float(by_words[i])
        if not np.isnan(found.cosine[i]):
            parts |= {"dense_rank": float(by_meaning[i]), "cosine": float(found.cosine[i])}
        out.append(parts)
    return out


def merged(each: Sequence[list[Hit]]) -> list[Hit]:
    """Return the hits of several collections as one list, best first.

    Scores of different collections do not compare, cosines of one model do: a hit's place is the reciprocal-rank
    fusion of its rank in its own collection and its cosine's rank among all.
    """
    if len(each) == 1:
        return each[0]
    pool = [hit for hits in each for hit in hits]
    own = np.array([-float(i) for hits in each for i in range(len(hits))])
    cosine = np.array([hit.parts.get("cosine", np.nan) for hit in pool])
    return _sorted(pool, fused(own, cosine) if pool else own)


def reranked(query: str, hits: Sequence[Hit], rerank: Rerank, read: int = READ) -> list[Hit]:
    """Return the hits with the first `read` in the order of the re-ranker's scores, the others after them."""
    first = list(hits[:read])
    if not first:
        return []
    scores = [float(score) for score in rerank(query, [hit.passage for hit in first])]
    found = [replace(h, parts={**h.parts, "rerank": s}) for h, s in zip(first, scores, strict=True)]
    return [*_sorted(found, np.array(scores)), *hits[len(first) :]]


def _sorted(hits: Sequence[Hit], scores: Floats) -> list[Hit]:
    best = np.argsort(-scores, kind="stable")
    return [replace(hits[i], score=float(scores[i])) for i in best]
