"""A taste of training on a ZeroGPU: a minute or two inside one request, and whatever was learned by then is kept.

The GPU is lent to a function, not to a process: the fit runs in a thread of that function, which hands its curve out as
it goes. Scoring needs no GPU and is done after it was given back. Off ZeroGPU the same function runs where it stands.
"""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import spaces

from tasks.spec import UserError
from training.config import RunConfig
from training.fitting import Stopped
from training.launchers import Taste
from training.runs import Run
from training.train import bring, train
from training.worker import score

START = 15.0
"""Seconds kept for loading the base and reading the rows."""
END = 10.0
"""Seconds kept for the last validation, calibration and saving."""
STEP = 0.1
"""Seconds a step of 16 short texts is allowed for, before anything was measured. Where steps take longer fewer are
made, for the clock ends the fit and not their number."""
LOOK = 0.5
LEFT = "Left before its time was up; nothing was scored."


def seconds(config: RunConfig, rows: int, way: Taste) -> int:
    """Return the seconds of GPU to ask for: what the planned steps need, and no more than the way allows."""
    steps = planned(config, rows)
    each = STEP * max(1.0, config.batch_size * config.accumulation / 16)
    return min(way.seconds, math.ceil(START + steps * each + END))


def planned(config: RunConfig, rows: int) -> int:
    """Return how many steps the whole run would make on so many training rows."""
    return math.ceil(math.ceil(rows / config.batch_size) / config.accumulation) * config.epochs


def foretold(config: RunConfig, rows: int, way: Taste) -> str:
    """Return what is said before it starts."""
    asked, steps = seconds(config, rows, way), planned(config, rows)
    whole = asked < way.seconds
    far = f"all {steps:,} steps are expected to fit" if whole else f"as many of its {steps:,} steps as fit are made"
    return f"Asks for {asked} seconds of GPU: {far}. {way.note(config)}"


def carry_out(run: Run, rows: int, way: Taste) -> Iterator[dict[str, Any]]:
    """Train for a while, then score; yield the points of the curve as they come. Leaves the run finished or stopped.

    Raises:
        UserError: if the run cannot be trained.
    """
    asked = seconds(run.config, rows, way)
    with run.told():
        if not run.move("running"):
            raise UserError("This run is at work already, or was never meant to be a taste.")
        said: dict[str, Any] = {}
        bring(run.config.base)  # a download would use up what is lent
        try:
            with closing(lent(str(run.folder), asked)) as parts:  # type: ignore[type-var]
                for said in parts:
                    yield from said.get("points", [])
        except GeneratorExit:  # where the GPU is another process's, only the disk tells it to end
            run.stop_file.write_text("stop")
            run.move("stopped", cause=LEFT)
            raise
        if said.get("refused"):
            raise UserError(said["refused"])
        if said.get("stopped"):
            run.move("stopped", cause=LEFT)
            return
        if not said.get("learned"):
            raise RuntimeError("the fit ended without a word")
        run.stop_file.unlink(missing_ok=True)
        score(run)
        facts = run.facts
        run.move("finished", cause=f"A taste: {facts['steps']:,} of {facts['planned_steps']:,} steps.")


def _duration(folder: str, asked: int) -> int:
    return asked


@spaces.GPU(duration=_duration)
def lent(folder: str, asked: int) -> Iterator[dict[str, Any]]:
    """Train the run of a folder for `asked` seconds at most; yield {"points": [...]}, last of all how it ended.

    Only plain values go in and come out: on ZeroGPU this is another process, which shares nothing but the disk.
    """
    run, begun = Run(Path(folder)), time.monotonic()
    ended: dict[str, Any] = {}

    def fit() -> None:
        try:
            train(run)
            ended["learned"] = True
        except Stopped:
            ended["stopped"] = True
        except UserError as error:
            ended["refused"] = str(error)

    thread = threading.Thread(target=fit, name="taste", daemon=True)
    thread.start()
    offset = 0
    try:
        while thread.is_alive():
            thread.join(LOOK)
            if time.monotonic() - begun > asked - END and not run.stop_file.exists():
                run.stop_file.write_text("keep")
            points, offset = run.points_since(offset)
            if points:
                yield {"points": points}
    except GeneratorExit:  # the visitor left: what was reached stays as a checkpoint
        run.stop_file.write_text("stop")
        thread.join(END)
        raise
    points, _ = run.points_since(offset)
    yield {"points": points, **ended}
