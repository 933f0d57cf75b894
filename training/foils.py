"""Sets a text beside a context that looks like its own and is not: what search brings up and says nothing of it.

Knows nothing of files, of models, or of particular tasks.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tasks.spec import Example

_AT_ONCE = 512


def foils(examples: Sequence[Example], pool: Sequence[Example], label: str) -> list[Example]:
    """Return each example beside the context of `pool` most like its text, under `label`.

    Contexts are compared by TF-IDF. Those that begin with the same line (a title) are forms of one document; an
    example never gets a document of which any text of its own words speaks.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    contexts = list(dict.fromkeys(example.context for example in pool))
    titles = np.array([_title(context) for context in contexts])
    own: dict[str, set[str]] = {}
    for example in pool:
        own.setdefault(example.text, set()).add(_title(example.context))
    vectors = TfidfVectorizer(stop_words="english", sublinear_tf=True, dtype=np.float32)
    table = vectors.fit_transform(contexts)
    out = []
    for start in range(0, len(examples), _AT_ONCE):
        part = examples[start : start + _AT_ONCE]
        likeness = (vectors.transform([example.text for example in part]) @ table.T).toarray()
        for example, row in zip(part, likeness, strict=True):
            row[np.isin(titles, list(own[example.text]))] = -1
            found = contexts[int(row.argmax())]
            out.append(replace(example, context=found, label=label, targets=dict.fromkeys(example.targets, label)))
    return out


def _title(context: str) -> str:
    return context.partition("\n")[0]
