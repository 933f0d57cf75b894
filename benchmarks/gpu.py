"""Training and generation on a GPU at the true sizes, against the plain loop of the founding studies, in one run.

python -m benchmarks.gpu [--only flan-t5-large] [--out gpu.json]

The weights are random: speed and memory depend on their shapes alone, so nothing is downloaded. The plain loop is that
of the studies this project grew from: one padded length for all, attention written out, the vocabulary's logits at
every place, float32 where the weights are not 4-bit. Tokens are those of the texts, padding not counted. Model FLOPs
are counted (forward, and backward through the frozen weights: no gradient of theirs), and their share is of what this
GPU does in one large bfloat16 matrix product, measured here. Without a GPU it says so and ends; --tiny shows on a CPU
that every part runs, and measures nothing.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

from models.bases import BASES, Base
from models.speaker import IGNORED, Speaker, Spoken, lora_of
from training.config import RunConfig
from training.fitting import Fitting, Outside

PLAIN_LENGTH = 512
TINY = {"num_layers": 2, "num_hidden_layers": 2, "d_model": 64, "d_ff": 96, "hidden_size": 64, "intermediate_size": 96}
TINY |= {"num_heads": 4, "d_kv": 16, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16}
TINY |= {"vocab_size": 500}


@dataclass(frozen=True)
class Case:
    """A base at its true size, whether its weights are in 4 bits, and how many texts a step reads."""

    base: str
    four_bit: bool = False
    batch: int = 16

    @property
    def name(self) -> str:
        """Return what the table calls it."""
        return f"{self.base}{', NF4' if self.four_bit else ''}"


CASES = (Case("flan-t5-large"), Case("llama-3.2-3b-instruct"), Case("mistral-7b", four_bit=True))


def texts(vocabulary: int, count: int, most: int, seed: int = 0) -> list[tuple[list[int], list[int]]]:
    """Return prompts and answers of invented tokens; lengths vary as those of reviews do, around 150 tokens."""
    draw = random.Random(seed)
    out = []
    for _ in range(count):
        length = max(8, min(most - 8, round(draw.lognormvariate(4.85, 0.6))))
        ids = [draw.randrange(3, vocabulary) for _ in range(length + 4)]
        out.append((ids[:length], ids[length : length + draw.randint(1, 4)]))
    return out


def build(case: Case, device: torch.device, dtype: torch.dtype, attention: str, tiny: bool) -> nn.Module:
    """Return the frozen base with random weights on the device, 4-bit where the case says so."""
    base = BASES[case.base]
    shape = dict(base.shape or {})
    if tiny:
        names = set(AutoConfig.for_model(base.kind).to_dict())
        shape |= {name: value for name, value in TINY.items() if name in names}
    config = AutoConfig.for_model(base.kind, **shape)
    auto = AutoModelForSeq2SeqLM if base.family == "seq2seq" else AutoModelForCausalLM
    torch.manual_seed(0)
    with torch.device(device):
        model = auto.from_config(config, dtype=dtype, attn_implementation=attention)
    if base.family == "seq2seq":
        model.config.decoder_start_token_id = model.generation_config.decoder_start_token_id = 0
    model.requires_grad_(False).eval()
    if case.four_bit and not tiny:
        _quantise(model, device)
    return model


def _quantise(model: nn.Module, device: torch.device) -> None:
    """Put every linear layer but the output's into double-quantised NF4, as BitsAndBytesConfig would on loading."""
    import bitsandbytes as bnb

    for owner in list(model.modules()):
        for name, layer in list(owner.named_children()):
            if type(layer) is nn.Linear and name != "lm_head":
                small = bnb.nn.Linear4bit(
                    layer.in_features,
                    layer.out_features,
                    bias=layer.bias is not None,
                    compute_dtype=torch.bfloat16,
                    compress_statistics=True,
                    quant_type="nf4",
                    device="meta",
                )
                small.weight = bnb.nn.Params4bit(
                    layer.weight.data.cpu(), requires_grad=False, compress_statistics=True, quant_type="nf4"
                ).to(device)
                setattr(owner, name, small)
    model.is_loaded_in_4bit = True  # type: ignore[assignment]  # PEFT looks here
    torch.cuda.empty_cache()


