"""The processes that learn one run together: who reads which rows, and how they stay of one mind.

Every process reads its own rows of every batch, and holds the whole model, or with FSDP its part of every block. Their
logits are joined before the loss, so that a loss is that of the whole batch whatever it is normalised by; the gradients
of the trained weights are added up once a step, which with LoRA is little to send. What one process decides (a stop, a
score) all are told. For a process alone every function is the plain thing. Knows nothing of models, tasks or runs.

With FSDP only the frozen weights are split: the adapter's are small, lie whole in every process and are saved as ever.
A block is put together when its turn comes, by all processes at once; so all of them make the same calls.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, distributed, nn

from models.reading import Floats

SPLIT = "CARETUNE_FSDP"
"""The environment variable that asks for the frozen weights to be split over the processes."""
Item = TypeVar("Item")
Said = TypeVar("Said")


def main() -> bool:
    """Whether this process is the one that writes; torchrun numbers its processes in RANK."""
    return int(os.environ.get("RANK", 0)) == 0


def meet() -> None:
    """Wait for the other processes, where torchrun has started several."""
    if int(os.environ.get("WORLD_SIZE", 1)) > 1 and not distributed.is_initialized():
        import models.libraries

        from accelerate import PartialState

        PartialState(cpu=not torch.cuda.is_available())  # gloo between CPUs, NCCL between GPUs


def part() -> None:
    """Take leave of the other processes; what follows is done alone."""
    if distributed.is_initialized():
        distributed.destroy_process_group()


def rank() -> int:
    """Return the number of this process, from 0."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def size() -> int:
    """Return how many processes there are."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def split() -> bool:
    """Whether the frozen weights are split over the processes."""
    return size() > 1 and os.environ.get(SPLIT) == "1"


def split_up(body: nn.Module, blocks: str) -> None:
    """Leave of the frozen weights of each block in the lists of that name only this process's part, if so asked."""
    if not split():
        return
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh("cuda" if torch.cuda.is_available() else "cpu", (size(),))
    learning = {p for p in body.parameters() if p.requires_grad}
    for name, found in list(body.named_modules()):
        if isinstance(found, nn.ModuleList) and name.rpartition(".")[2] == blocks:
            for block in found:
                fully_shard(block, mesh=mesh, ignored_params=learning)


def share(rows: int) -> list[int]:
    """Return which of so many rows this process reads: every so-many-th, so that like lengths are spread."""
    return list(range(rank(), rows, size()))


def join(logits: Tensor | None, mine: Sequence[int], rows: int, outputs: int, device: torch.device) -> Tensor:
    """Return the logits [rows, outputs] of the whole batch from those of each process's rows [mine, outputs].

    A gradient flows back through one's own rows only; `add_up` makes it the gradient of the whole. `logits` is None
    where a small batch has left this process no row.
    """
    if size() == 1 and logits is not None:
        return logits
    whole = torch.zeros(rows, outputs, device=device)
    if logits is not None:
        whole[list(mine)] = logits.detach().float()
    distributed.all_reduce(whole)
    if logits is None:
        return whole
    return whole.index_put((torch.tensor(mine, device=device),), logits.float())


def add_up(weights: Sequence[Tensor]) -> None:
    """Make every weight's gradient the sum over all processes; one that has none anywhere still has none."""
    if size() == 1:
        return
    flat = torch.cat([(torch.zeros_like(w) if w.grad is None else w.grad).float().flatten() for w in weights])
    has = torch.tensor([float(w.grad is not None) for w in weights], device=flat.device)
    sent = torch.cat([flat, has])
    distributed.all_reduce(sent)
    place = 0
    for weight, anywhere in zip(weights, sent[flat.numel() :].tolist(), strict=True):
        if anywhere:
            weight.grad = sent[place : place + weight.numel()].view_as(weight).to(weight.dtype)
        place += weight.numel()


def agree(said: Said) -> Said:
    """Return what the main process says."""
    if size() == 1:
        return said
    box: list[Any] = [said]
    distributed.broadcast_object_list(box, src=0)
    return box[0]


def everyone(said: Said) -> list[Said]:
    """Return what each process says, in their order."""
    if size() == 1:
        return [said]
    box: list[Any] = [None] * size()
    distributed.all_gather_object(box, said)
    return box


def spread(compute: Callable[[Sequence[Item]], Floats], items: Sequence[Item]) -> Floats:
    """Return `compute(items)` [items, values], each process computing its share, or all the same where split."""
    if size() == 1 or split():
        return compute(items)
    mine = share(len(items))
    parts = everyone((mine, compute([items[i] for i in mine]) if mine else None))
    width = next(values.shape[1] for _, values in parts if values is not None)
    whole = np.empty((len(items), width), np.float32)
    for places, values in parts:
        if values is not None:
            whole[places] = values
    return whole
