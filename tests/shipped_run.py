"""A finished run made of the adapter that ships, for tests of what is done with a run."""

import shutil
from pathlib import Path

from models.shelf import SHIPPED
from training.config import RunConfig
from training.runs import Run, RunStore

FACTS = {"best_epoch": 1, "train_rows": 1, "extra_rows": 0, "validation_rows": 1}


def shipped_run(store: Path, task: str) -> Run:
    """Return a run in `store` whose adapter and report are those the task ships with."""
    shipped = SHIPPED / task
    made = RunStore(store).create(RunConfig.load(shipped / "recipe.yaml"))
    shutil.copytree(shipped, made.adapter, ignore=shutil.ignore_patterns("report.json", "recipe.yaml", "README.md"))
    shutil.copy(shipped / "report.json", made.report_file)
    made.note({**FACTS, "datasets": list(made.config.datasets)})
    return made
