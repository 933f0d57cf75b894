"""Opens an adapter folder on the shared base, trusting nothing in it.

Only safetensors and JSON are opened; the LoRA settings are read field by field and rebuilt from checked values, so a
file in the folder can name no class, no pattern, no path and no size we did not mean. Knows nothing of the shelf.
"""

import json
from functools import cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import models.libraries

import torch
from peft import LoraConfig, PeftModel, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from torch import Tensor, nn

from models import reading, zero
from models.arithmetic import fast_bf16
from models.bases import BASES, locate
from models.encoder import Reader, Words, load_base
from models.heads import load_head
from models.kinds import HEAD, KINDS, Kind
from models.predictor import SlotPredictor
from tasks.spec import Task, UserError

if TYPE_CHECKING:
    from models.likelihood import ByHead, Likelihood

COMPUTE = RLock()
"""Held while an adapter is active: the base is one, and which adapter speaks is a state of it."""

_MAX_RANK = 256
_MOST_LAYERS = 256


class SharedBody(nn.Module):
    """The shared base with one of its adapters switched on for the length of a forward pass."""

    def __init__(self, peft_model: PeftModel, name: str) -> None:
        super().__init__()
        self.peft_model = peft_model
        self.name = name

    @property
    def embeddings(self) -> nn.Module:
        """Return the base's embedding layer."""
        return self.peft_model.get_base_model().embeddings

    def get_input_embeddings(self) -> nn.Module:
        """Return the base's word vectors."""
        return self.peft_model.get_base_model().get_input_embeddings()

    def forward(self, **inputs: Tensor) -> Any:
        """Run the base with this adapter; a concurrent call waits."""
        with COMPUTE:
            if self.peft_model.active_adapter != self.name:
                self.peft_model.set_adapter(self.name, inference_mode=True)
            return self.peft_model(**inputs)


def load(task: Task, folder: Path, source: str = "", exact: bool = False) -> "SlotPredictor | Likelihood | ByHead":
    """Return the predictor of an adapter folder.

    What visitors get, and what is measured, is the adapter folded into the base, in bfloat16 where the machine
    multiplies it in hardware. With `exact` the adapter runs as trained, in float32 on the one base all
    adapters share: for gradients, and to compare the two.

    Raises:
        UserError: if the folder is incomplete, altered, malformed, or made for another task or base.
    """
    info = reading.read(folder, task)
    if info.base not in BASES:
        raise UserError(f"The adapter for {task.title} needs the base {info.base!r}, which this app does not have.")
    base = BASES[info.base]
    try:
        config = _lora_config(json.loads((folder / "adapter_config.json").read_text()), KINDS[base.kind])
        state = load_file(folder / "adapter_model.safetensors")
        head = None if base.spoken else load_head(folder)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise UserError(f"The adapter for {task.title} cannot be opened.") from error
    _check_finite(state, task)
    # Named by what it is, so that the same adapter is held once and another never answers in its place.
    name = "adapter_" + "".join(info.sha256[file][:8] for file in ("adapter_model.safetensors", "adapter_config.json"))
    if head is None and zero.away():
        from models.lent import Lent

        return Lent(task, info, folder, source)
    if head is None:
        from models import speaking  # what only large bases need is not read for the embedded one

        return speaking.opened(task, info, speaking.Adapter(name, config, state), _put, source)
    _check_finite(head.state_dict(), task)
    body = _shared(info.base, config, name, state, task) if exact else _folded(info.base, config, state, task)
    words, folded = _words(info.base, info.max_tokens), not exact and fast_bf16(cpu=True)
    return SlotPredictor(task, info, words, Reader(body, head).eval(), source, autocast=folded)


def _folded(base: str, config: LoraConfig, state: dict[str, Tensor], task: Task) -> nn.Module:
    """Return the base with the adapter's update added to its weights; word vectors are shared by all of them."""
    model = get_peft_model(load_base(base), config, adapter_name="folded")
    _put(model, "folded", state, task)
    body = model.merge_and_unload().requires_grad_(False).eval()
    body.embeddings = _embeddings(base)
    return body


