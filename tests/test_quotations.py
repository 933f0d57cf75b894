"""What the chat may quote from the cards is embedded beforehand, and nobody waits for it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from models import checker, embedder, quotations
from models.checker import Checker
from models.embedder import embed
from models.finding import Finder
from models.live import Live
from models.reading import Floats
from models.shelf import Shelf


def test_the_vectors_that_come_with_the_project_are_those_of_its_cards() -> None:
    said = quotations.texts()
    kept = quotations.kept()
    assert len(kept) == len(said) > 2000, "they would be worked out while somebody waits"
    some = said[:3] + said[-3:]
    assert (kept(some) * embed(some)).sum(1) == pytest.approx(1.0, abs=1e-3)


def test_stale_vectors_are_not_used(tmp_path: Path) -> None:
    cards, vectors = tmp_path / "cards.jsonl", tmp_path / "quotations.safetensors"
    lines = quotations.FILE.read_text(encoding="utf-8").splitlines()[:2]
    cards.write_text("\n".join(lines))
    assert len(quotations.kept(cards, vectors)) == 0
    n = quotations.write_vectors(embed, cards, vectors)
    assert len(quotations.kept(cards, vectors)) == n == len(quotations.texts(cards))
    cards.write_text("\n".join(lines).replace(" ", "  ", 1).replace(".", " indeed.", 1))
    assert len(quotations.kept(cards, vectors)) == 0


def test_a_question_that_cards_answer_waits_for_no_vector_but_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentences and titles that are rated are those whose vectors come along, to the letter."""
    checker._sources.cache_clear()
    asked: list[str] = []

    def counted(texts: Sequence[str], base: str = "minilm-l6") -> Floats:
        asked.extend(texts)
        return embed(texts, base)

    found = Checker(Live(Shelf(tmp_path)), Finder(tmp_path))
    question = "Can garlic cure high blood pressure?"
    found.warm()
    monkeypatch.setattr(embedder, "embed", counted)
    *_, last = found.ask(question, ())
    assert last.done and last.quotes
    claim = "garlic can cure high blood pressure"
    assert {text.strip(".").lower() for text in asked} <= {question.lower(), claim}, asked


def test_what_is_kept_may_be_put_there() -> None:
    kept = embedder.Kept(most=2)
    kept.put(["a", "b", "c"], np.eye(3, dtype=np.float32))
    assert len(kept) == 2 and kept(["c", "b"]).tolist() == [[0, 0, 1], [0, 1, 0]]


def test_what_is_to_be_read_beforehand_is_read_once_the_adapters_are(tmp_path: Path) -> None:
    live, read = Live(Shelf(tmp_path)), []
    live.beforehand.append(lambda: read.append("cards"))
    live.warm([], [])
    assert read == ["cards"]
