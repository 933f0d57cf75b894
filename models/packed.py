"""Sentence vectors as the project ships them: bytes with one scale a row, a quarter of float32."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from models.reading import Floats


def packed(vectors: Floats) -> dict[str, np.ndarray]:
    """Return vectors [rows, width] as the two tensors of a file: "vectors", int8, and "scales" [rows], float32."""
    scales = (np.abs(vectors).max(1) / 127).astype(np.float32)
    return {"vectors": np.rint(vectors / scales[:, None]).astype(np.int8), "scales": scales}


def unpacked(saved: Mapping[str, np.ndarray]) -> Floats:
    """Return the vectors [rows, width] of a file's tensors, float32, each within half a scale of what it was."""
    return saved["vectors"].astype(np.float32) * saved["scales"][:, None]


def write(texts: Sequence[str], vectors: Floats, path: Path) -> None:
    """Write the vectors [texts, width] of texts, and which texts these are."""
    save_file(packed(vectors) | {"of": _digest(texts)}, path)


def read(texts: Sequence[str], path: Path) -> Floats | None:
    """Return the vectors [texts, width] that were written of these very texts; None of others, or of none."""
    if not path.is_file():
        return None
    saved = load_file(path)
    return unpacked(saved) if np.array_equal(saved["of"], _digest(texts)) else None


def _digest(texts: Sequence[str]) -> np.ndarray:
    return np.frombuffer(hashlib.sha256("\n".join(texts).encode()).digest(), np.uint8)
