"""A Hugging Face Job that is refused leaves nothing behind, and a storage out of reach for a while ends none."""

import errno
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from huggingface_hub.errors import HTTPError
from test_jobs import Hub, follower

from training import jobs
from training.runs import Run


@pytest.mark.parametrize("step", ["_run_job", "_sync_bucket"])
@pytest.mark.parametrize("status", [402, 403])
def test_what_was_sent_for_a_refused_job_is_deleted(run: Run, tmp_path, step: str, status: int) -> None:
    """Refused after all rows were sent, or in the midst of sending them."""
    hub, sent = Hub(tmp_path / "hub", lambda place: None), []
    error = HTTPError("no")
    error.response = SimpleNamespace(status_code=status)
    send = hub._sync_bucket

    def refuse(**given: Any) -> None:
        if step == "_sync_bucket":
            send(**given)
        sent.extend(p for p in (tmp_path / "hub").rglob("*") if p.is_file())
        raise error

    setattr(hub, step, refuse)
    with pytest.raises(SystemExit):
        follower(run, hub).follow()
    assert run.state == "failed" and "started no job" in run.cause
    assert sent and not [p for p in (tmp_path / "hub").rglob("*") if p.is_file()]
    assert not run.alerts


CUT = ConnectionError("Network error: error sending request")
"""As the transfer of a bucket's files raises it, unlike every other call."""


class Storage(Hub):
    """A Hub whose storage of files fails in the calls of the numbers in `torn`, counted apart from the others."""

    def __init__(self, root: Path, inside: Callable[[Path], None], torn: dict[int, Exception]) -> None:
        super().__init__(root, inside)
        self.torn, self.moved = torn, 0

    def _sync_bucket(self, **given: Any) -> None:
        self.moved += 1
        if self.moved in self.torn:
            raise self.torn[self.moved]
        super()._sync_bucket(**given)


def ended(place: Path) -> None:
    """Carry a job out that says it finished."""
    (place / "out").mkdir(parents=True, exist_ok=True)
    (place / "out" / jobs.ENDED).write_text('{"state": "finished", "cause": "as played"}')


def test_a_storage_out_of_reach_for_a_while_does_not_end_the_follower(run: Run, tmp_path) -> None:
    """The job goes on, and is paid for, whether anybody follows it or not."""
    hub = Storage(tmp_path / "hub", ended, dict.fromkeys(range(2, 6), CUT))
    follower(run, hub).follow()
    assert (run.state, run.cause) == ("finished", "as played")
    assert hub.moved >= 6 and len(hub.called("run_job")) == 1


def test_a_storage_that_stays_out_of_reach_leaves_a_run_that_can_be_taken_up_again(run: Run, tmp_path) -> None:
    hub = Storage(tmp_path / "hub", ended, dict.fromkeys(range(2, 1000), CUT))
    one = follower(run, hub)
    one.sleep = lambda _: None
    with pytest.raises(SystemExit, match="cannot be reached any more"):
        one.follow()
    assert run.state == "failed" and "resume the run to follow it" in run.cause


def test_a_storage_out_of_reach_at_the_start_is_told_and_what_was_sent_is_deleted(run: Run, tmp_path) -> None:
    hub = Storage(tmp_path / "hub", ended, {1: CUT})
    with pytest.raises(SystemExit, match="started no job: it cannot be reached"):
        follower(run, hub).follow()
    assert hub.called("run_job") == [] and hub.called("list_bucket_tree")


def test_rows_that_cannot_be_deleted_are_told_and_the_run_ends_as_it_did(run: Run, tmp_path) -> None:
    hub = Storage(tmp_path / "hub", ended, {})

    def cut(**_: Any) -> None:
        raise CUT

    hub._batch_bucket_files = cut
    follower(run, hub).follow()
    assert run.state == "finished" and "still in the private bucket" in run.alerts[0]


def test_a_full_disk_is_not_waited_for(run: Run, tmp_path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    hub = Storage(tmp_path / "hub", ended, {2: full})
    with pytest.raises(OSError, match="No space left"):
        follower(run, hub).follow()
    assert hub.moved == 2 and run.state == "failed"
