"""Every way to carry out a run, with one recipe and one folder: here, by two processes, as a job, as a taste."""

import inspect
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HTTPError
from safetensors.torch import load_file
from test_data import druglib
from test_training import TASK, config, rows

from tasks.spec import UserError
from training import data, exchange, jobs, launch, launchers, taste, worker
from training.fitting import Stopped
from training.jobs import Follower
from training.launch import Launcher
from training.launchers import HFJob, Local, Taste, Torchrun, remember, way_of
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


# As a Hugging Face Job ------------------------------------------------------------------------------------------------


class Hub:
    """Takes the calls of an HfApi as the real one would, writes them down, and keeps buckets in a folder."""

    def __init__(self, root: Path, inside: Callable[[Path], None]) -> None:
        self.root, self.inside = root, inside
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.stage = "SCHEDULING"
        self.faults = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        real = inspect.signature(getattr(HfApi, name))
        if not hasattr(type(self), f"_{name}"):
            raise AssertionError(f"the fake knows no {name}")

        def call(*args: Any, **named: Any) -> Any:
            bound = real.bind(self, *args, **named).arguments  # a call the real client would not take fails here
            self.calls.append((name, {k: v for k, v in bound.items() if k != "self"}))
            if self.faults:
                self.faults -= 1
                raise HTTPError("no network")
            return getattr(self, f"_{name}")(**self.calls[-1][1])

        return call

    def called(self, name: str) -> list[dict[str, Any]]:
        return [given for called, given in self.calls if called == name]

    def _whoami(self) -> dict[str, str]:
        return {"name": "ann"}

    def _create_bucket(self, bucket_id: str, private: bool, exist_ok: bool) -> None:
        (self.root / bucket_id).mkdir(parents=True, exist_ok=exist_ok)

    def _sync_bucket(self, source: str, dest: str, quiet: bool) -> None:
        here, there = (Path(str(p).replace("hf://buckets", str(self.root))) for p in (source, dest))
        for file in (p for p in here.rglob("*") if p.is_file() and p.name[0] != "."):
            place = there / file.relative_to(here)
            place.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # a file may be replaced at this very moment
                shutil.copy2(file, place)

    def _run_job(self, volumes: list[Any], **_: Any) -> Any:
        (volume,) = volumes
        self.stage = "RUNNING"

        def work() -> None:
            self.inside(self.root / volume.source / volume.path)
            if self.stage == "RUNNING":
                self.stage = "COMPLETED"

        self.thread = threading.Thread(target=work, daemon=True)
        self.thread.start()
        return SimpleNamespace(id="job-1", url="https://example.org/job-1")

    def _inspect_job(self, job_id: str, namespace: str) -> Any:
        return SimpleNamespace(status=SimpleNamespace(stage=self.stage))

    def _cancel_job(self, job_id: str, namespace: str) -> None:
        self.stage = "CANCELED"

    def _batch_bucket_files(self, bucket_id: str, add: list | None = None, delete: list | None = None) -> None:
        for content, name in add or []:
            (self.root / bucket_id / name).write_bytes(content)
        for name in delete or []:
            (self.root / bucket_id / name).unlink()

    def _list_bucket_tree(self, bucket_id: str, prefix: str, recursive: bool) -> list[Any]:
        files = (p for p in (self.root / bucket_id).rglob("*") if p.is_file())
        names = [str(p.relative_to(self.root / bucket_id)) for p in files]
        return [SimpleNamespace(type="file", path=name) for name in names if name.startswith(prefix)]


def played(model: Run, scratch: Path, ends: Callable[[Run], str]) -> Callable[[Path], None]:
    """Return what carries a run out as `model` went; `ends` is asked again and again how it ends."""

    def start(run: Run) -> Callable[[], bool]:
        assert run.config == model.config
        run.move("running")
        shutil.copy2(model.folder / "metrics.jsonl", run.folder / "metrics.jsonl")
        run.log_file.write_text("step by step\n")

        def goes_on() -> bool:
            if not (end := ends(run)):
                return True
            if end == "finished":
                for name in ("adapter", "checkpoints"):
                    shutil.copytree(model.folder / name, run.folder / name)
                for name in ("facts.json", "report.json", "rows.jsonl", "probe.json"):
                    shutil.copy2(model.folder / name, run.folder / name)
            run.move(end, cause="as played")
            return False

        return goes_on

    return lambda place: exchange.inside(place, scratch, start, every=0.01) and None


def follower(run: Run, hub: Hub, key: str = "") -> Follower:
    return Follower(run, hub, HFJob(flavor="a10g-small", minutes=30), key, sleep=lambda _: time.sleep(0.02))


@pytest.fixture
def copy(alone: Run, tmp_path: Path) -> Run:
    """A new run with the recipe of the one that is trained."""
    found = RunStore(tmp_path / "runs").create(alone.config)
    remember(found, HFJob(flavor="a10g-small", minutes=30))
    return found


