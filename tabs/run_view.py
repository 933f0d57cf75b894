"""What is said of runs, in plain words and plain tables: nothing here is drawn, and nothing is asked of a browser.

Every word of a headline is ours; what a person typed (a name, a label in a cause) is only ever put in plain boxes.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tabs.train_watch import Curve, Row
from training.config import RunConfig

if TYPE_CHECKING:
    from training.estimate import Estimate
    from training.runs import Run

STATES = {
    "queued": "Waiting",
    "starting": "Starting",
    "running": "Running",
    "stopping": "Stopping",
    "finished": "Finished",
    "stopped": "Stopped",
    "failed": "Failed",
    "interrupted": "Interrupted",
}
"""What each state of a run is called."""
ACTIVE = frozenset({"queued", "starting", "running", "stopping"})

BOARD = ("name", "task", "base", "state", "score", "run")
"""Columns of the list of runs."""

MEASURES = {
    "validation_macro_f1": "macro-F1",
    "validation_accuracy": "accuracy",
    "validation_lrap": "LRAP",
    "validation_macro_ap": "macro-AP",
    "validation_micro_f1": "micro-F1",
}
"""What a run may measure on validation rows, the one to compare runs by first."""

_NUMBERS: Mapping[str, tuple[str, str]] = {
    "epoch": ("Epoch", "{:.2f}"),
    "loss": ("Training loss", "{:.4f}"),
    "validation_loss": ("Validation loss", "{:.4f}"),
    **{name: (f"Validation {called}", "{:.3f}") for name, called in MEASURES.items()},
    "learning_rate": ("Learning rate", "{:.2e}"),
    "grad_norm": ("Gradient norm", "{:.3f}"),
    "samples_per_second": ("Training, examples a second", "{:.1f}"),
    "steps_per_second": ("Training, steps a second", "{:.2f}"),
    "validation_samples_per_second": ("Validation, examples a second", "{:.1f}"),
    "validation_seconds": ("Validation, seconds", "{:.1f}"),
    "memory_mb": ("Memory, MB", "{:,.0f}"),
}


def board(rows: Sequence[Row]) -> list[list[str]]:
    """Return the list of runs as rows of the table."""
    return [[row.title or "–", row.task, row.base, state(row), row.score or "–", row.id] for row in rows]


def state(row: Row) -> str:
    """Say the state of a run, and its place where it waits."""
    called = STATES.get(row.state, row.state)
    return f"{called}, {ordinal(row.position)} in line" if row.position else called


def choices(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return the runs as choices: what each is called, and its id."""
    return [(f"{row.title or row.id} · {state(row).lower()}", row.id) for row in rows]


def headline(run: "Run", curve: Curve) -> str:
    """Say where a run stands: state, step, speed and time left, in words that are ours alone."""
    said = [f"### {STATES.get(run.state, 'Unknown')}"]
    if run.position:
        said.append(f"{ordinal(run.position)} in line")
    step, steps = curve.last.get("step"), curve.last.get("steps")
    if _number(curve.last.get("stage")):
        said.append(f"stage {curve.last['stage']:.0f} of {curve.last.get('stages', 0):.0f}")
    if _number(step) and (step or steps):
        said.append(f"step {step:,.0f} of {steps:,.0f}" if _number(steps) else f"step {step:,.0f}")
    if _number(curve.last.get("epoch")):
        said.append(f"epoch {curve.last['epoch']:.1f} of {run.config.epochs}")
    if run.state in ACTIVE:
        if _number(curve.last.get("samples_per_second")):
            said.append(f"{curve.last['samples_per_second']:.0f} examples a second")
        if _number(curve.last.get("eta_seconds")):
            said.append(f"about {span(curve.last['eta_seconds'])} left")
    return " · ".join(said)


