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

    Contexts are compared by TF-IDF. An example never gets a context of its own document: that which its targets name,
    else the one whose contexts begin with the same line (a title).
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    documents = {example.context: _document(example) for example in pool}
    contexts, owners = list(documents), np.array(list(documents.values()))
    vectors = TfidfVectorizer(stop_words="english", sublinear_tf=True, dtype=np.float32)
    table = vectors.fit_transform(contexts)
    out = []
    for start in range(0, len(examples), _AT_ONCE):
        part = examples[start : start + _AT_ONCE]
        likeness = (vectors.transform([example.text for example in part]) @ table.T).toarray()
        for example, row in zip(part, likeness, strict=True):
            row[owners == _document(example)] = -1
            found = contexts[int(row.argmax())]
            targets = {name: label if value == example.label else value for name, value in example.targets.items()}
            out.append(replace(example, context=found, label=label, targets=targets))
    return out


def _document(example: Example) -> str:
    return str(example.targets.get("document") or example.context.partition("\n")[0])