def test_a_jobs_curve_and_adapter_come_back_into_the_runs_folder(alone: Run, copy: Run, tmp_path, capsys) -> None:
    seen_early = threading.Event()

    def ends(there: Run) -> str:
        if copy.points == alone.points:  # while it still works there
            seen_early.set()
        return "finished" if seen_early.is_set() else ""

    hub = Hub(tmp_path / "hub", played(alone, tmp_path / "there", ends))
    follower(copy, hub).follow()
    assert (copy.state, copy.cause) == ("finished", "as played")
    for path in (p for name in ("adapter", "checkpoints") for p in (alone.folder / name).rglob("*") if p.is_file()):
        assert (copy.folder / path.relative_to(alone.folder)).read_bytes() == path.read_bytes()
    assert copy.report.main.confusion == alone.report.main.confusion
    assert copy.facts["best_validation"] == alone.facts["best_validation"]
    assert copy.facts["job"]["id"] == "job-1"
    assert capsys.readouterr().out == "step by step\n"
    assert not (copy.folder / ".job").exists()
    assert not [p for p in (tmp_path / "hub").rglob("*") if p.is_file()]  # rows lie nowhere longer than they must


def test_the_calls_of_a_job(alone: Run, copy: Run, tmp_path) -> None:
    packed: list[str] = []

    def inside(place: Path) -> None:
        packed.extend(str(p.relative_to(place)) for p in place.rglob("*") if p.is_file())
        played(alone, tmp_path / "there", lambda run: "finished")(place)

    hub = Hub(tmp_path / "hub", inside)
    follower(copy, hub, KEY).follow()
    (asked,) = hub.called("run_job")
    assert (asked["flavor"], asked["timeout"], asked["namespace"]) == ("a10g-small", "30m", "ann")
    assert asked["image"] == jobs.IMAGE and asked["command"][:2] == ["bash", "-c"]
    assert "uv pip install" in asked["command"][2] and "training.jobs inside /exchange" in asked["command"][2]
    (volume,) = asked["volumes"]
    assert volume.to_dict() == {
        "type": "bucket",
        "source": "ann/caretune-runs",
        "mountPath": "/exchange",
        "path": f"{copy.id}-1",
    }
    assert asked["secrets"] is None  # the base is open: the job needs no token
    assert hub.called("create_bucket") == [{"bucket_id": "ann/caretune-runs", "private": True, "exist_ok": True}]
    assert {"in/code/requirements.txt", "in/code/training/worker.py", f"in/run/{copy.id}/recipe.yaml"} <= set(packed)
    assert {name for name in packed if name.startswith("in/data")} == {
        "in/data/druglib/drugLibTrain_raw.tsv.gz",
        "in/data/druglib/drugLibTest_raw.tsv.gz",
    }
    assert not [name for name in packed if "__pycache__" in name or name.endswith(("about.json", ".lock"))]
    assert KEY not in str(hub.calls)


def test_keep_is_handed_on_and_stop_ends_the_job(alone: Run, copy: Run, tmp_path) -> None:
    hub = Hub(tmp_path / "hub", played(alone, tmp_path / "there", lambda r: "finished" * r.stop_file.exists()))
    copy.stop_file.write_text("keep")
    follower(copy, hub).follow()
    assert copy.state == "finished"
    assert len([c for c in hub.called("batch_bucket_files") if "add" in c]) == 1
    other = RunStore(tmp_path / "other").create(alone.config)
    hub = Hub(tmp_path / "hub2", played(alone, tmp_path / "there2", lambda r: "stopped" * (hub.stage == "CANCELED")))
    stopper = follower(other, hub)

    def sleep(_: float) -> None:
        time.sleep(0.02)
        if other.points:
            other.stop_file.write_text("stop")

    stopper.sleep = sleep
    stopper.follow()
    assert hub.called("cancel_job") == [{"job_id": "job-1", "namespace": "ann"}]
    assert other.state == "stopped"
    assert other.points == alone.points


def test_a_job_that_ends_without_a_word_failed_and_can_be_resumed(alone: Run, copy: Run, tmp_path) -> None:
    hub = Hub(tmp_path / "hub", lambda place: None)
    follower(copy, hub).follow()
    assert copy.state == "failed"
    assert "ended without a word" in copy.cause and "https://example.org/job-1" in copy.cause
    copy.move("queued")
    again = Hub(tmp_path / "hub", played(alone, tmp_path / "there", lambda run: "finished"))
    again.stage = "ERROR"
    follower(copy, again).follow()
    assert copy.state == "finished"
    assert copy.facts["job"]["place"] == f"{copy.id}-2"  # what the first one left is not read as the second's


def test_a_follower_that_died_finds_its_job_again(alone: Run, copy: Run, tmp_path) -> None:
    done = threading.Event()
    hub = Hub(tmp_path / "hub", played(alone, tmp_path / "there", lambda run: "finished" * done.is_set()))
    first = follower(copy, hub)
    first.sleep = lambda _: (_ for _ in ()).throw(KeyboardInterrupt)  # as if this machine went down
    with pytest.raises(KeyboardInterrupt):
        first.follow()
    copy.move("queued")
    done.set()
    follower(copy, hub).follow()
    assert copy.state == "finished"
    assert len(hub.called("run_job")) == 1


