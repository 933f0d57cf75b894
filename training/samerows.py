"""Whether rows are the very ones a run was scored on: by their words, labels and places, not by their number alone."""

from collections.abc import Sequence

import numpy as np

import tasks
from tasks.spec import Example
from training import rowfile
from training.calibrate import marks
from training.ranked import RankedReport
from training.runs import Run


def scored_on(run: Run, examples: Sequence[Example]) -> bool:
    """Whether these are a run's test rows, in order; where several labels hold, as far as their labels tell."""
    known = run.report
    if not isinstance(known, RankedReport):
        kept = rowfile.read(run.rows_file)
        return kept is not None and kept.id == rowfile.rows_id(examples)
    task, labels = tasks.get(run.config.task), known.main.labels
    right = marks(task.heads[0], examples)
    return labels == task.labels and known.main.right == tuple(tuple(map(int, np.flatnonzero(row))) for row in right)
