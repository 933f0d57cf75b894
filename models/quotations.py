"""Vectors of the sentences the chat may quote from the cards, so that no question waits until they are worked out.

They take most of the time before a first word: each of the sentences near a question is compared with it, alone and
under its title (models/rating.py). Those of built collections are worked out when they are first near. Importing this
file imports no torch.
"""

from pathlib import Path

from models import packed
from models.embedder import Kept
from models.knowledge.cards import FILE, passages
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
    packed.write(said, embed(said), path)
    return len(said)


def kept(cards: Path = FILE, path: Path = VECTORS) -> Kept:
    """Return what keeps sentence vectors, those of the cards in it; empty where the cards have changed since."""
    out, said = Kept(), texts(cards)
    vectors = packed.read(said, path)
    if vectors is not None:
        out.put(said, vectors)
    return out
