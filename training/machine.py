"""What this machine has left for a run: its accelerator, and the memory nobody holds. Knows nothing of runs."""

from pathlib import Path

import psutil

from models.bases import BASES
from tasks.spec import UserError
from training.config import RunConfig

MIB = 2**20
# Where Linux says how much memory a container may hold and how much it holds: control groups, version 2 and 1.
_CONTAINERS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes")),
)


def device() -> str:
    """Return where a run would learn: "cuda" or "cpu"."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def free_mb(where: str) -> float:
    """Return the memory in MiB that a run could take there: on the accelerator, or of the machine's own."""
    if where == "cuda":
        import torch

        return torch.cuda.mem_get_info()[0] / MIB
    left = [psutil.virtual_memory().available]
    for most, held in _CONTAINERS:
        limits = [_number(most), _number(held)]
        if limits[0] is not None and limits[1] is not None:
            left.append(max(0, limits[0] - limits[1]))
    return min(left) / MIB


def total_mb() -> float:
    """Return the memory in MiB of this machine, or of the container where that has less."""
    most = [limit for limit in (_number(path) for path, _ in _CONTAINERS) if limit is not None]
    return min([psutil.virtual_memory().total, *most]) / MIB


def check(config: RunConfig) -> None:
    """Raise UserError where a run asks for what this machine cannot do."""
    if config.method == "qlora-4bit" and device() != "cuda":
        raise UserError(
            "QLoRA keeps the base in 4 bits, which needs an NVIDIA GPU (CUDA); this machine has none. Choose the "
            "method lora, or launch the run on a machine that has one."
        )
    if config.optimizer != "adamw" and device() != "cuda":
        raise UserError(f"The optimizer {config.optimizer} needs an NVIDIA GPU (CUDA); choose adamw here.")
    if config.method == "qlora-4bit" and not BASES[config.base].spoken:
        raise UserError(f"{config.base} is small: 4-bit weights (QLoRA) are for bases that answer in words.")


def _number(path: Path) -> int | None:
    """Return the number in a file; None where there is no file, or it says "max"."""
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
