"""What a run will take, said before it starts: parameters, memory, time. And what it did take, noted beside that.

Parameters are counted exactly. Memory and time are scaled from what was measured (`training/measured.py`): time by
tokens read and parameters passed through, memory by the tokens of the largest step. Rows are counted in the files and
their lengths taken from a sample, so nothing is tokenised here and no weight is read. Knows nothing of browsers.
"""

import math
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tasks
from models.bases import BASES, NF4_BITS
from tasks.spec import Task, UserError
from training import bounds, data, machine, measured, own, prepare, sizes
from training.config import RunConfig
from training.measured import Measured
from training.runs import Run
from training.sizes import Lengths, lengths
from training.skeleton import Skeleton, skeleton

TIGHT = 0.7
"""Share of the free memory from which a run counts as tight."""
STATES = 28
"""Bytes that each trained parameter takes beside the model: gradient, two moments, average, best, and two drafts."""
NEAR = 3
"""Measured runs, the most alike, whose middle is taken."""


@dataclass(frozen=True)
class Estimate:
    """What a run will take. None stands for what cannot be said.

    `rows` are those of an epoch; `fits` is "fits", "tight" or "too big", empty where not known; `runs_here` says on how
    many runs of this machine it rests, 0 meaning on what was measured elsewhere, and `same_base` whether any of what it
    rests on stood on this base.
    """

    trainable: int | None = None
    total: int | None = None
    rows: int | None = None
    memory_mb: float | None = None
    free_mb: float | None = None
    fits: str = ""
    seconds: float | None = None
    runs_here: int = 0
    same_base: bool = True


@dataclass(frozen=True)
class Plan:
    """How many rows a run reads and how long they are, in tokens as `Lengths` counts them."""

    rows: float
    row_tokens: float
    validation_rows: float
    step_tokens: float
    first_rows: float = 0.0


def estimate(config: RunConfig, home: Path, where: str | None = None) -> Estimate:
    """Return what a run will take on this machine, as far as it can be said.

    Raises:
        UserError: if a set it learns from is not here.
    """
    shape = skeleton(config)
    plan = planned(config)
    where = where or machine.device()
    free = machine.free_mb(where)
    if where == "cpu" and bounds.memory_gb():
        free = min(free, bounds.memory_gb() * 1e9 / machine.MIB)
    if shape is None:
        return Estimate(rows=round(plan.rows), free_mb=free)
    here, shipped = measured.known(home)
    asked = _as_asked(config, shape, plan, where)
    near, runs_here = _nearest(asked, here, shipped)
    memory = _memory(asked, near)
    if memory is not None and config.method == "qlora-4bit":
        base = BASES[config.base]
        memory -= ((base.bytes() or 0) - (base.bytes(NF4_BITS) or 0)) / machine.MIB
    return Estimate(
        trainable=shape.trainable,
        total=shape.total,
        rows=round(plan.rows),
        memory_mb=memory,
        free_mb=free,
        fits="" if memory is None else _fits(memory, free),
        seconds=_seconds(config, plan, asked, near),
        runs_here=runs_here,
        same_base=any(record.base == config.base for record in near),
    )


def planned(config: RunConfig) -> Plan:
    """Return what a run will read, reading of its sets their sizes, a sample, and labels where it evens them out."""
    task = tasks.get(config.task)
    most = config.max_rows or math.inf
    parts: list[tuple[float, Lengths]] = []  # rows learned from, before max_rows, by set
    extra = cut = ready = held = 0.0
    for found in data.used(task, config.datasets):
        size = lengths(task, found.name)
        if found.role == "extra":
            share = size.rows * config.mixture.get(found.name, 1.0)
            extra += share
            parts.append((share, size))
        elif own.is_own(found.name):  # cut already
            ready += min(size.rows, most)
            held += lengths(task, found.name, "validation").rows
            parts.append((size.rows, size))
        elif found.role == "train":
            cut += size.rows
            parts.append((size.rows, size))
    cut = min(cut, most)
    back = cut / config.folds  # whole parts are held back, so the share itself is only near it
    rows = _prepared(task, config, cut - back + ready) + min(extra, most)
    mean = sum(part * size.mean(config.max_tokens) for part, size in parts) / max(sum(part for part, _ in parts), 1)
    longest = max((size.longest(config.max_tokens) for part, size in parts if part), default=0.0)
    early = sum(lengths(task, name).rows * share for stage in config.staged for name, share in stage)
    first = early * config.first_epochs
    return Plan(rows, mean, back + held, longest * config.batch_size, first)


def _prepared(task: Task, config: RunConfig, rows: float) -> float:
    """Return how many rows are learned from once so many have been prepared as the recipe asks."""
    labels = Counter({"": 1})
    if any(config.prepare.get(name) for name in ("undersample", "oversample")):
        learned = (found.name for found in data.used(task, config.datasets) if found.role == "train")
        labels = sum((sizes.labels(task, name) for name in learned), Counter())
    whole = max(labels.total(), 1)
    return prepare.foretold({label: rows * count / whole for label, count in labels.items()}, config.prepare)


def _as_asked(config: RunConfig, shape: Skeleton, plan: Plan, where: str) -> Measured:
    """Return the run as if it had been measured, its figures 0: to be set beside those that were."""
    return Measured(
        base=config.base,
        device=where,
        dora=config.dora,
        inner=shape.inner,
        total=shape.total,
        trainable=shape.trainable,
        width=shape.width,
        layers=shape.layers,
        first_layer=min(config.first_layer, shape.layers - 1),
        batch_size=config.batch_size,
        row_tokens=plan.row_tokens,
        step_tokens=plan.step_tokens,
        samples_per_second=0.0,
        validation_samples_per_second=None,
        start_mb=0.0,
        peak_mb=0.0,
        setup_seconds=0.0,
    )


