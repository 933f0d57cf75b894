"""The floors a trained model must beat: the majority label, and TF-IDF + logistic regression.

They learn the rows a run is cut from, and nothing of the sets a recipe mixes in or learns first; the card says so.
Nothing here is saved or loaded: a floor is fitted where it is needed and forgotten. Knows nothing of transformers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from models.predictor import Baseline
from tasks.spec import PAIR, Example, Prediction, Task


def majority(task: Task, train: Sequence[Example]) -> Baseline:
    """Return the predictor that always says the commonest training label; the task's first where there is none."""
    common = Counter(example.label for example in train if example.label).most_common(1)
    return Baseline(task.labels, common[0][0] if common else task.labels[0])


def repeats_words(texts: Iterable[str], stop_words: str | None = None) -> bool:
    """Whether a word stands in two of the texts: without one there is no vocabulary to learn."""
    words, seen = TfidfVectorizer(stop_words=stop_words).build_analyzer(), set[str]()
    for text in texts:
        found = set(words(text))
        if found & seen:
            return True
        seen |= found
    return False


class Tfidf:
    """TF-IDF of word 1- and 2-grams, slot by slot, and a class-balanced logistic regression.

    Where the rows teach no words, or one label alone, it says what the majority does.
    """

    def __init__(self, task: Task, train: Sequence[Example], by_slot: bool = True) -> None:
        self.task = task
        self.by_slot = by_slot
        # One vocabulary a slot is the stronger floor: "none" under side effects is praise, under benefits it is not.
        rows = self._table(train)
        columns = [c for c in range(len(rows[0]) if len(rows) else 0) if repeats_words(row[c] for row in rows)]
        self.common = majority(task, train) if not columns or len({e.label for e in train}) < 2 else None
        if self.common:
            return
        vectors = [(str(c), TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), c) for c in columns]
        self.pipeline: Pipeline = make_pipeline(
            ColumnTransformer(vectors), LogisticRegression(C=3, class_weight="balanced", max_iter=2000)
        )
        self.pipeline.fit(rows, [example.label for example in train])

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Answer a batch, in order."""
        if self.common or not examples:
            return self.common.predict(examples) if self.common else []
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
