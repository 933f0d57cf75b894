"""What runs took: how fast they read and how much memory they held, kept so that the next run can be foretold.

One line a run, in a file beside the runs; what ships with the project was measured on one machine and is believed only
as long as nothing was measured here. Knows nothing of what will be asked for: that is `training/estimate.py`.
"""

import json
import statistics
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from training.machine import MIB

FILE = "calibration.jsonl"
SHIPPED = Path(__file__).with_name("calibration.jsonl")
"""What one core of an AMD EPYC (family 25, AVX2) measured, per second of processor time, without an accelerator."""
MOST = 200
"""Lines kept; the newest."""


@dataclass(frozen=True)
class Measured:
    """One run: what it read a row, through how much of which base, and what that took.

    `inner` are the base's parameters without its word vectors, `width` and `layers` its shape, `first_layer` the lowest
    block with an adapter. `row_tokens` is the mean of a row, `step_tokens` the most of a step, both as
    `training/estimate.py` counts them. Speeds are rows a second; None where nothing was measured.
    """

    base: str
    device: str
    dora: bool
    inner: int
    total: int
    trainable: int
    width: int
    layers: int
    first_layer: int
    batch_size: int
    row_tokens: float
    step_tokens: float
    samples_per_second: float
    validation_samples_per_second: float | None
    start_mb: float
    peak_mb: float
    setup_seconds: float

    @property
    def work(self) -> float:
        """Return what a row costs in parameters touched: once forward, and once back through the adapted blocks."""
        return self.row_tokens * self.inner * (2 - self.first_layer / self.layers)


def remember(record: Measured, home: Path) -> None:
    """Add a line to what was measured here."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / FILE
    lines = path.read_text(encoding="utf-8").splitlines()[-MOST + 1 :] if path.exists() else []
    draft = path.with_name(f".{FILE}")
    draft.write_text("\n".join([*lines, json.dumps(asdict(record))]) + "\n", encoding="utf-8")
    draft.replace(path)


def known(home: Path) -> tuple[list[Measured], list[Measured]]:
    """Return what was measured here, and what ships."""
    return _read(home / FILE), _read(SHIPPED)


def _read(path: Path) -> list[Measured]:
    """Return the lines of a file that say something; a line of another version says nothing."""
    out = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            out.append(Measured(**json.loads(line)))
        except (TypeError, ValueError):
            continue
    return out


def speeds(points: Iterable[Mapping[str, Any]], validation_rows: int) -> tuple[float | None, float | None]:
    """Return the rows a second of training and of validation that a run's curve tells; None where it tells none."""
    epochs: dict[int, float] = {}
    held: list[float] = []
    for point in points:
        if "samples_per_second" in point:  # counted from the start of an epoch: the last of each says most
            epochs[int(point.get("epoch", 0) - 1e-9)] = point["samples_per_second"]
        if point.get("validation_seconds"):
            held.append(validation_rows / point["validation_seconds"])
    return (statistics.median(epochs.values()) if epochs else None), (statistics.median(held) if held else None)


def resident_mb() -> float:
    """Return the memory that this process holds, in MiB."""
    return psutil.Process().memory_info().rss / MIB


def peak_mb(device: str) -> float:
    """Return the most memory in MiB that this process has held so far, on the accelerator or in the machine."""
    if device == "cuda":
        import torch

        return torch.cuda.max_memory_allocated() / MIB
    try:
        import resource
    except ImportError:  # Windows; psutil tells its peak
        return psutil.Process().memory_info().peak_wset / MIB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (MIB if sys.platform == "darwin" else 1024)
