"""Answers a run writes to questions held back from it, beside those of its untuned base, scored against the right ones.

For runs on a base that answers in words which learned from sets with written answers. What is kept in the run's folder
are the two answers and their scores under a hash of the row's words; question and right answer are looked up again
when somebody reads them. Knows nothing of figures or browsers.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import tasks
from models.bases import BASES
from models.reading import Floats
from tasks.spec import Example, Task
from training import data, repeats, statistics
from training.config import RunConfig
from training.runs import Run
from training.text_scores import bert_score, rouge

FILE = "answers.json"
MOST = 40
"""Questions that are asked: an answer takes seconds on a CPU, and each is written twice."""
LENGTH = 160
"""Longest answer, in tokens."""
MEASURES = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L", "bertscore": "BERTScore (embedded base)"}
"""What is measured, and what it is called."""
WHO = ("tuned", "untuned")
NOT_HERE = "not on this machine"
COLUMNS = ("question", "right answer", "this run", "its base, untuned", "ROUGE-L", "of the base")
"""What stands in a line of `lines`."""


@dataclass(frozen=True)
class Answers:
    """n questions by `place`, what was written to each by run and base, and each answer's scores.

    `scores` maps who wrote and what was measured to values [n].
    """

    places: tuple[str, ...]
    said: Mapping[str, tuple[str, ...]]
    scores: Mapping[str, Mapping[str, tuple[float, ...]]]

    def mean(self, who: str, measure: str) -> tuple[float, float, float]:
        """Return the mean of a measure and its 95 % bootstrap interval."""
        return _mean(np.array(self.scores[who][measure]))

    def gain(self, measure: str) -> tuple[float, float, float]:
        """Return how much better the run's answers are than the base's to the same questions, with its interval."""
        tuned, untuned = (np.array(self.scores[who][measure]) for who in WHO)
        return _mean(tuned - untuned)

    def write(self, folder: Path) -> None:
        """Leave all of it in a run's folder."""
        draft = folder / f".{FILE}"
        draft.write_text(
            json.dumps({"places": self.places, "said": self.said, "scores": self.scores}), encoding="utf-8"
        )
        draft.replace(folder / FILE)


def read(folder: Path) -> Answers | None:
    """Return what was kept in a run's folder, or None where nothing was measured."""
    try:
        saved = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    scores = {who: {name: tuple(v) for name, v in found.items()} for who, found in saved["scores"].items()}
    return Answers(tuple(saved["places"]), {who: tuple(texts) for who, texts in saved["said"].items()}, scores)


def why_not(task: Task, config: RunConfig) -> str:
    """Return why a run's written answers were not measured; nothing where its task knows none."""
    if not task.prompt.answer:
        return ""
    if not BASES[config.base].spoken or config.answers == "head":
        return f"Written answers (ROUGE, BERTScore): {config.base} gives labels and writes none."
    if not any(d.written for d in data.used(task, config.datasets)):
        return "Written answers (ROUGE, BERTScore): the run learned from no set that has any."
    return "Written answers (ROUGE, BERTScore): none was held back, or the run was scored before they were measured."


def measure(task: Task, config: RunConfig, tuned: Any, most: int = MOST) -> Answers | None:
    """Let a run and its base answer held-back questions; None where the run writes none, or none was held back.

    `tuned` is the run's predictor, a models.likelihood.Likelihood where it writes.
    """
    if not BASES[config.base].spoken or config.answers == "head":
        return None
    if not any(d.written for d in data.used(task, config.datasets)):
        return None
    from models.generate import Manner, write
    from models.speaking import untuned

    rows = held(task, config, tuned.words)[:most]
    if not rows:
        return None
    manner = Manner(length=LENGTH)
    base = untuned(task, config.base, config.max_tokens, tuned.words.way)
    said = {
        who: tuple(write(one, row, manner=manner) for row in rows) for who, one in zip(WHO, (tuned, base), strict=True)
    }
    right = [right_answer(task, row) for row in rows]
    scores = {who: _scores(texts, right) for who, texts in said.items()}
    return Answers(tuple(place(row) for row in rows), said, scores)


def held(task: Task, config: RunConfig, words: Any) -> list[Example]:
    """Return the rows with a written answer that the run did not learn from, each once, in order of place."""
    from training.train import rows
    from training.written import parted

    _, found, _ = parted(words, rows(task, config)[1], config.validation_share)
    return [row for _, row in sorted({place(row): row for row in found}.items())]


def known(task: Task, config: RunConfig) -> dict[str, Example]:
    """Return every row with a written answer of a run's sets by place; none where they are not on this machine."""
    used = [d for d in data.used(task, config.datasets) if d.written and data.here(d)]
    return {place(row): row for d in used for row in data.load(d, "train")}


def lines(run: Run, rows: str = "", said: str = "") -> list[list[str]]:
    """Return one line a question as COLUMNS names it; none where nothing was measured.

    Where given, `rows` stands in place of the words of the set and `said` in place of what was written, both unread.
    """
    found = read(run.folder)
    if found is None:
        return []
    task = tasks.get(run.config.task)
    here = {} if rows else known(task, run.config)
    out = []
    for i, where in enumerate(found.places):
        row = here.get(where)
        texts = (row.text, right_answer(task, row)) if row else (rows or NOT_HERE,) * 2
        wrote = [said or found.said[who][i] or "(nothing)" for who in WHO]
        out.append([*texts, *wrote, *(f"{found.scores[who]['rougeL'][i]:.2f}" for who in WHO)])
    return out


def place(row: Example) -> str:
    """Return 16 hex digits that stand for a row's words."""
    return hashlib.sha256(repeats.key(row).encode("utf-8", "replace")).hexdigest()[:16]


def right_answer(task: Task, row: Example) -> str:
    """Return the written answer of a row."""
    return str(row.targets.get(task.prompt.answer, ""))


def _scores(said: Sequence[str], right: Sequence[str]) -> dict[str, tuple[float, ...]]:
    found = {**rouge(said, right), "bertscore": bert_score(said, right)}
    return {name: tuple(round(float(value), 4) for value in values) for name, values in found.items()}


def _mean(values: Floats) -> tuple[float, float, float]:
    n = len(values)
    times = np.random.default_rng(1).multinomial(n, np.full(n, 1 / n), 2000)
    return float(values.mean()), *statistics.interval(times @ values / n)
