"""What turns an encoder's token states into logits: one vector per slot, or one reading of the whole text per label.

Knows nothing of adapters, of files' meaning, or of tasks.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from models.wordpart import WordPart

HEAD_FILE = "head.safetensors"


class Group(NamedTuple):
    """Segments of like length: token states [rows, tokens, width] and their mask [rows, tokens]."""

    states: Tensor
    mask: Tensor


class SlotHead(nn.Module):
    """Averages each segment, joins the slots' vectors, and reads one logit per value of every head from them."""

    def __init__(self, slots: int, width: int, hidden: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.missing = nn.Parameter(torch.zeros(slots, width))
        self.norm = nn.LayerNorm(slots * width)
        self.dropout = nn.Dropout(dropout)
        self.inner = nn.Linear(slots * width, hidden)
        self.out = nn.Linear(hidden, outputs)

    def forward(self, groups: Sequence[Group], owner: Tensor, slot: Tensor, examples: int) -> Tensor:
        """Return logits [examples, outputs]; `owner` and `slot` say whose slot each segment [segments] fills."""
        pooled = torch.cat([_mean(group) for group in groups])
        with _exactly(pooled):
            vectors = self.missing.expand(examples, -1, -1).clone()
            vectors[owner, slot] = pooled
            hidden = self.dropout(self.norm(vectors.flatten(1)))
            return self.out(self.dropout(nn.functional.gelu(self.inner(hidden))))


class LabelHead(nn.Module):
    """Each label looks for its own tokens, over all windows of a text however long (Mullenbach et al. 2018).

    A token says how much it matters to a label (weight) and what it says of it (value); the label's logit is the
    weighted mean. The mean over all tokens equals the mean over windows of the windows' means, so windows are computed
    apart, in any order, and added up as they come. Where there are `words`, what they say is mixed into the logits by
    whoever has the token ids.
    """

    def __init__(self, width: int, hidden: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.key = nn.Linear(width, hidden)
        self.query = nn.Linear(hidden, outputs, bias=False)
        self.value = nn.Linear(width, outputs, bias=False)
        self.words: WordPart | None = None
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, groups: Sequence[Group], owner: Tensor, slot: Tensor, examples: int) -> Tensor:
        """Return logits [examples, outputs]; `owner` says whose text each window [windows] belongs to."""
        weights, values = zip(*(self.windows(group) for group in groups), strict=True)
        return self.joined(torch.cat(weights), torch.cat(values), owner, examples)

    def tokens(self, group: Group) -> tuple[Tensor, Tensor]:
        """Return each token's log-weight and value for each label, both [rows, tokens, outputs]."""
        with _exactly(group.states):
            states = self.dropout(self.norm(group.states.float()))
            weight = self.query(torch.tanh(self.key(states)))
            return weight.masked_fill(group.mask.unsqueeze(-1) == 0, -1e4), self.value(states)

    def windows(self, group: Group) -> tuple[Tensor, Tensor]:
        """Return each window's log-weight and weighted mean value for each label, both [rows, outputs]."""
        weight, value = self.tokens(group)
        return weight.logsumexp(1), (weight.softmax(1) * value).sum(1)

    def joined(self, weight: Tensor, value: Tensor, owner: Tensor, examples: int) -> Tensor:
        """Return logits [examples, outputs] from windows [windows, outputs] of several texts."""
        place = owner[:, None].expand_as(weight)
        top = weight.new_full((examples, weight.shape[1]), -1e4).scatter_reduce(0, place, weight.detach(), "amax")
        share = (weight - top[owner]).exp()
        total = share.new_zeros(top.shape).index_add(0, owner, share)
        said = share.new_zeros(top.shape).index_add(0, owner, share * value)
        return said / total.clamp(min=1e-12) + self.bias


def _mean(group: Group) -> Tensor:
    share = group.mask.unsqueeze(-1).float()
    return (group.states * share).sum(1) / share.sum(1)


def _exactly(states: Tensor) -> AbstractContextManager[object]:
    """Return a context in which a head computes in float32 whatever the base does: it costs next to nothing there."""
    return torch.autocast(states.device.type, enabled=False)


def load_head(folder: Path) -> SlotHead | LabelHead:
    """Read a head; its kind and sizes are those of its tensors. Raise KeyError or RuntimeError where they are none."""
    state = load_file(folder / HEAD_FILE)
    head: SlotHead | LabelHead
    if "query.weight" in state:
        outputs, hidden = state["query.weight"].shape
        head = LabelHead(state["norm.weight"].shape[0], hidden, outputs, dropout=0.0)
        if "words.weight" in state:
            head.words = WordPart(*state["words.weight"].shape)
    else:
        slots, width = state["missing"].shape
        head = SlotHead(slots, width, state["inner.weight"].shape[0], state["out.weight"].shape[0], dropout=0.0)
    head.load_state_dict(state)
    return head.requires_grad_(False).eval()
