"""Checkpoints that are whole or not there: tensors and facts in a folder, its manifest written last.

Only safetensors and JSON. A folder without a manifest that fits its files is passed over, so a run killed while it
writes goes on from the checkpoint before. Knows nothing of what the tensors mean.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

KEPT = 2
"""Checkpoints kept: the newest, and the one before in case the newest cannot be read."""
_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Checkpoint:
    """What was saved at a step."""

    step: int
    tensors: Mapping[str, Tensor]
    facts: Mapping[str, Any]


def save(root: Path, step: int, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> Path:
    """Write a checkpoint below `root` and drop those too old to be needed; return its folder."""
    root.mkdir(parents=True, exist_ok=True)
    draft, folder = root / f".step-{step:08d}", root / f"step-{step:08d}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    save_file(
        {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()},
        draft / "state.safetensors",
    )
    (draft / "facts.json").write_text(json.dumps(facts))
    files = {path.name: _sha256(path) for path in sorted(draft.iterdir())}
    for name in files:
        _synced(draft / name)
    (draft / _MANIFEST).write_text(json.dumps({"step": step, "sha256": files}))
    _synced(draft / _MANIFEST)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    for old in sorted(root.glob("step-*"))[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def newest(root: Path) -> Checkpoint | None:
    """Return the newest checkpoint that is whole, or None where there is none."""
    for folder in sorted(root.glob("step-*"), reverse=True):
        step = _whole(folder)
        if step is None:
            continue
        try:
            facts = json.loads((folder / "facts.json").read_text())
            return Checkpoint(step, load_file(folder / "state.safetensors"), facts)
        except (OSError, ValueError):
            continue
    return None


def set_aside(root: Path) -> int:
    """Move the checkpoints below `root` that are not whole to a folder `quarantine` beside it; return how many.

    For the worker alone: what another process is just writing or deleting is not whole either.
    """
    torn = [folder for folder in sorted(root.glob("step-*")) if _whole(folder) is None]
    for folder in torn:
        target = root.parent / "quarantine" / f"{root.name}-{folder.name}"
        target.parent.mkdir(exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    return len(torn)


def _whole(folder: Path) -> int | None:
    """Return the step of a checkpoint whose files are those its manifest was written for; None of any other."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text())
        fits = all(_sha256(folder / name) == digest for name, digest in manifest["sha256"].items())
        return int(manifest["step"]) if fits else None
    except (OSError, ValueError, KeyError):
        return None


def _synced(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
