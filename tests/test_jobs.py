"""A run as a Hugging Face Job, against a recorded fake of the client."""

import inspect
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HTTPError
from launching import KEY
from test_training import TASK, config

from tasks.spec import UserError
from training import exchange, jobs
from training.jobs import Follower
from training.launchers import HFJob, remember
from training.runs import Run, RunStore


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
    second = follower(copy, hub)

    def sleep(_: float) -> None:
        done.set()  # only once it has been found still running
        time.sleep(0.02)

    second.sleep = sleep
    second.follow()
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
