"""Every way to carry out a run, with one recipe and one folder: here, by two processes, elsewhere."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from launching import KEY, ROOT
from safetensors.torch import load_file
from test_training import config

from models.bases import BASES
from tasks.spec import UserError
from training import launch, launchers
from training.config import RunConfig
from training.launch import Launcher
from training.launchers import HFJob, Local, Taste, Torchrun, way_of
from training.runs import Run, RunStore

# Several processes ----------------------------------------------------------------------------------------------------


def test_two_processes_learn_what_one_learns(alone: Run, sets: Path, tmp_path: Path) -> None:
    """Real torchrun on the CPU: same steps, same scores, same weights to rounding; the last batch leaves one no row."""
    recipe, both = tmp_path / "recipe.yaml", tmp_path / "both"
    recipe.write_text(alone.config.dump())
    done = subprocess.run(
        [*Torchrun(2).command(alone)[:-2], "training.train", str(recipe), "--runs", str(both)],
        cwd=ROOT,
        env={**os.environ, "CARETUNE_DATA": str(sets), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=3000,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (together,) = RunStore(both).runs()  # one folder, opened by one of them
    assert together.state == "finished"
    batches = -(-alone.facts["train_rows"] // alone.config.batch_size)
    steps = 2 * -(-batches // 2)
    assert alone.facts["steps"] == together.facts["steps"] == together.facts["planned_steps"] == steps
    mine, theirs = ([p for p in r.points if "validation_loss" in p] for r in (alone, together))
    assert len(mine) == len(theirs) == 2  # one process alone writes the curve
    for one, two in zip(mine, theirs, strict=True):
        assert two["validation_loss"] == pytest.approx(one["validation_loss"], abs=1e-4)
        assert two["validation_accuracy"] == one["validation_accuracy"]
    for name in ("adapter_model.safetensors", "head.safetensors"):
        weights = [load_file(r.adapter / name) for r in (alone, together)]
        assert all((weights[0][key] - weights[1][key]).abs().max() < 1e-4 for key in weights[0])
    last = together.checkpoints / "main" / f"step-{steps:08d}"
    assert json.loads((last / "facts.json").read_text())["processes"] == 2
    assert {"rng", "rng.1"} <= set(load_file(last / "state.safetensors"))  # each process's dice, to resume with


def test_torchrun_is_told_how_many_and_where_they_meet(run: Run) -> None:
    one = Torchrun(processes=4).command(run)
    assert one[1:5] == ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
    assert one[5:] == ["4", *Local().command(run)[1:]]
    two = Torchrun(processes=4, nodes=2, node=1, meeting="10.0.0.1:29500").command(run)
    assert "--standalone" not in two
    assert two[two.index("--node-rank") + 1] == "1" and two[two.index("--rdzv-endpoint") + 1] == "10.0.0.1:29500"


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (Torchrun(processes=0), "Between 1 and 64"),
        (Torchrun(nodes=2), "need the address"),
        (Torchrun(processes=9), "no row for each of 9"),
        (HFJob(minutes=1), "between 5 minutes and a day"),
        (Taste(seconds=600), "between 20 and 120 seconds"),
    ],
)
def test_a_way_refuses_in_words_what_it_cannot_do(way: Any, said: str) -> None:
    with pytest.raises(UserError, match=said):
        way.check(config())


def test_more_processes_than_gpus_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(launchers, "gpus", lambda: 2)
    with pytest.raises(UserError, match="has 2 GPUs; 4 processes"):
        Torchrun(processes=4).check(config())
    assert "Runs on 2 GPUs together: of every batch of 8 each reads about 4" in Torchrun(2).note(config())


# The line -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def started(monkeypatch) -> Iterator[list[tuple[list[str], dict[str, str]]]]:
    """Record what the launcher would start; a sleeper is started in its place."""
    seen: list[tuple[list[str], dict[str, str]]] = []
    children, real = [], subprocess.Popen

    def popen(command: list[str], *, env: dict[str, str], **_: object) -> Any:
        seen.append((command, env))
        children.append(real(["sleep", "60"]))
        return children[-1]

    monkeypatch.setattr(launch, "subprocess", SimpleNamespace(Popen=popen, DEVNULL=subprocess.DEVNULL))
    yield seen
    for child in children:
        child.kill()
        child.wait()


@pytest.mark.parametrize("way", [Local(), Torchrun(processes=3), HFJob(flavor="a10g-small", minutes=30)])
def test_the_same_recipe_goes_every_way_and_the_folder_says_which(way: Any, sets, started, tmp_path) -> None:
    launcher = Launcher(RunStore(tmp_path / "runs"))
    run = launcher.launch(config(), way=way, key=KEY)
    assert way_of(run) == way
    assert run.recipe.read_text() == config().dump()
    launcher.tick()
    ((command, env),) = started
    assert command == way.command(run)
    assert env.get("HF_TOKEN") == (KEY if isinstance(way, HFJob) else None)
    assert all(KEY not in path.read_text("utf-8", "replace") for path in run.folder.rglob("*") if path.is_file())


def test_two_apps_that_look_at_once_start_one_run(sets, started, tmp_path, monkeypatch) -> None:
    """The other one looks just when the first has seen that nobody is at work."""
    store = RunStore(tmp_path / "runs")
    first, second = Launcher(store), Launcher(store)
    for _ in range(2):
        first.launch(config())
    at_work, looked = launch._at_work, []

    def seen(run: Run) -> bool:
        found = at_work(run)
        looked.append(run.id)
        if len(looked) == 2:
            second.tick()
        return found

    monkeypatch.setattr(launch, "_at_work", seen)
    first.tick()
    assert len(started) == 1
    assert sorted(run.state for run in store.runs()) == ["queued", "starting"]


def test_the_owners_token_never_pays_for_a_visitor(sets, started, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_owner")
    monkeypatch.setenv("SPACE_ID", "owner/space")
    launcher = Launcher(RunStore(tmp_path / "runs"))
    run = launcher.launch(config(), way=HFJob())
    launcher.tick()
    assert started == [] and run.state == "failed" and "sign in and resume" in run.cause
    launcher.resume(run.id, key=KEY)
    launcher.tick()
    assert started[0][1]["HF_TOKEN"] == KEY


def test_a_worker_finds_the_bases_and_the_network_that_the_app_has(sets, started, tmp_path, monkeypatch) -> None:
    """A worker stands in another folder, and looks at the same cache, through the same proxy."""
    said = {"HF_HUB_CACHE": "/cache", "HF_ENDPOINT": "https://hub.example", "SSL_CERT_FILE": "/ca.pem"}
    said |= {"HTTPS_PROXY": "http://proxy.example:8080", "no_proxy": "localhost"}
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CARETUNE_DATA", "rows")
    monkeypatch.setenv("CARETUNE_BASES", os.pathsep.join(("mine", "/there", "")))
    launcher = Launcher(RunStore(tmp_path / "runs"))
    launcher.launch(config())
    launcher.tick()
    ((_, env),) = started
    assert {name: env.get(name) for name in said} == said
    assert env["CARETUNE_DATA"] == str(tmp_path / "rows")
    assert env["CARETUNE_BASES"].split(os.pathsep) == [str(tmp_path / "mine"), "/there"]


def test_a_base_of_ones_own_goes_to_no_job(tmp_path, monkeypatch) -> None:
    """Its weights are not among what is packed."""
    monkeypatch.setitem(BASES, "mine", replace(BASES[config().base], name="mine", folder=tmp_path))
    with pytest.raises(UserError, match="mine lies on this machine only"):
        HFJob().check(replace(config(), base="mine"))
    Local().check(replace(config(), base="mine"))


def test_a_base_that_answers_in_words_is_no_taste() -> None:
    """Its scoring borrows the GPU for every part of the test rows, which no quota covers."""
    spoken = RunConfig("drug_reviews", base="flan-t5-base")
    with pytest.raises(UserError, match="flan-t5-base answers in words"):
        Taste().check(spoken)
    Taste().check(replace(spoken, base=config().base))


def test_on_zerogpu_nothing_trains_in_the_background(sets, started, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    launcher = Launcher(RunStore(tmp_path / "runs"))
    with pytest.raises(UserError, match="Take a taste here"):
        launcher.launch(config())
    run = launcher.launch(config(), way=Taste())
    launcher.tick()
    assert started == [] and run.state == "queued"
    assert [way.name for way in launchers.offered()] == ["taste", "hf-job"]


def test_a_run_of_before_there_were_ways_is_local(run: Run) -> None:
    assert way_of(run) == Local()
    (run.folder / "launch.json").write_text('{"way": "rocket"}')
    assert way_of(run) == Local()
