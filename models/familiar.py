"""Recognises everyday claims that are worded like one of which an evidence card is known to be for or against.

Each card names a few claims that its statement supports and refutes. A claim is compared with those of the cards that
were found, by the vectors of the embedded base: these tell well what a claim is about and badly whether it affirms or
denies, which tasks/likeness reads from the words. The nearest known claims vote, what the verifier said of the card's
statement is a voice beside them, and two logistic regressions turn both into probabilities: whether the card speaks of
the claim, and on which side it stands. training/fit_familiar.py fitted them; their weights lie in
knowledge/familiar.json. Importing this file imports no torch. Knows nothing of search, verdicts or pages.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models import packed
from models.rating import covered
from models.reading import Floats, sigmoid
from tasks.evidence import Asked, Known
from tasks.likeness import vote
from tasks.passage import stems

FILE = Path(__file__).parents[1] / "knowledge" / "cards.jsonl"
WEIGHTS = FILE.with_name("familiar.json")
VECTORS = FILE.with_name("familiar.safetensors")
SHARPNESS = 30.0
"""What a unit of cosine counts when known claims vote: one that is nearer by 0.1 has twenty times the weight."""
SIDE = ("vote", "verifier")
SPEAKS = ("top", "behind", "covered", "verifier")
"""What the two regressions look at, in the order of their weights. `top` is the cosine of the nearest known claim,
`behind` how much nearer one of another card found for the same claim is, `covered` the share of the claim's words that
the card or its known claims have."""

LIKE, COVERED = 0.65, 0.7
"""How near a known claim of a card lies to a question that the card was meant for, and how much of what the question
names the card and its known claims name. Chosen on one half of benchmarks/chat_questions.jsonl, where no question that
no card answers comes that near; the other half measures."""

Embed = Callable[[Sequence[str]], Floats]


class _Card(NamedTuple):
    claims: tuple[str, ...]
    signs: Floats
    vectors: Floats
    said: frozenset[str]
    words: str


class _Alike(NamedTuple):
    """The known claims of a card beside a claim: how near each is, its vote, and the share of all weight that votes."""

    card: _Card
    near: Floats
    votes: Floats
    voting: float

    def nearest(self, for_it: bool) -> tuple[str, bool]:
        """Return the nearest known claim that votes for a side and whether the card supports it; "" where none does."""
        theirs = self.votes > 0 if for_it else self.votes < 0
        best = int(np.where(theirs, self.near, -1.0).argmax())
        return (self.card.claims[best], bool(self.card.signs[best] > 0)) if theirs[best] else ("", False)


class Familiar:
    """Called with claims beside cards, it returns for each what is known of it; None where the passage is no card."""

    def __init__(self, embed: Embed, cards: Path = FILE, vectors: Path = VECTORS, weights: Path = WEIGHTS) -> None:
        """Take what computes unit vectors [texts, width]; files are read at the first call."""
        self._embed, self._cards_file, self._vectors, self._weights = embed, cards, vectors, weights
        self._lock = threading.Lock()

    def __call__(self, asked: Sequence[Asked]) -> list[Known | None]:
        """Return one answer a claim and passage, in order."""
        rows = [one for one in asked if one.card in self._cards]
        if not rows:
            return [None] * len(asked)
        said = iter(self._known(rows))
        return [next(said) if one.card in self._cards else None for one in asked]

    def meant(self, question: str, cards: Sequence[str]) -> list[bool]:
        """Return for each passage, by its id, whether it is a card that is known to speak of what is asked.

        Known claims say in everyday words what a card settles, so a question about it is worded much like one of them.
        """
        if not any(card in self._cards for card in cards):
            return [False] * len(cards)
        (about,) = self._embed([question])
        found = [self._cards.get(card) for card in cards]
        return [one is not None and _meant(one, question, about) for one in found]

    def near(self, claim: str, cards: Sequence[str]) -> list[float]:
        """Return for each passage, by its id, the cosine of its nearest known claim; 0 where it is no card."""
        found = [self._cards.get(card) for card in cards]
        if not any(found):
            return [0.0] * len(cards)
        (about,) = self._embed([claim])
        return [0.0 if one is None else float((one.vectors @ about).max()) for one in found]

    def features(self, asked: Sequence[Asked]) -> tuple[Floats, Floats, list["_Alike"]]:
        """Return what the two regressions look at, [rows, 2] and [rows, 4], and the known claims beside each."""
        texts = list(dict.fromkeys(one.claim for one in asked))
        vectors = dict(zip(texts, self._embed(texts), strict=True))
        nearness = [self._cards[one.card].vectors @ vectors[one.claim] for one in asked]
        best_of: dict[str, float] = {}
        for one, near in zip(asked, nearness, strict=True):
            best_of[one.claim] = max(best_of.get(one.claim, -1.0), float(near.max()))
        side, speaks, like = [], [], []
        for one, near in zip(asked, nearness, strict=True):
            card = self._cards[one.card]
            said = np.array([vote(one.claim, *known) for known in zip(card.claims, card.signs, strict=True)])
            weights = np.exp(SHARPNESS * (near - near.max()))
            named = stems(one.claim)
            covered = len(named & card.said) / max(len(named), 1)
            side.append((float(weights @ said / weights.sum()), one.supports - one.refutes))
            top = float(near.max())
            speaks.append((top, best_of[one.claim] - top, covered, one.supports + one.refutes))
            like.append(_Alike(card, near, said, float(weights @ (said != 0) / weights.sum())))
        return np.array(side, np.float32), np.array(speaks, np.float32), like

    def _known(self, asked: Sequence[Asked]) -> list[Known]:
        side, speaks, like = self.features(asked)
        weights = self._fitted
        for_it = sigmoid(side @ weights["side"])
        says = sigmoid(speaks @ weights["speaks"] + weights["bias"])
        # Known claims that are near and yet do not vote say that the claim is about another thing than the card.
        says *= np.array([alike.voting for alike in like], np.float32)
        return [
            Known(float(s * f), float(s * (1 - f)), *alike.nearest(f >= 0.5))
            for s, f, alike in zip(says, for_it, like, strict=True)
        ]

    @cached_property
    def _fitted(self) -> Mapping[str, Floats]:
        saved = json.loads(self._weights.read_text(encoding="utf-8"))
        named = {"side": [saved["side"][name] for name in SIDE], "speaks": [saved["speaks"][name] for name in SPEAKS]}
        return {name: np.array(value, np.float32) for name, value in (*named.items(), ("bias", saved["bias"]))}

    @property
    def _cards(self) -> Mapping[str, _Card]:
        with self._lock:
            return self._read

    @cached_property
    def _read(self) -> Mapping[str, _Card]:
        rows = _rows(self._cards_file)
        vectors = _vectors(_claims(rows), self._vectors, self._embed)
        out, start = {}, 0
        for row in rows:
            claims = (*row["supports"], *row["refutes"])
            signs = np.array([1.0] * len(row["supports"]) + [-1.0] * len(row["refutes"]), np.float32)
            said = frozenset(stems(" ".join([row["statement"], *claims])))
            named = (row.get(name, "") for name in ("topic", "title", "limits"))
            words = " ".join([row["statement"], *claims, *named, *row.get("terms", ())])
            out[row["id"]] = _Card(claims, signs, vectors[start : start + len(claims)], said, words)
            start += len(claims)
        return out


def _meant(card: _Card, question: str, about: Floats) -> bool:
    return float((card.vectors @ about).max()) >= LIKE and covered(question, card.words) >= COVERED


def write_vectors(embed: Embed, cards: Path = FILE, path: Path = VECTORS) -> int:
    """Compute the vectors of all known claims and write them; return how many."""
    claims = _claims(_rows(cards))
    packed.write(claims, embed(claims), path)
    return len(claims)


def _vectors(claims: Sequence[str], path: Path, embed: Embed) -> Floats:
    """Return the vectors that come with the project, or new ones where the claims have changed since."""
    vectors = packed.read(claims, path)
    return embed(claims) if vectors is None else vectors


def _claims(rows: Sequence[Mapping[str, Sequence[str]]]) -> list[str]:
    return [claim for row in rows for claim in (*row["supports"], *row["refutes"])]


def _rows(path: Path) -> list[dict[str, list[str]]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]
