"""Orders candidates: numbers of each from words, vectors, names and sections, weighed as the collection's shape asks.

    topics   the title names a subject, the passage is a section about it (MedQuAD)
    papers   the title is a sentence of its own (SciFact, PubMedQA)
    plain    nothing is known: reciprocal-rank fusion of words and vectors (Cormack et al. 2009), nothing learned

The weights of the first two were fitted by `training/fit_search.py`, on rows it names. Knows nothing of stores' insides
or of the texts themselves.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from models.knowledge import sections
from models.knowledge.passages import Passage
from models.knowledge.store import Candidates, Store
from models.knowledge.words import words
from models.reading import Floats

WEIGHTS = Path(__file__).parents[2] / "knowledge" / "ranking.json"
FEATURES = ("fused", "text", "title", "cosine", "named", "meant", "both", "section", "overview")
"""What `features` returns, column by column.

fused    reciprocal-rank fusion of words and vectors, as a share of the best possible
text     BM25 of title and text, as a share of the best candidate's; title: BM25 of title and other names, likewise
cosine   of the query to the passage's best piece
named    how much of one of the passage's names the query says, by rarity; meant: how much of the query that name says,
         words that ask for a section aside; both: their product
section  how likely the passage tells of the section asked for; overview: how likely it tells what the subject is
"""
FUSION = 60
"""The constant of reciprocal-rank fusion, as its authors chose it."""


def ranks(scores: Floats) -> Floats:
    """Return each score's rank from 1, best first; equals share theirs, what is unknown (NaN) is last."""
    worst = -np.where(np.isnan(scores), -np.inf, scores)
    places = 1.0 + np.searchsorted(np.sort(worst), worst, side="left")
    return np.where(np.isnan(scores), len(scores), places)


def fused(*scores: Floats) -> Floats:
    """Return the reciprocal-rank fusion of several scores, between 0 and 1: 1 is first in all of them."""
    return (FUSION + 1) * np.mean([1 / (FUSION + ranks(some)) for some in scores], axis=0)


def features(query: str, said: Sequence[str], found: Candidates, passages: Sequence[Passage], store: Store) -> Floats:
    """Return the numbers of FEATURES for each candidate [candidates, features]; `said` are the query's stems."""
    text, title, cosine = (np.nan_to_num(x, nan=0.0) for x in (found.text, found.title, found.cosine))
    wants, tells = sections.asked(query), store.sections(found.rows)
    named, meant = _names(frozenset(said), passages, store)
    columns = [
        fused(found.text + found.title, found.cosine),
        text / max(text.max(initial=0), 1e-9),
        title / max(title.max(initial=0), 1e-9),
        cosine,
        named,
        meant,
        named * meant,
        tells @ wants,
        tells[:, 0],
    ]
    return np.stack(columns, axis=1)


def _names(said: frozenset[str], passages: Sequence[Passage], store: Store) -> tuple[Floats, Floats]:
    """Return how far the query says a passage's best name, and how far that name says the query, both [passages]."""
    names = [[frozenset(words(name)) for name in (p.title, *p.also)] for p in passages]
    every = sorted(said.union(*(name for own in names for name in own)))
    rare = dict(zip(every, store.rarity(every).tolist(), strict=True))
    topic = (said - sections.cue_words()) or said
    whole = sum(rare[w] for w in topic) or 1.0
    best = []
    for own in names:
        scored = [(0.0, 0.0)]
        for name in filter(None, own):
            shared = name & said
            covered = sum(rare[w] for w in shared) / sum(rare[w] for w in name)
            scored.append((covered, min(1.0, sum(rare[w] for w in shared & topic) / whole)))
        best.append(max(scored, key=lambda pair: pair[0] * pair[1]))
    named, meant = np.array(best, np.float64).reshape(-1, 2).T
    return named, meant


@cache
def weights(shape: str, path: Path = WEIGHTS) -> Floats | None:
    """Return the weights of a shape [features], or None for one that has none: plain fusion."""
    saved = json.loads(path.read_text(encoding="utf-8")).get(shape)
    return np.array([saved["weights"][name] for name in FEATURES]) if saved else None


def order(query: str, said: Sequence[str], found: Candidates, passages: Sequence[Passage], store: Store) -> Floats:
    """Return a score for each candidate [candidates], higher is better; `said` are the query's stems."""
    weigh = weights(store.manifest.shape)
    if weigh is None:
        return fused(found.text + found.title, found.cosine)
    return features(query, said, found, passages, store) @ weigh
