"""Small sets and runs for the tests of the ways to carry out a run."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_data import druglib
from test_training import TASK, config, rows

from training import data, worker
from training.runs import Run, RunStore
from training.train import rows as split_of
from training.train import train

ROOT = Path(__file__).parent.parent
KEY = "hf_canary_4711"


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> Iterator[Path]:
    """A data folder with small train and test files in Druglib.com's shape."""
    root = tmp_path_factory.mktemp("sets")
    druglib(root / "a", rows(64, 1))
    test = druglib(root / "b", rows(24, 2))
    shutil.move(test / "druglib" / "drugLibTrain_raw.tsv.gz", root / "a" / "druglib" / "drugLibTest_raw.tsv.gz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "DATA_DIR", root / "a")
        yield root / "a"


@pytest.fixture(scope="module")
def alone(sets: Path, tmp_path_factory) -> Run:
    """A run trained and scored by one process; its batches are of a size that leaves one row over."""
    n = len(split_of(TASK, config())[0].train)
    size = next(b for b in range(7, n) if n % b == 1)
    exact = {"dropout": 0.0, "head_dropout": 0.0, "precision": "float32", "epochs": 2, "accumulation": 2}
    run = RunStore(tmp_path_factory.mktemp("alone")).create(config(**exact, batch_size=size))
    train(run)
    worker.score(run)
    return run


@pytest.fixture
def run(sets: Path, tmp_path: Path) -> Run:
    return RunStore(tmp_path / "runs").create(config())