@cache
def _embeddings(base: str) -> nn.Module:
    return load_base(base).embeddings


def _shared(base: str, config: LoraConfig, name: str, state: dict[str, Tensor], task: Task) -> SharedBody:
    with COMPUTE:
        bodies = _bodies()
        held = bodies.get(base)
        if held is None:
            held = get_peft_model(load_base(base), config, adapter_name=name)
            _put(held, name, state, task)
        elif name not in held.peft_config:
            held.add_adapter(name, config)
            try:
                _put(held, name, state, task)
            except UserError:
                held.delete_adapter(name)
                raise
        bodies[base] = held
        held.requires_grad_(False).eval()
        return SharedBody(held, name)


@cache
def _bodies() -> dict[str, PeftModel]:
    return {}


@cache
def _words(base: str, max_tokens: int) -> Words:
    return Words(locate(base), max_tokens)


def _lora_config(saved: dict[str, Any], kind: Kind) -> LoraConfig:
    """Rebuild the LoRA settings from the few fields we write; anything else in the file is ignored."""
    rank, alpha, layers = saved["r"], saved["lora_alpha"], saved["layers_to_transform"]
    if saved.get("peft_type") != "LORA":
        raise ValueError("not a LoRA adapter")
    if type(rank) is not int or not 0 < rank <= _MAX_RANK or type(alpha) is not int or not 0 < alpha <= 16 * _MAX_RANK:
        raise ValueError(f"rank {rank!r} or alpha {alpha!r} out of range")
    if not isinstance(layers, list) or not all(type(layer) is int and 0 <= layer < _MOST_LAYERS for layer in layers):
        raise ValueError(f"layers {layers!r}")
    modules = saved["target_modules"]  # a string would be taken as a regular expression
    if not isinstance(modules, list) or not set(modules) <= set(kind.targets("all-linear")):
        raise ValueError(f"target modules {modules!r}")
    head = saved.get("modules_to_save")
    if head not in (None, [HEAD]) or (head and kind.family != "seq2seq"):
        raise ValueError(f"saved modules {head!r}")
    return LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=0.0,
        target_modules=modules,
        layers_to_transform=layers,
        layers_pattern=kind.blocks,
        exclude_modules=kind.apart,
        modules_to_save=head,
        use_rslora=saved.get("use_rslora") is True,
        use_dora=saved.get("use_dora") is True,
        inference_mode=True,
    )


def _put(model: nn.Module, name: str, state: dict[str, Tensor], task: Task) -> None:
    """Load the weights; PEFT alone would pass over missing and extra tensors without a word."""
    wanted = {key: value.shape for key, value in model.state_dict().items() if f".{name}." in key}
    # PEFT writes DoRA's magnitudes without the ".weight" that all other names end in.
    named = {key if key.endswith((".weight", ".bias")) else f"{key}.weight": v.shape for key, v in state.items()}
    given = {_held_as(key, name): shape for key, shape in named.items()}
    if wrong := {key for key in wanted | given if wanted.get(key) != given.get(key)}:
        raise UserError(f"The adapter for {task.title} is incomplete: {len(wrong)} tensors do not match.")
    set_peft_model_state_dict(model, state, adapter_name=name)


def _held_as(key: str, name: str) -> str:
    """Return under which name PEFT holds a saved tensor of the adapter of that name."""
    if f".{HEAD}." in key:
        return key.replace(f".{HEAD}.", f".{HEAD}.modules_to_save.{name}.")
    return key.replace(".weight", f".{name}.weight")


def _check_finite(state: dict[str, Tensor], task: Task) -> None:
    if not all(torch.isfinite(tensor).all() for tensor in state.values()):
        raise UserError(f"The adapter for {task.title} holds values that are not numbers.")
