"""The mean of adapters is the mean of their updates, not of their factors."""

import torch

from training.soup import stack


def test_stacked_factors_make_the_mean_update() -> None:
    generator = torch.Generator().manual_seed(0)
    a = [torch.randn(rank, 10, generator=generator) for rank in (2, 3)]
    b = [torch.randn(8, rank, generator=generator) for rank in (2, 3)]
    scales = [2.0, 0.5]
    made = stack([{"x.lora_A.weight": one, "x.lora_B.weight": other} for one, other in zip(a, b, strict=True)], scales)
    assert made["x.lora_A.weight"].shape == (5, 10) and made["x.lora_B.weight"].shape == (8, 5)
    mean = sum(s * y @ x for s, x, y in zip(scales, a, b, strict=True)) / 2
    assert torch.allclose(made["x.lora_B.weight"] @ made["x.lora_A.weight"], mean, atol=1e-5)
