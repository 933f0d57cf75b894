"""A run as a Hugging Face Job: started and followed from here, carried out there, all of it in the run's folder here.

    python -m training.jobs follow RUN_FOLDER     here: sends code, recipe and rows, starts the job, fetches as it goes
    python -m training.jobs inside /exchange      there: trains and scores, and puts what it writes where it is fetched

The two meet in a folder of a private bucket of whoever pays, mounted there as /exchange and emptied in the end. The key
stands in this process's environment and nowhere else. Knows nothing of browsers.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, Volume
from huggingface_hub.errors import HTTPError

from models.bases import BASES
from tasks.spec import UserError
from training import saved
from training.exchange import ENDED, EVERY, ROOT, STOP, Sent, carry, inside, pack
from training.launchers import KEY, HFJob, Local, Torchrun, gpus, unfollowed, way_of
from training.runs import Run
from training.worker import beating, end

EXCHANGE = "/exchange"
BUCKET = "caretune-runs"
IMAGE = "ghcr.io/astral-sh/uv:python3.12-bookworm"
GONE = frozenset({"COMPLETED", "CANCELED", "ERROR", "DELETED"})
"""Stages after which a job does nothing more (huggingface_hub.JobStage)."""
OUT_OF_REACH = (HTTPError, ConnectionError)
"""What a Hub out of reach raises: its interface the one, its storage the other; a full disk is neither."""
CANCELLED = "Stopped on request; it can be resumed from what had come back."
FAULTS = 40
"""Looks at a job that may fail one after the other: ten minutes without the Hub."""
_OURS = frozenset({"state.json", "about.json", "recipe.yaml", "facts.json", "log.txt", ENDED})
"""What of the job's files is read, or is this side's to write, and does not land in the run's folder."""


@dataclass
class Follower:
    """Starts one run's job and stays with it. `client` is a huggingface_hub.HfApi, or does as it does."""

    run: Run
    client: Any
    way: HFJob
    key: str = field(default="", repr=False)
    sleep: Callable[[float], None] = time.sleep
    _sent: Sent = field(default_factory=dict, repr=False)
    _read: int = 0
    _passed_on: str = ""

    def follow(self) -> None:
        """Carry the run out; leave it finished, stopped or failed, or interrupted where a signal ends this process."""
        with self.run.told():
            if not self.run.move("running"):
                return
            try:
                try:
                    self._begin()
                except OUT_OF_REACH as error:
                    raise UserError(_refusal(error)) from None
                self._stay()
            except SystemExit:
                self._leave()

    def _stay(self) -> None:
        """Stay with the job until it is over."""
        faults = 0
        while faults < FAULTS:
            try:
                gone = self._look()
                faults = 0
            except OUT_OF_REACH:
                gone, faults = False, faults + 1
            if gone:
                return self._conclude()
            self.sleep(EVERY)
        raise UserError("Hugging Face cannot be reached any more. The job goes on; resume the run to follow it.")

    @property
    def _job(self) -> dict[str, Any]:
        return dict(self.run.facts.get("job", {}))

    def _begin(self) -> None:
        """Start the job, unless an earlier follower has started one that is still at work."""
        if self._job.get("id") and self._stage() not in GONE:
            return
        if not hasattr(self.client, "run_job") or not hasattr(self.client, "sync_bucket"):
            raise UserError("This huggingface_hub knows no jobs and buckets yet; install a newer one.")
        owner, attempt = self.client.whoami()["name"], self._job.get("attempt", 0) + 1
        bucket, place = f"{owner}/{BUCKET}", f"{self.run.id}-{attempt}"
        job = {"owner": owner, "bucket": bucket, "place": place, "attempt": attempt, "flavor": self.way.flavor}
        self.run.note({"job": job})
        self.client.create_bucket(bucket, private=True, exist_ok=True)
        started = None
        try:
            with tempfile.TemporaryDirectory() as draft:
                pack(self.run, Path(draft))
                self.client.sync_bucket(draft, f"hf://buckets/{bucket}/{place}/in", quiet=True)
            started = self._started(job)
        finally:
            if started is None:  # refused, or not reached: nobody will read what was sent
                self._clear()
        self.run.note({"job": {**job, "id": started.id, "url": started.url}})

    def _started(self, job: dict[str, Any]) -> Any:
        return self.client.run_job(
            image=f"hf.co/spaces/{self.way.space}" if self.way.space else IMAGE,
            command=["bash", "-c", _script(bool(self.way.space))],
            env={"CARETUNE_DATA": f"{EXCHANGE}/in/data", "PYTHONUNBUFFERED": "1", "TOKENIZERS_PARALLELISM": "false"},
            secrets={"HF_TOKEN": self.key} if self.key and BASES[self.run.config.base].gated else None,
            flavor=self.way.flavor,
            timeout=f"{self.way.minutes}m",
            labels={"caretune-run": self.run.id},
            volumes=[Volume(type="bucket", source=job["bucket"], mount_path=EXCHANGE, path=job["place"])],
            namespace=job["owner"],
        )

    def _look(self) -> bool:
        """Fetch what is new, hand on what somebody asked of the run, and return whether the job is over."""
        over = self._stage() in GONE
        if not over:
            self._pass_on()  # first: fetching may take longer than this process is given once it is asked to stop
        self._fetch()
        return over

    def _pass_on(self) -> None:
        asked, job = self.run.asked(), self._job
        if not asked or asked == self._passed_on:
            return
        if asked == "keep":
            self.client.batch_bucket_files(job["bucket"], add=[(b"keep", f"{job['place']}/in/{STOP}")])
        else:
            self.client.cancel_job(job_id=job["id"], namespace=job["owner"])
        self._passed_on = asked

    def _leave(self) -> None:
        """Say how the job is left when this process is ended by a signal; cancel it where a stop was asked for."""
        begun = bool(self._job.get("id"))
        if self.run.asked() == "stop":
            with suppress(*OUT_OF_REACH):
                if begun:
                    self._pass_on()
            if not begun or self._passed_on == "stop":
                self.run.move("stopped", cause=CANCELLED)
                return self._clear() if begun else None
        cause = unfollowed(self.run) or "It was ended before its job began; it can be resumed."
        self.run.move("interrupted", cause=cause)
        return None

    def _stage(self) -> str:
        found = self.client.inspect_job(job_id=self._job["id"], namespace=self._job["owner"])
        return str(getattr(found.status.stage, "value", found.status.stage))

    def _fetch(self) -> None:
        """Bring what the job has written since into the run's folder."""
        came = self.run.folder / ".job"
        came.mkdir(exist_ok=True)
        self.client.sync_bucket(f"hf://buckets/{self._job['bucket']}/{self._job['place']}/out", str(came), quiet=True)
        carry(came, self.run.folder, self._sent, leave=_OURS)
        if facts := saved.mapping(came / "facts.json"):
            self.run.note({**facts, "job": self._job})
        log = came / "log.txt"
        if log.exists():  # this process's own output is the run's log
            new = log.read_bytes()[self._read :]
            self._read += len(new)
            sys.stdout.write(new.decode("utf-8", "replace"))
            sys.stdout.flush()

    def _conclude(self) -> None:
        came = self.run.folder / ".job"
        said = saved.mapping(came / ENDED)
        shutil.rmtree(came, ignore_errors=True)
        self._clear()
        if said:
            if not self.run.move(str(said.get("state")), cause=str(said.get("cause", ""))):
                self.run.move("failed", cause="The job ended in the midst of its work; it can be resumed.")
        elif self._passed_on == "stop":
            self.run.move("stopped", cause=CANCELLED)
        else:
            cause = f"The job ended without a word: out of time, or of memory? See {self._job['url']}"
            self.run.move("failed", cause=cause)

    def _clear(self) -> None:
        """Delete what was sent and what has been fetched: rows lie nowhere longer than they must."""
        bucket, place = self._job["bucket"], self._job["place"]
        try:
            found = self.client.list_bucket_tree(bucket, prefix=f"{place}/", recursive=True)
            if names := [one.path for one in found if one.type == "file"]:
                self.client.batch_bucket_files(bucket, delete=names)
        except OUT_OF_REACH:
            self.run.alert(
                f"The rows sent with this run are still in the private bucket {bucket}; delete {place} there."
            )


