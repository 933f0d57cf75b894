"""What is searched: passages with where they come from, cut into the pieces that are embedded.

A piece is a few whole sentences under the passage's title; a hit is always the passage. Knows nothing of files,
indexes or models, and reads the text only as text: nothing in it is interpreted.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tasks.passage import ENDS
from tasks.spec import UserError, clean

PIECE = 900
"""Characters of a piece, about 200 tokens: with its title it stays inside the 256 the base was tuned with."""
OVERLAP = 200
"""A last sentence of at most so many characters opens the next piece too, so that no link between two is lost."""
MAX_TEXT = 200_000
"""Characters of one passage; what is longer is a book and belongs cut by its chapters."""
MAX_ID = 200

_SENTENCE = re.compile(ENDS + r"(?=[A-Z0-9\"'(])|\n+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that can be cited: `title` names its subject or paper, `also` other names by which it may be asked for.

    `collection` is the index it lies in, `kind` what sort of source it is (guideline, review, trial, reference),
    `limits` for whom or how far it holds, where the source says so.
    """

    id: str
    title: str
    text: str
    collection: str = ""
    organisation: str = ""
    year: int | None = None
    url: str = ""
    kind: str = ""
    also: tuple[str, ...] = ()
    limits: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found. `score` orders the hits of one search and means nothing beyond it.

    `parts` says how it came about: `bm25_rank` and `dense_rank` from 1 (absent where it was not among the best there),
    `cosine` in [-1, 1] of its best piece to the query, `rerank` where a re-ranker read it.
    `index` is where it was found: ids, and what a passage says of its collection, may be the same in two of them.
    """

    passage: Passage
    score: float
    parts: Mapping[str, float] = field(default_factory=dict)
    index: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some sentences of a passage as they are embedded; `key` names text and model, so equal pieces are equal."""

    passage: int
    text: str
    key: bytes


def checked(rows: Iterable[Passage]) -> list[Passage]:
    """Return the passages, invisible characters taken out and without those that say nothing.

    Raises:
        UserError: if there is none, two share an id, an id is no id, or one is a book.
    """
    seen: set[str] = set()
    kept = []
    for row in rows:
        if not row.id or len(row.id) > MAX_ID or not row.id.isprintable():
            raise UserError(f"Every passage needs an id of at most {MAX_ID} characters; one has {row.id[:40]!r}.")
        if row.id in seen:
            raise UserError(f"Two passages have the id {row.id!r}.")
        seen.add(row.id)
        if len(row.text) > MAX_TEXT:
            raise UserError(f"Passage {row.id} has more than {MAX_TEXT:,} characters; cut it by its chapters.")
        text = clean(row.text)
        if text:
            kept.append(replace(row, text=text, title=clean(row.title), also=tuple(filter(None, map(clean, row.also)))))
    if not kept:
        raise UserError("There is no passage to index.")
    return kept


def cut(text: str, size: int = PIECE, overlap: int = OVERLAP) -> list[str]:
    """Return a text as pieces of whole sentences, at most `size` characters each; a longer sentence is cut at a space.

    Neighbours share a sentence of up to `overlap` characters. Every character of the text is in some piece.
    """
    pieces: list[str] = []
    now: list[str] = []
    for sentence in (part for s in _SENTENCE.split(text) if s and s.strip() for part in _wrapped(s.strip(), size)):
        if now and sum(map(len, now)) + len(now) + len(sentence) > size:
            pieces.append(" ".join(now))
            last = now[-1]
            now = [last] if len(now) > 1 and len(last) <= overlap and len(last) + len(sentence) < size else []
        now.append(sentence)
    return [*pieces, " ".join(now)] if now else pieces


def _wrapped(sentence: str, size: int) -> list[str]:
    parts = []
    while len(sentence) > size:
        place = sentence.rfind(" ", size // 2, size)
        place = place if place > 0 else size
        parts.append(sentence[:place].rstrip())
        sentence = sentence[place:].lstrip()
    return [*parts, sentence] if sentence else parts


def pieces(passages: Sequence[Passage], model: str, size: int = PIECE) -> list[Piece]:
    """Return the pieces of all passages, in their order; `model` is the sha256 of what embeds them."""
    return [
        _piece(i, f"{passage.title}\n{part}" if passage.title else part, model)
        for i, passage in enumerate(passages)
        for part in cut(passage.text, size)
    ]


def _piece(passage: int, text: str, model: str) -> Piece:
    return Piece(passage, text, hashlib.sha256(f"{model}\0{text}".encode()).digest()[:16])
