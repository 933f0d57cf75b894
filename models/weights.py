"""Opens a base's weights on this machine's device, and keeps those used last within a memory budget.

Only safetensors, never code from a repository. Knows nothing of adapters, tasks or prompts.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from threading import Lock, RLock
from typing import Any

import models.libraries

import psutil
import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    BitsAndBytesConfig,
    PretrainedConfig,
    T5ForSequenceClassification,
)
from transformers.utils import logging

from models.arithmetic import fast_bf16
from models.bases import BASES, NF4_BITS, Base, locate
from models.kinds import KINDS
from models.memory import out_of_memory
from tasks.spec import UserError

logging.set_verbosity_error()
logging.disable_progress_bar()

LARGE = 2_000_000_000
"""Parameters from which a CPU holds a model in bfloat16: in float32 it would not fit most machines."""
ROOM = 1.2
"""What a model takes beside its weights to answer one short text, as a share of them."""


def device() -> torch.device:
    """Return where models compute on this machine."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def dtype(base: Base, trained: bool = False) -> torch.dtype:
    """Return the number format of a base's weights here: bfloat16 or float16 on CUDA, float32 on a CPU.

    On a CPU a large model that only answers is held in bfloat16, where the machine multiplies that in hardware.
    """
    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    large = (base.parameters or 0) >= LARGE
    return torch.bfloat16 if large and not trained and fast_bf16() else torch.float32


def open_base(
    name: str,
    *,
    quantised: bool = False,
    trained: bool = False,
    outputs: int = 0,
    form: torch.dtype | None = None,
    aside: bool = False,
) -> Any:
    """Return the frozen base in evaluation mode, on its device; `aside` on the CPU, for it to be split up first.

    With `quantised` its linear weights are NF4, double-quantised; with `outputs` a seq2seq base has a fresh
    classification head of so many outputs, which is left trainable. `form` is the number format where it is not
    for this machine to choose.

    Raises:
        UserError: if the files cannot be had, are damaged, or the machine cannot hold or quantise them.
    """
    base = BASES[name]
    if quantised and not torch.cuda.is_available():
        raise UserError("4-bit weights (QLoRA) need an NVIDIA GPU; this machine has none. Choose plain LoRA instead.")
    folder = locate(name)
    config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    if config.model_type != base.kind:
        raise UserError(f"{base.name} should be a {base.kind}, but its files are of a {config.model_type}.")
    wanted: dict[str, Any] = {"use_safetensors": True, "trust_remote_code": False, "config": config}
    wanted |= {"dtype": form or dtype(base, trained), **({} if aside else _placed(base, quantised))}
    loader = _loader(base, config, outputs)
    if base.kind == "bert":
        wanted["add_pooling_layer"] = False
    try:
        model = _opened(loader, folder, wanted)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        if out_of_memory(error):
            raise UserError(f"{base.name} does not fit into this machine's memory ({base.needs()}).") from None
        raise UserError(f"The files of {base.name} cannot be opened: {type(error).__name__}.") from error
    if not quantised and not aside and "device_map" not in wanted:
        model = model.to(device())
    model.requires_grad_(False).eval()
    if outputs:
        model.classification_head.requires_grad_(True)
    return model


def _opened(loader: Any, folder: Any, wanted: dict[str, Any]) -> Any:
    """Return the model, with PyTorch's fused attention where the architecture knows it."""
    try:
        return loader.from_pretrained(folder, attn_implementation="sdpa", **wanted)
    except ValueError as error:
        if "scaled_dot_product_attention" not in str(error):
            raise
        return loader.from_pretrained(folder, attn_implementation="eager", **wanted)


def _loader(base: Base, config: PretrainedConfig, outputs: int) -> Any:
    if outputs:
        if base.kind != "t5":
            raise UserError(
                f"{base.name} has no classification head; its labels are read from the likelihood of words."
            )
        config.num_labels = outputs
        return T5ForSequenceClassification
    return {"encoder": AutoModel, "seq2seq": AutoModelForSeq2SeqLM, "causal": AutoModelForCausalLM}[
        KINDS[base.kind].family
    ]


def _placed(base: Base, quantised: bool) -> dict[str, Any]:
    """Return how the weights are quantised, and on which devices they go where one GPU does not hold them."""
    if not torch.cuda.is_available():
        return {}
    needed, free = base.bytes(NF4_BITS if quantised else 16.0) or 0, torch.cuda.mem_get_info()[0]
    spread = {"device_map": "auto"} if needed * ROOM > free else {}
    if not quantised:
        return spread
    compute = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    nf4 = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
    )
    return {"quantization_config": nf4, **(spread or {"device_map": {"": 0}})}


def footprint(model: nn.Module) -> int:
    """Return the bytes of a model's weights; tied ones count once."""
    return sum(t.numel() * t.element_size() for t in {id(p): p for p in model.parameters()}.values())


@dataclass
class _Held:
    model: Any
    size: int
    used: float = field(default_factory=time.monotonic)


class Pool:
    """Models in memory, those used longest ago dropped first where the budget is exceeded.

    One thread loads a model at a time while others wait for it; different models load side by side. A new model is
    loaded before an old one is dropped, so that a failed load costs nothing, unless both do not fit. A model somebody
    still computes with lives on until they are done.
    """

    def __init__(self, budget: int | None = None) -> None:
        self.budget = budget if budget is not None else memory_budget()
        self._held: dict[Any, _Held] = {}
        self._lock = RLock()
        self._loading: dict[Any, Lock] = {}

    def get(self, key: Any, load: Callable[[], Any], expected: int = 0) -> Any:
        """Return the model of that key, calling `load` where it is not in memory; `expected` is its likely size."""
        with self._lock:
            gate = self._loading.setdefault(key, Lock())
        with gate:
            with self._lock:
                held = self._held.get(key)
                if held is not None:
                    held.used = time.monotonic()
                    return held.model
            if not self._fits_beside(expected):
                self._drop_until(self.budget - expected)
            model = load()
            with self._lock:
                self._held[key] = _Held(model, footprint(model))
                self._drop_until(self.budget, keep=key)
            return model

    @property
    def keys(self) -> list[Any]:
        """Return what is in memory, used longest ago first."""
        with self._lock:
            return sorted(self._held, key=lambda key: self._held[key].used)

    @property
    def size(self) -> int:
        """Return the bytes that are held."""
        with self._lock:
            return sum(held.size for held in self._held.values())

    def clear(self) -> None:
        """Drop everything."""
        self._drop_until(0)

    def _fits_beside(self, expected: int) -> bool:
        """Whether the machine itself has room for one more, whatever the budget says."""
        free = torch.cuda.mem_get_info()[0] if torch.cuda.is_available() else psutil.virtual_memory().available
        return expected * ROOM <= free

    def _drop_until(self, size: int, keep: Any = None) -> None:
        with self._lock:
            for key in self.keys:
                if sum(held.size for held in self._held.values()) <= size:
                    break
                if key != keep:
                    del self._held[key]
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def memory_budget() -> int:
    """Return the bytes that models may hold: CARETUNE_MODEL_GB, else 80 % of the GPU's memory or half of the RAM."""
    said = os.environ.get("CARETUNE_MODEL_GB", "")
    with suppress(ValueError):
        if float(said) > 0:
            return int(float(said) * 1e9)
    if torch.cuda.is_available():
        return int(torch.cuda.mem_get_info()[1] * 0.8)
    return psutil.virtual_memory().total // 2


@cache
def pool() -> Pool:
    """Return the models of this process."""
    return Pool()
