"""Measures verdicts, trust scores and the hallucination check on claims and answers that nothing here was trained on.

python -m training.evaluate health_claims [--rows 400]

Verdicts are those of the page: the same check with the same thresholds, and withheld where it withholds them. None of
its thresholds was settled here. PUBHEALTH's claims are news and rumours, mostly about what the evidence at hand does
not speak of; independent reproductions of its paper's models reached a macro-F1 of 0.36. On MedHallu and HaluEval
every answer is checked against its own context; how far the answer's style alone gives it away stands beside it.
Knows nothing of runs.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from models.checker import LIMITS, familiar
from models.claims import TAKEN, check
from models.faithful import check_answer
from tasks.evidence import Found
from tasks.health_claims import SUPPORTS
from tasks.spec import Example, Prediction, UserError
from tasks.verdict import FALSE, MISLEADING, TRUE, UNKNOWN, VERDICTS, Verdict
from training import data, statistics
from training.calibrate import confusion
from training.report import Sheet

Search = Callable[[str, int], Sequence[Found]]
Answer = Callable[[Sequence[Example]], Sequence[Prediction]]

PUBHEALTH = {"true": TRUE, "false": FALSE, "mixture": MISLEADING, "unproven": UNKNOWN}
DRAWS = 1000
MATCHED = 0.15
"""Difference in length up to which the two answers of a pair count as alike in style."""


def told(text: str, search: Search, answer: Answer) -> Verdict:
    """Return the verdict that the page gives on a text: its rule, its thresholds, and what it withholds.

    A text the page takes for no claim, or for too many, counts as without a verdict.
    """
    try:
        return check(text, search, answer, LIMITS, TAKEN, pointing=False, familiar=familiar).verdict
    except UserError:
        return Verdict(UNKNOWN)


def verdict_sheet(said: Sequence[str], right: Sequence[str]) -> Sheet:
    """Return the counts of verdicts against the right ones."""
    place = {label: i for i, label in enumerate(VERDICTS)}
    return Sheet(VERDICTS, confusion(len(VERDICTS), [place[r] for r in right], [place[s] for s in said]))


def verdicts(found: Sequence[Verdict], right: Sequence[str]) -> dict[str, Any]:
    """Return macro-F1, accuracy, the false-positive rate and the trust scores of right and wrong verdicts."""
    said = [v.label for v in found]
    sheet = verdict_sheet(said, right)
    flagged = np.array([s in (FALSE, MISLEADING) for s, r in zip(said, right, strict=True) if r == TRUE])
    answered = [(v.trust, v.label == r) for v, r in zip(found, right, strict=True) if v.parts]
    trust = {
        name: _with_interval(np.array([t for t, hit in answered if hit is wanted], float))
        for name, wanted in (("right", True), ("wrong", False))
    }
    majority = max(set(right), key=list(right).count)
    return {
        "n": sheet.n,
        "labels": list(VERDICTS),
        "confusion": [list(row) for row in sheet.confusion],
        "accuracy": sheet.accuracy,
        "macro_f1": sheet.macro_f1,
        "intervals_95": {name: list(ends) for name, ends in sheet.intervals.items()},
        "majority": {"accuracy": list(right).count(majority) / len(right)},
        "false_positive_rate": _share(flagged),
        "answered": len(answered) / max(len(found), 1),
        "withheld": sum(v.withheld for v in found) / max(len(found), 1),
        "mean_trust": trust,
    }


def faithful(answer: Answer, rows: Sequence[Mapping[str, Any]], context: Callable[[Mapping[str, Any]], str]) -> Any:
    """Return how well the check tells grounded from hallucinated answers, over all pairs and over style-matched ones.

    A pair is told apart where the grounded answer's sentences are likelier supported, on average, than the other's.
    """
    told, alike, fixed = [], [], []
    for row in rows:
        text = context(row)
        good, bad = (
            _support(row[name], text, answer, row["question"]) for name in ("right_answer", "hallucinated_answer")
        )
        told.append(float(good > bad) + 0.5 * (good == bad))
        sizes = sorted(len(row[name]) for name in ("right_answer", "hallucinated_answer"))
        alike.append(sizes[0] >= (1 - MATCHED) * sizes[1])
        fixed += [good >= 0.5, bad < 0.5]
    pairs, matched = np.array(told), np.array(told)[np.array(alike)]
    return {
        "pairs": len(rows),
        "grounded_accuracy": _with_interval(pairs),
        "style_matched_pairs": len(matched),
        "grounded_accuracy_style_matched": _with_interval(matched),
        "accuracy_at_one_half": _with_interval(np.array(fixed, float)),
        "longer_is_right": _mean([float(len(r["right_answer"]) > len(r["hallucinated_answer"])) for r in rows]),
        "answer_only_tfidf": _style(rows),
    }


def _support(reply: str, context: str, answer: Answer, question: str) -> float:
    try:
        found = check_answer(reply, context, answer, question)
    except UserError:
        return 0.0
    return float(np.mean([s.scores[SUPPORTS] for s in found.sentences]))


def _style(rows: Sequence[Mapping[str, Any]]) -> float:
    """Return the accuracy of TF-IDF on the answers alone, five folds, the two answers of a question on one side."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_score
    from sklearn.pipeline import make_pipeline

    texts = [row[name] for row in rows for name in ("right_answer", "hallucinated_answer")]
    labels, groups = [1, 0] * len(rows), np.repeat(np.arange(len(rows)), 2)
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=3, max_iter=1000)
    )
    return float(cross_val_score(model, texts, labels, groups=groups, cv=GroupKFold(5)).mean())


