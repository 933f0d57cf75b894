"""A small invented encyclopedia, and an embedder that reads no model. Shared by the tests of search."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from models.knowledge import building, collection
from models.knowledge.passages import Passage
from models.knowledge.words import words

WIDTH = 384
TOLD = {
    "1": "{} is a rare disorder of the skin. It is a condition in which patches appear.",
    "2": "What are the signs and symptoms of {}? Symptoms include fever, fatigue and a rash.",
    "3": "Treatment of {} may include medicines and surgery. There is no cure; therapy relieves symptoms.",
    "4": "This condition is inherited in an autosomal dominant pattern, which means one copy of the gene is enough.",
}
DISEASES = ("Brindle fever", "Corvane syndrome", "Marrow palsy")


def embed(texts: Sequence[str]) -> np.ndarray:
    """Unit vectors of hashed words: near where words are shared."""
    out = np.zeros((len(texts), WIDTH), np.float32)
    for i, text in enumerate(texts):
        for word in words(text) or ["?"]:
            out[i, int(hashlib.sha256(word.encode()).hexdigest()[:8], 16) % WIDTH] += 1
    return out / np.linalg.norm(out, axis=1, keepdims=True)


def encyclopedia() -> list[Passage]:
    return [
        Passage(f"{name.split()[0]}-{part}", name, text.format(name), "mini", also=(name.split()[0] + "itis",))
        for name in DISEASES
        for part, text in TOLD.items()
    ]


class Counting:
    """An embedder that remembers what it was asked, and may fail after some calls."""

    def __init__(self, calls: int = 10**6) -> None:
        self.texts: list[str] = []
        self.calls = calls

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        if not self.calls:
            raise KeyboardInterrupt
        self.calls -= 1
        self.texts += texts
        return embed(texts)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home for indexes with the small encyclopedia in it; nothing embeds with the real model."""
    monkeypatch.setenv("CARETUNE_DATA_DIR", str(tmp_path))
    for module in (building, collection):
        monkeypatch.setattr(module, "embedder", lambda: embed)
    collection._opened.cache_clear()
    root = tmp_path / "knowledge"
    building.build(encyclopedia(), root / "mini", "invented", shape="topics", embed=embed, quiet=True)
    return root
