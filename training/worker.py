"""The process in which one run lives: trains it, scores it, and writes all of it into the run's folder.

python -m training.worker RUN_FOLDER

Started by training.launch; ends by itself, on request through the folder, or by a signal.
"""

import argparse
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType

import tasks
from models import reading
from models.loading import load
from training import answered, bounds, team
from training.evaluate import evaluate
from training.fitting import Stopped
from training.runs import Run
from training.saved import STOPPED
from training.train import train

BEAT = 5.0
"""Seconds between two signs of life."""


def work(run: Run) -> None:
    """Train and score a run; leave it finished, stopped or failed.

    Of several processes started by torchrun the main one does this; the others only learn with it.
    """
    if not team.main():
        team.meet()
        if team.agree(False):
            with suppress(Stopped):
                train(run)
        return
    with run.told():
        team.meet()
        if not team.agree(run.move("running")):
            run.move("stopped", frm="stopping", cause=STOPPED)  # asked to while its libraries were read
            return
        bounds.hold()
        with beating(run):  # scoring included: it takes minutes where a large base writes answers
            try:
                train(run)
                early = run.stop_file.exists()
                run.keeping_file.touch()
                score(run)
            except Stopped:
                run.move("stopped", cause=STOPPED)
                return
            except SystemExit:  # by a signal; scoring does not hear of a request otherwise
                if run.asked() != "stop":
                    raise
                run.move("stopped", cause=STOPPED)
                return
        run.move("finished", cause="Stopped early on request; what it had learned was kept." if early else "")


def score(run: Run) -> None:
    """Score a trained run on the test rows and seal its adapter with the headline."""
    config = run.config
    task = tasks.get(config.task)
    predictor = load(task, run.adapter)
    report = evaluate(task, config, predictor, run.rows_file)
    answers = answered.measure(task, config, predictor)
    if answers is not None:
        answers.write(run.folder)
    report.write(run.report_file)
    sealed = reading.read(run.adapter, task)
    replace(sealed, headline=report.headline, version=run.id).write(run.adapter)


@contextmanager
def beating(run: Run) -> Iterator[None]:
    """Give signs of life for as long as the work inside lasts."""
    stop = threading.Event()
    threading.Thread(target=_beat, args=(run, stop), daemon=True).start()
    try:
        yield
    finally:
        stop.set()


def _beat(run: Run, stop: threading.Event) -> None:
    while not stop.is_set():
        run.beat_file.write_text(str(time.time()))
        stop.wait(BEAT)


def end(number: int, frame: FrameType | None) -> None:
    """Let a signal end this process as any other exit would, told on the way."""
    raise SystemExit(f"ended by signal {number}")


def main(argv: Sequence[str] | None = None) -> int:
    """Work on the run of a folder."""
    parser = argparse.ArgumentParser(prog="python -m training.worker", description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    signal.signal(signal.SIGTERM, end)
    with suppress(OSError):  # where memory runs out Linux ends the worker, not the app
        Path("/proc/self/oom_score_adj").write_text("1000")
    work(Run(parser.parse_args(argv).run))
    return 0


if __name__ == "__main__":
    sys.exit(main())
