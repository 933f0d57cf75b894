"""What a recipe would do, worked out without weights: ids, columns, target layers, memory, steps.

python -m training.train recipes/drug_reviews-founding-1.yaml --dry-run

What cannot be known on this machine (a set that is not here, a base whose size is only in its name) is said to be so.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

import tasks
from models.bases import BASES, NF4_BITS, revision
from models.kinds import KINDS
from tasks.spec import Data, Task, UserError
from training import data, estimate, machine, own, taught
from training.config import RunConfig
from training.skeleton import skeleton

UNKNOWN = "not known here"
QUANTISED = "NF4, double-quantised"
"""How models/weights.py quantises; a test sets the two beside each other."""


def told(config: RunConfig, home: Path) -> str:
    """Return what a run of this recipe would do, as YAML for people."""
    return yaml.safe_dump(resolved(config, home), sort_keys=False, allow_unicode=True, width=110)


def resolved(config: RunConfig, home: Path) -> dict[str, Any]:
    """Return the same as plain data.

    Raises:
        UserError: if a set of the recipe is here and its rows are not what the task reads, or none can be held back.
    """
    task = tasks.get(config.task)
    taught.check(task, config)
    found = {
        "task": task.name,
        "base": _base(config),
        "adapter": _adapter(config),
        "learning": _learning(config),
        "stages_before": [" + ".join(f"{name} * {share:g}" for name, share in stage) for stage in config.staged],
        "data": {d.name: _data(task, d) for d in data.used(task, config.datasets)},
        "asked": _asked(task, config),
        **_size(config, home),
    }
    return {name: part for name, part in found.items() if part}


def _base(config: RunConfig) -> dict[str, Any]:
    base = BASES[config.base]
    here = base.package or base.folder is not None
    return {
        "name": base.name,
        "id": base.repo,
        "revision": base.sha256 or revision(base.name) or (UNKNOWN if here else "resolved at the first download"),
        "family": base.family,
        "architecture": base.kind,
        "license": base.license,
        "gated": UNKNOWN if base.gated is None and not here else bool(base.gated),
        "parameters": base.parameters,
        "weights_gb": {
            "bfloat16": _gb(base.bytes()),
            "nf4": _gb(base.bytes(NF4_BITS)),
            "this_run": _gb(base.bytes(NF4_BITS if config.method == "qlora-4bit" else 16)),
        },
    }


def _gb(size: int | None) -> float | str:
    return UNKNOWN if size is None else round(size / 1e9, 2)


def _adapter(config: RunConfig) -> dict[str, Any]:
    shape = skeleton(config)
    first = f"from block {config.first_layer}" if config.first_layer else "all blocks"
    return {
        "method": config.method,
        "quantised": QUANTISED if config.method == "qlora-4bit" else "not",
        "rank": config.rank,
        "alpha": config.alpha,
        "dropout": config.lora_dropout,
        "layers": list(KINDS[BASES[config.base].kind].targets(config.targets)),
        "blocks": first if shape is None else f"{first} of {shape.layers}",
        "trained_parameters": UNKNOWN if shape is None else shape.trainable,
    }


def _learning(config: RunConfig) -> dict[str, Any]:
    """Return how steps are made, and of what the loss is taken."""
    spoken, by_head = BASES[config.base].spoken, config.answers == "head"
    return {
        "loss": "on the response only" if spoken and not by_head else "on the head's outputs",
        "class_weights": {0.0: "rows count alike", 1.0: "labels count alike"}.get(
            config.class_balance, f"between: rarity to the power {config.class_balance:g}"
        ),
        "learning_rate": config.learning_rate,
        "schedule": config.schedule,
        "optimizer": config.optimizer,
        "batch_size": config.batch_size,
        "accumulation": config.accumulation,
        "effective_batch": config.batch_size * config.accumulation,
        "epochs": config.epochs,
        "max_tokens": config.max_tokens,
    }


def _data(task: Task, found: Data) -> dict[str, Any]:
    """Return where a set is from, the columns of its file, and what its first row becomes."""
    out: dict[str, Any] = {
        "role": found.role,
        "id": found.repo or found.folder,
        "revision": found.revision or "not pinned; the local copy is read",
        "license": found.license,
    }
    if own.is_own(found.name) or not data.here(found):
        return out | {"here": own.is_own(found.name)}
    file = data.folder_of(found) / found.files.get("train", next(iter(found.files.values())))
    rows = data.joined(found, file)
    for row in rows:
        try:
            examples = found.to_examples(row)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{found.name}: a row has not what {task.title} reads ({error!r}).") from error
        if examples:
            example = examples[0]
            read = {"texts": [name for name in (*example.fields, *_texts(example)) if name], "label": example.label}
            return out | {"here": True, "columns": list(row), **read, "targets": sorted(example.targets)}
    raise UserError(f"{found.name}: no row of its file is one that {task.title} reads.")


def _texts(example: Any) -> list[str]:
    return ["text" if example.text else "", "context" if example.context else ""]


def _asked(task: Task, config: RunConfig) -> Mapping[str, Any]:
    """Return what a base that answers in words is asked; of an encoder nothing is asked."""
    if not BASES[config.base].spoken:
        return {}
    from models.prompts import prompt_of, questions

    prompt = prompt_of(task)
    asked = questions(task, prompt)
    answers = {"by": config.answers, "prefix": config.prompt, "question": asked[0].text, "questions": len(asked)}
    return {**answers, "answers": list(asked[0].answers)}


def _size(config: RunConfig, home: Path) -> dict[str, Any]:
    """Return rows, steps, memory and time, as far as they can be said."""
    try:
        plan, found = estimate.planned(config), estimate.estimate(config, home)
    except UserError as error:
        return {"steps": str(error)}
    rows = round(plan.rows)
    per_epoch = math.ceil(math.ceil(rows / config.batch_size) / config.accumulation)
    steps = {
        "rows_an_epoch": rows,
        "effective_batch": config.batch_size * config.accumulation,
        "an_epoch": per_epoch,
        "in_all": per_epoch * config.epochs,
    }
    try:
        machine.check(config)
    except UserError as error:  # what was measured on this machine says nothing of one that can do it
        return {"steps": steps, "memory_mb": UNKNOWN, "fits_this_machine": str(error), "minutes": UNKNOWN}
    return {
        "steps": steps,
        "memory_mb": UNKNOWN if found.memory_mb is None else round(found.memory_mb),
        "fits_this_machine": found.fits or UNKNOWN,
        "minutes": UNKNOWN if found.seconds is None else round(found.seconds / 60, 1),
    }
