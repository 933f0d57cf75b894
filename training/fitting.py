"""One fit in progress, and what it needs to be taken up again exactly: weights, optimiser, averages, place, dice.

Knows nothing of datasets, of loops or of run folders.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import models.libraries

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from models.arithmetic import fast_bf16
from models.encoder import Reader
from tasks.spec import UserError
from training import checkpoint, team
from training.config import RunConfig

Log = Callable[[dict[str, float]], None]
Score = Callable[[Reader], dict[str, float]]
"""Scores a reader on validation rows; the entry "score" is the one to be made large."""


class Stopped(Exception):
    """Somebody asked the run to stop; a checkpoint holds all of it."""


@dataclass(frozen=True)
class Outside:
    """What a fit has to do with the world: whom it tells, whom it asks, where it keeps itself."""

    log: Log = lambda point: None
    alert: Callable[[str], None] = lambda text: None
    wanted: Callable[[], str] = lambda: ""
    """"", "stop" (leave a checkpoint and end) or "keep" (end, and keep what was learned)."""
    folder: Path | None = None
    tokens: Path | None = None
    """Where the token ids of training rows are kept between runs; None: they are made anew for every batch."""
    clock: Callable[[], float] = time.monotonic


@dataclass
class Place:
    """Where a fit stands; all of it is in every checkpoint."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    sum_loss: float = 0.0
    in_sum: float = 0.0
    first_loss: float = 0.0
    best: dict[str, float] = field(default_factory=lambda: {"score": -math.inf})
    best_epoch: int = 0