def _refusal(error: Exception) -> str:
    """Return why no job was started, in words that quote nothing of request or response."""
    status = getattr(getattr(error, "response", None), "status_code", 0)
    why = {
        401: "the token is not accepted: sign in again",
        402: "the account has no credit for jobs",
        403: "the token may not start jobs or write buckets (it needs the right to do both)",
        429: "too many requests at the moment; try again later",
    }.get(status, f"HTTP {status}" if status else "it cannot be reached")
    return f"Hugging Face started no job: {why}."


def _script(has_packages: bool) -> str:
    """Return what the job's shell does; the code is copied because a mounted bucket is slow to import from."""
    install = "" if has_packages else "uv pip install --system --quiet -r requirements.txt && "
    run = f"{install}python -m training.jobs inside {EXCHANGE}"
    return f"cp -r {EXCHANGE}/in/code /tmp/code && cd /tmp/code && {run}"


def _worker(run: Run) -> Callable[[], bool]:
    """Start the worker of a run, one process a GPU, and return what tells whether it goes on."""
    way = Torchrun(processes=gpus()) if gpus() > 1 else Local()
    with run.log_file.open("ab") as log:
        child = subprocess.Popen(
            way.command(run),
            cwd=ROOT,
            env={**os.environ, **way.environment()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    return lambda: child.poll() is None


def main(argv: Sequence[str] | None = None) -> int:
    """Follow a job, or be one."""
    parser = argparse.ArgumentParser(prog="python -m training.jobs", description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("follow", "inside"))
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(argv)
    if options.part == "inside":
        with tempfile.TemporaryDirectory() as scratch:
            return 0 if inside(options.folder, Path(scratch), _worker).state == "finished" else 1
    run, key = Run(options.folder), os.environ.pop(KEY, "")
    way = way_of(run)
    if not isinstance(way, HFJob):
        sys.stderr.write("This run is no job.\n")
        return 2
    signal.signal(signal.SIGTERM, end)
    with beating(run):
        Follower(run, HfApi(token=key), way, key).follow()
    return 0


if __name__ == "__main__":
    sys.exit(main())
