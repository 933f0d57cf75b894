"""Every knob of a training run: its default, its limits and its help text, once.

A recipe is this class as YAML; the run folder keeps a copy. The limits hold for file, form and command line alike.
"""

import math
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

import tasks
from models.bases import BASES
from tasks.spec import UserError


def knob(default: float, lo: float, hi: float, help: str) -> Any:
    """Declare a number a trainer may turn."""
    return field(default=default, metadata={"lo": lo, "hi": hi, "help": help})


@dataclass(frozen=True)
class RunConfig:
    """One training run, fully said: the same config on the same machine gives the same adapter."""

    task: str
    base: str = "minilm-l6"
    datasets: tuple[str, ...] = ()
    mixture: Mapping[str, float] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    first_epochs: int = knob(1, 1, 20, "Passes over the sets learned first, before the others join.")
    epochs: int = knob(4, 1, 50, "Passes over the training set.")
    batch_size: int = knob(16, 1, 256, "Examples per optimiser step.")
    accumulation: int = knob(1, 1, 64, "Batches whose gradients are added up before a step.")
    rank: int = knob(16, 1, 256, "LoRA rank: the size of the adapter.")
    alpha: int = knob(32, 1, 1024, "LoRA scale: the update is multiplied by alpha / rank.")
    lora_dropout: float = knob(0.0, 0.0, 0.9, "Share of an adapter's inputs dropped while training.")
    dropout: float = knob(0.1, 0.0, 0.9, "Share of hidden values dropped in the base while training.")
    first_layer: int = knob(0, 0, 128, "Lowest block with an adapter; blocks below it stay as they are, and cost less.")
    learning_rate: float = knob(6e-4, 1e-6, 1e-1, "Step size of the adapter at the top of the schedule.")
    head_learning_rate: float = knob(1e-3, 1e-6, 1e-1, "Step size of the freshly made head.")
    warmup: float = knob(0.06, 0.0, 0.9, "Share of the steps over which the step size grows to its top.")
    weight_decay: float = knob(0.01, 0.0, 1.0, "How strongly weights are pulled to zero.")
    max_grad_norm: float = knob(1.0, 0.01, 1000.0, "A gradient longer than this is shortened to it before a step.")
    head_hidden: int = knob(256, 8, 4096, "Width of the head's inner layer.")
    head_dropout: float = knob(0.2, 0.0, 0.9, "Share of the head's inputs dropped while training.")
    ordinal_spread: float = knob(0.8, 0.05, 5.0, "How far, in values, an ordinal target leaks to its neighbours.")
    label_loss: float = knob(0.5, 0.0, 10.0, "Weight of the loss on the labels the main head folds into.")
    ranking_loss: float = knob(0.0, 0.0, 10.0, "Weight of ranking right labels above wrong ones, where several hold.")
    teacher: float = knob(0.0, 0.0, 1.0, "Share of the target taken from a teacher that sees the whole form.")
    class_balance: float = knob(0.0, 0.0, 1.0, "0: rows count alike; 1: labels count alike; 0.5: square root between.")
    average: float = knob(0.995, 0.0, 0.9999, "Decay of the running average of the weights; the average is kept.")
    max_tokens: int = knob(256, 8, 512, "Longest segment, in tokens; the middle of a longer one is left out.")
    patience: int = knob(3, 1, 50, "Epochs without a better validation score before training stops.")
    validation_share: float = knob(0.2, 0.05, 0.5, "Part of the training rows held back to choose and calibrate.")
    save_every: int = knob(100, 1, 1_000_000, "Steps between two checkpoints; one is also kept after every epoch.")
    max_rows: int = knob(0, 0, 10_000_000, "Use at most so many training rows; 0 uses all.")
    seed: int = knob(13, 0, 2**31 - 1, "Shuffling, dropout and the head's first weights.")
    split_seed: int = knob(7, 0, 2**31 - 1, "Which rows are held back for validation.")

    def __post_init__(self) -> None:
        if self.task not in {task.name for task in tasks.ALL}:
            raise UserError(f"There is no task {self.task!r}.")
        if self.base not in BASES:
            raise UserError(f"There is no base model {self.base!r}; known: {', '.join(BASES)}.")
        known = {data.name for data in tasks.get(self.task).data}
        if unknown := set(self.datasets) - known:
            raise UserError(
                f"{self.task} has no dataset {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}."
            )
        if unknown := set(self.first) - set(self.datasets):
            raise UserError(f"first names sets that are not among the datasets: {', '.join(sorted(unknown))}.")
        for name, share in self.mixture.items():
            extra = name in known and tasks.get(self.task).dataset(name).role == "extra"
            if not extra or not isinstance(share, (int, float)) or not 0 <= share <= 10:
                raise UserError(f"mixture takes a share from 0 to 10 of an extra dataset; not {name}: {share!r}.")
        for f in self.knobs():
            _check(f, getattr(self, f.name))

    @classmethod
    def knobs(cls) -> list[Field[Any]]:
        """Return the fields a trainer may turn, in the order a form shows them."""
        return [f for f in fields(cls) if f.metadata]

    @classmethod
    def load(cls, path: Path) -> "RunConfig":
        """Read a recipe; raise UserError that names the file where it says nothing sensible."""
        try:
            saved = yaml.safe_load(path.read_text())
        except (OSError, yaml.YAMLError) as error:
            raise UserError(f"{path.name} is not a readable YAML file.") from error
        if not isinstance(saved, Mapping) or "task" not in saved:
            raise UserError(f"{path.name} names no task.")
        if unknown := set(saved) - {f.name for f in fields(cls)}:
            raise UserError(
                f"{path.name} has fields this version does not know: {', '.join(sorted(map(str, unknown)))}."
            )
        return cls(**{**saved, "datasets": tuple(saved.get("datasets", ())), "first": tuple(saved.get("first", ()))})

    def dump(self) -> str:
        """Return the recipe as YAML, every knob said."""
        return yaml.safe_dump(
            {**asdict(self), "datasets": list(self.datasets), "first": list(self.first), "mixture": dict(self.mixture)},
            sort_keys=False,
        )


def _check(f: Field[Any], value: object) -> None:
    """Raise UserError where a knob is not a number of its kind within its limits; NaN is within none."""
    lo, hi, whole = f.metadata["lo"], f.metadata["hi"], f.type is int or f.type == "int"
    number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not lo <= value <= hi:  # type: ignore[arg-type]
        kind = "a whole number" if whole else "a number"
        raise UserError(f"{f.name} must be {kind} between {lo} and {hi}, not {value!r}.")
