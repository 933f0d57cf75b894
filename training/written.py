"""Rows with a written answer: which fit a base's window, which are held back, and how likely a reader finds those.

An answer is learned whole or not at all, and so is its question; what may be shortened is the context. Knows nothing of
run folders or of the loop.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from models.prompts import Prompter
from models.reading import Floats
from models.speaker import Speaker, Spoken
from tasks.spec import Example, UserError
from training import data, repeats, team
from training.fitting import Score

MOST = 200
"""Rows held back at most: their mean is known well enough, and each costs a pass after every epoch."""
AT_ONCE = 4
"""Held-back rows in one pass."""


def answer_of(words: Prompter, row: Example) -> str:
    """Return the written answer of a row; empty where it has none."""
    name = words.prompt.answer
    return str(row.targets.get(name, "")) if name else ""


def fits(words: Prompter, row: Example) -> bool:
    """Whether the question and the written answer of a row stand whole in the window."""
    try:
        words.ids(row, words.prompt.write, room=len(words.answer(answer_of(words, row), ended=True)))
    except UserError:
        return False
    return True


def parted(words: Any, rows: Sequence[Example], share: float) -> tuple[list[Example], list[Example], int]:
    """Return the rows to learn from, those held back, and how many with a written answer do not fit.

    Rows without a written answer are all learned from. `words` of an encoder know no answers.
    """
    if not isinstance(words, Prompter):
        return list(rows), [], 0
    chosen, told, able = [], 0, []
    for row in rows:
        if row.label is not None or not answer_of(words, row):
            chosen.append(row)
            continue
        told += 1
        if fits(words, row):
            able.append(row)
    held = data.draw(able, min(share, MOST / max(len(able), 1)))
    out = {repeats.key(row) for row in held}  # a row that is drawn more than once is held back each time
    return [*chosen, *(row for row in able if repeats.key(row) not in out)], held, told - len(able)


def judged(score: Score, words: Any, held: Sequence[Example]) -> Score:
    """Return a score that also asks how likely the held-back answers are, where there are any.

    What decides is the sum of both log-likelihoods per row: that of the labels, and that of a token of an answer.
    """
    if not held:
        return score

    def both(reader: Any) -> dict[str, float]:
        found = score(reader)
        loss = float(team.spread(lambda rows: losses(reader, words, rows), held).mean())
        return {**found, "answer_loss": loss, "score": found["score"] - loss}

    return both


def losses(reader: Speaker, words: Prompter, rows: Sequence[Example]) -> Floats:
    """Return the negative log-likelihood of a token of each row's written answer, on average [rows, 1]."""
    out: list[Floats] = []
    with reader.turn(), torch.inference_mode():
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            answers = [words.answer(answer_of(words, row), ended=True) for row in part]
            prompts = [
                words.ids(row, words.prompt.write, room=len(answer)) for row, answer in zip(part, answers, strict=True)
            ]
            out.append(reader(Spoken(prompts, answers, range(len(part)), len(part))).float().cpu().numpy())
    return np.concatenate(out)
