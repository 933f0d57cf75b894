"""Fits what the search learned: which section a passage tells of, and how much each of its numbers weighs.

    python -m training.fit_search sections     a fifth of MedQuAD's subjects -> knowledge/sections.*
    python -m training.fit_search topics       the same fifth of its questions, as they stand and reworded, against the
                                               index "medquad"
    python -m training.fit_search papers       SciFact's training claims, against the index "scifact"

The fifth is chosen by a hash of the subject's name, so that no disease is on both sides; `training/evaluate_search.py`
measures on the rest. Knows nothing of how a search is shown.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
from safetensors.numpy import save_file
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from models.knowledge import Collection, ranking, sections
from models.knowledge.collection import LOOK
from models.knowledge.words import spelled, words
from models.reading import Floats
from training import data
from training.search_wordings import reworded

SHARE = 0.2
"""Of MedQuAD's subjects, for fitting."""
MOST_WORDS = 1500
"""Features of the section model: the most common in the passages it was fitted on."""
PULL = 1e-3
"""L2 on the weights of the ranking."""

_ASKED = """
information symptoms causes genetic_changes inheritance frequency susceptibility exams_and_tests stages treatment
outlook prevention complications considerations research support_groups
"""
KINDS = dict(zip(_ASKED.split(), sections.SECTIONS, strict=True))
"""MedQuAD's types of question, and the section that answers each."""


class Query(NamedTuple):
    """A question, the ids of the passages that answer it, and where known which section of what it asks for."""

    text: str
    relevant: frozenset[str]
    section: str = ""
    subject: str = ""


def fitted_on(subject: str) -> bool:
    """Return whether a subject is among those that are fitted on; case and outer space aside."""
    digest = hashlib.sha256(subject.lower().strip().encode()).hexdigest()
    return int(digest[:8], 16) / 16**8 < SHARE


def medquad(fitting: bool) -> list[Query]:
    """Return MedQuAD's questions on the subjects that are fitted on, or on all others."""
    rows = data.raw(data.DATA_DIR / "medquad" / "questions.jsonl.gz")
    return [
        Query(
            row["question"], frozenset(row["relevant_passage_ids"]), KINDS[row["qtype"].replace(" ", "_")], row["focus"]
        )
        for row in rows
        if fitted_on(row["focus"] or row["question"]) == fitting
    ]


def scifact(split: str, cited: bool = False) -> list[Query]:
    """Return SciFact's claims that have evidence, with the abstracts that hold it; with `cited`, all they cite."""
    rows = data.raw(data.DATA_DIR / "scifact" / f"claims_{split}.jsonl.gz")
    found = ((row, row["cited_doc_ids"] if cited else row["evidence"]) for row in rows)
    return [Query(row["claim"], frozenset(map(str, ids))) for row, ids in found if ids]


def fit_sections() -> dict[str, float]:
    """Fit the section model and write it; return how often it is right on subjects it did not see."""
    rows = {row["id"]: row for row in data.raw(data.DATA_DIR / "medquad" / "passages.jsonl.gz")}
    labels: dict[str, str] = {}
    for question in data.raw(data.DATA_DIR / "medquad" / "questions.jsonl.gz"):
        for key in question["relevant_passage_ids"]:
            # A text that several subjects share word for word is labelled by its own subject's question alone.
            if rows[key]["focus"].lower().strip() == question["focus"].lower().strip():
                labels[key] = KINDS[question["qtype"].replace(" ", "_")]
    seen = [key for key in labels if fitted_on(rows[key]["focus"])]
    unseen = [key for key in labels if not fitted_on(rows[key]["focus"])]
    found = [_features(rows[key]) for key in seen]
    counts = Counter(feature for some in found for feature in some)
    known = {feature: i for i, (feature, _) in enumerate(counts.most_common(MOST_WORDS))}
    model = LogisticRegression(C=1.0, max_iter=200).fit(_matrix(found, known), [labels[key] for key in seen])
    places = [sections.SECTIONS.index(name) for name in model.classes_]
    weights = np.zeros((len(known), len(sections.SECTIONS)), np.float16)
    weights[:, places] = model.coef_.T
    bias = np.full(len(sections.SECTIONS), -20.0, np.float32)  # a section no fitted passage tells of is never said
    bias[places] = model.intercept_
    save_file({"weights": weights, "bias": bias}, sections.WEIGHTS)
    sections.WEIGHTS.with_suffix(".json").write_text(json.dumps(list(known), ensure_ascii=False), encoding="utf-8")
    said = model.predict(_matrix([_features(rows[key]) for key in unseen], known))
    right = np.mean([labels[key] == name for key, name in zip(unseen, said, strict=True)])
    return {"fitted on": len(seen), "measured on": len(unseen), "accuracy": round(float(right), 4)}


