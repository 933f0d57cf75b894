"""Sentence vectors as the project ships them: bytes with one scale a row, a quarter of float32."""

from collections.abc import Mapping

import numpy as np

from models.reading import Floats


def packed(vectors: Floats) -> dict[str, np.ndarray]:
    """Return vectors [rows, width] as the two tensors of a file: "vectors", int8, and "scales" [rows], float32."""
    scales = (np.abs(vectors).max(1) / 127).astype(np.float32)
    return {"vectors": np.rint(vectors / scales[:, None]).astype(np.int8), "scales": scales}


def unpacked(saved: Mapping[str, np.ndarray]) -> Floats:
    """Return the vectors [rows, width] of a file's tensors, float32, each within half a scale of what it was."""
    return saved["vectors"].astype(np.float32) * saved["scales"][:, None]
