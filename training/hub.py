"""Fetches rows of a public Hub dataset into a file, pinned to a commit, in a process of its own with a time limit.

What comes back is JSON lines, read from then on like any file a trainer brings (training/upload.py). Only public sets:
no token is handed on. No code of a dataset is ever run. Knows nothing of models, tasks or Gradio.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.spec import UserError

SECONDS = 120.0
"""A Hub that accepts a connection and says nothing would otherwise hold the page for ever."""
MAX_ROWS = 100_000
MAX_TEXT = 200_000_000

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}/[A-Za-z0-9][A-Za-z0-9_.-]{0,95}")
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,96}")
_REVISION = re.compile(r"[A-Za-z0-9_./-]{1,96}")
# The child sees no secret: HF_TOKEN is left out on purpose.
_ENVIRONMENT = (
    "PATH HOME LANG TMPDIR HF_HOME HF_HUB_CACHE HF_DATASETS_CACHE HF_ENDPOINT HF_HUB_OFFLINE HTTPS_PROXY HTTP_PROXY "
    "NO_PROXY https_proxy http_proxy no_proxy SSL_CERT_FILE REQUESTS_CA_BUNDLE"
)
_ROOT = Path(__file__).parent.parent

CommitOf = Callable[[str, str | None], str]
Load = Callable[[str, str | None, str, str], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True)
class Fetched:
    """Rows of a Hub dataset in a file, and exactly where they came from; `whole` is False where only the first fit."""

    path: Path
    repo: str
    subset: str | None
    split: str
    revision: str
    rows: int
    whole: bool

    @property
    def source(self) -> dict[str, str]:
        """Return what a run records of where its rows came from."""
        return {"hub": self.repo, "subset": self.subset or "", "split": self.split, "revision": self.revision}


def check(repo: str, subset: str | None, split: str, revision: str | None) -> None:
    """Raise UserError where these cannot name a Hub dataset; a bare name or a path would be read from this disk."""
    owner, _, name = repo.partition("/")
    if not _ID.fullmatch(repo) or ".." in repo or owner.endswith((".", "-")) or name.endswith((".", "-")):
        raise UserError("A Hub dataset is named owner/name, such as qiaojin/PubMedQA.")
    if subset and not _NAME.fullmatch(subset):
        raise UserError("This is no name of a subset.")
    if not _NAME.fullmatch(split):
        raise UserError("This is no name of a split, such as train or test.")
    if revision and (not _REVISION.fullmatch(revision) or ".." in revision):
        raise UserError("A revision is a branch, a tag or a commit.")


def fetch(
    repo: str,
    target: Path,
    subset: str | None = None,
    split: str = "train",
    revision: str | None = None,
    seconds: float = SECONDS,
    command: Sequence[str] = (sys.executable, "-m", "training.hub"),
) -> Fetched:
    """Write the rows of a split to `target` (.jsonl) and return what they are.

    The revision is resolved to a commit first, and the rows are of that commit.

    Raises:
        UserError: if the names are no names, the Hub is out of reach or silent, or there is no such public dataset.
    """
    check(repo, subset, split, revision)
    asked = {"repo": repo, "subset": subset or None, "split": split, "revision": revision or None}
    environment = {name: os.environ[name] for name in _ENVIRONMENT.split() if name in os.environ}
    environment |= {"PYTHONPATH": str(_ROOT), "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    # An empty working folder: there a Hub id can be no local path.
    with tempfile.TemporaryDirectory() as empty:
        try:
            done = subprocess.run(
                [*command, json.dumps({**asked, "target": str(target.resolve())})],
                cwd=empty,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            target.unlink(missing_ok=True)
            raise UserError(f"The Hub did not deliver {repo} within {seconds:.0f} seconds; try again later.") from error
    said = _answer(done.stdout)
    if "error" in said:
        target.unlink(missing_ok=True)
        raise UserError(said["error"])
    return Fetched(target, repo, subset or None, split, said["revision"], said["rows"], said["whole"])


def _answer(stdout: str) -> dict[str, Any]:
    try:
        said = json.loads(stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        said = {}
    whole = isinstance(said, dict) and ("error" in said or {"revision", "rows", "whole"} <= said.keys())
    return said if whole else {"error": "This Hub dataset could not be fetched; its files may be too large or damaged."}


def collect(asked: Mapping[str, Any], commit_of: CommitOf, load: Load) -> dict[str, Any]:
    """Write the rows asked for and return their commit, their number and whether they are all; or an error in words."""
    from huggingface_hub.errors import HTTPError

    try:
        commit = commit_of(asked["repo"], asked["revision"])
        rows, whole = _write(load(asked["repo"], asked["subset"], asked["split"], commit), Path(asked["target"]))
    except (OSError, HTTPError, KeyError, ValueError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "script" not in str(error).lower():
            raise
        return {"error": _sentence(error, asked)}
    return {"revision": commit, "rows": rows, "whole": whole}


def _sentence(error: BaseException, asked: Mapping[str, Any]) -> str:
    """Return why a dataset could not be fetched, without a word of the Hub's own answer."""
    from datasets.exceptions import DatasetNotFoundError, DatasetsError
    from datasets.table import CastError
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError
    from pyarrow import ArrowException

    repo, missing = asked["repo"], f"no subset {asked['subset']!r} or no split {asked['split']!r}"
    known: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
        (GatedRepoError, f"{repo} is gated; accept its terms on the Hub, download it yourself and upload the file."),
        (RevisionNotFoundError, f"{repo} has no revision {asked['revision']!r}."),
        ((RepositoryNotFoundError, DatasetNotFoundError), f"There is no public dataset {repo} on the Hub."),
        ((DatasetsError, ArrowException, CastError, UnicodeError), f"The files of {repo} cannot be read as rows."),
        (RuntimeError, f"{repo} is a loading script, and no dataset's code is run here; upload its files instead."),
        ((KeyError, ValueError), f"{repo} has {missing if asked['subset'] else missing.split(' or ')[1]}."),
    )
    said = (sentence for kind, sentence in known if isinstance(error, kind))
    return next(said, "The Hub cannot be reached now; try again later, or upload a file.")


