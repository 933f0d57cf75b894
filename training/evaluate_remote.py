"""A remote model on the test rows of a run: what it says of them, beside what the run said of the very same rows.

python -m training.evaluate data/runs/<id> --remote NAME [--rows N]

The endpoint is one that the operator has listed; where the texts go, how many and what that costs is said before the
first one goes. Its report lies in the run's folder; asked about every row it also stands among what the Judge step sets
beside the run. Knows nothing of HTTP.
"""

import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import tasks
from models.far import RemotePredictor
from tasks.spec import Example, Prediction, Task, UserError
from training import evaluate_ranked, judge, ranked, rowfile
from training.calibrate import confusion, marks
from training.config import RunConfig
from training.exchange import leaves
from training.report import Report, Sheet
from training.runs import Run
from training.samerows import scored_on

SEED = 13
PART = 64
"""Rows asked about between two words on how far it is."""
Say = Callable[[str], object]


def measure(run: Run, remote: RemotePredictor, rows: int, say: Say) -> Path:
    """Ask about the run's test rows, at most `rows` of them where that is not 0, and return where the report lies.

    Raises:
        UserError: if the run was never scored, its rows are not the ones it was scored on, rows of it may not
            leave this machine, or the endpoint fails.
    """
    config, known = run.config, run.report
    task = tasks.get(config.task)
    leaves(config)
    if known is None:
        raise UserError("This run has not been scored yet; there is nothing to set a remote model beside.")
    examples = _rows(task, config)
    if not scored_on(run, examples):
        raise UserError("The test rows are not those this run was scored on; score it again first.")
    picked = drawn(len(examples), rows)
    say(f"{remote.told} {len(picked):,} of {len(examples):,} test rows are asked about.\n")
    found = _asked(remote, [examples[i] for i in picked], say)
    sheet = _many if isinstance(known, ranked.RankedReport) else _one
    endpoint = remote.remote.endpoint
    told = {
        "endpoint": endpoint.name,
        "model": endpoint.model,
        "rows": len(picked),
        "of": len(examples),
        "seed": SEED,
        **sheet(run, endpoint.name, examples, picked, found),
    }
    path = run.folder / f"remote-{re.sub(r'[^a-z0-9]+', '-', endpoint.name.lower()).strip('-')}.json"
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    say(
        f"{endpoint.name}: macro-F1 {told['macro_f1']:.3f} on {len(picked):,} rows; the run against it: {told['run']}\n"
    )
    return path


def drawn(all_rows: int, rows: int) -> list[int]:
    """Return which rows are asked about, in order: all, or so many drawn with a seed that is always the same."""
    if not 0 < rows < all_rows:
        return list(range(all_rows))
    return sorted(random.Random(SEED).sample(range(all_rows), rows))


def _rows(task: Task, config: RunConfig) -> list[Example]:
    from training.evaluate import row_sets

    sets = evaluate_ranked.row_sets if task.heads[0].multi else row_sets
    return list(sets(task, config)[1]["test"])


def _asked(remote: RemotePredictor, examples: Sequence[Example], say: Say) -> list[Prediction]:
    found: list[Prediction] = []
    for start in range(0, len(examples), PART):
        found += remote.predict(examples[start : start + PART])
        say(f"{len(found):,} of {len(examples):,}\n")
    return found


def _one(
    run: Run, name: str, examples: Sequence[Example], picked: Sequence[int], found: Sequence[Prediction]
) -> dict[str, Any]:
    """Return the score where one label is right, and what the run is worth against it."""
    task, kept = tasks.get(run.config.task), rowfile.read(run.rows_file)
    assert kept is not None
    said = np.array([task.labels.index(prediction.best) for prediction in found])
    right, mine = kept.right[picked], kept.said[picked]
    sheet = Sheet(task.labels, confusion(len(task.labels), right, said))
    if len(picked) == len(examples):
        rowfile.beside(run.rows_file, name, said.tolist())
    return {**sheet.numbers(), "run": judge.paired(right, mine, said, len(task.labels)).sentence}


def _many(
    run: Run, name: str, examples: Sequence[Example], picked: Sequence[int], found: Sequence[Prediction]
) -> dict[str, Any]:
    """Return the score where several labels hold together, and what the run is worth against it."""
    task, report = tasks.get(run.config.task), run.report
    assert report is not None and not isinstance(report, Report)
    mine = report.main
    right = marks(task.heads[0], [examples[i] for i in picked])
    scores = np.array([[p.scores[label] for label in task.labels] for p in found])
    claimed = np.array([[float(label in p.claimed) for label in task.labels] for p in found])
    theirs = ranked.Ranking.of(task.labels, right, scores, claimed)
    same = (tuple(column[i] for i in picked) for column in (mine.right, mine.scores, mine.claimed))
    verdict = judge.paired_many(ranked.Ranking(mine.labels, *same), theirs)
    assert verdict is not None
    return {"n": theirs.n, **theirs.numbers, "per_class": theirs.per_label, "run": verdict.sentence}
