"""A Hugging Face Job that is refused leaves nothing behind."""

from types import SimpleNamespace
from typing import Any

import pytest
from huggingface_hub.errors import HTTPError
from test_jobs import Hub, follower

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
