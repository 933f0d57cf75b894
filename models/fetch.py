"""Brings a base from the Hub: only configuration, tokenizer and safetensors, at one commit that is written down.

A row of bases.yaml without a revision gets the one resolved at the first download; it is kept in CARETUNE_HOME and used
from then on, so that two runs never stand on two versions of a model by accident. Knows nothing of torch.
"""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock

from models.bases import Base
from tasks.spec import UserError

WANTED = (
    "config.json",
    "generation_config.json",
    "*.safetensors",
    "*.safetensors.index.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "spiece.model",
    "tokenizer.model",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
)
"""Files that hold data and nothing that runs; everything else in a repository stays there."""
UNWANTED = ("original/*", "consolidated*", "onnx/*", "openvino/*")
TOLD_EVERY = 50_000_000
"""Bytes between two words about a download in progress."""
Tell = Callable[[str], None]


def fetch(base: Base, tell: Tell = lambda text: None, download: Callable[..., str] | None = None) -> Path:
    """Return the folder of a base's files at its commit, from the local cache or the Hub.

    `tell` hears how far a download is. `download` stands in for huggingface_hub.snapshot_download in tests.

    Raises:
        UserError: if the Hub cannot be reached, wants a licence accepted first, or has no safetensors of it.
    """
    from huggingface_hub import snapshot_download

    get = download or snapshot_download
    known = base.revision or revisions().get(base.repo)
    wanted = {"repo_id": base.repo, "allow_patterns": list(WANTED), "ignore_patterns": list(UNWANTED)}
    folder = _held(get, wanted, known) if known else None
    if folder is None:
        tell(f"Looking for {base.repo} on the Hub ({base.needs()}).")
        folder = _asked(get, wanted | {"revision": known, "tqdm_class": _bar(tell)}, base)
    if not any(folder.glob("*.safetensors")):
        raise UserError(f"{base.repo} has no safetensors weights; other formats can run code and are not opened.")
    if known is None:
        _keep(base.repo, folder.name)
    return folder


def revisions() -> dict[str, str]:
    """Return the commit of every repository that was resolved on this machine."""
    path = _record()
    try:
        return {str(k): str(v) for k, v in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _record() -> Path:
    return Path(os.environ.get("CARETUNE_HOME", "data")) / "revisions.json"


def _keep(repo: str, revision: str) -> None:
    path = _record()
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(revisions() | {repo: revision}, indent=1, sort_keys=True), encoding="utf-8")
        draft.replace(path)


def _held(get: Callable[..., str], wanted: dict[str, Any], revision: str) -> Path | None:
    """Return the folder of a commit that is in the cache whole, without asking the network."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(get(**wanted, revision=revision, local_files_only=True))
    except (LocalEntryNotFoundError, OSError):
        return None
    return folder if any(folder.glob("*.safetensors")) else None


def _asked(get: Callable[..., str], wanted: dict[str, Any], base: Base) -> Path:
    from huggingface_hub.errors import (
        GatedRepoError,
        HTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        return Path(get(**wanted))
    except GatedRepoError:
        raise UserError(_gated(base)) from None
    except RevisionNotFoundError:
        raise UserError(f"{base.repo} has no revision {wanted['revision']}.") from None
    except RepositoryNotFoundError:
        raise UserError(_gated(base) if base.gated else f"The Hub knows no {base.repo}, or hides it.") from None
    except (LocalEntryNotFoundError, OfflineModeIsEnabled) as error:
        raise UserError(_refused(error.__cause__, base) or _nowhere(base)) from None
    except (HTTPError, OSError) as error:
        left = f"{base.repo} could not be downloaded ({type(error).__name__}); what has come is kept. Try again later."
        raise UserError(_refused(error, base) or left) from None


def _refused(error: BaseException | None, base: Base) -> str:
    """Return why a Hub that answered would not give a base; nothing where it gave no answer."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return _gated(base) if base.gated else f"The Hub does not let this machine download {base.repo}."
    if status == 429:
        return f"The Hub was asked too often just now; try {base.repo} again in some minutes."
    return f"The Hub has a fault of its own just now (HTTP {status}); try {base.repo} again later." if status else ""


def _nowhere(base: Base) -> str:
    return (
        f"{base.repo} is not on this machine and the Hub cannot be reached. Download it where there is a network, "
        f"or put its files in a folder that CARETUNE_BASES names."
    )


def _gated(base: Base) -> str:
    return (  # a token in the environment is not handed on to what trains; one saved by a login is found there too
        f"{base.name} is gated: accept its licence ({base.license}) at https://huggingface.co/{base.repo} and sign in "
        f"to that account on this machine (hf auth login)."
    )


def _bar(tell: Tell) -> type:
    """Return a progress bar that says what it shows, now and then, instead of drawing it."""
    from huggingface_hub.utils import tqdm

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self._told = 0
            super().__init__(*args, **{**kwargs, "disable": False, "file": io.StringIO()})

        def update(self, n: float | None = 1) -> bool | None:
            done = super().update(n)
            if self.unit == "B" and self.n - self._told >= TOLD_EVERY:
                self._told = self.n
                whole = f" of {self.total / 1e9:.1f}" if self.total else ""
                tell(f"Downloading {self.n / 1e9:.1f}{whole} GB.")
            return done

    return Bar