def numbers(run: "Run", curve: Curve) -> list[list[str]]:
    """Return the latest of every measured number, as text: for those who cannot see the figures too."""
    last = curve.last
    rows = [[called, form.format(last[name])] for name, (called, form) in _NUMBERS.items() if _number(last.get(name))]
    facts = run.facts
    for name, called in (
        ("train_rows", "Training rows"),
        ("validation_rows", "Validation rows"),
        ("split_id", "Split"),
    ):
        if name in facts:
            rows.append([called, f"{facts[name]:,}" if isinstance(facts[name], int) else str(facts[name])])
    return rows


def trouble(run: "Run") -> str:
    """Return why a run ended early and what it warns of, or nothing."""
    return "\n".join(line for line in (run.cause, *run.alerts) if line)


def differing(named: Sequence[tuple[str, RunConfig]]) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows of a table of the knobs in which runs differ."""
    asked = [asdict(config) for _, config in named]
    rows = [
        [knob, *(_short(config[knob]) for config in asked)]
        for knob in (asked[0] if asked else ())
        if any(config[knob] != asked[0][knob] for config in asked)
    ]
    return ["setting", *(name for name, _ in named)], rows


def foretold(found: "Estimate") -> str:
    """Say what a run will take, in words and numbers of ours; what cannot be said is said to be so."""
    said = []
    if found.trainable is not None and found.total:
        said.append(
            f"Trains **{found.trainable:,}** of {found.total:,} parameters ({found.trainable / found.total:.1%})."
        )
    else:
        said.append("Parameters: not known before the base's files are here.")
    if found.memory_mb is not None and found.free_mb is not None:
        said.append(f"Memory: about {_gb(found.memory_mb)}, {_gb(found.free_mb)} free here: **{found.fits}**.")
    else:
        said.append("Memory: not measured for runs like this.")
    if found.seconds is not None:
        said.append(f"Time: **about {span(found.seconds)}** for {found.rows:,} rows an epoch; it may stop earlier.")
    else:
        said.append("Time: not measured for runs like this.")
    if found.memory_mb is not None or found.seconds is not None:
        said.append(_basis(found))
    return " ".join(said)


def stages(config: RunConfig) -> str:
    """Say in which stages a run learns; nothing where there is one. Names of sets are ours: the config knows them."""
    if not config.stages:
        return ""
    told = [" + ".join(_learned(*of) for of in stage) for stage in config.staged]
    return f"In stages: {', then '.join(told)}, and last all that it learns from, by their shares. "


def _learned(name: str, share: float) -> str:
    return f"`{name}`" if share == 1 else f"{share:.4g} of `{name}`"


def _basis(found: "Estimate") -> str:
    runs = "one run" if found.runs_here == 1 else f"{found.runs_here} runs"
    where = f"{runs} on this machine" if found.runs_here else "runs on another machine, one core of it"
    return f"Scaled from {where}{'' if found.same_base else ', on another base: a rough guess'}."


def truth(facts: Mapping[str, Any]) -> list[list[str]]:
    """Return what was foretold of a run beside what was measured, as rows of a table; none where nothing was."""
    from training.estimate import told

    found = told(facts)
    if found is None:
        return []
    guess, real = found
    early = real and real["steps"] < real["planned_steps"]
    stopped = f", stopped after {real['steps']:,} of {real['planned_steps']:,} steps" if early else ""
    resumed = "not measured: it was resumed" if real else ""
    took = resumed if real and real["seconds"] is None else _told(real.get("seconds"), span)
    return [
        ["trained parameters", _told(guess.trainable, "{:,}".format), _told(real.get("trainable"), "{:,}".format)],
        ["rows an epoch", _told(guess.rows, "{:,}".format), _told(real.get("rows"), "{:,}".format)],
        ["most memory", _told(guess.memory_mb, _gb), _told(real.get("memory_mb"), _gb)],
        ["time of training", _told(guess.seconds, span), took + stopped],
    ]


def _told(value: float | None, form: Callable[[Any], str]) -> str:
    return "not measured" if value is None else form(value)


def _gb(mb: float) -> str:
    return f"{mb / 1024:.1f} GB"


def span(seconds: float) -> str:
    """Say a stretch of time as people do."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def ordinal(n: int) -> str:
    """Say a place in a line."""
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
