"""Says what the relevance adapter is worth where it is to serve, and fits how much its word counts.

    python -m training.fit_relevance papers      SciFact's claims that the run held back, against the index "scifact"
    python -m training.fit_relevance topics      MedQuAD's questions on subjects it did not learn, against "medquad"
    python -m training.fit_relevance sentences   sentences of those subjects, beside the logistic rating on the same

The first two write the best weight beside the search's own order to knowledge/relevance.json: nought where the adapter
gains nothing. Rows that search is measured on are never read. Knows nothing of how a run is made.
"""

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score

import tasks
from models import rating, relevance
from models.embedder import embed
from models.knowledge import Collection
from models.loading import load
from models.reading import Floats
from models.shelf import SHIPPED
from tasks.relevance import HELD, LEARNED
from training import data, fit_rating, statistics
from training.config import RunConfig
from training.fit_search import Query, medquad, scifact
from training.train import rows

FIRST = 10
"""Hits that are read: more takes longer than a person waits for a search."""
STEPS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5)
LEAST = 0.005
"""What recall@3 and MRR@10 must gain on average before anything is read again."""
DRAWS = 1000


class Heard(NamedTuple):
    """What was found for one query, best first: how likely each hit is relevant, whether it is, and how many are."""

    shares: list[float]
    right: list[bool]
    relevant: int


def held_claims(folder: Path) -> list[Query]:
    """Return SciFact's training claims that the run of an adapter held back."""
    task = tasks.get("relevance")
    config = RunConfig.load(folder / "recipe.yaml")
    split, _, _ = rows(task, config)
    held = {example.text for example in split.validation} - {example.text for example in split.train}
    return [query for query in scifact("train") if query.text in held]


