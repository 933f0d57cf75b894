"""A base split over two processes (FSDP, gloo, on the CPU) learns what it learns whole in one."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from launching import ROOT
from safetensors.torch import load_file
from test_training import TASK
from tiny import forget, registered

from models import bases
from tasks.spec import UserError
from training import launchers, worker
from training.config import RunConfig
from training.launchers import FSDP, Taste, Torchrun, offered, remember, way_of
from training.runs import Run, RunStore
from training.train import rows as split_of
from training.train import train

SCRIPT = """
import sys
from pathlib import Path
import torch
from torch.distributed.tensor import DTensor
from models.bases import register
from training import learner, team
register(Path(sys.argv[1]))
made = learner.Fitting.__init__
def seen(self, config, reader, *rest):
    made(self, config, reader, *rest)
    parts = [p for p in reader.body.parameters() if isinstance(p, DTensor)]
    held = sum(p.to_local().numel() for p in parts)
    whole = sum(p.numel() for p in parts)
    free = any(p.requires_grad for p in parts)
    print(f"process {team.rank()}: {held} of {whole} numbers, learning ones among them: {free}", flush=True)
learner.Fitting.__init__ = seen
from training.train import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture(scope="module", autouse=True)
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("bases")
    registered("llama", folder)
    yield folder
    forget()


def asked(**more: object) -> RunConfig:
    exact = {"lora_dropout": 0.0, "precision": "float32", "epochs": 1, "accumulation": 2, "rank": 4, "max_tokens": 96}
    said = RunConfig(TASK.name, base="tiny-llama", datasets=("druglib",), patience=50, warmup=0.0, **exact, **more)
    rows = len(split_of(TASK, said)[0].train)
    return replace(said, batch_size=next(b for b in range(7, rows) if rows % b == 1))  # a last batch of one row


def test_split_over_two_processes_it_learns_the_same(sets: Path, tmp_path: Path) -> None:
    """Each holds half of every block; same steps, same scores, same adapter to rounding, which serves as any other."""
    one = RunStore(tmp_path / "one").create(asked())
    train(one)
    together, said = split(one.config, sets, tmp_path)
    for number in (0, 1):
        (line,) = [line for line in said.splitlines() if line.startswith(f"process {number}:")]
        held, whole = (int(word) for word in line.split() if word.isdigit())
        assert 0 < held <= 0.6 * whole and line.endswith("among them: False")
    assert together.state == "finished" and together.facts["steps"] == one.facts["steps"] > 1
    mine, theirs = ([p for p in run.points if "validation_loss" in p] for run in (one, together))
    assert len(mine) == len(theirs) == 1
    assert theirs[0]["validation_loss"] == pytest.approx(mine[0]["validation_loss"], abs=1e-4)
    assert alike(one, together)
    worker.score(together)
    assert together.report_file.exists()


def test_split_it_learns_in_stages_what_it_learns_whole(sets: Path, tmp_path: Path) -> None:
    """Every stage goes on from the weights of the one before, which no process holds the frozen part of whole."""
    staged = asked(first=("druglib",), then=("druglib",), first_share=0.5, first_epochs=3)
    one, plain = (RunStore(tmp_path / name).create(config) for name, config in (("one", staged), ("plain", asked())))
    train(one)
    together, said = split(staged, sets, tmp_path)
    assert together.state == "finished" and said.count("process 1:") == 3  # a fit each stage
    stages = [[p["stage"] for p in run.points if "stage" in p] for run in (one, together)]
    assert stages[0] == stages[1] == [1, 2, 3]
    assert alike(one, together)
    train(plain)
    assert not alike(one, plain)  # so the stages before did leave something to go on from


def split(config: RunConfig, sets: Path, tmp_path: Path) -> tuple[Run, str]:
    """Return the run that two processes made of a recipe, and what they said."""
    recipe, script, both = (tmp_path / name for name in ("recipe.yaml", "split.py", "both"))
    recipe.write_text(config.dump())
    script.write_text(SCRIPT)
    way = FSDP(2)
    torchrun = way.command(Run(tmp_path))[:6]
    assert torchrun[-2:] == ["--nproc-per-node", "2"]
    folder = str(bases.BASES["tiny-llama"].folder)
    environment = {"CARETUNE_DATA": str(sets), "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*torchrun, str(script), folder, str(recipe), "--runs", str(both)],
        cwd=ROOT,
        env={**os.environ, **environment, **way.environment(), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=3000,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (together,) = RunStore(both).runs()
    return together, done.stdout


def alike(one: Run, other: Run) -> bool:
    """Whether two runs learned the same adapter, to rounding."""
    mine, theirs = (load_file(run.adapter / "adapter_model.safetensors") for run in (one, other))
    assert set(mine) == set(theirs)
    return all((mine[key] - theirs[key]).abs().max() < 1e-4 for key in mine)


def test_what_cannot_be_split_is_refused_in_words() -> None:
    with pytest.raises(UserError, match="minilm-l6 is small enough for every process"):
        FSDP(2).check(RunConfig(TASK.name))
    with pytest.raises(UserError, match=r"GPU|split"):
        FSDP(2).check(asked(method="qlora-4bit"))
    FSDP(2).check(asked())


def test_it_is_offered_where_there_are_gpus_and_remembered(tmp_path, monkeypatch) -> None:
    assert FSDP not in map(type, offered())
    monkeypatch.setattr(launchers, "gpus", lambda: 4)
    assert [type(way) for way in offered()][1:3] == [Torchrun, FSDP]
    assert "one of 4 parts" in FSDP(4).note(asked()) and FSDP(4).environment()["CARETUNE_FSDP"] == "1"
    run = Run(tmp_path)
    remember(run, FSDP(4))
    assert way_of(run) == FSDP(4) and way_of(run) != Torchrun(4) and way_of(run) != Taste()
