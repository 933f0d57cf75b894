"""The mean of the weights of runs that each held back another part of the same rows: cross-fitting.

    python -m training.average RUN RUN [RUN ...]

Where rows are few, holding some back to choose and calibrate costs much of what can be learned. Here every row is
learned from, by all runs but one, and every row settles temperature and cuts, through the run that never saw it. The
runs begin with the same weights, so that their mean is an adapter like any other and as fast (model soups: Wortsman et
al. 2022). A word part has learned from the rows its run held back, once these had settled the rest: here it is fitted
without them once more before they settle anything. The mean is measured by training.evaluate, like any other run.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import models.libraries

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

import tasks
from models.bases import BASES
from models.heads import HEAD_FILE
from models.loading import load
from models.reading import Reading
from models.serving import predictor
from tasks.spec import UserError
from training import own, wordpart
from training.config import RunConfig
from training.promote import keep_probe
from training.runs import Run, RunStore
from training.signpart import Part, settle
from training.train import rows

WEIGHTS = ("adapter_model.safetensors", HEAD_FILE)


def average(runs: Sequence[Run], store: RunStore) -> Run:
    """Return a new run, trained and not scored yet, whose weights are the mean of those of `runs`.

    Raises:
        UserError: if the runs are not one a fold of the same recipe, or are not all finished.
    """
    config = _recipe(runs)
    task = tasks.get(config.task)
    plain = Reading.of(task, config.base, config.max_tokens)
    parts = []
    for run in runs:
        split, _, _ = rows(task, run.config)
        found = load(task, run.adapter, exact=True)
        wordpart.add(task, run.config, found.words, found.reader.head, split.train)
        said = predictor(task, plain, found.words, found.reader).logits(split.validation)
        parts.append(Part(said, split.validation, split.train))
    made = store.create(replace(config, averaged=len(runs), fold=0), title=f"Mean of {len(runs)} folds")
    with made.told():
        made.move("running")
        _mean(runs, made)
        settle(task, config, plain, parts).write(made.adapter)
        _tell(runs, made, sum(len(part.held) for part in parts))
        keep_probe(made, load(task, made.adapter, exact=True).logits(task.samples))
        made.move("finished", cause="Trained; not scored yet.")
    return made


def _recipe(runs: Sequence[Run]) -> RunConfig:
    """Return what all runs were asked to do but for the fold; raise UserError where they cannot be averaged."""
    first = runs[0].config
    if len(runs) != first.folds or {run.config.fold for run in runs} != set(range(first.folds)):
        raise UserError(
            f"This recipe is cut in {first.folds} parts: give the {first.folds} runs of its folds, once each."
        )
    if any(replace(run.config, fold=0) != replace(first, fold=0) for run in runs):
        raise UserError("These runs differ in more than the part they held back.")
    if BASES[first.base].family != "encoder" or first.prepare or any(map(own.is_own, first.datasets)):
        raise UserError("Only adapters on encoders can be averaged, of sets that are cut here and not prepared.")
    if any(run.state != "finished" or not (run.adapter / WEIGHTS[0]).is_file() for run in runs):
        raise UserError("All of these runs have to be finished first.")
    return first


def _mean(runs: Sequence[Run], made: Run) -> None:
    made.adapter.mkdir()
    shutil.copy(runs[0].adapter / "adapter_config.json", made.adapter)
    for name in WEIGHTS:
        parts = [load_file(run.adapter / name) for run in runs]
        mean: dict[str, Tensor] = {key: torch.stack([part[key] for part in parts]).mean(0) for key in parts[0]}
        save_file(mean, made.adapter / name)


def _tell(runs: Sequence[Run], made: Run, count: int) -> None:
    """Note what a run's page and card say of it. Its validation scores are the means of the runs', not its own."""
    facts = [run.facts for run in runs]
    scores = [one["best_validation"] for one in facts]
    mean = {name: float(np.mean([one[name] for one in scores])) for name in scores[0] if name != "rows"}
    made.note(
        {name: facts[0].get(name) for name in ("datasets", "base_revision", "credentialed", "extra_rows")}
        | {
            "split_id": facts[0]["split_id"],
            "averaged": [run.id for run in runs],
            "train_rows": count,
            "validation_rows": count,
            "best_epoch": [one["best_epoch"] for one in facts],
            "best_validation": mean,
            "steps": sum(one["steps"] for one in facts),
            "planned_steps": sum(one["planned_steps"] for one in facts),
        }
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Average the runs and print the folder of the new one."""
    parser = argparse.ArgumentParser(prog="python -m training.average", description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="+", help="folders of finished runs, one a fold")
    runs = [Run(folder) for folder in parser.parse_args(argv).runs]
    try:
        made = average(runs, RunStore(runs[0].folder.parent))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{made.folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
