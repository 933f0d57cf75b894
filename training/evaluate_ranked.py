"""Scores a predictor of several labels at once, beside the floors on the same rows. Knows nothing of run folders."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from models.predictor import SlotPredictor
from models.reading import Floats
from tasks.spec import Example, Task, UserError
from training import data, taught, untuned
from training.calibrate import best_cut, marks
from training.config import RunConfig
from training.floors import repeats_words
from training.ranked import RankedReport, Ranking


class Prior:
    """Says of every text how common each label is in the training rows."""

    def __init__(self, right: Floats) -> None:
        self.share = right.mean(0)

    def judge(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Return probabilities and claims, both [n, labels]."""
        scores = np.tile(self.share, (len(texts), 1))
        return scores, (scores >= 0.5).astype(float)


class LinearMany:
    """One balanced logistic regression per label on features; cuts by best F1 on out-of-fold training scores."""

    def __init__(self, seen: Any, right: Floats, strength: float = 10.0) -> None:
        self.share = right.mean(0)
        self.models: list[LogisticRegression | None] = []
        self.cuts: list[float] = []
        for i in range(right.shape[1]):
            rows = right[:, i]
            if min(rows.sum(), len(rows) - rows.sum()) < 5:
                self.models.append(None)
                self.cuts.append(0.5)
                continue
            model = LogisticRegression(C=strength, class_weight="balanced", max_iter=1000)
            held_out = cross_val_predict(model, seen, rows, cv=5, method="predict_proba")[:, 1]
            self.cuts.append(best_cut(held_out, rows > 0))
            self.models.append(model.fit(seen, rows))

    def judge(self, seen: Any) -> tuple[Floats, Floats]:
        """Return probabilities and claims, both [n, labels]; a label too rare to learn gets its share."""
        scores = np.stack(
            [
                model.predict_proba(seen)[:, 1] if model and seen.shape[0] else np.full(seen.shape[0], self.share[i])
                for i, model in enumerate(self.models)
            ],
            axis=1,
        )
        return scores, (scores >= np.array(self.cuts)).astype(float)


class TfidfMany:
    """The linear models on TF-IDF of word 1- and 2-grams; the prior where no word stands in two texts."""

    def __init__(self, texts: Sequence[str], right: Floats) -> None:
        self.words = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2), stop_words="english")
        self.prior = Prior(right)
        self.linear: LinearMany | None = None
        if repeats_words(texts, "english"):
            self.linear = LinearMany(self.words.fit_transform(texts), right)

    def judge(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Return probabilities and claims, both [n, labels]."""
        if self.linear is None or not texts:
            return self.prior.judge(texts)
        return self.linear.judge(self.words.transform(texts))


def filled(sets: Mapping[str, list[Example]]) -> dict[str, list[Example]]:
    """Return the sets that hold a row: of none nothing can be said.

    Raises:
        UserError: if the first set, the one that counts, holds none.
    """
    if not next(iter(sets.values())):
        raise UserError("No test row is left to score on: there is none, or training rows repeat each of them.")
    return {name: examples for name, examples in sets.items() if examples}


def row_sets(task: Task, config: RunConfig) -> tuple[list[Example], dict[str, list[Example]]]:
    """Return the training rows and the named sets of test rows: the task's own first, then sets only measured on."""
    used = [d for d in data.used(task, config.datasets) if d.role == "train"]
    train, test = ([e for d in used for e in data.load(d, split)] for split in ("train", "test"))
    sets = {"test": data.without_repeats(test, [*train, *taught.rows(task, config)])}
    for other in (d for d in task.data if d.role == "measure"):
        try:
            sets[other.name] = data.load(other, "test")
        except UserError:  # a set for measuring only may be absent; the report then has no sheet of it
            continue
    return train, filled(sets)


def evaluate_ranked(
    task: Task, config: RunConfig, served: SlotPredictor, split_id: str, with_untuned: bool = False
) -> RankedReport:
    """Return the report of a predictor: the very `predict` that visitors get, and floors on the same test rows.

    The floors learn the training rows alone, and nothing of what else the run learned from.
    With `with_untuned` the frozen base with a linear head stands among the floors of the first set.
    """
    head = task.heads[0]
    train, sets = row_sets(task, config)
    right = marks(head, train)
    floors = {"prior": Prior(right), "tfidf": TfidfMany([e.all_text for e in train], right)}
    sheets, floored = {}, {}
    for name, examples in sets.items():
        truth = marks(head, examples)
        found = served.predict(examples)
        scores = np.array([[p.scores[label] for label in task.labels] for p in found])
        claimed = np.array([[float(label in p.claimed) for label in task.labels] for p in found])
        sheets[name] = Ranking.of(task.labels, truth, scores, claimed)
        texts = [e.all_text for e in examples]
        floored[name] = {who: Ranking.of(task.labels, truth, *floor.judge(texts)) for who, floor in floors.items()}
        if with_untuned and name == next(iter(sets)) and untuned.applies(config):
            floored[name][untuned.NAME] = _untuned(task, config, train, examples)
    facts = {"temperature": served.reading.temperature, "cuts": dict(served.reading.cuts)}
    return RankedReport(task.name, split_id, sheets, floored, facts, task.unit)


def _untuned(task: Task, config: RunConfig, train: Sequence[Example], examples: Sequence[Example]) -> Ranking:
    head, learned = task.heads[0], untuned.drawn(train)
    linear = LinearMany(untuned.vectors(task, config, learned), marks(head, learned))
    return Ranking.of(task.labels, marks(head, examples), *linear.judge(untuned.vectors(task, config, examples)))
