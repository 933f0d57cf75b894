"""Average runs that began from the same weights into one adapter, and calibrate it anew.

python -m training.soup data/runs/<id> data/runs/<id> [...]

Weights of models tuned from one start lie in one basin, and their mean often beats each of them (Wortsman et al. 2022,
"model soups"). The mean of low-rank updates is again low-rank: their factors are laid side by side, so the result is an
ordinary LoRA adapter whose rank is the sum of the ranks. Knows nothing of the test rows.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

import tasks
from models import reading
from models.loading import load
from tasks.spec import UserError
from training.calibrate import calibrate
from training.runs import Run, RunStore
from training.train import rows

State = dict[str, Tensor]


def stack(states: Sequence[State], scales: Sequence[float]) -> State:
    """Return the factors of the mean update: A [sum of ranks, in] and B [out, sum of ranks], at scale 1.

    `scales` are the alpha / rank of each adapter; they and the mean's 1 / n go into B.
    """
    out: State = {}
    for name in states[0]:
        parts = [state[name] for state in states]
        if "lora_A" in name:
            out[name] = torch.cat(parts, dim=0)
        else:
            out[name] = torch.cat([part * s / len(parts) for part, s in zip(parts, scales, strict=True)], dim=1)
    return out


def soup(runs: Sequence[Run], target: Run) -> None:
    """Write the mean of `runs` as the adapter of `target`.

    Raises:
        UserError: if the runs differ in task, seed, layers, head or validation rows: such weights have no mean.
    """
    first = runs[0].config
    for run in runs[1:]:
        alike = ("task", "base", "seed", "split_seed", "validation_share", "first_layer", "head_hidden", "max_tokens")
        if wrong := [name for name in alike if getattr(run.config, name) != getattr(first, name)]:
            raise UserError(f"{run.id} cannot be averaged with {runs[0].id}: they differ in {', '.join(wrong)}.")
        if run.facts["split_id"] != runs[0].facts["split_id"]:
            raise UserError(f"{run.id} was validated on other rows than {runs[0].id}.")
    task = tasks.get(first.task)
    configs = [json.loads((run.adapter / "adapter_config.json").read_text()) for run in runs]
    states = [load_file(run.adapter / "adapter_model.safetensors") for run in runs]
    heads = [load_file(run.adapter / "head.safetensors") for run in runs]
    target.adapter.mkdir(exist_ok=True)
    save_file(stack(states, [c["lora_alpha"] / c["r"] for c in configs]), target.adapter / "adapter_model.safetensors")
    mean = {name: torch.stack([head[name] for head in heads]).mean(0) for name in heads[0]}
    save_file(mean, target.adapter / "head.safetensors")
    rank = sum(c["r"] for c in configs)
    config = configs[0] | {"r": rank, "lora_alpha": rank}
    (target.adapter / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")
    fresh = replace(reading.read(runs[0].adapter, task), temperature=1.0, offsets=(), threshold=0.0, cuts={})
    fresh.write(target.adapter)
    split, _, _ = rows(task, first)
    logits = load(task, target.adapter, exact=True).logits(split.validation)
    calibrate(fresh, logits, split.validation).write(target.adapter)


def main(argv: Sequence[str] | None = None) -> int:
    """Average the runs named on the command line and print the new run's folder."""
    parser = argparse.ArgumentParser(prog="python -m training.soup", description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="+", help="folders that training.train printed")
    options = parser.parse_args(argv)
    runs = [Run(folder) for folder in options.runs]
    target = RunStore(options.runs[0].parent).create(runs[0].config)
    with target.told():
        soup(runs, target)
        names = sorted({name for run in runs for name in run.facts["datasets"]})
        target.note(runs[0].facts | {"datasets": names, "mean_of": [run.id for run in runs]})
        target.say("trained")
    sys.stdout.write(f"{os.fspath(target.folder)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
