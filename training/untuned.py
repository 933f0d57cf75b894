"""What the base knows before it is tuned: its frozen vectors and a linear head, fitted on rows the run learned from.

A base with a fresh head knows nothing of any label, so to set a tuned model beside that would flatter it. Here the base
stays as it was published; each segment is the mean of its token states, length one, and a class-balanced logistic
regression reads the segments side by side. It learns from 2,000 rows at most, where a run learns from all: a run that
is better may owe that to its rows. What it said is kept by the hash of all it depends on, without a text.
Models that answer in words have another way of answering untuned and are not handled here. Knows nothing of runs.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from models.bases import BASES, locate
from models.encoder import Words, load_base
from models.heads import Group
from models.reading import Floats
from tasks.spec import Example, Task
from training import data
from training.config import RunConfig

NAME = "frozen base + linear head"
MOST = 2000
"""Training rows that are read at most: those whose words hash lowest. Reading them costs as much as an epoch's half."""
STRENGTH = 10.0
"""Inverse regularisation of the regression; never chosen on rows it is scored on."""
_VERSION = 1
_TOGETHER = 32


def applies(config: RunConfig) -> bool:
    """Whether the base of a run has vectors to read: encoders do."""
    return BASES[config.base].family == "encoder"


def vectors(task: Task, config: RunConfig, examples: Sequence[Example]) -> Floats:
    """Return what the frozen base makes of examples [n, slots x width]; windows of one text are averaged to one."""
    model, words = load_base(config.base), Words(locate(config.base), config.max_tokens)
    slots = 1 if task.windows else len(task.slots)
    width = model.config.hidden_size
    out = np.zeros((len(examples), slots, width), np.float32)
    rows = [task.segments(example) for example in examples]
    order = sorted(range(len(rows)), key=lambda i: sum(map(len, rows[i])))
    for start in range(0, len(order), _TOGETHER):
        part = order[start : start + _TOGETHER]
        batch = words.batch([rows[i] for i in part])
        with torch.inference_mode():
            found = torch.cat(
                [
                    _means(Group(model(input_ids=ids, attention_mask=mask).last_hidden_state, mask))
                    for ids, mask in batch.groups()
                ]
            ).numpy()
        for vector, owner, slot in zip(found, batch.owner.tolist(), batch.slot.tolist(), strict=True):
            out[part[owner], 0 if task.windows else slot] += vector
    if task.windows:
        out /= np.maximum(np.linalg.norm(out, axis=2, keepdims=True), 1e-9)
    return out.reshape(len(examples), slots * width)


def _means(group: Group) -> torch.Tensor:
    share = group.mask.unsqueeze(-1).to(group.states.dtype)
    return torch.nn.functional.normalize((group.states * share).sum(1) / share.sum(1), dim=1)


def regression() -> LogisticRegression:
    """Return the unfitted linear head."""
    return LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=2000)


def answers(
    task: Task, config: RunConfig, train: Sequence[Example], examples: Sequence[Example], cache: Path | None = None
) -> list[int] | None:
    """Return the index of the label it says of each example; None where the base is no encoder."""
    if not applies(config):
        return None
    learned = drawn(train)
    kept = _kept(task, config, learned, examples, cache)
    if kept is not None and kept.exists():
        return [int(i) for i in json.loads(kept.read_text(encoding="utf-8"))]
    right = [task.labels.index(example.label or "") for example in learned]
    if len(set(right)) < 2:
        return [right[0]] * len(examples) if right else None
    head = regression().fit(vectors(task, config, learned), right)
    said = head.predict(vectors(task, config, examples)).tolist() if len(examples) else []
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_name(f".{kept.name}")
        draft.write_text(json.dumps(said), encoding="utf-8")
        draft.replace(kept)
    return said


def drawn(train: Sequence[Example]) -> Sequence[Example]:
    """Return the training rows that are read: all, or those whose words hash lowest."""
    return train if len(train) <= MOST else data.draw(train, MOST / len(train))


def _kept(
    task: Task, config: RunConfig, train: Sequence[Example], examples: Sequence[Example], cache: Path | None
) -> Path | None:
    """Return the file that keeps what was said, named by all that it depends on."""
    if cache is None:
        return None
    base = BASES[config.base]
    depends = hashlib.sha256(
        f"{_VERSION} {task.name} {base.name} {base.sha256} {base.revision} {config.max_tokens} {STRENGTH}".encode()
    )
    for row in (*train, *examples):
        depends.update(json.dumps([list(task.segments(row)), row.label]).encode())
    return cache / "untuned" / f"{depends.hexdigest()}.json"
