"""How much the relevance adapter's word counts: by hand on rankings of four, and on an invented collection."""

import json
from pathlib import Path

import numpy as np
import pytest
from encyclopedia import embed, encyclopedia

from models import relevance
from models.knowledge import Collection, building
from tasks.relevance import LABELS, RELEVANT
from tasks.spec import Example, Prediction
from training import fit_relevance
from training.fit_relevance import Heard
from training.fit_search import Query

HELPS = Heard([0.1, 0.1, 0.1, 0.9], [False, False, False, True], 1)
HARMS = Heard([0.1, 0.9, 0.9, 0.9], [True, False, False, False], 1)
SILENT = Heard([0.5, 0.5], [False, True], 2)


def test_without_weight_the_searchs_order_stands() -> None:
    found = fit_relevance.measured([HELPS, HARMS, SILENT], 0.0)
    assert found["recall@3"].tolist() == [0, 1, 0.5] and found["MRR@10"].tolist() == [0.25, 1, 0.5]


def test_with_weight_the_adapters_word_counts_and_what_it_did_not_read_stays_behind() -> None:
    found = fit_relevance.measured([HELPS, HARMS, SILENT], 1.5)
    assert found["recall@3"].tolist() == [1, 0, 0.5] and found["MRR@10"].tolist() == [1, 0.25, 0.5]
    beyond = Heard([0.01, 0.01], [False, False, True], 1)
    assert fit_relevance.measured([beyond], 1.5)["MRR@10"].tolist() == pytest.approx([1 / 3])


def test_a_weight_is_kept_only_where_it_gains() -> None:
    assert fit_relevance.fitted([HELPS, SILENT], 4)["weight"] > 0
    none = fit_relevance.fitted([HARMS, SILENT], 4)
    assert none["weight"] == 0 and none["first"] == 4 and none["queries"] == 2
    assert set(none["tried"]) == set(map(str, fit_relevance.STEPS))


def test_a_better_rating_has_the_larger_area_and_the_interval_says_so() -> None:
    rng = np.random.default_rng(0)
    right = rng.integers(0, 2, 400)
    found = fit_relevance.compared(right + rng.normal(0, 0.5, 400), right + rng.normal(0, 3, 400), right)
    assert found["adapter"]["auc"] > found["logistic"]["auc"] and found["gain"]["interval_95"][0] > 0
    same = fit_relevance.compared(right + 0.1, right + 0.1, right)
    assert same["gain"] == {"auc": 0.0, "interval_95": [0.0, 0.0]} and same["rows"] == 400


def test_what_search_finds_is_heard_and_weighed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.knowledge.collection.embedder", lambda: embed)
    building.build(encyclopedia(), tmp_path / "medquad", "invented", shape="topics", embed=embed, quiet=True)
    collection = Collection.open("medquad", tmp_path)

    def answer(examples: list[Example]) -> list[Prediction]:
        shares = [0.9 if "inherited" in e.context or "famil" in e.context else 0.1 for e in examples]
        return [Prediction(None, RELEVANT, dict(zip(LABELS, (s, 1 - s), strict=True))) for s in shares]

    (heard,) = fit_relevance.hear([Query("Marrow palsy", frozenset({"Marrow-4"}))], collection, answer, 5)
    assert len(heard.shares) == 5 and sum(heard.right) == 1 and heard.relevant == 1


def test_the_shipped_mixes_are_those_that_were_fitted() -> None:
    """Each shape's weight is the best of those tried, or nought where none gained enough."""
    saved = json.loads(relevance.WEIGHTS.read_text(encoding="utf-8"))
    for found in saved.values():
        value = {float(w): sum(m.values()) / len(m) for w, m in found["tried"].items()}
        best = max(value, key=lambda w: value[w])
        assert found["weight"] in (0.0, best)
        assert (value[best] - value[0.0] >= fit_relevance.LEAST - 1e-4) == (found["weight"] > 0)
