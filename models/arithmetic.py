"""Which arithmetic this machine does fastest, and a model made ready for it. Knows nothing of adapters."""

import warnings
from functools import cache

import torch
from torch import nn


@cache
def fast_bf16() -> bool:
    """Return whether this machine multiplies bfloat16 in hardware; elsewhere autocast only costs."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def served() -> str:
    """Return the arithmetic in which visitors are answered here: "bfloat16" or "int8"."""
    return "bfloat16" if fast_bf16() else "int8"


def to_int8(model: nn.Module) -> None:
    """Quantise the linear layers of a frozen model in place: weights now, channel by channel; inputs batch by batch.

    On CPUs with no more than AVX2 about one and a half times as fast as float32.
    """
    scheme = torch.ao.quantization.per_channel_dynamic_qconfig
    with warnings.catch_warnings():
        # PyTorch announces that a future release drops this scheme; requirements.txt ends below that release.
        warnings.filterwarnings("ignore", category=UserWarning, module="torch.ao")
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="torch.ao")
        torch.ao.quantization.quantize_dynamic(model, {nn.Linear: scheme}, inplace=True)
