"""Fits the weights of models/rating.py on a stated part of MedQuAD and says how well they tell answers from the rest.

python -m training.fit_rating [--passages ../shared/data/medquad]

Of all questions those whose focus hashes into the first fifth are used, four fifths of them to fit and one to measure;
they are never among the questions that search is measured on. Knows nothing of adapters.
"""

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from models.embedder import embed
from models.rating import FEATURES, WEIGHTS, features
from models.reading import sigmoid
from tasks.passage import sentences
from tasks.reply import Candidate
from training.data import DATA_DIR, raw

SHARE = 0.2
EARLY = 3
QUESTIONS = 250


def place(focus: str) -> float:
    """Return a number in [0, 1) that hangs on the focus of a question alone, so that its questions stay together."""
    return int(hashlib.sha256(focus.lower().encode()).hexdigest()[:8], 16) / 16**8


def candidates(
    question: Mapping[str, Any],
    passages: Mapping[str, Mapping[str, Any]],
    by_focus: Mapping[str, Sequence[str]],
    draw: Any,
) -> tuple[list[Candidate], list[int]]:
    """Return sentences that answer a question (1) and some that do not (0): other sections, and another disease."""
    right = set(question["relevant_passage_ids"])
    same = [name for name in by_focus[question["focus"]] if name not in right]
    other = draw.choice(list(passages))
    picked = [(name, 1) for name in sorted(right)[:1]] + [(name, 0) for name in same[:2]] + [(other, 0)]
    rows, labels = [], []
    for name, label in picked:
        passage = passages[name]
        for sentence in sentences(passage["text"])[:EARLY]:
            if 4 <= len(sentence.split()) <= 60:
                rows.append(Candidate(passage["focus"], sentence))
                labels.append(label)
    return rows, labels


def main(argv: Sequence[str] | None = None) -> int:
    """Fit, measure on held-out focuses, and write the weights."""
    parser = argparse.ArgumentParser(prog="python -m training.fit_rating", description=__doc__.splitlines()[0])
    parser.add_argument("--passages", type=Path, default=DATA_DIR / "medquad")
    folder = parser.parse_args(argv).passages
    passages = {row["id"]: row for row in raw(folder / "passages.jsonl.gz")}
    by_focus: dict[str, list[str]] = {}
    for name, row in passages.items():
        by_focus.setdefault(row["focus"], []).append(name)
    asked = [q for q in raw(folder / "questions.jsonl.gz") if place(q["focus"]) < SHARE and q["focus"] in by_focus]
    draw = random.Random(7)
    draw.shuffle(asked)
    tables, labels, held = [], [], []
    for question in asked[:QUESTIONS]:
        rows, right = candidates(question, passages, by_focus, draw)
        if rows:
            tables.append(features(question["question"], rows, embed))
            labels += right
            held += [place(question["focus"]) >= 0.8 * SHARE] * len(rows)
    x, y, out = np.concatenate(tables), np.array(labels), np.array(held)
    model = LogisticRegression(C=1.0, max_iter=1000).fit(x[~out], y[~out])
    auc = roc_auc_score(y[out], sigmoid(x[out] @ model.coef_[0] + model.intercept_[0]))
    saved = {
        "weights": dict(zip(FEATURES, map(float, model.coef_[0].round(4)), strict=True)),
        "bias": round(float(model.intercept_[0]), 4),
        "fitted_on": f"{int((~out).sum())} sentences of MedQuAD (CC BY 4.0), focuses hashed below {0.8 * SHARE:.2f}",
        "measured_on": f"{int(out.sum())} sentences of focuses hashed from {0.8 * SHARE:.2f} to {SHARE:.2f}",
        "auc": round(float(auc), 4),
    }
    WEIGHTS.write_text(json.dumps(saved, indent=1) + "\n")
    sys.stdout.write(json.dumps(saved, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
