"""Every knob of a training run: its default, its limits and its help text, once.

A recipe is this class as YAML; the run folder keeps a copy. The limits hold for file, form and command line alike.
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from pathlib import Path
from reprlib import repr as quoted
from typing import Any

import yaml

import tasks
from models.bases import BASES, TARGETS, Base
from tasks.spec import UserError
from training import own, plainyaml
from training.knobs import check, check_name, check_names, check_table, choice, knob, switch

LOOP, LORA, STEP, LOSS, DATA = "Training", "LoRA", "Optimiser", "Head and loss", "Data"
"""Groups of knobs, as a form shows them."""

SCHEDULES = ("linear", "cosine", "constant")
PRECISIONS = ("auto", "float32", "bfloat16")
METHODS = ("lora", "qlora-4bit")
OPTIMIZERS = ("adamw", "paged-adamw-8bit")
ANSWERS = ("words", "head")
MOST_STAGES = 8
_SHARE = re.compile(r"[0-9](?:\.[0-9]{0,6})?|\.[0-9]{1,6}")
PROMPT_CHARS = 1000
"""Longest text that is put before what a base that answers in words reads."""
NAMES, LISTS, TABLES = ("task", "base", "start"), ("datasets", "first", "then"), ("mixture", "prepare")
"""Settings that are no knobs: one name, a list of names, numbers by name."""


@dataclass(frozen=True)
class RunConfig:
    """One training run, fully said: the same config on the same machine gives the same adapter."""

    task: str
    base: str = "minilm-l6"
    datasets: tuple[str, ...] = ()
    mixture: Mapping[str, float] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    """Stages after `first` and before the last, which is on `datasets`; sets of one stage are joined by a plus.

    In either list a set may say how much of it is learned: "scifact_abstracts * 0.25"; else `first_share` does."""
    start: str = ""
    prompt: str = ""
    prepare: Mapping[str, float] = field(default_factory=dict)
    first_epochs: int = knob(DATA, 1, 1, 20, "Passes over the sets of each stage before the last.")
    first_share: float = knob(
        DATA, 1.0, 0.001, 1.0, "Share of a set's rows in stages before the last, where none is named."
    )
    epochs: int = knob(LOOP, 4, 1, 50, "Passes over the training set.")
    batch_size: int = knob(LOOP, 16, 1, 256, "Examples per optimiser step.")
    accumulation: int = knob(LOOP, 1, 1, 64, "Batches whose gradients are added up before a step.")
    method: str = choice(LORA, "lora", METHODS, "qlora-4bit: the base in 4 bits, a quarter of the memory; needs CUDA.")
    rank: int = knob(LORA, 16, 1, 256, "LoRA rank: the size of the adapter.")
    alpha: int = knob(LORA, 32, 1, 1024, "LoRA scale: the update is multiplied by alpha / rank.")
    answers: str = choice(
        LORA, "words", ANSWERS, "Bases that answer in words only. words: by their likelihood; head: by a head on a T5."
    )
    targets: str = choice(LORA, "all-linear", tuple(TARGETS), "Which linear layers of a block get an adapter.")
    rslora: bool = switch(LORA, "Scale by alpha / sqrt(rank) instead: steadier at high ranks (rsLoRA).")
    dora: bool = switch(LORA, "Learn length and direction of the update apart (DoRA): slower, sometimes better.")
    lora_dropout: float = knob(LORA, 0.0, 0.0, 0.9, "Share of an adapter's inputs dropped while training.")
    dropout: float = knob(LORA, 0.1, 0.0, 0.9, "Share of hidden values dropped in the base while training.")
    first_layer: int = knob(
        "LoRA", 0, 0, 128, "Lowest block with an adapter; blocks below it stay as they are, and cost less."
    )
    learning_rate: float = knob(STEP, 6e-4, 1e-6, 1e-1, "Step size of the adapter at the top of the schedule.")
    head_learning_rate: float = knob(STEP, 1e-3, 1e-6, 1e-1, "Step size of the freshly made head.")
    optimizer: str = choice(STEP, "adamw", OPTIMIZERS, "paged-adamw-8bit: a quarter of the memory; needs CUDA.")
    schedule: str = choice(STEP, "linear", SCHEDULES, "How the step size falls after the warm-up.")
    warmup: float = knob(STEP, 0.06, 0.0, 0.9, "Share of the steps over which the step size grows to its top.")
    weight_decay: float = knob(STEP, 0.01, 0.0, 1.0, "How strongly weights are pulled to zero.")
    max_grad_norm: float = knob(
        "Optimiser", 1.0, 0.01, 1000.0, "A gradient longer than this is shortened to it before a step."
    )
    head_hidden: int = knob(LOSS, 256, 8, 4096, "Width of the head's inner layer.")
    head_dropout: float = knob(LOSS, 0.2, 0.0, 0.9, "Share of the head's inputs dropped while training.")
    ordinal_spread: float = knob(
        "Head and loss", 0.8, 0.05, 5.0, "How far, in values, an ordinal target leaks to its neighbours."
    )
    label_loss: float = knob(
        "Head and loss", 0.5, 0.0, 10.0, "Weight of the loss on the labels the main head folds into."
    )
    ranking_loss: float = knob(
        "Head and loss", 0.0, 0.0, 10.0, "Weight of ranking right labels above wrong ones, where several hold."
    )
    teacher: float = knob(
        "Head and loss", 0.0, 0.0, 1.0, "Share of the target taken from a teacher that sees the whole form."
    )
    word_share: float = knob(
        "Head and loss", 0.0, 0.0, 0.9, "Share of the answer that words alone give; for texts read in windows."
    )
    sign_share: float = knob(
        "Head and loss", 0.0, 0.0, 0.9, "Share of the answer that counted expressions give; for tasks that name some."
    )
    class_balance: float = knob(
        "Head and loss", 0.0, 0.0, 1.0, "0: rows count alike; 1: labels count alike; 0.5: square root between."
    )
    average: float = knob(
        "Optimiser", 0.995, 0.0, 0.9999, "Decay of the running average of the weights; the average is kept."
    )
    max_tokens: int = knob(DATA, 256, 8, 8192, "Longest text read at once, in tokens; a longer one is cut.")
    patience: int = knob(LOOP, 3, 1, 50, "Epochs without a better validation score before training stops.")
    validation_share: float = knob(
        "Data", 0.2, 0.05, 0.5, "Part of the training rows held back to choose and calibrate."
    )
    save_every: int = knob(
        "Training", 100, 1, 1_000_000, "Steps between two checkpoints; one is also kept after every epoch."
    )
    precision: str = choice(
        "Training", "auto", PRECISIONS, "auto: bfloat16 where the machine multiplies it in hardware."
    )
    max_rows: int = knob(DATA, 0, 0, 10_000_000, "Use at most so many training rows; 0 uses all.")
    seed: int = knob(LOOP, 13, 0, 2**31 - 1, "Shuffling, dropout and the head's first weights.")
    split_seed: int = knob(DATA, 7, 0, 2**31 - 1, "Which rows are held back for validation.")
    fold: int = knob(DATA, 0, 0, 19, "Which part of that split is held back; over all parts every row is, once.")
    averaged: int = 0
    """Of how many runs, one a fold, the weights are the mean; 0 is a run that learned them (training/average.py)."""

    def __post_init__(self) -> None:
        for kind, names in ((check_name, NAMES), (check_names, LISTS), (check_table, TABLES)):
            for name in names:
                kind(name, getattr(self, name))
        if self.task not in {task.name for task in tasks.ALL}:
            raise UserError(f"There is no task {quoted(self.task)}.")
        if self.base not in BASES:
            raise UserError(f"There is no base model {quoted(self.base)}; known: {', '.join(BASES)}.")
        self._check_sets()
        for f in self.knobs():
            check(f, getattr(self, f.name))
        self._check_folds()
        self._check_base(BASES[self.base])

    @property
    def folds(self) -> int:
        """Return into how many parts `validation_share` cuts the rows."""
        return max(2, round(1 / self.validation_share))

    def _check_folds(self) -> None:
        if self.fold >= self.folds:
            raise UserError(
                f"validation_share {self.validation_share:g} cuts {self.folds} parts; fold {self.fold} is none."
            )
        if self.fold and any(map(own.is_own, self.datasets)):
            raise UserError("Your own rows were cut when they were made ready; fold cannot be chosen for them.")
        if type(self.averaged) is not int or not (self.averaged == 0 or 2 <= self.averaged <= 20):
            raise UserError("averaged is the number of runs whose mean this is, from 2 to 20; or 0.")

    def _check_base(self, base: Base) -> None:
        """Refuse what this base cannot do."""
        if not base.trains:
            raise UserError(f"{base.name} answers over the network and cannot be trained here.")
        if self.max_tokens > base.max_tokens:
            raise UserError(f"max_tokens must be at most {base.max_tokens} on {base.name}, not {self.max_tokens}.")
        if self.answers == "head" and base.kind != "t5":
            raise UserError(f"answers: head is for T5 bases; {base.name} is a {base.kind}.")
        if base.spoken and self.answers == "words" and (self.teacher or self.start):
            raise UserError("A teacher or another task's adapter can only be used with a head, not with label words.")
        if not isinstance(self.prompt, str) or len(self.prompt) > PROMPT_CHARS:
            raise UserError(f"prompt must be a text of at most {PROMPT_CHARS} characters.")

    def _check_sets(self) -> None:
        known = {data.name for data in tasks.get(self.task).data}
        if unknown := {name for name in self.datasets if not own.is_own(name)} - known:
            raise UserError(
                f"{self.task} has no dataset {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}."
            )
        self._check_stages()
        if self.start and self.start not in {task.name for task in tasks.ALL}:
            named = quoted(self.start)
            raise UserError(f"start names the task whose adapter is gone on from; there is no task {named}.")
        self._check_written()
        for name, share in self.mixture.items():
            extra = name in known and tasks.get(self.task).dataset(name).role == "extra"
            if not extra or not isinstance(share, (int, float)) or not 0 <= share <= 10:
                raise UserError(f"mixture takes a share from 0 to 10 of an extra dataset; not {name}: {quoted(share)}.")
        for name, strength in self.prepare.items():
            if not isinstance(strength, (int, float)) or isinstance(strength, bool) or not 0 <= strength <= 1:
                raise UserError(f"prepare takes a strength from 0 to 1 of an option; not {name}: {quoted(strength)}.")

    def _check_stages(self) -> None:
        if unknown := {name for stage in self.stages for name in stage} - set(self.datasets):
            named = ", ".join(sorted(name or "(nothing)" for name in unknown))
            raise UserError(f"A stage names sets that are not among the datasets: {named}.")
        if len(self.stages) > MOST_STAGES:
            raise UserError(f"At most {MOST_STAGES} stages may come before the last, not {len(self.stages)}.")

    def _check_written(self) -> None:
        """Refuse written answers where nothing can learn from them, and alone: a run is chosen and scored on labels."""
        sets = {name: None if own.is_own(name) else tasks.get(self.task).dataset(name) for name in self.datasets}
        written = [name for name, data in sets.items() if data is not None and data.written]
        if not written:
            return
        if not BASES[self.base].spoken or self.answers == "head":
            raise UserError(f"Only a base that answers in words learns from written answers: {', '.join(written)}.")
        if not any(data is None or data.role == "train" for data in sets.values()):
            raise UserError(f"Beside {', '.join(written)} a run needs a set with labels, to be chosen and scored on.")

    @property
    def counts(self) -> bool:
        """Whether the task's signs stand beside the adapter: asked for, named by the task, and the base has a head."""
        return bool(self.sign_share and tasks.get(self.task).signs and not BASES[self.base].spoken)

    @property
    def stages(self) -> tuple[tuple[str, ...], ...]:
        """Return the sets of each stage before the last, in order."""
        return tuple(tuple(name for name, _ in stage) for stage in self.staged)

    @property
    def staged(self) -> tuple[tuple[tuple[str, float], ...], ...]:
        """Return the same, each set with the share of its rows that is learned; raise UserError where it is none."""
        first = (self.first,) if self.first else ()
        return tuple(tuple(map(self._share, stage)) for stage in (*first, *(stage.split("+") for stage in self.then)))

    def _share(self, said: str) -> tuple[str, float]:
        name, mark, share = (part.strip() for part in said.partition("*"))
        if not mark:
            return name, self.first_share
        if not _SHARE.fullmatch(share) or not 0.001 <= float(share) <= 1:
            raise UserError(f"{quoted(name)} * {quoted(share)}: a stage learns a share of a set from 0.001 to 1.")
        return name, float(share)

    @classmethod
    def knobs(cls) -> list[Field[Any]]:
        """Return the fields a trainer may turn, in the order a form shows them."""
        return [f for f in fields(cls) if f.metadata]

    @classmethod
    def load(cls, path: Path) -> "RunConfig":
        """Read a recipe; raise UserError that names the file where it says nothing sensible."""
        try:
            return cls.parse(path.read_text(encoding="utf-8"), path.name)
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{path.name} is not a readable YAML file.") from error

    @classmethod
    def parse(cls, text: str, name: str = "The recipe") -> "RunConfig":
        """Read the text of a recipe; raise UserError that says what is wrong in it."""
        return cls.said(plainyaml.document(text, f"{name} is not a readable YAML file."), name)

    @classmethod
    def said(cls, saved: object, name: str) -> "RunConfig":
        """Return the config that the fields of a recipe say; raise UserError that says what is wrong in them."""
        if not isinstance(saved, Mapping) or "task" not in saved:
            raise UserError(f"{name} names no task.")
        if unknown := set(saved) - {f.name for f in fields(cls)}:
            raise UserError(f"{name} has fields this version does not know: {', '.join(sorted(map(str, unknown)))}.")
        given = {n: v for n, v in saved.items() if v is not None or n not in (*LISTS, *TABLES, "start")}
        return cls(**{n: tuple(v) if n in LISTS and isinstance(v, list) else v for n, v in given.items()})

    def as_dict(self) -> dict[str, Any]:
        """Return every field as plain data, in order."""
        lists = {"datasets": list(self.datasets), "first": list(self.first), "then": list(self.then)}
        return {**asdict(self), **lists, "mixture": dict(self.mixture), "prepare": dict(self.prepare)}

    def dump(self) -> str:
        """Return the recipe as YAML, every knob said."""
        return yaml.safe_dump(self.as_dict(), sort_keys=False)


def from_form(said: Mapping[str, Any]) -> RunConfig:
    """Return the config that a form says; what a field may hold is refused in the config's own words.

    Forms give numbers as floats and lists as lists; a field left empty has its default.
    """
    values: dict[str, Any] = {}
    for f in fields(RunConfig):
        value = said.get(f.name)
        if value is None or value == "":
            continue
        if isinstance(value, float) and f.type in (int, "int") and value.is_integer():
            value = int(value)
        values[f.name] = tuple(value) if isinstance(value, list) else value
    if "task" not in values:
        raise UserError("Choose a task first.")
    return RunConfig(**values)


def command(config: RunConfig) -> str:
    """Return the command that makes this very run, to be pasted into a shell in the project's folder."""
    plain = RunConfig(config.task)
    told = {n: v for n, v in config.as_dict().items() if n == "task" or v != plain.as_dict()[n]}
    recipe = yaml.safe_dump(told, sort_keys=False, default_flow_style=True, width=10_000).strip()
    return f"python -m training.train --recipe {shlex.quote(recipe)}"