def _nearest(asked: Measured, here: Sequence[Measured], shipped: Sequence[Measured]) -> tuple[Sequence[Measured], int]:
    """Return the measured runs most like the one asked for, and how many of them ran here."""

    def apart(other: Measured) -> float:
        same = 10.0 * (other.base != asked.base) + 5.0 * (other.dora != asked.dora)
        return same + sum(
            abs(math.log(max(a, 1) / max(b, 1)))
            for a, b in (
                (asked.step_tokens * asked.width, other.step_tokens * other.width),
                (asked.row_tokens, other.row_tokens),
                (asked.inner, other.inner),
            )
        )

    mine = sorted((r for r in here if r.device == asked.device), key=apart)[:NEAR]
    if mine:
        return mine, len(mine)
    return sorted((r for r in shipped if r.device == asked.device), key=apart)[:NEAR], 0


def _memory(asked: Measured, near: Sequence[Measured]) -> float | None:
    """Return the most memory in MiB: the process, the model, what training keeps of each weight, and one step."""
    if not near or not asked.step_tokens:
        return None
    likest = near[0]  # not the middle of several: memory is no average
    per_token = max(likest.peak_mb - likest.start_mb - _held(likest), 0.0) / max(_step(likest), 1.0)
    return likest.start_mb + _held(asked) + per_token * _step(asked)


def _held(run: Measured) -> float:
    """Return the MiB of a model as it is held there, and of what training keeps of each trained weight."""
    return (_bytes(run) * run.total + STATES * run.trainable) / machine.MIB


def _bytes(run: Measured) -> float:
    """Return the bytes of a weight: 4, and 2 of a base that answers in words on a GPU, as models/weights.py has it."""
    base = BASES.get(run.base)
    return 2.0 if run.device == "cuda" and base is not None and base.spoken else 4.0


def _step(run: Measured) -> float:
    """Return how many states the largest step keeps for the way back: only adapted blocks keep any."""
    return run.step_tokens * run.width * (run.layers - run.first_layer)


def _seconds(config: RunConfig, plan: Plan, asked: Measured, near: Sequence[Measured]) -> float | None:
    """Return the seconds until the last planned epoch is over."""
    if not near or not asked.work:
        return None
    rate = statistics.median(r.samples_per_second * r.work for r in near) / asked.work
    forward = asked.row_tokens * asked.inner
    told = [(r.validation_samples_per_second, r.row_tokens * r.inner) for r in near]
    held = [speed * cost / forward for speed, cost in told if speed]
    epoch = plan.rows / rate + plan.validation_rows / (statistics.median(held) if held else rate)
    return statistics.median(r.setup_seconds for r in near) + config.epochs * epoch + plan.first_rows / rate


def _fits(memory: float, free: float) -> str:
    return "fits" if memory < TIGHT * free else "tight" if memory < free else "too big"


@contextmanager
def watched(run: Run) -> Iterator[None]:
    """Note in a run's facts what its training was estimated to take, and afterwards what it took; learn from that."""
    home, config = run.folder.parent.parent, run.config
    resumed = any(run.checkpoints.glob("*/step-*"))
    if "estimate" not in run.facts:
        try:
            run.note({"estimate": asdict(estimate(config, home))})
        except UserError:  # a set that is not here: the run itself will say so
            run.note({"estimate": asdict(Estimate())})
    where, begun, start = machine.device(), time.monotonic(), measured.resident_mb()
    yield
    took, peak = time.monotonic() - begun, measured.peak_mb(where)
    shape = skeleton(config)
    run.note(
        {
            "measured": {
                "trainable": shape.trainable if shape else None,
                "rows": run.facts["train_rows"] + run.facts["extra_rows"],
                "memory_mb": peak,
                # A resumed run was begun by another process; its own seconds would be too few.
                "seconds": None if resumed else took,
                "steps": run.facts["steps"],
                "planned_steps": run.facts["planned_steps"],
            }
        }
    )
    if not resumed and shape is not None:
        _learn(run, _as_asked(config, shape, planned(config), where), took, start, peak, home)


def _learn(run: Run, asked: Measured, took: float, start: float, peak: float, home: Path) -> None:
    """Add the run to what was measured here, where its curve is long enough to tell a speed."""
    facts, points = run.facts, run.points
    speed, held = measured.speeds(points, facts["validation_rows"])
    if speed is None:
        return
    rows = facts["train_rows"] + facts["extra_rows"]
    fitting = rows * (facts["steps"] / max(facts["planned_steps"], 1)) * run.config.epochs / speed
    fitting += sum(point.get("validation_seconds", 0.0) for point in points)
    figures: Mapping[str, Any] = {
        "samples_per_second": speed,
        "validation_samples_per_second": held,
        "start_mb": start,
        "peak_mb": max(peak, start),
        "setup_seconds": max(0.0, took - fitting),
    }
    measured.remember(Measured(**{**asdict(asked), **figures}), home)


def told(facts: Mapping[str, Any]) -> tuple[Estimate, Mapping[str, Any]] | None:
    """Return what a run's facts hold of estimate and truth, or None where it was made before there were any."""
    if "estimate" not in facts:
        return None
    return Estimate(**facts["estimate"]), facts.get("measured", {})
