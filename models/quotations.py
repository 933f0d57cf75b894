"""Vectors of the sentences the chat may quote from the cards, so that no question waits until they are worked out.

They take most of the time before a first word: each of the sentences near a question is compared with it, alone and
under its title (models/rating.py). Those of built collections are worked out when they are first near. Importing this
file imports no torch.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from models.embedder import Kept
from models.knowledge.cards import FILE, passages
from models.packed import packed, unpacked
from models.rating import Embed, compared
from tasks.passage import sentences
from tasks.reply import Candidate

VECTORS = FILE.with_name("quotations.safetensors")


def texts(cards: Path = FILE) -> list[str]:
    """Return every text that is compared with a question where a card's sentence may answer it, each once."""
    found = [Candidate(card.title, sentence) for card in passages(cards) for sentence in sentences(card.text)]
    return list(dict.fromkeys(compared(found)))


def write_vectors(embed: Embed, cards: Path = FILE, path: Path = VECTORS) -> int:
    """Compute the vectors of these texts and write them; return how many."""
    said = texts(cards)
    save_file(packed(embed(said)) | {"of": _digest(said)}, path)
    return len(said)


def kept(cards: Path = FILE, path: Path = VECTORS) -> Kept:
    """Return what keeps sentence vectors, those of the cards in it; empty where the cards have changed since."""
    out = Kept()
    if path.is_file():
        saved, said = load_file(path), texts(cards)
        if np.array_equal(saved["of"], _digest(said)):
            out.put(said, unpacked(saved))
    return out


def _digest(said: Sequence[str]) -> np.ndarray:
    return np.frombuffer(hashlib.sha256("\n".join(said).encode()).digest(), np.uint8)
