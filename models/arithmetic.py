"""Which arithmetic this machine does fastest. Knows nothing of adapters.

8-bit integers are not among the choices: PyTorch scales a batch's inputs together, so that one visitor's answer moved
by up to 0.03 with whoever else was in the batch, for one and a half times the speed.
"""

from functools import cache

import torch


@cache
def fast_bf16(cpu: bool = False) -> bool:
    """Return whether this machine multiplies bfloat16 in hardware; elsewhere autocast only costs.

    With `cpu` its CPU is meant, whatever else it has.
    """
    if not cpu and torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
