"""What a worker may take at most: refused by the system, in a process of its own, and told in plain words."""

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from test_training import config, folder  # noqa: F401  (a fixture)

from training import bounds, machine
from training.launch import Launcher, Limits
from training.runs import Run, RunStore

ROOT = Path(__file__).parent.parent
WORKER = """
import os, resource, sys
from pathlib import Path
from training import bounds, worker
held = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmData")][0].split()[1]
os.environ[bounds.MEMORY] = str((int(held) * 1024 + int(sys.argv[2])) / 1e9)
sys.exit(worker.main([sys.argv[1]]))
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts all that a process writes to")


def worked(run: Run, room: int) -> Run:
    """Let a worker have `room` bytes more than its libraries take; return its run."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(run.folder), str(room)],
        cwd=ROOT,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "", "CARETUNE_DATA": os.environ["CARETUNE_DATA"]},
        stdout=run.log_file.open("wb"),
        stderr=subprocess.STDOUT,
        timeout=240,
        check=False,
    )
    assert done.returncode >= 0, run.log_tail()
    return run


@pytest.fixture
def run(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:  # noqa: F811
    monkeypatch.setenv("CARETUNE_DATA", str(folder))
    return RunStore(tmp_path / "runs").create(config(epochs=1))


@linux
def test_a_run_that_needs_more_memory_than_it_may_hold_fails_and_says_so(run: Run) -> None:
    """The base's weights alone take 90 MB."""
    worked(run, 70 * 2**20)
    assert run.state == "failed" and not run.alive
    assert "more memory than the" in run.cause and bounds.MEMORY in run.cause and "batch_size" in run.cause


@linux
def test_a_run_that_may_not_even_begin_says_so(run: Run) -> None:
    held(run, "", {bounds.MEMORY: "0.01", bounds.DISK: "0"})
    assert run.state == "failed" and "0.0 GB of memory here" in run.cause and "too little to begin" in run.cause


def test_a_process_that_died_of_memory_without_a_word_is_told_by_its_log(run: Run) -> None:
    run.log_file.write_text("terminate called after throwing an instance of 'std::bad_alloc'\n")
    launcher = Launcher(RunStore(run.folder.parent))
    for state in ("starting", "running"):
        run.move(state)
    launcher.tick()
    assert run.state == "failed" and "more memory" in run.cause


def test_the_launcher_hands_its_limits_to_the_worker(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, str]] = []

    class Started:
        pid = 0

        def __init__(self, command: list[str], env: dict[str, str], **named: object) -> None:
            given.append(env)

        def poll(self) -> None:
            return None

    monkeypatch.setattr(subprocess, "Popen", Started)
    monkeypatch.setattr("training.process.note", lambda run, pid: None)
    monkeypatch.setattr("training.launch.give_way", lambda pid: None)
    Launcher(RunStore(run.folder.parent), Limits(memory=3.5, disk=7)).tick()
    assert (given[0][bounds.MEMORY], given[0][bounds.DISK]) == ("3.5", "7")


def test_the_default_leaves_room_for_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(bounds.MEMORY, raising=False)
    assert 0.1 < bounds.memory_gb() < psutil.virtual_memory().total / 1e9
    monkeypatch.setattr(machine, "total_mb", lambda: 1000.0)
    assert bounds.memory_gb() == pytest.approx(bounds.SHARE * 1000 * 2**20 / 1e9)
    monkeypatch.setenv(bounds.MEMORY, "2.5")
    assert Limits().memory == 2.5


def test_no_memory_is_capped_where_cuda_is_used_and_none_where_nothing_is_asked(monkeypatch) -> None:
    """CUDA reserves address space that it never writes to."""
    set_: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda kind, pair: set_.append((kind, pair)))
    monkeypatch.setenv(bounds.DISK, "3")
    monkeypatch.setenv(bounds.MEMORY, "2")
    monkeypatch.setattr(machine, "device", lambda: "cuda")
    bounds.hold()
    assert set_ == [(resource.RLIMIT_FSIZE, (3 * 10**9, 3 * 10**9))]
    monkeypatch.setattr(machine, "device", lambda: "cpu")
    set_.clear()
    bounds.hold()
    assert set_[1] == (resource.RLIMIT_DATA, (2 * 10**9, 2 * 10**9))
    monkeypatch.setenv(bounds.MEMORY, "0")
    monkeypatch.setenv(bounds.DISK, "0")
    set_.clear()
    bounds.hold()
    assert set_ == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "more memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), "more memory"),
        (OSError(errno.ENOSPC, "no space"), "disk is full"),
        (OSError(errno.EFBIG, "too big"), "grew beyond"),
        (KeyError("x"), "KeyError; the end of the log"),
        (None, "stopped; the end of the log"),
    ],
)
def test_an_end_is_told_in_plain_words(error: BaseException | None, said: str) -> None:
    assert said in bounds.cause(error)


def test_an_error_that_hides_a_lack_of_memory_is_seen_through() -> None:
    hidden = ValueError("could not be read")
    hidden.__cause__ = MemoryError()
    assert "more memory" in bounds.cause(hidden)


def test_a_file_that_grows_too_long_fails_the_run_in_words(run: Run) -> None:
    held(run, "(run.folder / 'big').write_bytes(bytes(3_000_000))", {bounds.DISK: "0.002", bounds.MEMORY: "0"})
    assert run.state == "failed" and "grew beyond" in run.cause


def held(run: Run, then: str, limits: dict[str, str]) -> None:
    """Do something within a run's limits, in a process of its own that reads no PyTorch."""
    code = (
        "import sys; from pathlib import Path; from training import bounds, machine; from training.runs import Run\n"
        "machine.device = lambda: 'cpu'\n"
        "run = Run(Path(sys.argv[1])); run.move('running')\n"
        f"with run.told():\n    bounds.hold()\n    {then}\n"
    )
    env = {**os.environ, **limits}
    done = subprocess.run([sys.executable, "-c", code, str(run.folder)], cwd=ROOT, env=env, check=False, timeout=120)
    assert done.returncode == 1