def adapted(model: nn.Module, base: Base) -> nn.Module:
    """Return the base with a LoRA adapter on all its linear layers."""
    return lora_of(model, base.kind, rank=16, alpha=32, dropout=0.0, first_layer=0, name="bench", targets="all-linear")


def trained(
    case: Case, body: nn.Module, device: torch.device
) -> Callable[[Sequence[tuple[list[int], list[int]]]], None]:
    """Return a step of this project's trainer: `Fitting` around the `Speaker` that runs are made of."""
    reader = Speaker(body, BASES[case.base].family, pad=0)
    config = replace(RunConfig("drug_reviews"), batch_size=case.batch, precision="bfloat16")
    fitting = Fitting(config, reader, lambda _: {"score": 0.0}, Outside())  # type: ignore[arg-type]
    fitting.planned = 1000
    reader.train()

    def step(rows: Sequence[tuple[list[int], list[int]]]) -> None:
        spoken = Spoken([p for p, _ in rows], [a for _, a in rows], range(len(rows)), len(rows))
        with fitting.accelerator.autocast():
            loss = reader(spoken).mean()
        fitting.step(loss, True)

    return step


def plain(case: Case, body: nn.Module, device: torch.device) -> Callable[[Sequence[tuple[list[int], list[int]]]], None]:
    """Return a step of the plain loop: everything padded to one length, all logits, AdamW."""
    weights = [p for p in body.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=1e-4)
    seq2seq = BASES[case.base].family == "seq2seq"
    body.train()

    def step(rows: Sequence[tuple[list[int], list[int]]]) -> None:
        said = [p if seq2seq else [*p, *a] for p, a in rows]
        ids, mask = _fixed(said, PLAIN_LENGTH, 0, device), _fixed([[1] * len(s) for s in said], PLAIN_LENGTH, 0, device)
        if seq2seq:
            wanted = _fixed([a for _, a in rows], 16, IGNORED, device)
            loss = body(input_ids=ids, attention_mask=mask, labels=wanted, use_cache=False).loss
        else:
            logits = body(input_ids=ids, attention_mask=mask, use_cache=False).logits
            loss = F.cross_entropy(
                logits[:, :-1].float().flatten(0, 1), ids[:, 1:].masked_fill(mask[:, 1:] == 0, IGNORED).flatten()
            )
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def _fixed(rows: Sequence[Sequence[int]], length: int, filler: int, device: torch.device) -> Tensor:
    return torch.tensor([[*row[:length], *[filler] * (length - len(row))] for row in rows], device=device)


def generated(case: Case, model: nn.Module, rows: Sequence[list[int]], new: int, length: int | None) -> None:
    """Generate `new` tokens after each prompt, padded to the longest or to one `length`."""
    device = next(model.parameters()).device
    longest = length or max(map(len, rows))
    left = BASES[case.base].family == "causal"
    ids = [[0] * (longest - len(r)) * left + list(r) + [0] * (longest - len(r)) * (not left) for r in rows]
    mask = [[0] * (longest - len(r)) * left + [1] * len(r) + [0] * (longest - len(r)) * (not left) for r in rows]
    with torch.inference_mode():
        model.generate(  # type: ignore[operator]
            input_ids=torch.tensor(ids, device=device),
            attention_mask=torch.tensor(mask, device=device),
            min_new_tokens=new,
            max_new_tokens=new,
            do_sample=False,
            pad_token_id=0,
        )


def flops(model: nn.Module, rows: Sequence[tuple[list[int], list[int]]], seq2seq: bool) -> float:
    """Return the FLOPs that learning from texts needs with frozen weights: 2 a weight and token forward, 2 backward.

    Attention is added, half of it where a token sees only those before it. The vocabulary's layer counts for the
    answers alone. A seq2seq model's encoder reads the prompt and its decoder the answer, half of the weights each.
    To be asked before an adapter is added.
    """
    layers = {n: m.in_features * m.out_features for n, m in model.named_modules() if isinstance(m, nn.Linear)}
    output = sum(size for name, size in layers.items() if name.endswith("lm_head"))
    inner = (sum(layers.values()) - output) * (0.5 if seq2seq else 1.0)
    config: Any = model.config
    width = getattr(config, "hidden_size", None) or config.d_model
    depth = getattr(config, "num_hidden_layers", None) or config.num_layers
    seen = 12 if seq2seq else 6
    return sum(
        4 * inner * (len(prompt) + len(answer)) + 4 * output * len(answer) + seen * depth * width * len(prompt) ** 2
        for prompt, answer in rows
    )


