"""A base that answers in words, with one adapter: what it learns from, and how its label head variant reads.

`Speaker` is trained by the likelihood of the response alone; `Classified` is the same seq2seq base with a
classification head, as the founding study had it. Both look to the trainer like the encoder's Reader: a `body` with
the adapter, a `head`, and a forward pass over a batch. Knows nothing of runs, files or tasks.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import models.libraries

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn
from torch.nn import functional as F

from models.kinds import HEAD, KINDS

IGNORED = -100
"""Marks a place whose token is no part of a response."""


Turn = Callable[[], AbstractContextManager[Any]]


def own_turn() -> AbstractContextManager[Any]:
    """Return the turn of a base that nobody shares."""
    return nullcontext()


@dataclass(frozen=True)
class Spoken:
    """Prompts with their responses, and which of `rows` examples each belongs to."""

    prompts: Sequence[Sequence[int]]
    answers: Sequence[Sequence[int]]
    owner: Sequence[int]
    rows: int


class Speaker(nn.Module):
    """A causal or seq2seq base with an adapter: a batch in, the mean negative log-likelihood of each response out."""

    def __init__(self, body: nn.Module, family: str, pad: int, turn: Turn = own_turn) -> None:
        """Hold the base with its adapter; `turn` is entered before computing where the base is shared."""
        super().__init__()
        self.body, self.family, self.pad, self.turn = body, family, pad, turn
        self.head = nn.Identity()  # what is trained is in the adapter

    def forward(self, batch: Spoken) -> Tensor:
        """Return the negative log-likelihood per response token of each example [rows, 1]; 0 for one without any."""
        if not batch.prompts:
            return torch.zeros(batch.rows, 1, device=self.device)
        logits, wanted = self.told(batch)
        loss = F.cross_entropy(logits.float().flatten(0, 1), wanted.flatten(), ignore_index=IGNORED, reduction="none")
        known = wanted != IGNORED
        each = loss.view_as(wanted).sum(1) / known.sum(1).clamp(min=1)
        owner = torch.tensor(batch.owner, device=each.device)
        total = each.new_zeros(batch.rows).index_add(0, owner, each)
        return (total / torch.bincount(owner, minlength=batch.rows).clamp(min=1))[:, None]

    def told(self, batch: Spoken) -> tuple[Tensor, Tensor]:
        """Return logits [sequences, places, vocabulary] and the token wanted at each place, IGNORED outside responses.

        Of a causal base only the last places are computed, as many as the longest response has tokens: prompts are
        padded on the left, so that responses end together.
        """
        device = self.device
        wanted = padded(batch.answers, IGNORED, left=self.family == "causal", device=device)
        if self.family == "seq2seq":
            prompt, mask = with_mask(batch.prompts, self.pad, left=False, device=device)
            start = self.body.config.decoder_start_token_id
            said = wanted.masked_fill(wanted == IGNORED, self.pad).roll(1, 1)
            said[:, 0] = start
            return self.body(
                input_ids=prompt, attention_mask=mask, decoder_input_ids=said, use_cache=False
            ).logits, wanted
        whole = [[*prompt, *answer] for prompt, answer in zip(batch.prompts, batch.answers, strict=True)]
        ids, mask = with_mask(whole, self.pad, left=True, device=device)
        places = wanted.shape[1]
        out = self.body(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions(mask),
            use_cache=False,
            logits_to_keep=places + 1,
        )
        return out.logits[:, -places - 1 : -1], wanted

    @property
    def device(self) -> torch.device:
        """Return where the base lies."""
        return next(self.body.parameters()).device


class Classified(nn.Module):
    """A seq2seq base with a classification head and an adapter: prompts in, logits out."""

    def __init__(self, body: nn.Module, pad: int, turn: Turn = own_turn) -> None:
        """Hold the base with its adapter; `turn` is entered before computing where the base is shared."""
        super().__init__()
        self.body, self.pad, self.turn = body, pad, turn
        self.head = nn.Identity()  # the head is the base's own, and saved with the adapter

    def forward(self, batch: Spoken) -> Tensor:
        """Return logits [rows, outputs] of the prompts, one per example; what they answer is not looked at."""
        prompt, mask = with_mask(batch.prompts, self.pad, left=False, device=next(self.body.parameters()).device)
        return self.body(input_ids=prompt, attention_mask=mask).logits.float()


def lora_of(
    model: nn.Module,
    kind: str,
    *,
    rank: int,
    alpha: int,
    dropout: float,
    first_layer: int,
    name: str,
    targets: str,
    rslora: bool = False,
    dora: bool = False,
    head: bool = False,
) -> PeftModel:
    """Return the base with a fresh adapter on the linear layers of a choice, from block `first_layer` upwards.

    With `head` the classification head is trained and saved as well; PEFT by itself passes over that of T5.
    """
    config: Any = model.config
    layers = config.get_text_config().num_hidden_layers
    spec = LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        use_rslora=rslora,
        use_dora=dora,
        target_modules=list(KINDS[kind].targets(targets)),
        exclude_modules=KINDS[kind].apart,
        layers_to_transform=list(range(min(first_layer, layers - 1), layers)),
        layers_pattern=KINDS[kind].blocks,
        modules_to_save=[HEAD] if head else None,
    )
    return get_peft_model(model, spec, adapter_name=name)


def padded(rows: Sequence[Sequence[int]], filler: int, left: bool, device: torch.device) -> Tensor:
    """Return rows of unlike length as one tensor [rows, longest]."""
    longest = max(1, *map(len, rows))
    out = torch.full((len(rows), longest), filler, dtype=torch.long)
    for i, row in enumerate(rows):
        if row:
            place = slice(longest - len(row), longest) if left else slice(0, len(row))
            out[i, place] = torch.tensor(list(row))
    return out.to(device)


def with_mask(rows: Sequence[Sequence[int]], pad: int, left: bool, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return padded ids [rows, longest] and their mask."""
    mask = padded([[1] * len(row) for row in rows], 0, left, device)
    return padded(rows, pad, left, device), mask


def positions(mask: Tensor) -> Tensor:
    """Return the place of every token among those that are no padding [rows, longest]."""
    return (mask.cumsum(1) - 1).clamp(min=0)