class Fitting:
    """One fit in progress: the reader, its optimiser, the average of its weights, and the best of them."""

    def __init__(self, config: RunConfig, reader: Reader, score: Score | None, outside: Outside) -> None:
        self.config, self.reader, self.score, self.outside = config, reader, score, outside
        # Accelerate keeps the first precision it is told for the whole process, in which a taste may follow a taste.
        self.accelerator = Accelerator(cpu=not torch.cuda.is_available(), mixed_precision="no")
        self.bfloat16 = config.precision == "bfloat16" or (config.precision == "auto" and fast_bf16())
        self.reader.to(self.accelerator.device)
        self.weights = [p for p in reader.parameters() if p.requires_grad]
        self.optimizer = _optimizer(config)(
            [
                {"params": [p for p in reader.body.parameters() if p.requires_grad], "lr": config.learning_rate},
                {"params": list(reader.head.parameters()), "lr": config.head_learning_rate},
            ],
            weight_decay=config.weight_decay,
        )
        self.top = [group["lr"] for group in self.optimizer.param_groups]
        self.average = [p.detach().clone() for p in self.weights]
        self.kept = [p.clone() for p in self.average]
        self.place = Place()
        self.planned = 1
        self.made_of = ""
        """What stands for the rows and the base it learns from, where that is known."""

    def mixed(self) -> torch.autocast:
        """Return the context in which a batch is read: bfloat16 where the recipe or the machine asks for it."""
        return torch.autocast(self.accelerator.device.type, torch.bfloat16, enabled=self.bfloat16)

    def step(self, loss: Tensor, last: bool, share: float = 1.0) -> float | None:
        """Take in a batch and its loss; after the last of a step update the weights and return the gradient norm.

        `share` is how much of a batch this is, where one is taken in in parts.
        """
        if not torch.isfinite(loss):
            raise UserError(f"The loss is not a number at step {self.place.step}; try a lower learning rate.")
        if loss.requires_grad:  # a process that a small batch has left no row has none to give
            self.accelerator.backward(loss * share / self.config.accumulation)
        self.place.sum_loss += float(loss.detach()) * share
        self.place.in_sum += share
        if not last:
            return None
        team.add_up(self.weights)
        norm = float(nn.utils.clip_grad_norm_(self.weights, self.config.max_grad_norm))
        share = schedule(self.config, self.planned, self.place.step)
        for group, top in zip(self.optimizer.param_groups, self.top, strict=True):
            group["lr"] = top * share
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.place.step += 1
        # The average starts fast (d = 2/11 at the first step) so that it never drags random first weights along.
        decay = min(self.config.average, (1 + self.place.step) / (10 + self.place.step))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, [p.detach() for p in self.weights], 1 - decay)
        return norm

    def gathered(self) -> list[Tensor | None]:
        """Return a copy of the gradients that this step has gathered so far."""
        return [None if p.grad is None else p.grad.clone() for p in self.weights]

    def forget(self, before: Sequence[Tensor | None]) -> None:
        """Put the gradients back as they were `before` a batch that did not fit."""
        for weight, gradient in zip(self.weights, before, strict=True):
            weight.grad = gradient
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def validate(self) -> dict[str, float]:
        """Score the averaged weights, remember them if they are the best so far, and go on with the others."""
        now = [p.detach().clone() for p in self.weights]
        self._put(self.average)
        self.reader.eval()
        # Without a score the last weights are kept: by the step, which goes on counting where a fit is taken up again.
        found = team.agree(self.score(self.reader) if self.score else {"score": float(self.place.step)})
        self.reader.train()
        if found["score"] > self.place.best["score"]:
            self.place.best, self.place.best_epoch = found, self.place.epoch
            self.kept = [p.clone() for p in self.average]
        self._put(now)
        return found

    def keep_best(self) -> None:
        """Leave the best averaged weights in the reader; before the first validation, the average so far."""
        self._put(self.kept if self.place.best_epoch else self.average)

    def save(self) -> None:
        """Write a checkpoint, where there is a place for one; of several processes the main one writes it."""
        if self.outside.folder is None:
            return
        dice = team.everyone(_dice())
        if not team.main():
            return
        tensors = {_of(name, who): state for who, states in enumerate(dice) for name, state in states.items()}
        for i, p in enumerate(self.weights):
            tensors |= {f"now.{i}": p, f"average.{i}": self.average[i], f"kept.{i}": self.kept[i]}
            state = {name: torch.as_tensor(value) for name, value in self.optimizer.state[p].items()}
            tensors |= {f"adam.{name}.{i}": value for name, value in state.items()}
        facts = {**vars(self.place), "config": self.config.dump(), "threads": torch.get_num_threads()}
        facts |= {"processes": team.size(), "made_of": self.made_of}
        checkpoint.save(self.outside.folder, self.place.step, tensors, facts)

    def load(self) -> bool:
        """Go on from the newest checkpoint; return whether there was one.

        Raises:
            UserError: if it was made with other settings, on other rows or on another base.
        """
        found = self._found()
        if found is None:
            return False
        facts = self._checked(dict(found.facts))
        self.place = Place(**facts)
        with torch.no_grad():
            for i, p in enumerate(self.weights):
                p.copy_(found.tensors[f"now.{i}"])
                self.average[i].copy_(found.tensors[f"average.{i}"])
                self.kept[i].copy_(found.tensors[f"kept.{i}"])
                prefix = "adam."
                names = [n for n in found.tensors if n.startswith(prefix) and n.endswith(f".{i}")]
                state = {n[len(prefix) : -len(f".{i}")]: found.tensors[n].clone() for n in names}
                self.optimizer.state[p] = {n: t if n == "step" else t.to(p.device) for n, t in state.items()}
                if self.config.optimizer != "adamw" and "step" in state:  # bitsandbytes counts in plain numbers
                    self.optimizer.state[p]["step"] = int(state["step"])
        for name, state in _dice().items():
            _set_dice(name, found.tensors.get(_of(name, team.rank()), state))
        return True

    def _found(self) -> checkpoint.Checkpoint | None:
        """Return the newest whole checkpoint, where there is one; damaged ones are put aside, and that is told."""
        folder = self.outside.folder
        if folder is None:
            return None
        if team.main() and (torn := checkpoint.set_aside(folder)):
            self.outside.alert(f"Damaged checkpoints were put aside: {torn}. It goes on from the newest that is whole.")
        return checkpoint.newest(folder)

    def _checked(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Return where a checkpoint stands; raise UserError where this fit cannot go on from it."""
        if facts.pop("config") != self.config.dump():
            raise UserError("The checkpoint was made with other settings; start a new run instead.")
        if facts.pop("made_of", self.made_of) != self.made_of:
            raise UserError("The rows or the base are not those this run began with; start a new run instead.")
        if facts.pop("threads") != torch.get_num_threads():
            self.outside.alert("Resumed with another number of threads: equal to rounding, not bit for bit.")
        if facts.pop("processes", 1) != team.size():
            self.outside.alert("Resumed with another number of processes: its dropout is drawn anew.")
        return facts

    def _put(self, values: Sequence[Tensor]) -> None:
        with torch.no_grad():
            for p, value in zip(self.weights, values, strict=True):
                p.copy_(value)


def _optimizer(config: RunConfig) -> Any:
    """Return the class of a run's optimiser; the paged 8-bit one moves its state to the CPU where a GPU is full."""
    if config.optimizer == "adamw":
        return torch.optim.AdamW
    from bitsandbytes.optim import PagedAdamW8bit

    return PagedAdamW8bit


def schedule(config: RunConfig, steps: int, step: int) -> float:
    """Return the share of the top learning rate at a step: up over the warm-up, then down to 2 % as asked."""
    warm = max(1.0, config.warmup * steps)
    left = (steps - step) / steps
    fall = {"linear": left, "cosine": (1 - math.cos(math.pi * left)) / 2, "constant": 1.0}[config.schedule]
    return (min(1.0, step / warm) if config.warmup else 1.0) * max(0.02, fall)


def _dice() -> dict[str, Tensor]:
    """Return the states of this process's random generators by name."""
    cuda = {"rng_cuda": torch.cuda.get_rng_state()} if torch.cuda.is_available() else {}
    return {"rng": torch.get_rng_state(), **cuda}


def _set_dice(name: str, state: Tensor) -> None:
    (torch.cuda.set_rng_state if name == "rng_cuda" else torch.set_rng_state)(state)


def _of(name: str, who: int) -> str:
    """Return under which name a checkpoint holds a state of the process of that number."""
    return f"{name}.{who}" if who else name
