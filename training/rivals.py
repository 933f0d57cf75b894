"""Hard negatives: passages that search brings up for a text and that do not answer it, found by the words they share.

The words are counted as the search counts them (BM25 over title and text), so no index has to be built first. Knows
nothing of files, of models, or of particular tasks.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import bm25s
import numpy as np

from models.knowledge.words import many, words
from tasks.spec import Example, Rivals

NEAREST, DEEPER = 6, 30
"""Half of the rivals are drawn from the first NEAREST ranks, the others from those down to DEEPER."""


def rivals(examples: Sequence[Example], wanted: Rivals, passages: Mapping[str, str]) -> list[Example]:
    """Return each different text of `examples` beside passages (id to text) that look like its own, under one label.

    Which ranks are taken hangs on the text alone.
    """
    texts = {example.text: example for example in reversed(examples)}
    names = list(passages)
    if not texts or not names:
        return []
    index = bm25s.BM25(k1=1.2, b=0.75)
    index.index(many(passages.values()), show_progress=False)
    out = []
    for text, example in texts.items():
        own = set(example.targets.get("own", ()))
        ranked = [names[i] for i in _best(index, text, DEEPER + len(own)) if names[i] not in own]
        seen = {passages[name] for name in own if name in passages}
        for name in _drawn(text, ranked[:DEEPER], wanted.many):
            if passages[name] not in seen:  # some sites say one thing under two ids
                seen.add(passages[name])
                out += [_beside(example, form, wanted) for form in _forms(wanted, text, passages[name])]
    return out


def _best(index: bm25s.BM25, text: str, count: int) -> list[int]:
    """Return the numbers of the passages that share most words with a text, most first."""
    known = index.get_tokens_ids(words(text))
    if not known:
        return []
    scores = index.get_scores_from_ids(known)
    found = np.argpartition(-scores, min(count, len(scores)) - 1)[:count]
    return sorted(found[scores[found] > 0].tolist(), key=lambda i: (-scores[i], i))


def _drawn(text: str, ranked: Sequence[str], count: int) -> list[str]:
    near, far = (sorted(part, key=lambda n: _place(text, n)) for part in (ranked[:NEAREST], ranked[NEAREST:]))
    half = (count + 1) // 2
    return [*near[:half], *far[: count - half]]


def _place(text: str, name: str) -> bytes:
    return hashlib.sha256(f"{text}\0{name}".encode()).digest()


def _forms(wanted: Rivals, text: str, passage: str) -> Sequence[str]:
    return wanted.forms(text, passage) if wanted.forms else (passage,)


def _beside(example: Example, context: str, wanted: Rivals) -> Example:
    targets = {n: wanted.label if value == example.label else value for n, value in example.targets.items()}
    return replace(example, context=context, label=wanted.label, targets=targets)
