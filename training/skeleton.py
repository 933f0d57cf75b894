"""How many parameters a run trains, and the shape of its base: counted on a model that holds no weights.

The model is built on PyTorch's "meta" device, which has shapes and no memory, so a base of any size is counted in a
moment and need not be on this machine. Knows nothing of rows or of time.
"""

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import tasks
from models.bases import BASES, Base, locate
from models.heads import LabelHead, SlotHead
from models.kinds import KINDS
from training.config import RunConfig

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Skeleton:
    """Parameters that are trained, all parameters, those of the base without its word vectors, and the base's shape."""

    trainable: int
    total: int
    inner: int
    layers: int
    width: int


def skeleton(config: RunConfig) -> Skeleton | None:
    """Return what a run would train; None where the shape of its base is not known before its files are here."""
    first = config.first_layer
    found = _body(config.base, config.rank, config.targets, config.dora, first)
    if found is None:
        return None
    head = _head(config, found.width)
    return Skeleton(found.trainable + head, found.total + head, found.inner, found.layers, found.width)


@lru_cache(maxsize=64)
def _body(name: str, rank: int, targets: str, dora: bool, first_layer: int) -> Skeleton | None:
    """Count the base with its adapter, without a head."""
    import models.libraries

    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModel

    base = BASES[name]
    shape = _config(base)
    if shape is None:
        return None
    kind = KINDS[base.kind]
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of settings that do not matter where nothing is computed
        model = AutoModel.from_config(shape, **({"add_pooling_layer": False} if base.kind == "bert" else {}))
        model.requires_grad_(False)
        layers = int(getattr(shape, "num_hidden_layers", None) or shape.num_layers)
        wanted = LoraConfig(
            r=rank,
            use_dora=dora,
            target_modules=list(kind.targets(targets)),
            exclude_modules=kind.apart,
            layers_to_transform=list(range(min(first_layer, layers - 1), layers)),
            layers_pattern=kind.blocks,
        )
        words = sum(p.numel() for p in model.get_input_embeddings().parameters())
        everything = sum(p.numel() for p in model.parameters())
        body = get_peft_model(model, wanted)
    trained = _trainable(body)
    # A base that answers in words has an output table as well, which AutoModel leaves out.
    held = (base.parameters if base.spoken else None) or everything
    return Skeleton(trained, held + trained, everything - words, layers, int(_width(shape)))


def _head(config: RunConfig, width: int) -> int:
    """Count the head that the task's labels get; models that answer in words have none."""
    import torch

    if BASES[config.base].family != "encoder":
        return 0
    task = tasks.get(config.task)
    outputs = sum(len(head.values) for head in task.heads)
    with torch.device("meta"):
        head: nn.Module
        if task.windows:
            head = LabelHead(width, config.head_hidden, outputs, 0.0)
        else:
            head = SlotHead(len(task.slots), width, config.head_hidden, outputs, 0.0)
    return _trainable(head)


def _trainable(model: "nn.Module") -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def _config(base: Base) -> Any:
    """Return the base's configuration: from its files where it is embedded or one's own, else from its row."""
    import models.libraries

    from transformers import AutoConfig

    if base.package or base.folder is not None:
        return AutoConfig.from_pretrained(locate(base.name))
    return None if base.shape is None else AutoConfig.for_model(base.kind, **base.shape)


def _width(shape: Any) -> int:
    return getattr(shape, "hidden_size", None) or shape.d_model
