"""Fits a Reader with the Hugging Face Trainer. Knows nothing of run folders: it is handed a function to log with."""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch import Tensor, nn
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments, set_seed

from models.arithmetic import fast_bf16
from models.bases import BASES, locate
from models.encoder import Reader, Words, load_base, lora
from models.heads import LabelHead, SlotHead
from models.reading import Floats
from tasks.spec import Example, Task, UserError
from training.config import RunConfig
from training.loss import TaskLoss
from training.teacher import soft_targets

Log = Callable[[dict[str, float]], None]
Score = Callable[[Reader], dict[str, float]]
"""Scores a reader on validation rows; the entry "score" is the one to be made large."""


@dataclass
class Learned:
    """A fitted reader, and how the choice of its weights went."""

    reader: Reader
    words: Words
    best_epoch: int
    best: dict[str, float]


def fresh(task: Task, config: RunConfig) -> tuple[Reader, Words]:
    """Return an untrained reader for `task` and the tokenizer that feeds it."""
    set_seed(config.seed)
    base = BASES[config.base]
    body = lora(
        load_base(config.base),
        rank=config.rank,
        alpha=config.alpha,
        dropout=config.lora_dropout,
        first_layer=config.first_layer,
        name=task.name,
    )
    for name, module in body.get_base_model().named_modules():
        if isinstance(module, nn.Dropout) and "lora" not in name:
            # Dropout on attention weights keeps PyTorch from its fused kernel on a CPU, and buys nothing measurable.
            module.p = 0.0 if name.endswith("attention.self.dropout") else config.dropout
    outputs = sum(len(head.values) for head in task.heads)
    head: SlotHead | LabelHead
    if task.windows:
        head = LabelHead(base.width, config.head_hidden, outputs, config.head_dropout)
    else:
        head = SlotHead(len(task.slots), base.width, config.head_hidden, outputs, config.head_dropout)
    return Reader(body, head), Words(locate(config.base), config.max_tokens)


class Collator:
    """Draws the form in which a training row is seen this time, and tokenises it."""

    def __init__(
        self,
        task: Task,
        words: Words,
        loss: TaskLoss,
        train: Sequence[Example],
        seed: int,
        taught: Mapping[int, Floats],
    ) -> None:
        self.task, self.words, self.loss, self.train, self.taught = task, words, loss, train, taught
        self.rng = random.Random(seed)

    def __call__(self, rows: Sequence[dict[str, int]]) -> dict[str, Any]:
        """Return the tokenised batch and the targets of the rows of one step."""
        examples = [self._form(self.train[row["index"]]) for row in rows]
        return {
            "batch": self.words.batch([self.task.segments(example) for example in examples]),
            "targets": self.loss.targets(examples, [self.taught.get(row["index"]) for row in rows]),
        }

    def _form(self, example: Example) -> Example:
        if self.task.variants is None:
            return example
        forms = self.task.variants(example)
        (form,) = self.rng.choices([form for _, form in forms], [share for share, _ in forms])
        return form if form.all_text else example


class _Trainer(Trainer):
    """The Trainer with our loss. It divides by the accumulation steps because the model takes no loss arguments."""

    loss: TaskLoss

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Tensor:
        """Return the loss of a batch; stop the run where it is no number, rather than train on ruins."""
        loss = self.loss(model(inputs["batch"]), inputs["targets"])
        if not torch.isfinite(loss):
            raise UserError(f"The loss is not a number at step {self.state.global_step}; try a lower learning rate.")
        return loss


class _Choose(TrainerCallback):
    """Averages the weights, scores the average after each epoch, keeps the best, and stops when none is better."""

    def __init__(self, reader: Reader, config: RunConfig, score: Score, log: Log) -> None:
        self.weights = [p for p in reader.parameters() if p.requires_grad]
        self.reader, self.config, self.score, self.log = reader, config, score, log
        self.average = [p.detach().clone() for p in self.weights]
        self.kept, self.best, self.best_epoch, self.epoch = list(self.average), {"score": -math.inf}, 0, 0

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        # The average starts fast (d = 2/11 at the first step) so that it never drags random first weights along.
        decay = min(self.config.average, (1 + state.global_step) / (10 + state.global_step))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, [p.detach() for p in self.weights], 1 - decay)

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **_: Any
    ) -> None:
        if logs and "loss" in logs:
            names = ("loss", "learning_rate", "grad_norm", "epoch")
            self.log({"step": state.global_step} | {n: float(logs[n]) for n in names if n in logs})

    def on_epoch_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self.epoch += 1
        now = [p.detach().clone() for p in self.weights]
        self._put(self.average)
        self.reader.eval()
        found = self.score(self.reader)
        self.reader.train()
        self.log({"step": state.global_step, "epoch": self.epoch} | {f"validation_{k}": v for k, v in found.items()})
        if found["score"] > self.best["score"]:
            self.best, self.best_epoch, self.kept = found, self.epoch, [p.clone() for p in self.average]
        elif self.epoch - self.best_epoch >= self.config.patience:
            control.should_training_stop = True
        self._put(now)

    def keep_best(self) -> None:
        """Leave the best averaged weights in the reader."""
        self._put(self.kept)

    def _put(self, values: Sequence[Tensor]) -> None:
        with torch.no_grad():
            for p, value in zip(self.weights, values, strict=True):
                p.copy_(value)


def fit(
    task: Task,
    config: RunConfig,
    train: Sequence[Example],
    score: Score,
    log: Log,
    scratch: Path,
    start: Reader | None = None,
) -> Learned:
    """Fit a fresh reader on `train` and return it with the averaged weights of its best validation epoch.

    With `start` it goes on from the weights of an earlier stage.

    Raises:
        UserError: if the loss stops being a number.
    """
    reader, words = fresh(task, config)
    if start is not None:
        reader.load_state_dict(start.state_dict())
    loss = TaskLoss(task, config, train)
    taught = soft_targets(task, train, config.seed) if config.teacher else {}
    steps = math.ceil(math.ceil(len(train) / config.batch_size) / config.accumulation) * config.epochs
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in reader.body.parameters() if p.requires_grad], "lr": config.learning_rate},
            {"params": list(reader.head.parameters()), "lr": config.head_learning_rate},
        ],
        weight_decay=config.weight_decay,
    )
    choose = _Choose(reader, config, score, log)
    trainer = _Trainer(
        model=reader,
        args=_arguments(config, scratch),
        train_dataset=Dataset.from_dict(
            {"index": range(len(train)), "length": [len(example.all_text) for example in train]}
        ),
        data_collator=Collator(task, words, loss, train, config.seed, taught),
        optimizers=(optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, _schedule(config, steps))),
        callbacks=[choose],
    )
    trainer.loss = loss
    trainer.train()
    choose.keep_best()
    return Learned(reader.eval(), words, choose.best_epoch, choose.best)


def _arguments(config: RunConfig, scratch: Path) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(scratch),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        gradient_accumulation_steps=config.accumulation,
        train_sampling_strategy="group_by_length",
        length_column_name="length",
        remove_unused_columns=False,
        max_grad_norm=1.0,
        logging_steps=10,
        logging_nan_inf_filter=False,  # on, the Trainer would log a NaN loss as 0.0
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        bf16=fast_bf16(),
        seed=config.seed,
        data_seed=config.seed,
    )


def _schedule(config: RunConfig, steps: int) -> Callable[[int], float]:
    """Return the share of the top learning rate at a step: up over the warm-up, then straight down to 2 %."""
    warm = max(1.0, config.warmup * steps)
    return lambda step: min(1.0, step / warm) * max(0.02, (steps - step) / steps)