def test_a_network_that_fails_for_a_while_costs_nothing(alone: Run, copy: Run, tmp_path, monkeypatch) -> None:
    hub = Hub(tmp_path / "hub", played(alone, tmp_path / "there", lambda run: "finished"))
    one = follower(copy, hub)
    one.sleep = lambda _: None
    begin = one._begin

    def begun() -> None:
        begin()
        hub.thread.join()
        hub.faults = jobs.FAULTS - 1

    one._begin = begun
    one.follow()
    assert copy.state == "finished"


@pytest.mark.parametrize(
    ("status", "said"), [(401, "sign in again"), (402, "no credit"), (403, "may not start jobs"), (500, "HTTP 500")]
)
def test_a_refused_job_is_told_without_quoting_the_server(copy: Run, tmp_path, status: int, said: str) -> None:
    hub = Hub(tmp_path / "hub", lambda place: None)
    error = HTTPError(f"Bearer {KEY}")
    error.response = SimpleNamespace(status_code=status)

    def refuse() -> None:
        raise error

    hub._whoami = refuse
    with pytest.raises(SystemExit, match=said) as told:
        follower(copy, hub, KEY).follow()
    assert copy.state == "failed" and said in copy.cause
    assert KEY not in str(told.value) + copy.cause


def test_credentialed_rows_and_ones_own_never_leave() -> None:
    own = config().__class__(TASK.name, datasets=(f"own-{'0' * 64}",))
    with pytest.raises(UserError, match="not sent away"):
        HFJob().check(own)
    import tasks

    notes = tasks.get("clinical_notes")
    locked = [one.name for one in notes.data if one.credentialed]
    assert locked
    with pytest.raises(UserError, match="must not leave this machine"):
        HFJob().check(config().__class__(notes.name, datasets=(locked[0],)))


# As a taste -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def slow(monkeypatch, alone: Run) -> None:
    """A fit that makes a step in no time, and steps until it is told to end."""

    def fit(run: Run) -> None:
        for step in range(1, 10_000):
            run.log({"step": step})
            if run.stop_file.exists():
                break
            time.sleep(0.005)
        if run.stop_file.read_text() == "stop":
            raise Stopped
        run.note({"steps": step, "planned_steps": 10_000})

    monkeypatch.setattr(taste, "train", fit)
    monkeypatch.setattr(taste, "score", lambda run: run.note({"scored": True}))
    monkeypatch.setattr(taste, "LOOK", 0.02)
    monkeypatch.setattr(taste, "END", 0.0)


def test_a_taste_ends_with_its_time_and_keeps_what_it_learned(run: Run, slow, monkeypatch) -> None:
    monkeypatch.setattr(taste, "seconds", lambda *_: 0.3)
    points = list(taste.carry_out(run, 1000, Taste()))
    assert points == run.points and 1 < len(points) < 10_000
    assert run.state == "finished" and run.facts["scored"]
    assert run.cause == f"A taste: {run.facts['steps']:,} of 10,000 steps."


def test_a_visitor_who_leaves_a_taste_ends_it(run: Run, slow, monkeypatch) -> None:
    monkeypatch.setattr(taste, "END", 5.0)
    asked = taste.lent(str(run.folder), 60)
    next(asked)
    asked.close()
    made = len(run.points)
    time.sleep(0.1)
    assert len(run.points) == made
    assert run.stop_file.read_text() == "stop"


def test_a_taste_that_cannot_be_trained_says_why(run: Run, monkeypatch) -> None:
    def fit(run: Run) -> None:
        raise UserError("The loss is not a number at step 3.")

    monkeypatch.setattr(taste, "train", fit)
    with pytest.raises(SystemExit, match="not a number"):
        list(taste.carry_out(run, 1000, Taste()))
    assert run.state == "failed" and "not a number" in run.cause


def test_what_a_taste_asks_for_is_worked_out_and_said_before(run: Run) -> None:
    few, many = config(epochs=1, batch_size=16), config(epochs=50, batch_size=16)
    assert taste.planned(config(epochs=3, batch_size=8, accumulation=2), 41) == 9
    assert taste.seconds(few, 160, Taste()) == 26  # 15 to begin, 10 steps of 0.1, 10 to end
    assert taste.seconds(many, 16_000, Taste()) == 60
    assert taste.foretold(few, 160, Taste()).startswith("Asks for 26 seconds of GPU: all 10 steps")
    assert "as many of its 50,000 steps as fit" in taste.foretold(many, 16_000, Taste())
    assert "quota" in taste.foretold(few, 160, Taste())


def test_what_a_gpu_is_lent_to_takes_and_gives_plain_values(run: Run, slow) -> None:
    """On ZeroGPU it is another process: only plain values go in and come out."""
    assert taste._duration(str(run.folder), 33) == 33
    run.stop_file.write_text("keep")
    said = list(taste.lent(str(run.folder), 60))
    assert json.loads(json.dumps(said)) == said
    assert said[-1]["learned"] is True
