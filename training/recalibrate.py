"""Settles anew what is not learned step by step: the reading of a run, and the word part of its head, where it has one.

    python -m training.recalibrate RUN_FOLDER

For a run whose reading was made before the rules of training/calibrate.py changed. The run has to be scored again.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import tasks
from models.encoder import save_head
from models.loading import load
from models.reading import Reading
from models.serving import predictor
from tasks.spec import UserError
from training import prepare, wordpart
from training.promote import keep_probe
from training.runs import Run
from training.signpart import Part, settle
from training.train import rows, settled_on


def recalibrate(run: Run) -> Reading:
    """Return the new reading of a run, which is in its folder by then."""
    task, config = tasks.get(run.config.task), run.config
    if config.averaged:
        raise UserError("The runs that this one is the mean of settled it: average them again.")
    split, _, _ = rows(task, config)
    found = load(task, run.adapter, exact=True)
    learned = prepare.prepare(task, split.train, config.prepare, config.split_seed).rows
    wordpart.add(task, config, found.words, found.reader.head, learned)
    fresh = Reading.of(task, config.base, config.max_tokens, found.reading.way)
    fresh = replace(fresh, version=found.reading.version)
    held = settled_on(task, config, split)
    logits = predictor(task, fresh, found.words, found.reader).logits(held)
    fitted = settle(task, config, fresh, [Part(logits, held, learned)])
    wordpart.add(task, config, found.words, found.reader.head, [*learned, *split.validation])
    if config.word_share:
        save_head(found.reader, run.adapter)
    written = fitted.write(run.adapter)
    keep_probe(run, load(task, run.adapter, exact=True).logits(task.samples))
    return written


def main(argv: Sequence[str] | None = None) -> int:
    """Recalibrate one run and say what was chosen."""
    parser = argparse.ArgumentParser(prog="python -m training.recalibrate", description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="the folder of a finished run")
    try:
        new = recalibrate(Run(parser.parse_args(argv).run))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"temperature {new.temperature:.3f}, offsets {new.offsets}, threshold {new.threshold}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
