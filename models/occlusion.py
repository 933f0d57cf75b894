"""Which pieces of a text carried an answer, for models that have no head to follow a gradient from: leave each one out.

What a piece scores is how much the label's log-odds fall without it, in this text. Knows nothing of weights.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from models.reading import Floats, Reading
from tasks.spec import Example

PIECES = 24
"""Pieces a text is cut into at most: each costs one reading of the text."""
Words = list[tuple[str, float]]


class Scored(Protocol):
    """What answers Examples with logits, and says how they are read."""

    reading: Reading

    def logits(self, examples: Sequence[Example]) -> Floats:
        """Return logits [examples, outputs], in order."""
        ...


def words(predictor: Scored, example: Example, label: str) -> Words:
    """Return the example's texts cut at words, each piece with its share in [-1, 1]; joined they are the texts read.

    Positive shares spoke for `label`, negative ones against.
    """
    pieces = list(_pieces(example))
    if not pieces:
        return []
    lacking = [_without(example, where, start, end) for where, start, end in pieces]
    reading = predictor.reading
    shares = reading.label_scores(predictor.logits([example, *lacking]))[:, reading.labels.index(label)]
    odds = np.log(np.clip(shares, 1e-6, 1 - 1e-6)) - np.log(np.clip(1 - shares, 1e-6, 1 - 1e-6))
    fall = odds[0] - odds[1:]
    top = float(np.abs(fall).max()) or 1.0
    out: Words = []
    for i, (where, start, end) in enumerate(pieces):
        last = i + 1 == len(pieces) or pieces[i + 1][0] != where
        out.append((_text(example, where)[start:end] + ("\n" if last else ""), round(float(fall[i]) / top, 3)))
    return out


def _pieces(example: Example) -> Iterator[tuple[str, int, int]]:
    """Yield (field, start, end) of pieces of whole words, of about the same length over all texts."""
    texts = {where: _text(example, where) for where in (*example.fields, "") if _text(example, where).strip()}
    each = max(1, -(-sum(len(text.split()) for text in texts.values()) // max(1, PIECES - len(texts))))
    for where, text in texts.items():
        start = count = 0
        for end in (i for i in range(1, len(text) + 1) if i == len(text) or text[i - 1].isspace() < text[i].isspace()):
            count += 1
            if count == each or end == len(text):
                yield where, start, end
                start, count = end, 0


def _text(example: Example, where: str) -> str:
    return example.fields[where] if where else example.text


def _without(example: Example, where: str, start: int, end: int) -> Example:
    text = _text(example, where)
    left = f"{text[:start]} {text[end:]}".strip()
    return replace(example, fields={**example.fields, where: left}) if where else replace(example, text=left)
