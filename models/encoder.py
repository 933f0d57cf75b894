"""One frozen encoder in memory, and the LoRA adapters that read with it.

An example is read as text segments: the named slots of a form, or the windows of a long note. Every segment is a
sequence of its own; what becomes of their token states is the head's business. The same `Reader` is trained, measured
and served, so there is one preprocessing. Knows nothing of runs, tabs or
particular tasks.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import models.libraries

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel, PreTrainedModel
from transformers.utils import logging

from models.bases import BASES, locate
from models.heads import HEAD_FILE, Group, LabelHead, SlotHead
from models.kinds import KINDS
from tasks.spec import PAIR, UserError

# The base's unused pooler is reported as a surprise at every load, with a progress bar of a tenth of a second.
logging.set_verbosity_error()
logging.disable_progress_bar()

MOST = 4_096
"""Tokens, padding included, in one pass through the base: beyond that a CPU is no faster, and memory is not endless."""


class Batch:
    """Tokenised segments of several examples, longest last, cut into groups of like length."""

    def __init__(self, ids: Sequence[Sequence[int]], owner: Sequence[int], slot: Sequence[int], examples: int) -> None:
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        self.ids = [ids[i] for i in order]
        self.owner = torch.tensor([owner[i] for i in order], dtype=torch.long)
        self.slot = torch.tensor([slot[i] for i in order], dtype=torch.long)
        self.examples = examples

    def groups(self, waste: float = 0.15) -> list[tuple[Tensor, Tensor]]:
        """Return (ids, mask) tensors [rows, longest]; no group pads more than `waste` of its tokens or exceeds MOST."""
        cuts, start, tokens = [], 0, 0
        for i, row in enumerate(self.ids):
            room = len(row) * (i - start + 1)
            if i > start and (tokens + len(row) < (1 - waste) * room or room > MOST):
                cuts.append((start, i))
                start, tokens = i, 0
            tokens += len(row)
        cuts.append((start, len(self.ids)))
        return [_pad(self.ids[a:b]) for a, b in cuts if b > a]


def _pad(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    longest = max(map(len, rows))
    ids = torch.zeros(len(rows), longest, dtype=torch.long)  # 0 is [PAD]
    mask = torch.zeros(len(rows), longest, dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return ids, mask


class Words:
    """The base's tokenizer. Text never becomes a control token, and a segment never exceeds the window."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        """Open the tokenizer in `folder`; raise UserError where it is none this project can use."""
        self.tokenizer = _tokenizer(folder)
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        # "[SEP]" typed by a person is text; left special it would be a sequence end.
        self.tokenizer.encode_special_tokens = True
        self.max_tokens = max_tokens
        marks = _marks(folder)
        self.start, self.end, self.unknown = (self.tokenizer.token_to_id(marks[name]) for name in marks)

    def ids(self, text: str) -> list[int]:
        """Return the token ids of one segment with its two end marks, at most `max_tokens` of them."""
        return [self.start, *self._read(text, "ids", self.end), self.end]

    def spans(self, text: str) -> list[tuple[int, int] | None]:
        """Return for each of `ids(text)` where it stands in the text; None for the end marks."""
        return [None, *self._read(text, "offsets", None), None]

    def _read(self, text: str, what: str, between: Any) -> list[Any]:
        """Return one thing of each token kept; of a pair, the first text is shortened only beyond half the window."""
        first, pair, second = text.partition(PAIR)
        found = getattr(self.tokenizer.encode(first, add_special_tokens=False), what)
        if not pair:
            return self._kept(found, self.max_tokens - 2)
        found = self._kept(found, (self.max_tokens - 3) // 2)
        others = getattr(self.tokenizer.encode(second, add_special_tokens=False), what)
        if what == "offsets":
            others = [(a + len(first) + 1, b + len(first) + 1) for a, b in others]
        return [*found, between, *self._kept(others, self.max_tokens - 3 - len(found))]

    @staticmethod
    def _kept(found: list[Any], room: int) -> list[Any]:
        """Return the first quarter and the last three quarters of what is too long for its room.

        A verdict stands at the end of a review more often than in its middle.
        """
        return found if len(found) <= room else found[: room // 4] + found[len(found) - (room - room // 4) :]

    def batch(self, rows: Sequence[Sequence[str]]) -> Batch:
        """Tokenise the segments of several examples; an example with none gets one empty segment."""
        ids, owner, slot = [], [], []
        for i, row in enumerate(rows):
            filled = [(s, text) for s, text in enumerate(row) if text] or [(0, "")]
            for s, text in filled:
                ids.append(self.ids(text))
                owner.append(i)
                slot.append(s)
        return Batch(ids, owner, slot, len(rows))


def _tokenizer(folder: Path) -> Tokenizer:
    """Return the tokenizer of tokenizer.json, or what transformers makes of an older format."""
    if (folder / "tokenizer.json").is_file():
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=False).backend_tokenizer
    except (ImportError, OSError, ValueError) as error:
        raise UserError(
            f"The tokenizer in {folder.name} has an old format; to read it: pip install sentencepiece protobuf."
        ) from error


def _marks(folder: Path) -> dict[str, str]:
    """Return the tokens that begin and end a text and stand for what is not known, as the tokenizer calls them."""
    marks = {"cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
    try:
        said = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        said = {}
    for name in marks:
        own = said.get(name)
        own = own.get("content") if isinstance(own, dict) else own
        marks[name] = own if isinstance(own, str) else marks[name]
    return marks


def load_base(name: str) -> PreTrainedModel:
    """Return the frozen encoder in float32, in evaluation mode.

    Raises:
        UserError: if its files are not here, or it is a base that answers in words.
    """
    base = BASES[name]
    if base.family != "encoder":
        raise UserError(f"{base.name} is no encoder: it has no token states to be read by a head.")
    if base.kind != "bert":
        from models.weights import open_base

        return open_base(name, form=torch.float32)
    folder = locate(name)
    config = BertConfig.from_pretrained(folder)
    model = BertModel.from_pretrained(folder, config=config, add_pooling_layer=False, dtype=torch.float32)
    return model.requires_grad_(False).eval()


def lora(
    model: BertModel,
    *,
    rank: int,
    alpha: int,
    dropout: float,
    first_layer: int,
    name: str,
    targets: str = "all-linear",
    rslora: bool = False,
    dora: bool = False,
    kind: str = "bert",
) -> PeftModel:
    """Return the base with a fresh LoRA adapter on the linear layers of a choice from block `first_layer` upwards."""
    config = LoraConfig(
        use_rslora=rslora,
        use_dora=dora,
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=list(KINDS[kind].targets(targets)),
        layers_to_transform=list(range(first_layer, model.config.num_hidden_layers)),
        layers_pattern=KINDS[kind].blocks,
    )
    return get_peft_model(model, config, adapter_name=name)


class Reader(nn.Module):
    """Base + one adapter + head: segments in, logits out."""

    def __init__(self, body: nn.Module, head: SlotHead | LabelHead) -> None:
        super().__init__()
        self.body = body
        self.head = head

    def forward(self, batch: Batch) -> Tensor:
        """Return logits [examples, outputs]."""
        return self.logits(batch, [self.embed(ids) for ids, _ in batch.groups()])

    def embed(self, ids: Tensor) -> Tensor:
        """Return the word vectors [rows, tokens, width] of token ids, before positions are added."""
        body = self.body.get_base_model() if isinstance(self.body, PeftModel) else self.body
        table = body.get_input_embeddings()
        return table(ids.to(table.weight.device))

    def logits(self, batch: Batch, words: Sequence[Tensor]) -> Tensor:
        """Return logits [examples, outputs] from the word vectors of each group of `batch`."""
        device = words[0].device
        groups = [
            Group(self.body(inputs_embeds=group, attention_mask=mask).last_hidden_state, mask)
            for group, mask in zip(words, (mask.to(device) for _, mask in batch.groups()), strict=True)
        ]
        found = self.head(groups, batch.owner.to(device), batch.slot.to(device), batch.examples)
        wide = self.head.words if isinstance(self.head, LabelHead) else None
        if wide is None:
            return found
        owner = batch.owner.repeat_interleave(torch.tensor([len(row) for row in batch.ids]))
        pieces = torch.tensor([piece for row in batch.ids for piece in row])
        return wide.mixed(found, wide(pieces.to(device), owner.to(device), batch.examples))


def save(reader: Reader, folder: Path, name: str, repo: str) -> None:
    """Write adapter and head as safetensors; the label order is the caller's to write beside them.

    `repo` is the base's Hub id: PEFT would write the path at which this machine happens to keep it.
    """
    reader.body.peft_config[name].base_model_name_or_path = repo
    # Otherwise PEFT asks the Hub for the base's settings, to see whether words were added; here none ever are.
    reader.body.save_pretrained(folder, selected_adapters=[name], save_embedding_layers=False)
    nested = folder / name  # PEFT nests any adapter not called "default"
    if nested.is_dir():
        for file in nested.iterdir():
            file.replace(folder / file.name)
        nested.rmdir()
    (folder / "README.md").unlink(missing_ok=True)  # PEFT's template card; ours replaces it
    save_head(reader, folder)


def save_head(reader: Reader, folder: Path) -> None:
    """Write the head alone; what is written beside it of its sha256 is the caller's to renew."""
    save_file({key: value.contiguous() for key, value in reader.head.state_dict().items()}, folder / HEAD_FILE)