def peak(device: torch.device, size: int = 8192) -> float:
    """Return the FLOP/s of one large bfloat16 matrix product here."""
    a = torch.randn(size, size, dtype=torch.bfloat16, device=device)
    took = timed(lambda: a @ a, 20, device)
    return 2 * size**3 / took


def timed(do: Callable[[], Any], times: int, device: torch.device) -> float:
    """Return the median seconds of a call, after two that warm up."""
    took = []
    for i in range(times + 2):
        _wait(device)
        begin = time.perf_counter()
        do()
        _wait(device)
        if i >= 2:
            took.append(time.perf_counter() - begin)
    return statistics.median(took)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def measured(case: Case, ours: bool, device: torch.device, best: float, tiny: bool) -> dict[str, Any]:
    """Return tokens per second, memory and model FLOP utilisation of one way to train and generate."""
    four = case.four_bit and not tiny
    dtype = torch.bfloat16 if ours or four else torch.float32
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    try:
        model = build(case, device, dtype, "sdpa" if ours else "eager", tiny)
        seq2seq = BASES[case.base].family == "seq2seq"
        batches, size = (2, 2) if tiny else (8, case.batch)
        rows = texts(model.config.vocab_size, batches * size, PLAIN_LENGTH)
        if ours:
            rows.sort(key=lambda row: -len(row[0]))  # the trainer sets like lengths side by side
        parts = [rows[i : i + size] for i in range(0, len(rows), size)]
        needed = flops(model, rows, seq2seq)
        step = (trained if ours else plain)(case, adapted(model, BASES[case.base]), device)
        took = timed(lambda: [step(part) for part in parts], 1 if tiny else 3, device)
        tokens = sum(len(p) + len(a) for p, a in rows)
        memory = torch.cuda.max_memory_allocated() / 2**30 if device.type == "cuda" else None
        found = {"train_tokens_per_second": tokens / took, "train_memory_gib": memory}
        found["train_mfu"] = needed / took / best if best else None
        prompts, new = [p for p, _ in parts[len(parts) // 2]], 4 if tiny else 64
        model.eval()
        if ours:
            spent = timed(lambda: generated(case, model, prompts, new, None), 1 if tiny else 2, device)
        else:  # one question at a time
            one = prompts[: 1 if tiny else 2]
            each = timed(lambda: [generated(case, model, [p], new, PLAIN_LENGTH) for p in one], 1, device)
            spent = each / len(one) * len(prompts)
        return {**found, "generated_tokens_per_second": len(prompts) * new / spent}
    except torch.OutOfMemoryError:
        return {"failed": "out of memory"}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; return 0 also where there is no GPU to measure on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", choices=["", *(case.base for case in CASES)])
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file too")
    parser.add_argument("--tiny", action="store_true", help="two layers on the CPU: that it runs, not how fast")
    options = parser.parse_args(argv)
    if not torch.cuda.is_available() and not options.tiny:
        print("skipped: there is no CUDA GPU here")
        return 0
    device = torch.device("cpu" if options.tiny else "cuda")
    best = 0.0 if options.tiny else peak(device)
    where = "CPU, tiny" if options.tiny else f"{torch.cuda.get_device_name()}, {best / 1e12:.0f} TFLOP/s in one product"
    print(f"{where}; torch {torch.__version__}")
    results = {}
    for case in CASES:
        if options.only in ("", case.base):
            pair = {way: measured(case, way == "ours", device, best, options.tiny) for way in ("plain", "ours")}
            results[case.name] = pair
            for way, found in pair.items():
                print(f"{case.name:28} {way:6} " + "  ".join(f"{k} {_said(v)}" for k, v in found.items()))
            if not any("failed" in found for found in pair.values()) and not options.tiny:
                ratios = {k: pair["ours"][k] / pair["plain"][k] for k in pair["ours"] if pair["plain"].get(k)}
                print(f"{case.name:28} ratio  " + "  ".join(f"{k} {v:.2f}" for k, v in ratios.items()))
    if options.out:
        options.out.write_text(json.dumps({"where": where, "results": results}, indent=1) + "\n")
    return 0


def _said(value: Any) -> str:
    return value if isinstance(value, str) else "-" if value is None else f"{value:,.3g}"


if __name__ == "__main__":
    raise SystemExit(main())
