"""Runs that look judged, made by hand: no model is trained or read for them."""

from collections.abc import Sequence

import numpy as np

import tasks
from tasks.spec import Example, Prediction
from training import rowfile
from training.calibrate import confusion
from training.config import RunConfig
from training.ranked import RankedReport, Ranking
from training.report import Report, Sheet
from training.runs import Run, RunStore

TASK = tasks.get("drug_reviews")
MANY = tasks.get("clinical_notes")
FACTS = {"datasets": ["druglib"], "split_id": "0123456789abcdef", "train_rows": 40, "extra_rows": 0}
FACTS |= {"validation_rows": 8, "best_epoch": 1, "steps": 10, "planned_steps": 10}
CALIBRATION = {
    "temperature": 1.0,
    "expected_calibration_error": 0.1,
    "threshold": 0.5,
    "answered_share": 0.8,
    "accuracy_where_answered": 0.9,
}


def examples(n: int = 60, salt: str = "") -> list[Example]:
    return [Example(text=f"=row {i} {salt}".strip(), label=TASK.labels[i % 3]) for i in range(n)]


def judged(
    store: RunStore,
    wrong: Sequence[int],
    title: str = "",
    untuned: bool = True,
    leaked: Sequence[int] | None = (3,),
    salt: str = "",
    **knobs: float,
) -> Run:
    """Return a finished run that answers the rows `wrong` wrongly and all others rightly."""
    rows, k = examples(salt=salt), 3
    right = np.array([i % 3 for i in range(len(rows))])
    said = np.where(np.isin(np.arange(len(rows)), list(wrong)), (right + 1) % 3, right)
    shares = [{label: 0.8 if j == s else 0.1 for j, label in enumerate(TASK.labels)} for s in said]
    found = [Prediction(TASK.labels[s], TASK.labels[s], share) for s, share in zip(said, shares, strict=True)]
    floors = {"majority": [2] * len(rows), "tfidf": ((right + (np.arange(len(rows)) % 4 == 0)) % 3).tolist()}
    if untuned:
        floors["frozen base + linear head"] = right.tolist()
    run = RunStore(store.root).create(RunConfig(TASK.name, datasets=("druglib",), **knobs), title=title)
    rowfile.write(run.rows_file, TASK, rows, found, floors, leaked)
    sheet = Sheet(TASK.labels, confusion(k, right, said))
    sheets = {"test": sheet, "test_with_repeats": sheet}
    floored = {name: Sheet(TASK.labels, confusion(k, right, answers)) for name, answers in floors.items()}
    Report(TASK.name, FACTS["split_id"], sheets, {"test": floored}, {}, CALIBRATION).write(run.report_file)
    run.note(FACTS)
    run.log({"step": 10, "loss": 1.0})
    run.log({"step": 10, "validation_loss": 0.9, "validation_macro_f1": 0.5})
    run.log_file.write_text("a line of the log\n")
    run.move("running")
    run.move("finished")
    return run


def judged_many(store: RunStore, wrong: float, title: str = "") -> Run:
    """Return a finished run with several labels a row, a share of whose marks is wrong."""
    rng = np.random.default_rng(5)
    right = (rng.random((50, len(MANY.labels))) < 0.3).astype(float)
    marks = np.where(rng.random(right.shape) < wrong, 1 - right, right)
    ours = Ranking.of(MANY.labels, right, 0.1 + 0.8 * marks, marks)
    prior = Ranking.of(MANY.labels, right, np.tile(right.mean(0), (50, 1)), np.zeros_like(right))
    run = RunStore(store.root).create(RunConfig(MANY.name, datasets=("codiesp_en",)), title=title)
    RankedReport(MANY.name, "fedcba9876543210", {"test": ours}, {"test": {"prior": prior}}).write(run.report_file)
    run.note({**FACTS, "datasets": ["codiesp_en"]})
    run.move("running")
    run.move("finished")
    return run
