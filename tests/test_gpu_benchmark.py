"""The GPU benchmark says that it skipped where there is no GPU, and counts what it says it counts."""

import pytest
import torch
from torch import nn

from benchmarks import gpu


def test_without_a_gpu_it_says_so(monkeypatch, capsys) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu.main([]) == 0
    assert capsys.readouterr().out == "skipped: there is no CUDA GPU here\n"


def test_flops_are_four_a_weight_and_token_and_attentions() -> None:
    class Toy(nn.Module):
        config = type("Config", (), {"hidden_size": 8, "num_hidden_layers": 1})

        def __init__(self) -> None:
            super().__init__()
            self.inner, self.lm_head = nn.Linear(8, 16), nn.Linear(8, 100)

    rows = [([1] * 10, [1] * 2)]
    assert gpu.flops(Toy(), rows, False) == 4 * 128 * 12 + 4 * 800 * 2 + 6 * 8 * 100
    assert gpu.flops(Toy(), rows, True) == 2 * 128 * 12 + 4 * 800 * 2 + 12 * 8 * 100


@pytest.mark.parametrize("case", gpu.CASES, ids=lambda case: case.base)
def test_every_case_stands_on_a_base_of_known_shape(case: gpu.Case) -> None:
    assert gpu.BASES[case.base].shape


def test_invented_texts_are_as_long_as_reviews_and_the_same_every_time() -> None:
    rows = gpu.texts(1000, 400, 512)
    assert rows == gpu.texts(1000, 400, 512)
    lengths = [len(prompt) for prompt, _ in rows]
    assert 120 < sum(lengths) / len(lengths) < 190 and max(lengths) <= 504
    assert {len(answer) for _, answer in rows} == {1, 2, 3, 4}
