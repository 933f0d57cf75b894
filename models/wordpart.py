"""A linear reading of which word pieces a text holds: what a small training set says by its words alone.

Knows nothing of adapters, of files or of tasks.
"""

import torch
from torch import Tensor, nn


class WordPart(nn.Module):
    """The wide part beside a deep one (Cheng et al. 2016): TF-IDF over the base's own word pieces, one line a label.

    It is fitted in closed form beside the trained part, never by its optimiser. A text's order, and how it is cut into
    windows, make no difference to it.
    """

    rarity: Tensor
    weight: Tensor
    bias: Tensor
    share: Tensor

    def __init__(self, pieces: int, outputs: int) -> None:
        super().__init__()
        self.register_buffer("rarity", torch.zeros(pieces))
        # Half precision: a megabyte beside the adapter, and far more exact than what it was fitted on.
        self.register_buffer("weight", torch.zeros(pieces, outputs, dtype=torch.float16))
        self.register_buffer("bias", torch.zeros(outputs))
        self.register_buffer("share", torch.zeros(()))

    def forward(self, ids: Tensor, owner: Tensor, examples: int) -> Tensor:
        """Return logits [examples, outputs] of piece ids [k]; `owner` [k] says whose each is. New pieces are 0."""
        keys, count = torch.unique(owner * len(self.rarity) + ids, return_counts=True)
        return self.counted(keys // len(self.rarity), keys % len(self.rarity), count, examples)

    def counted(self, owner: Tensor, piece: Tensor, count: Tensor, examples: int) -> Tensor:
        """Return logits [examples, outputs] of pieces counted already: whose, which, how often, all [k]."""
        size = self.sizes(piece, count)
        length = size.new_zeros(examples).index_add(0, owner, size**2).sqrt().clamp(min=1e-9)
        said = (size / length[owner])[:, None] * self.weight[piece].float()
        return said.new_zeros(examples, said.shape[1]).index_add(0, owner, said) + self.bias

    def sizes(self, piece: Tensor, count: Tensor) -> Tensor:
        """Return how much each piece [k] counts that stands `count` [k] times in a text, before lengths are equal."""
        return (1 + count.float().log()) * self.rarity[piece]

    def each(self, ids: Tensor, count: Tensor, column: int) -> Tensor:
        """Return what every occurrence of `ids` [k] adds to a label's logit, in a text of piece counts [pieces]."""
        held = count.nonzero().squeeze(1)
        length = (self.sizes(held, count[held]) ** 2).sum().sqrt().clamp(min=1e-9)
        each = self.sizes(ids, count[ids].clamp(min=1)) / count[ids].clamp(min=1)
        return each / length * self.weight[ids, column].float()

    def mixed(self, deep: Tensor, wide: Tensor) -> Tensor:
        """Return the logits of both parts as one."""
        return (1 - self.share) * deep + self.share * wide
