"""Vectors as they are shipped."""

import numpy as np

from models.packed import packed, unpacked


def test_what_is_packed_comes_back_nearly() -> None:
    """Bytes and one scale a row: nothing is further off than half a scale, whatever the size of the row."""
    vectors = np.random.default_rng(1).normal(size=(5, 16)).astype(np.float32) * [[1], [10], [0.01], [1], [3]]
    saved = packed(vectors)
    assert saved["vectors"].dtype == np.int8 and saved["vectors"].nbytes == vectors.size
    back = unpacked(saved)
    assert back.dtype == np.float32
    assert (np.abs(back - vectors) <= saved["scales"][:, None] * 0.501).all()
    assert np.abs(saved["vectors"]).max(1).tolist() == [127] * 5
