"""What a run and the machine that carries it out hand each other through a folder: `in` goes there, `out` comes back.

Files only: code, recipe and rows one way, curve, log, checkpoints, adapter and report the other, as they are written.
Knows nothing of who mounts the folder where, nor of any service.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import tasks
from tasks.spec import Data, UserError
from training import data, own
from training.config import RunConfig
from training.runs import Run

ROOT = Path(__file__).parent.parent
CODE = ("tasks", "models", "training", "knowledge", "requirements.txt")
ENDED = "ended.json"
STOP = "stop"
KEPT = frozenset({".json", ".jsonl", ".txt", ".safetensors", ".yaml", ".md"})
"""What is carried: data, never code."""
EVERY = 15.0
"""Seconds between two copies."""
Sent = dict[Path, tuple[float, int]]
"""When a file was changed and how large it was, when it was copied last."""


def leaves(config: RunConfig) -> list[Data]:
    """Return the datasets that go with a run.

    Raises:
        UserError: if one of them may not leave this machine.
    """
    task = tasks.get(config.task)
    used = data.used(task, config.datasets)
    if any(one.credentialed for one in used):
        raise UserError("This run learns from credentialed data, which must not leave this machine.")
    if any(own.is_own(one.name) for one in used):
        raise UserError("This run learns from rows of your own; they are not sent away. Train it on this machine.")
    return used


def pack(run: Run, target: Path) -> None:
    """Write all that is needed to carry a run out to `target`: code, rows, and where it stood if it is taken up again.

    Raises:
        UserError: if one of its datasets may not leave this machine.
    """
    sets = leaves(run.config)
    for name in CODE:
        _copy(ROOT / name, target / "code" / name)
    if run.config.start:  # the adapter that is gone on from; the others stay here
        _copy(ROOT / "adapters" / run.config.start, target / "code" / "adapters" / run.config.start)
    for one in (found for found in sets if not found.inside):
        for name in data.needed(one):
            _copy(data.folder_of(one) / name, target / "data" / one.folder / name)
    for place in (run.recipe, run.folder / "metrics.jsonl", run.folder / "facts.json", run.checkpoints):
        _copy(place, target / "run" / run.id / place.name)


def _copy(source: Path, target: Path) -> None:
    """Copy a file or a folder, where there is one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    elif source.is_file():
        shutil.copy2(source, target)


def inside(exchange: Path, scratch: Path, start: Callable[[Run], Callable[[], bool]], every: float = EVERY) -> Run:
    """Carry out the run that lies in `exchange`/in on `scratch`, copying what it writes to `exchange`/out as it goes.

    `start` begins the work and returns what tells whether it goes on.
    """
    (packed,) = (exchange / "in" / "run").iterdir()
    run = Run(scratch / packed.name)
    shutil.copytree(packed, run.folder)
    out, sent = exchange / "out", Sent()
    goes_on = start(run)
    while goes_on():
        with suppress(FileNotFoundError):
            run.stop_file.write_text((exchange / "in" / STOP).read_text())
        carry(run.folder, out, sent)
        time.sleep(every)
    carry(run.folder, out, sent)
    (out / ENDED).write_text(json.dumps({"state": run.state, "cause": run.cause}))
    return run


def carry(source: Path, target: Path, sent: Sent, leave: Iterable[str] = ()) -> None:
    """Copy the files that changed since they were copied last, each whole or not at all, and drop those that went.

    Names in `leave` stay where they are, as do drafts and whatever is not among KEPT.
    """
    found = {path.relative_to(source) for path in source.rglob("*") if path.suffix in KEPT and path.is_file()}
    found = {name for name in found if str(name) not in leave and not any(p.startswith(".") for p in name.parts)}
    for name in sorted(found):
        with suppress(FileNotFoundError):  # an old checkpoint may go at any moment
            state = (source / name).stat()
            if sent.get(name) != (state.st_mtime, state.st_size):
                place = target / name
                place.parent.mkdir(parents=True, exist_ok=True)
                draft = place.with_name(f".{place.name}.draft")
                shutil.copyfile(source / name, draft)
                os.replace(draft, place)
                sent[name] = (state.st_mtime, state.st_size)
    for name in set(sent) - found:
        (target / name).unlink(missing_ok=True)
        del sent[name]
