"""What a head is told when it is wrong. Logits and targets in, one number out; knows nothing of the Trainer."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from tasks.spec import Example, Head, Task
from training.config import RunConfig

Targets = Mapping[str, Tensor]


class TaskLoss:
    """The sum of the heads' losses, weighted by head and by how rare a row's label is."""

    def __init__(self, task: Task, config: RunConfig, train: Sequence[Example]) -> None:
        self.task = task
        self.label_weight = config.label_loss
        self.teacher = config.teacher
        self.ranking = config.ranking_loss
        self.widths = [len(head.values) for head in task.heads]
        self.soft = {h.name: _soft(h, config.ordinal_spread) for h in task.heads if not h.multi}
        first = task.heads[0]
        self.fold = torch.tensor([[float(v in task.fold[label]) for label in task.labels] for v in first.values])
        counts = torch.tensor([sum(e.label == label for e in train) for label in task.labels]).clamp(min=1)
        # Mean weight over the rows stays about 1, so the learning rate means the same whatever the balance.
        self.rarity = (counts.sum() / (len(counts) * counts)) ** config.class_balance

    def targets(self, examples: Sequence[Example], taught: Sequence[Any] | None = None) -> Targets:
        """Return per head the value indices [n] (-100: unknown), or for a multi head 0/1 [n, values] (-1: unknown).

        `taught` are a teacher's distributions over the first head's values, None for a row it did not judge.
        """
        labels = {label: i for i, label in enumerate(self.task.labels)}
        out = {"label": torch.tensor([labels[e.label] if e.label else -100 for e in examples])}
        for head in self.task.heads:
            index = {value: i for i, value in enumerate(head.values)}
            given = [e.targets.get(head.name) for e in examples]
            if head.multi:
                out[head.name] = torch.tensor([_marks(head, g) for g in given])
            else:
                out[head.name] = torch.tensor([-100 if g is None else index[g] for g in given])  # type: ignore[index]
        if self.teacher and taught is not None:
            blank = [-1.0] * self.widths[0]
            out["teacher"] = torch.tensor([blank if t is None else list(t) for t in taught], dtype=torch.float32)
        return out

    def __call__(self, logits: Tensor, targets: Targets) -> Tensor:
        """Return the loss of logits [n, outputs]."""
        weight = self.rarity.to(logits.device)[targets["label"].clamp(min=0)]
        total = logits.new_zeros(())
        for i, (head, part) in enumerate(zip(self.task.heads, logits.split(self.widths, dim=1), strict=True)):
            if i > 0 or "teacher" not in targets:
                own = self._head(head, part, targets[head.name], weight)
                if i == 0 and self.label_weight:
                    own = own + self.label_weight * self._label(part, targets["label"], weight)
            else:
                own = self._taught(head, part, targets, weight)
            total = total + head.weight * own
        return total

    def _taught(self, head: Head, logits: Tensor, targets: Targets, weight: Tensor) -> Tensor:
        """Return the first head's loss; of the target of a row that the teacher judged, `self.teacher` is its."""
        judged = (targets["teacher"] >= 0).all(dim=1)
        taught = targets["teacher"].clamp(min=0) * judged[:, None]
        hard = weight * (1 - self.teacher * judged)
        own = self._head(head, logits, targets[head.name], hard)
        log, fold = F.log_softmax(logits, dim=1), self.fold.to(logits.device)
        soft = -(taught * log).sum(1)
        if self.label_weight:
            own = own + self.label_weight * self._label(logits, targets["label"], hard)
            soft = soft - self.label_weight * ((taught @ fold) * torch.log((log.exp() @ fold).clamp(min=1e-8))).sum(1)
        return own + self.teacher * (soft * weight).sum() / len(judged)

    def _head(self, head: Head, logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        if head.multi:
            known = target >= 0
            loss = F.binary_cross_entropy_with_logits(logits, target.clamp(min=0), reduction="none")
            own = (loss * known).sum() / known.sum().clamp(min=1) * len(head.values) ** 0.5
            return own + self.ranking * _listwise(logits, target) if self.ranking else own
        known = target >= 0
        wanted = self.soft[head.name].to(logits.device)[target.clamp(min=0)]
        loss = -(wanted * F.log_softmax(logits, dim=1)).sum(1)
        return (loss * weight * known).sum() / known.sum().clamp(min=1)

    def _label(self, logits: Tensor, label: Tensor, weight: Tensor) -> Tensor:
        known = label >= 0
        share = F.softmax(logits, dim=1) @ self.fold.to(logits.device)
        loss = -torch.log(share.gather(1, label.clamp(min=0)[:, None]).squeeze(1).clamp(min=1e-8))
        return (loss * weight * known).sum() / known.sum().clamp(min=1)


def _listwise(logits: Tensor, target: Tensor) -> Tensor:
    """Return the cross-entropy of a softmax over the labels against the right ones, sharing one mass (Cao et al. 2007).

    Rows of which only some labels are known, or none is right, say nothing of the order.
    """
    whole = (target >= 0).all(dim=1) & (target.sum(dim=1) > 0)
    wanted = target.clamp(min=0) / target.clamp(min=0).sum(dim=1, keepdim=True).clamp(min=1)
    loss = -(wanted * F.log_softmax(logits, dim=1)).sum(dim=1)
    return (loss * whole).sum() / whole.sum().clamp(min=1)


def _marks(head: Head, given: str | tuple[str, ...] | None) -> list[float]:
    """Return 1, 0 or -1 (unknown) for each value of a multi head."""
    if given is None:
        return [-1.0] * len(head.values)
    absent = -1.0 if "?" in given else 0.0
    return [1.0 if value in given else absent for value in head.values]


def _soft(head: Head, spread: float) -> Tensor:
    """Return the target distribution of each value [values, values]: one-hot, or a bell around it where ordered."""
    size = len(head.values)
    if not head.ordinal:
        return torch.eye(size)
    place = torch.arange(float(size))
    bell = torch.exp(-((place[None] - place[:, None]) ** 2) / (2 * spread**2))
    return bell / bell.sum(1, keepdim=True)
