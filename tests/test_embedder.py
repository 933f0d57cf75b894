"""Vectors of sources are kept, each is worked out once, and they are those of the embedded base."""

from collections.abc import Sequence

import numpy as np
import pytest

from models import arithmetic, embedder
from models.embedder import MANY, Kept, embed

DRUGS = ("aspirin", "ibuprofen", "paracetamol", "naproxen", "codeine", "zinc", "garlic", "honey", "ginger")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The texts that were embedded, call by call; a text's vector is its length."""
    calls: list[list[str]] = []

    def lengths(texts: Sequence[str]) -> np.ndarray:
        calls.append(list(texts))
        return np.array([[len(text)] for text in texts], np.float32).reshape(len(texts), 1)

    monkeypatch.setattr(embedder, "embed", lengths)
    return calls


def test_a_text_is_embedded_once_and_order_is_kept(asked: list[list[str]]) -> None:
    kept = Kept()
    assert kept(["aa", "b", "aa"]).tolist() == [[2], [1], [2]]
    assert kept(["ccc", "b"]).tolist() == [[3], [1]]
    assert [call for call in asked if call] == [["aa", "b"], ["ccc"]]


def test_the_latest_are_kept(asked: list[list[str]]) -> None:
    kept = Kept(most=2)
    kept(["a", "bb"])
    kept(["a", "ccc"])
    kept(["a"])
    assert len(kept) == 2 and asked[-1] == []
    kept(["bb"])
    assert asked[-1] == ["bb"]


def test_kept_vectors_are_those_of_the_base() -> None:
    texts = ["Zinc may shorten a cold.", "Garlic lowers blood pressure a little, trials found.", ""]
    kept = Kept()
    kept(texts[1:])
    assert np.allclose(kept(texts), embed(texts), atol=1e-5)
    assert kept([]).shape == (0, 384)


def test_many_texts_are_embedded_in_bfloat16_next_to_where_they_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        f"{n} mg of {drug} a day may lower {what}." for n in (5, 50) for drug in DRUGS for what in ("pain", "fever")
    ]
    monkeypatch.setattr(arithmetic, "fast_bf16", lambda cpu=False: False)
    exact = embed(texts)
    monkeypatch.setattr(arithmetic, "fast_bf16", lambda cpu=False: True)
    fast, few = embed(texts), embed(texts[:3])
    assert len(texts) >= MANY and fast.dtype == np.float32
    assert (fast * exact).sum(1).min() > 0.9995 and not np.array_equal(fast, exact)
    assert np.allclose(few, exact[:3], atol=1e-5)  # a question asked alone is read exactly
