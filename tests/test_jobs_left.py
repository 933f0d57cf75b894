"""A Hugging Face Job whose follower is ended: cancelled where that was asked for, else told to go on and be billed."""

from pathlib import Path
from typing import Any

import pytest
from huggingface_hub.errors import HTTPError
from test_jobs import Hub, follower

from training import worker
from training.launch import Launcher
from training.launchers import HFJob, remember
from training.runs import Run, RunStore

LEFT = "Nobody follows its job any more; it may go on and be billed: cancel it on the Hub"


@pytest.fixture
def job(run: Run) -> Run:
    """A run that is carried out as a job."""
    remember(run, HFJob())
    return run


def forever(place: Path) -> None:
    """Carry a job out that writes nothing."""


class Endless(Hub):
    """A Hub whose job goes on until it is cancelled."""

    def _inspect_job(self, job_id: str, namespace: str) -> Any:
        self.stage = "CANCELED" if self.called("cancel_job") else "RUNNING"
        return super()._inspect_job(job_id, namespace)


class Slow(Endless):
    """Fetching what its job wrote takes so long that a request comes, and then the signal that ends the follower."""

    def __init__(self, root: Path, run: Run, said: str) -> None:
        super().__init__(root, forever)
        self.run, self.said = run, said

    def _sync_bucket(self, source: str, dest: str, quiet: bool) -> None:
        if source.startswith("hf:") and not self.run.stop_file.exists():
            self.run.stop_file.write_text(self.said)
            worker.end(15, None)
        super()._sync_bucket(source, dest, quiet)


def test_a_stop_is_handed_on_before_anything_is_fetched(job: Run, tmp_path: Path) -> None:
    """Fetching may take longer than the follower is given."""
    hub = Endless(tmp_path / "hub", forever)
    job.stop_file.write_text("stop")
    follower(job, hub).follow()
    names = [name for name, given in hub.calls if name == "cancel_job" or given.get("source", "").startswith("hf:")]
    assert names[0] == "cancel_job" and job.state == "stopped"


def test_a_follower_that_is_ended_cancels_its_job_where_a_stop_was_asked_for(job: Run, tmp_path: Path) -> None:
    hub = Slow(tmp_path / "hub", job, "stop")
    follower(job, hub).follow()
    assert hub.called("cancel_job") == [{"job_id": "job-1", "namespace": "ann"}]
    assert job.state == "stopped" and "Stopped on request" in job.cause


def test_it_says_so_where_the_hub_is_out_of_reach(job: Run, tmp_path: Path) -> None:
    hub = Slow(tmp_path / "hub", job, "stop")

    def cut(**_: Any) -> None:
        raise HTTPError("no network")

    hub._cancel_job = cut
    follower(job, hub).follow()
    assert len(hub.called("cancel_job")) == 1
    assert job.state == "interrupted" and job.cause.startswith(LEFT) and "https://example.org/job-1" in job.cause


@pytest.mark.parametrize("said", ["", "keep"])
def test_a_job_nobody_asked_to_stop_is_not_cancelled(job: Run, tmp_path: Path, said: str) -> None:
    """As where the machine goes down: it is followed again later."""
    hub = Slow(tmp_path / "hub", job, said)
    follower(job, hub).follow()
    assert not hub.called("cancel_job")
    assert job.state == "interrupted" and job.cause.startswith(LEFT)


@pytest.mark.parametrize("known", [{}, {"id": "job-1", "url": "https://example.org/job-1"}])
def test_a_stop_that_no_follower_lived_to_hand_on_is_not_called_met(job: Run, known: dict[str, str]) -> None:
    """It was ended by force; what became of the job is not known here."""
    launcher = Launcher(RunStore(job.folder.parent))
    job.note({"job": {"place": "p", **known}})
    assert job.move("starting") and job.move("running")
    launcher.stop(job.id)
    launcher.tick()
    assert job.state == "interrupted"
    where = f" ({known['url']})" if known else ""
    assert job.cause == f"{LEFT}{where}, or resume to follow it."


def test_a_stop_before_any_job_began_is_met(job: Run) -> None:
    launcher = Launcher(RunStore(job.folder.parent))
    assert job.move("starting") and job.move("running")
    launcher.stop(job.id)
    launcher.tick()
    assert (job.state, job.cause[:18]) == ("stopped", "Stopped on request")
