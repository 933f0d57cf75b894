"""Sentence vectors of the embedded base, as it was published: mean of the token states, length one. No adapter."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from models.bases import locate
from models.reading import Floats

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MAX_TOKENS = 256
"""The base's own training window for sentences."""


@cache
def _model(name: str) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    # Named part by part: a Hub cache may hold the three files this needs and not the one that lists the parts.
    body = Transformer(str(locate(name)), max_seq_length=MAX_TOKENS)
    pool = Pooling(body.get_embedding_dimension(), pooling_mode="mean")
    return SentenceTransformer(modules=[body, pool, Normalize()], device="cpu")


def embed(texts: Sequence[str], base: str = "minilm-l6") -> Floats:
    """Return unit vectors [texts, width], float32, in order; texts of like length are computed together."""
    model = _model(base)
    if not len(texts):
        return np.zeros((0, model.get_embedding_dimension() or 0), np.float32)
    return np.asarray(model.encode(list(texts), batch_size=64, show_progress_bar=False), np.float32)
