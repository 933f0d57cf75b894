"""The floors a trained model must beat: the majority label, and TF-IDF + logistic regression on the same rows.

Nothing here is saved or loaded: a floor is fitted where it is needed and forgotten. Knows nothing of transformers.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from models.predictor import Baseline
from tasks.spec import PAIR, Example, Prediction, Task


def majority(task: Task, train: Sequence[Example]) -> Baseline:
    """Return the predictor that always says the commonest training label."""
    return Baseline(task.labels, Counter(example.label for example in train).most_common(1)[0][0] or task.labels[0])


class Tfidf:
    """TF-IDF of word 1- and 2-grams, slot by slot, and a class-balanced logistic regression."""

    def __init__(self, task: Task, train: Sequence[Example], by_slot: bool = True) -> None:
        self.task = task
        self.by_slot = by_slot
        # One vocabulary a slot is the stronger floor: "none" under side effects is praise, under benefits it is not.
        rows = self._table(train)
        columns = [c for c in range(len(rows[0])) if any(row[c].strip() for row in rows)]
        vectors = [(str(c), TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), c) for c in columns]
        self.pipeline: Pipeline = make_pipeline(
            ColumnTransformer(vectors), LogisticRegression(C=3, class_weight="balanced", max_iter=2000)
        )
        self.pipeline.fit(rows, [example.label for example in train])

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Answer a batch, in order."""
        names = list(self.pipeline.classes_)
        out = []
        for row in self.pipeline.predict_proba(self._table(examples)):
            scores = dict(zip(names, row.tolist(), strict=True))
            best = max(scores, key=lambda name: scores[name])
            out.append(Prediction(best, best, scores, source="tfidf"))
        return out

    def stream(self, example: Example) -> Iterator[Prediction]:
        """Answer at once."""
        yield from self.predict([example])

    def _table(self, examples: Sequence[Example]) -> Any:
        rows = [PAIR.join(self.task.segments(example)).split(PAIR) for example in examples]
        return np.array(rows if self.by_slot else [["\n".join(row)] for row in rows], dtype=object)
