"""A small invented encyclopedia, and an embedder that reads no model. Shared by the tests of search."""

import hashlib
from collections.abc import Sequence

import numpy as np

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