def held_questions(most: int) -> list[Query]:
    """Return MedQuAD's questions on the subjects that search was fitted on and the adapter was not, evenly drawn."""
    found = [q for q in medquad(fitting=True) if q.subject and LEARNED <= fit_rating.place(q.subject.strip()) < HELD]
    return found[:: max(1, len(found) // most)]


def hear(queries: Sequence[Query], collection: Collection, answer: relevance.Answer, first: int) -> list[Heard]:
    """Return what the adapter says of the first hits of each query."""
    out = []
    for query, hits in zip(queries, collection.search_many([q.text for q in queries], 50), strict=True):
        texts = [(hit.passage.title, hit.passage.text[: relevance.LONGEST]) for hit in hits[:first]]
        right = [hit.passage.id in query.relevant for hit in hits]
        out.append(Heard(relevance.shares(answer, query.text, texts), right, len(query.relevant)))
    return out


def measured(heard: Sequence[Heard], weight: float) -> dict[str, Floats]:
    """Return recall@3 and the reciprocal rank among ten of each query [queries], with this weight."""
    recalled, reciprocal = [], []
    for one in heard:
        scores = [relevance.mixed(place, share, weight) for place, share in enumerate(one.shares)]
        order = [*np.argsort(-np.array(scores), kind="stable").tolist(), *range(len(scores), len(one.right))]
        ranked = [one.right[i] for i in order]
        recalled.append(sum(ranked[:3]) / one.relevant)
        reciprocal.append(next((1 / (i + 1) for i, hit in enumerate(ranked[:10]) if hit), 0.0))
    return {"recall@3": np.array(recalled), "MRR@10": np.array(reciprocal)}


def fitted(heard: Sequence[Heard], first: int) -> dict[str, Any]:
    """Return the weight of the best mean of both measures, nought unless it gains LEAST, and what each one gave."""
    table = {weight: {n: float(v.mean()) for n, v in measured(heard, weight).items()} for weight in STEPS}
    value = {weight: sum(found.values()) / len(found) for weight, found in table.items()}
    best = max(STEPS, key=lambda weight: value[weight])
    return {
        "weight": best if value[best] >= value[0.0] + LEAST else 0.0,
        "first": first,
        "queries": len(heard),
        "tried": {str(weight): {n: round(v, 4) for n, v in found.items()} for weight, found in table.items()},
    }


def sentences(answer: relevance.Answer, questions: int, seed: int = 11) -> dict[str, Any]:
    """Return how well the adapter and the logistic rating tell sentences that answer from others, and the difference.

    The rows are made as training/fit_rating.py makes its own, of subjects neither of the two learned from.
    """
    passages = {row["id"]: row for row in data.raw(data.DATA_DIR / "medquad" / "passages.jsonl.gz")}
    by_focus: dict[str, list[str]] = {}
    for name, row in passages.items():
        by_focus.setdefault(row["focus"], []).append(name)
    every = data.raw(data.DATA_DIR / "medquad" / "questions.jsonl.gz")
    asked = [q for q in every if q["focus"] in by_focus and q["focus"].strip()]
    asked = [q for q in asked if LEARNED <= fit_rating.place(q["focus"]) < HELD]
    draw = random.Random(seed)
    draw.shuffle(asked)
    ours: list[float] = []
    theirs: list[float] = []
    right: list[int] = []
    for question in asked[:questions]:
        some, labels = fit_rating.candidates(question, passages, by_focus, draw)
        ours += relevance.rate(answer, question["question"], some)
        theirs += rating.rate(question["question"], some, embed)
        right += labels
    return compared(np.array(ours), np.array(theirs), np.array(right)) | {"questions": min(questions, len(asked))}


def compared(ours: Floats, theirs: Floats, right: Floats, seed: int = 1) -> dict[str, Any]:
    """Return both areas under the curve with 95 % bootstrap intervals over the rows, and that of their difference."""
    rng = np.random.default_rng(seed)
    draws = []
    while len(draws) < DRAWS:
        some = rng.integers(0, len(right), len(right))
        if 0 < right[some].sum() < len(some):
            draws.append([roc_auc_score(right[some], said[some]) for said in (ours, theirs)])
    both = np.array(draws)
    columns = {"adapter": both[:, 0], "logistic": both[:, 1], "gain": both[:, 0] - both[:, 1]}
    whole = {name: float(roc_auc_score(right, said)) for name, said in (("adapter", ours), ("logistic", theirs))}
    whole["gain"] = whole["adapter"] - whole["logistic"]
    return {"rows": len(right)} | {
        name: {"auc": round(whole[name], 4), "interval_95": [round(x, 4) for x in statistics.interval(values)]}
        for name, values in columns.items()
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Fit or measure one of the three and say what came out."""
    parser = argparse.ArgumentParser(prog="python -m training.fit_relevance", description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("papers", "topics", "sentences"))
    parser.add_argument("--folder", type=Path, default=SHIPPED / "relevance", help="the adapter, its recipe beside it")
    parser.add_argument("--root", type=Path, help="the folder of the indexes")
    parser.add_argument("--most", type=int, default=150, help="questions on MedQuAD's subjects")
    parser.add_argument("--first", type=int, default=FIRST, help="hits that are read")
    options = parser.parse_args(argv)
    answer = load(tasks.get("relevance"), options.folder).predict
    if options.what == "sentences":
        found = sentences(answer, options.most)
    else:
        index, queries = (
            ("scifact", held_claims(options.folder))
            if options.what == "papers"
            else ("medquad", held_questions(options.most))
        )
        found = fitted(hear(queries, Collection.open(index, options.root), answer, options.first), options.first)
        before = json.loads(relevance.WEIGHTS.read_text(encoding="utf-8")) if relevance.WEIGHTS.exists() else {}
        saved = json.dumps({**before, options.what: found}, indent=1)
        relevance.WEIGHTS.write_text(f"{saved}\n", encoding="utf-8")
    sys.stdout.write(f"{json.dumps(found, indent=1)}\n")


if __name__ == "__main__":
    main()