def _mean(values: Any) -> float | None:
    return float(np.mean(values)) if len(values) else None


def _share(flags: np.ndarray) -> dict[str, Any]:
    """Return a share with Wilson's interval: of rare events redrawn rows may hold none, and their interval no width."""
    if not len(flags):
        return {"n": 0, "value": None}
    return {
        "n": len(flags),
        "value": float(flags.mean()),
        "interval_95": list(statistics.wilson(int(flags.sum()), len(flags))),
    }


def _with_interval(values: np.ndarray) -> dict[str, Any]:
    """Return a mean with its bootstrap interval; one value alone says nothing of its spread."""
    if len(values) < 2:
        return {"n": len(values), "value": _mean(values)}
    draws = np.random.default_rng(1).choice(values, (DRAWS, len(values))).mean(1)
    return {"n": len(values), "value": float(values.mean()), "interval_95": list(statistics.interval(draws))}


def claims_of(split: str, most: int, root: Path | None = None) -> tuple[list[str], list[str]]:
    """Return claims of PUBHEALTH and what is right of them, drawn in an order that hangs on nothing but a seed."""
    rows = list(data.raw((root or data.DATA_DIR) / "pubhealth" / f"{split}.csv.gz"))
    random.Random(5).shuffle(rows)
    rows = [row for row in rows if row["label"] in PUBHEALTH][: most or None]
    return [row["claim"] for row in rows], [PUBHEALTH[row["label"]] for row in rows]


def measured(search: Search, answer: Answer, most: int) -> Iterator[tuple[str, Any]]:
    """Yield each set's name and what was measured on it; the page's thresholds first."""
    yield "limits", asdict(LIMITS)
    for split in ("dev", "test"):
        claims, right = claims_of(split, most)
        yield f"pubhealth_{split}", verdicts([told(claim, search, answer) for claim in claims], right)
    rows = list(data.raw(data.DATA_DIR / "medhallu" / "medhallu.jsonl.gz"))[: most or None]
    yield "medhallu", faithful(answer, rows, lambda row: "\n".join(row["context"]))
    rows = list(data.raw(data.DATA_DIR / "halueval" / "qa_oneturn_500.jsonl.gz"))[: most or None]
    yield "halueval", faithful(answer, rows, lambda row: row["knowledge"])


def write(path: Path, search: Search, answer: Answer, most: int, say: Callable[[str], object]) -> None:
    """Measure, say each figure as it comes, and write them all."""
    report: dict[str, Any] = {"rows_at_most": most}
    for name, found in measured(search, answer, most):
        report[name] = found
        say(f"{name}: {json.dumps(found)}\n")
        path.write_text(json.dumps(report, indent=1) + "\n")
