"""Sentence vectors of the embedded base, as it was published: mean of the token states, length one. No adapter."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from models.bases import locate
from models.reading import Floats

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MAX_TOKENS = 256
"""The base's own training window for sentences."""
MANY = 32
"""Texts from which a machine that multiplies bfloat16 does so. Twice as fast; cosine 0.9999."""


@cache
def _model(name: str) -> "SentenceTransformer":
    import models.libraries

    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    # Named part by part: a Hub cache may hold the three files this needs and not the one that lists the parts.
    body = Transformer(str(locate(name)), max_seq_length=MAX_TOKENS)
    pool = Pooling(body.get_embedding_dimension(), pooling_mode="mean")
    return SentenceTransformer(modules=[body, pool, Normalize()], device="cpu")


def embed(texts: Sequence[str], base: str = "minilm-l6") -> Floats:
    """Return unit vectors [texts, width], float32, in order; texts of like length are computed together."""
    import torch

    from models.arithmetic import fast_bf16

    model = _model(base)
    if not len(texts):
        return np.zeros((0, model.get_embedding_dimension() or 0), np.float32)
    with torch.autocast("cpu", torch.bfloat16, enabled=len(texts) >= MANY and fast_bf16(cpu=True)):
        return np.asarray(model.encode(list(texts), batch_size=64, show_progress_bar=False), np.float32)


@cache
def _vocabulary(name: str) -> frozenset[str]:
    return frozenset(_model(name).tokenizer.get_vocab())


def knows(word: str, base: str = "minilm-l6") -> bool:
    """Return whether the base knows a word in small letters as a whole; others it reads in pieces."""
    return word in _vocabulary(base)


class Kept:
    """Sentence vectors of texts that come from sources, the latest `most` of them kept. Nothing a person typed goes in.

    Called with texts it returns what `embed` does. The sentences near a question were near others before it, and their
    vectors take longer than all the rest of rating them.
    """

    def __init__(self, most: int = 20_000) -> None:
        """Keep none yet; 20,000 vectors of 384 numbers take 31 MB."""
        self.most = most
        self._vectors: OrderedDict[str, Floats] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors [texts, width], float32, in order."""
        with self._lock:
            have = {text: self._vectors[text] for text in texts if text in self._vectors}
        missing = [text for text in dict.fromkeys(texts) if text not in have]
        have |= zip(missing, embed(missing), strict=True)
        self.put(list(have), list(have.values()))
        return np.stack([have[text] for text in texts]) if texts else embed([])

    def put(self, texts: Sequence[str], vectors: Iterable[Floats]) -> None:
        """Keep the vectors of texts, one a text, that were worked out already."""
        with self._lock:
            for text, vector in zip(texts, vectors, strict=True):
                self._vectors[text] = vector
                self._vectors.move_to_end(text)
            while len(self._vectors) > self.most:
                self._vectors.popitem(last=False)

    def __len__(self) -> int:
        return len(self._vectors)
