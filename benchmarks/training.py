"""How fast a run learns, against the loop of the studies this project grew from, on the same rows, base and epochs.

python -m benchmarks.training [--rows 320] [--epochs 3]

Their loop: every text padded to a fixed window, four at a time, float32, the library's own dropout, one Python loop an
epoch. It has the LoRA of their first stage (rank 16 on queries and values), once with each window they used. Ours
learns with that same LoRA, and with the preset "Quick look", which leaves the lower half of the blocks as they are; a
window of 128 tokens for each of the three fields reads about as much text as one of 256 for all.

Prints examples a second of training alone, by the clock and by processor time (which other work on the machine disturbs
less), their ratios, and the macro-F1 of each on the same rows, which no choice was made on. The rows ours chooses its
epoch by are held from the training file and learned from by neither.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from peft import LoraConfig, TaskType, get_peft_model
from tokenizers import Tokenizer
from transformers import BertForSequenceClassification

import tasks
from models.bases import locate
from models.encoder import Reader, Words
from models.reading import Reading
from tasks.spec import Example
from training import data, learner, presets, statistics
from training.calibrate import confusion
from training.config import RunConfig
from training.fitting import Outside
from training.scoring import score_on

TASK = tasks.get("drug_reviews")
RECIPES = Path(__file__).parent.parent / "recipes"
SAME = RunConfig.load(RECIPES / "drug_reviews-founding-1-minilm.yaml")
"""The founding study's first stage: its LoRA, its batch and its step size."""
WINDOW = 128
"""Tokens ours reads of each field."""


@dataclass
class Watch:
    """Adds up the time of training; validation is not counted."""

    wall: float = 0.0
    cpu: float = 0.0

    def __enter__(self) -> "Watch":
        """Begin."""
        self._begun = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        """Add what passed."""
        self.wall += time.perf_counter() - self._begun[0]
        self.cpu += time.process_time() - self._begun[1]


@dataclass(frozen=True)
class Way:
    """What one way of learning took and brought: examples a second by clock and by processor time, and macro-F1."""

    name: str
    wall: float
    cpu: float
    macro_f1: float


def founding(rows: Sequence[Example], test: Sequence[Example], epochs: int, window: int) -> Way:
    """Learn as the studies did, padded to `window` tokens."""
    torch.manual_seed(13)
    folder = locate("minilm-l6")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(window)
    tokenizer.enable_padding(length=window)
    base = BertForSequenceClassification.from_pretrained(folder, num_labels=len(TASK.labels), dtype=torch.float32)
    lora = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=SAME.rank,
        lora_alpha=SAME.alpha,
        lora_dropout=SAME.lora_dropout,
        target_modules=["query", "value"],
    )
    model = get_peft_model(base, lora)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=SAME.learning_rate)
    watch, size = Watch(), SAME.batch_size

    def read(part: Sequence[Example]) -> dict[str, torch.Tensor]:
        found = tokenizer.encode_batch([example.all_text for example in part])
        ids, mask = ([getattr(one, name) for one in found] for name in ("ids", "attention_mask"))
        return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}

    for _ in range(epochs):
        order = torch.randperm(len(rows)).tolist()
        model.train()
        with watch:
            for start in range(0, len(order), size):
                part = [rows[i] for i in order[start : start + size]]
                labels = torch.tensor([TASK.labels.index(example.label or "") for example in part])
                model(**read(part), labels=labels).loss.backward()
                optimizer.step()
                optimizer.zero_grad()
    model.eval()
    with torch.inference_mode():
        said = [
            place
            for start in range(0, len(test), size)
            for place in model(**read(test[start : start + size])).logits.argmax(1).tolist()
        ]
    right = [TASK.labels.index(example.label or "") for example in test]
    score = float(statistics.macro_f1(np.array(confusion(len(TASK.labels), right, said))))
    return _way(f"their loop, padded to {window}", len(rows) * epochs, watch, score)


def ours(
    name: str, config: RunConfig, rows: Sequence[Example], held: Sequence[Example], test: Sequence[Example]
) -> Way:
    """Learn as a run of this project does, tokenising included; as with their loop the weights lie ready."""
    reading = Reading.of(TASK, config.base, config.max_tokens)
    words = Words(locate(config.base), config.max_tokens)
    choose = score_on(TASK, reading, words, held)
    watch, ready = Watch(), learner.fresh(TASK, config)

    def score(reader: Reader) -> dict[str, float]:
        watch.__exit__()
        found = choose(reader)
        watch.__enter__()
        return found

    with tempfile.TemporaryDirectory() as folder, patch.object(learner, "fresh", lambda *_: ready), watch:
        learned = learner.fit(TASK, config, rows, score, Outside(tokens=Path(folder)))
    found = score_on(TASK, reading, words, test)(learned.reader)
    return _way(name, learned.steps * config.batch_size, watch, found["macro_f1"])


def _way(name: str, examples: int, watch: Watch, macro_f1: float) -> Way:
    return Way(name, examples / watch.wall, examples / watch.cpu, macro_f1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=320)
    parser.add_argument("--held", type=int, default=80)
    parser.add_argument("--test", type=int, default=300)
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args()
    dataset = TASK.dataset("druglib")
    found = data.load(dataset, "train")[: options.rows + options.held]
    rows, held = found[: options.rows], found[options.rows :]
    test = data.without_repeats(data.load(dataset, "test"), found)[: options.test]
    quick = replace(presets.get("Quick look", TASK), epochs=options.epochs, max_tokens=WINDOW)
    same = replace(SAME, epochs=options.epochs, max_tokens=WINDOW, batch_size=16, learning_rate=quick.learning_rate)
    ways: list[Callable[[], Way]] = [
        lambda: founding(rows, test, options.epochs, 256),
        lambda: founding(rows, test, options.epochs, 128),
        lambda: ours("this trainer, same LoRA", same, rows, held, test),
        lambda: ours("this trainer, Quick look", quick, rows, held, test),
    ]
    sys.stdout.write(f"{len(rows)} rows, {options.epochs} epochs, {torch.get_num_threads()} threads\n")
    done: list[Way] = []
    for way in ways:
        done.append(way())
        now, against = done[-1], done[:2]
        ratios = ", ".join(f"{now.wall / one.wall:.2f} ({now.cpu / one.cpu:.2f}) x {one.name}" for one in against)
        sys.stdout.write(
            f"{now.name:28} {now.wall:6.1f} examples/s ({now.cpu:5.1f} a CPU second), "
            f"macro-F1 {now.macro_f1:.3f}; {ratios}\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