def _features(row: Mapping[str, Any]) -> dict[str, float]:
    names = frozenset(words(" ".join((row["focus"], *row["synonyms"]))))
    return sections.features(words(row["text"]), names)


def _matrix(found: Sequence[Mapping[str, float]], known: Mapping[str, int]) -> csr_matrix:
    cells = [(i, known[f], x) for i, some in enumerate(found) for f, x in some.items() if f in known]
    rows, columns, values = zip(*cells, strict=True)
    return csr_matrix((values, (rows, columns)), shape=(len(found), len(known)))


def candidates(queries: Sequence[Query], collection: Collection) -> Iterator[tuple[Floats, np.ndarray]]:
    """Yield the features [candidates, features] of every query's candidates, and which of them answer it."""
    vectors = collection.embed([query.text for query in queries])
    for query, vector in zip(queries, vectors, strict=True):
        said = spelled(words(query.text), *collection.store.vocabulary())
        found = collection.store.candidates(said, vector, LOOK)
        passages = collection.store.passages(found.rows)
        right = np.array([p.id in query.relevant for p in passages])
        yield ranking.features(query.text, said, found, passages, collection.store), right


def fit_ranking(shape: str, queries: Sequence[Query], collection: Collection) -> dict[str, Any]:
    """Fit a shape's weights and write them beside the others; return them.

    They maximise the share of a softmax over the candidates that falls on those that answer (ListNet, Cao et al.
    2007). Everything but "overview" may only speak for a passage: a weight against a good sign would be an accident of
    the questions.
    """
    pairs = [(x, right) for x, right in candidates(queries, collection) if right.any()]

    def loss(weigh: Floats) -> tuple[float, Floats]:
        total, slope = PULL * float(weigh @ weigh), 2 * PULL * weigh
        for x, right in pairs:
            score = x @ weigh
            odds = np.exp(score - score.max())
            share, own = odds / odds.sum(), odds[right].sum()
            total -= float(np.log(own / odds.sum())) / len(pairs)
            slope = slope - ((odds[right] / own) @ x[right] - share @ x) / len(pairs)
        return total, slope

    free = [(None, None) if name == "overview" else (0, None) for name in ranking.FEATURES]
    found = minimize(loss, np.ones(len(ranking.FEATURES)), jac=True, method="L-BFGS-B", bounds=free)
    fitted = {
        "weights": {name: round(float(w), 4) for name, w in zip(ranking.FEATURES, found.x, strict=True)},
        "questions": len(pairs),
        "loss": round(float(found.fun), 4),
    }
    before = json.loads(ranking.WEIGHTS.read_text(encoding="utf-8")) if ranking.WEIGHTS.exists() else {}
    ranking.WEIGHTS.write_text(json.dumps({**before, shape: fitted}, indent=1) + "\n", encoding="utf-8")
    return fitted


def main(argv: Sequence[str] | None = None) -> None:
    """Fit one of the three and say what came out."""
    parser = argparse.ArgumentParser(prog="python -m training.fit_search", description=__doc__)
    parser.add_argument("what", choices=("sections", "topics", "papers"))
    parser.add_argument("--root", type=Path, help="the folder of the indexes")
    parser.add_argument("--most", type=int, default=2000, help="questions to fit on")
    options = parser.parse_args(argv)
    if options.what == "sections":
        sys.stdout.write(f"{fit_sections()}\n")
        return
    queries = medquad(fitting=True) if options.what == "topics" else scifact("train", cited=True)
    queries = queries[:: max(1, len(queries) // options.most)]
    if options.what == "topics":
        random = Random(0)
        queries += [q._replace(text=reworded(q.subject, q.section, random)) for q in queries if q.subject]
    name = "medquad" if options.what == "topics" else "scifact"
    fitted = fit_ranking(options.what, queries, Collection.open(name, options.root))
    sys.stdout.write(f"{json.dumps(fitted, indent=1)}\n")


if __name__ == "__main__":
    main()
