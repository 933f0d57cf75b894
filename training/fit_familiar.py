"""Fits the weights of models/familiar.py on everyday claims and says how well they tell sides on others.

python -m training.fit_familiar

training/everyday_claims.jsonl holds claims in everyday words beside the card they are about: true by it, false by it,
or not settled by any card. They were written by somebody who had not seen the cards' known claims. Half of them, by
card, had been looked at when the word lists of tasks/likeness.py were written; the weights are fitted on the other half
only, and measured there over five folds of claims. Reads knowledge/ and the shipped verifier; knows nothing of runs.
"""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

import tasks
from models.claims import TAKEN
from models.embedder import embed
from models.familiar import SIDE, SPEAKS, WEIGHTS, Familiar, write_vectors
from models.finding import Finder
from models.loading import load
from models.reading import Floats
from models.shelf import SHIPPED
from tasks.evidence import Asked
from tasks.health_claims import REFUTES, SUPPORTS
from tasks.spec import Example

CLAIMS = Path(__file__).with_name("everyday_claims.jsonl")
FOLDS = 5
TRUE, FALSE, UNKNOWN = "true", "false", "unknown"


def rows() -> tuple[list[Mapping[str, str]], list[Mapping[str, str]]]:
    """Return the claims that were looked at, and the others: each with claim, label and card."""
    found = [json.loads(line) for line in CLAIMS.read_text(encoding="utf-8").splitlines()]
    parts = [[row for row in found if _half(row["card"]) == half] for half in (0, 1)]
    return parts[0], parts[1]


def _half(card: str) -> int:
    return int(hashlib.sha256(card.encode()).hexdigest(), 16) % 2


def asked(found: Sequence[Mapping[str, str]]) -> tuple[list[Asked], list[str]]:
    """Return each claim beside every card that search brings up for it, its own among them, and what is right there.

    What is right beside another card than the claim's own is taken for "unknown", though now and then that card speaks
    of the claim too.
    """
    verifier = load(tasks.get("health_claims"), SHIPPED / "health_claims")
    with TemporaryDirectory() as nothing_built:
        search = Finder(Path(nothing_built))
        pairs = [(row, card) for row in found for card in search(row["claim"], TAKEN)]
    answers = verifier.predict([Example(text=row["claim"], context=card.text) for row, card in pairs])
    said = [(answer.scores[SUPPORTS], answer.scores[REFUTES]) for answer in answers]
    beside = [Asked(row["claim"], card.id, *shares) for (row, card), shares in zip(pairs, said, strict=True)]
    return beside, [row["label"] if card.id == row["card"] else UNKNOWN for row, card in pairs]


def fitted(side: Floats, speaks: Floats, labels: Sequence[str], claims: Sequence[str]) -> dict[str, Any]:
    """Return weights fitted on all rows, and what the same fit is worth on the claims left out of it."""
    right = np.array(labels)
    settled = np.isin(right, (TRUE, FALSE))
    groups = np.array(claims)
    # Without an intercept: turning a claim round turns its side, and nothing else.
    by_side = LogisticRegression(C=3.0, fit_intercept=False)
    by_speaks = LogisticRegression(C=10.0)
    folds = GroupKFold(FOLDS)
    x, y, kin = side[settled], right[settled] == TRUE, groups[settled]
    sided = cross_val_predict(by_side, x, y, groups=kin, cv=folds, method="predict_proba")[:, 1]
    spoken = cross_val_predict(by_speaks, speaks, settled, groups=groups, cv=folds, method="predict_proba")[:, 1]
    by_side.fit(x, y)
    by_speaks.fit(speaks, settled)
    return {
        "side": dict(zip(SIDE, by_side.coef_[0].round(4).tolist(), strict=True)),
        "speaks": dict(zip(SPEAKS, by_speaks.coef_[0].round(4).tolist(), strict=True)),
        "bias": round(float(by_speaks.intercept_[0]), 4),
        "measured": {
            "settled": int(settled.sum()),
            "side_right": round(float(np.mean((sided > 0.5) == y)), 4),
            "side_right_of_the_vote_alone": round(float(np.mean((x[:, 0] > 0) == y)), 4),
            "side_right_of_the_verifier_alone": round(float(np.mean((x[:, 1] > 0) == y)), 4),
            "side_log_loss": round(float(log_loss(y, sided)), 4),
            "pairs": len(right),
            "speaks_auc": round(float(roc_auc_score(settled, spoken)), 4),
        },
    }


def main() -> int:
    """Write the vectors of the known claims and the weights, and print what they are worth."""
    write_vectors(embed)
    familiar = Familiar(embed)
    beside, labels = asked(rows()[1])
    side, speaks, _ = familiar.features(beside)
    saved = fitted(side, speaks, labels, [one.claim for one in beside])
    WEIGHTS.write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(saved, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
