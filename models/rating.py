"""How likely a sentence answers a question: a small logistic model over what the embedded base and the words say.

Its six weights are fitted by training/fit_rating.py and lie in rating.json beside this file. Knows nothing of search.
"""

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from models.reading import Floats, sigmoid
from tasks.dialogue import subject
from tasks.reply import Candidate

Embed = Callable[[Sequence[str]], Floats]
WEIGHTS = Path(__file__).with_name("rating.json")
FEATURES = ("likeness", "likeness under title", "named in sentence", "named in title", "named at all", "words")

_WORD = re.compile(r"[a-z0-9]+")


def compared(candidates: Sequence[Candidate]) -> list[str]:
    """Return the texts whose vectors are compared with a question's: the sentences, then each under its title."""
    return [*(c.sentence for c in candidates), *(f"{c.title}: {c.sentence}" for c in candidates)]


def features(question: str, candidates: Sequence[Candidate], embed: Embed, known: Embed | None = None) -> Floats:
    """Return what is known of each candidate [candidates, FEATURES]: likenesses in [-1, 1], shares in [0, 1].

    `known` embeds the candidates, where somebody keeps their vectors; by default `embed` does.
    """
    asked = _asked(question)
    (about,) = embed([question])
    plain, titled = np.split((known or embed)(compared(candidates)) @ about, 2)
    rows = []
    for c, bare, under in zip(candidates, plain, titled, strict=True):
        said, title = _stems(c.sentence), _stems(c.title)
        length = min(len(c.sentence.split()), 40) / 40
        rows.append([bare, under, _share(asked, said), _share(asked, title), _share(asked, said | title), length])
    return np.array(rows, np.float64).reshape(len(candidates), len(FEATURES))


def rate(question: str, candidates: Sequence[Candidate], embed: Embed, known: Embed | None = None) -> list[float]:
    """Return for each candidate the probability that it answers the question; `known` as in `features`."""
    if not candidates:
        return []
    weights, bias = _fitted()
    return sigmoid(features(question, candidates, embed, known) @ weights + bias).tolist()


def covered(question: str, text: str) -> float:
    """Return the share of what a question names that a text names too, a long word counting more."""
    return _share(_asked(question), _stems(text))


@cache
def _fitted() -> tuple[Floats, float]:
    saved = json.loads(WEIGHTS.read_text())
    return np.array([saved["weights"][name] for name in FEATURES]), float(saved["bias"])


def _asked(question: str) -> list[str]:
    return [_stem(word) for word in subject(question)]


def _share(asked: Sequence[str], said: set[str]) -> float:
    """Return the share of the asked words that were said, a long word counting more; 0 where nothing is asked after."""
    total = sum(len(word) for word in asked)
    return sum(len(word) for word in asked if word in said) / total if total else 0.0


def _stems(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text.lower())}


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") else word