def _write(rows: Iterable[Mapping[str, Any]], target: Path) -> tuple[int, bool]:
    count, text = 0, 0
    with target.open("w", encoding="ascii") as file:
        for row in rows:
            line = json.dumps({name: cell for name, cell in row.items() if not isinstance(cell, bytes)}, default=str)
            text += len(line)
            if count == MAX_ROWS or text > MAX_TEXT:
                return count, False
            file.write(f"{line}\n")
            count += 1
    return count, True


def named_classes(rows: Iterable[Mapping[str, Any]], features: Mapping[str, Any] | None) -> Iterable[dict[str, Any]]:
    """Yield rows with class numbers as the names that the dataset gives them."""
    classes = {name: kind for name, kind in (features or {}).items() if hasattr(kind, "int2str")}
    for row in rows:
        known = {name: row[name] for name in classes if row[name] is not None and row[name] >= 0}
        named = {name: classes[name].int2str(number) for name, number in known.items()}
        yield {**row, **named}


def _commit_of(repo: str, revision: str | None) -> str:
    from huggingface_hub import HfApi

    return str(HfApi(token=False).dataset_info(repo, revision=revision, timeout=15).sha)


def _load(repo: str, subset: str | None, split: str, commit: str) -> Iterable[Mapping[str, Any]]:
    from datasets import load_dataset

    rows = load_dataset(repo, name=subset, split=split, revision=commit, streaming=True, token=False)
    media = [name for name, kind in (rows.features or {}).items() if type(kind).__name__ in ("Image", "Audio", "Video")]
    rows = rows.remove_columns(media) if media else rows
    return named_classes(rows, rows.features)


def main(argv: Sequence[str]) -> int:
    """Do what the parent asked, within its share of memory, and answer in one line of JSON."""
    with suppress(ImportError, OSError, ValueError):  # not every system can set a limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (8 * 2**30, 8 * 2**30))
    said = collect(json.loads(argv[0]), _commit_of, _load)
    sys.stdout.write(f"{json.dumps(said)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
