"""A teacher that knows more than the student may: soft targets from what else the writer ticked.

A reviewer who gives 5 of 10 beside "highly effective, no side effects" was not neutral. A linear model that sees the
text and the other answers of the same form says so, out of fold, and the student learns from its probabilities
beside the hard answer (learning with privileged information: Vapnik & Vashist 2009; generalised distillation:
Lopez-Paz et al. 2016). At serving time only text is there, and only text is read.
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from models.reading import Floats
from tasks.spec import Example, Task
from training.repeats import groups

_FOLDS = 5


def soft_targets(task: Task, examples: Sequence[Example], seed: int) -> dict[int, Floats]:
    """Return by row index the teacher's distribution [values] over the first head, for rows that answer every head.

    Each row is judged by a teacher that saw neither it nor a near-duplicate of it.
    """
    first, *others = [head for head in task.heads if not head.multi]
    rows = [i for i, e in enumerate(examples) if all(head.name in e.targets for head in (first, *others))]
    if not others or len(rows) < 10 * _FOLDS:
        return {}
    known = [examples[i] for i in rows]
    values = {value: i for i, value in enumerate(first.values)}
    right = np.array([values[str(e.targets[first.name])] for e in known])
    ticked = [[float(e.targets[head.name] == value) for head in others for value in head.values] for e in known]
    words = TfidfVectorizer(sublinear_tf=True, min_df=2).fit_transform([e.all_text for e in known])
    seen = hstack([words, csr_matrix(np.array(ticked))]).tocsr()
    out = np.zeros((len(rows), len(values)))
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=seed)
    for learn, judge in folds.split(out, right, groups(known)):
        teacher = LogisticRegression(C=3.0, max_iter=2000).fit(seen[learn], right[learn])
        out[np.ix_(judge, teacher.classes_)] = teacher.predict_proba(seen[judge])
    return {row: out[i] for i, row in enumerate(rows)}
