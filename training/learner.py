"""Fits a Reader. Knows nothing of run folders: it is handed where to keep checkpoints, and whom to tell and to ask.

The loop is the one of Accelerate's examples, written out because a run must go on from any step exactly as if it had
never stopped: every draw hangs on (seed, epoch, row), and all that changes is in a `Fitting`.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import models.libraries

import psutil
import torch
from accelerate.utils import set_seed
from torch import Tensor, nn

from models.bases import BASES, locate
from models.encoder import Reader, Words, load_base, lora
from models.heads import LabelHead, SlotHead
from models.kinds import KINDS
from models.memory import out_of_memory
from models.reading import Floats
from tasks.spec import Example, Task, UserError
from training import team
from training.config import RunConfig
from training.fitting import Fitting, Outside, Score, Stopped
from training.loss import TaskLoss
from training.teacher import soft_targets
from training.tokenised import Tokenised, forms, made_of, tokenised

LOG_EVERY = 10
"""Steps between two points of the training curve."""
DIVERGED = 2.0
"""Times the first loss from which a run is said to diverge."""
BUCKET = 16
"""Batches' worth of shuffled rows that are sorted by length together: near-random order, little padding."""


@dataclass
class Learned:
    """A fitted reader, and how the choice of its weights went; `steps` of `planned` were made."""

    reader: Any
    words: Any
    best_epoch: int
    best: dict[str, float]
    steps: int = 0
    planned: int = 0


def fresh(task: Task, config: RunConfig) -> tuple[Any, Any]:
    """Return an untrained reader for `task` and what feeds it: a Reader and Words, or a Speaker and a Prompter."""
    base = BASES[config.base]
    if base.spoken:
        from training import spoken

        return spoken.fresh(task, config)
    set_seed(config.seed)
    body = lora(
        load_base(config.base),
        rank=config.rank,
        alpha=config.alpha,
        dropout=config.lora_dropout,
        first_layer=config.first_layer,
        name=task.name,
        targets=config.targets,
        rslora=config.rslora,
        dora=config.dora,
        kind=base.kind,
    )
    for name, module in body.get_base_model().named_modules():
        if isinstance(module, nn.Dropout) and "lora" not in name:
            # Dropout on attention weights keeps PyTorch from its fused kernel on a CPU, and buys nothing measurable.
            module.p = 0.0 if name.endswith("attention.self.dropout") else config.dropout
    outputs, width = sum(len(head.values) for head in task.heads), body.config.hidden_size
    head: SlotHead | LabelHead
    if task.windows:
        head = LabelHead(width, config.head_hidden, outputs, config.head_dropout)
    else:
        head = SlotHead(len(task.slots), width, config.head_hidden, outputs, config.head_dropout)
    return Reader(body, head), Words(locate(config.base), config.max_tokens)


class Collator:
    """Draws the form in which a training row is seen this time, and makes token ids of it, or finds them made."""

    def __init__(
        self,
        task: Task,
        words: Words,
        loss: TaskLoss,
        train: Sequence[Example],
        seed: int,
        taught: Mapping[int, Floats],
        made: Tokenised | None = None,
    ) -> None:
        self.task, self.words, self.loss, self.train, self.taught = task, words, loss, train, taught
        self.seed, self.made = seed, made

    def __call__(self, rows: Sequence[int], epoch: int, mine: Sequence[int]) -> tuple[Any, Any]:
        """Return the tokenised rows that this process reads, `mine` of the batch, and the targets of all of it."""
        drawn = [self._drawn(row, epoch) for row in rows]
        examples = [example for _, example in drawn]
        batch = None
        if mine and self.made is not None:
            batch = self.made.batch([(rows[i], drawn[i][0]) for i in mine])
        elif mine:
            batch = self.words.batch([self.task.segments(examples[i]) for i in mine])
        return batch, self.loss.targets(examples, [self.taught.get(row) for row in rows])

    def _drawn(self, row: int, epoch: int) -> tuple[int, Example]:
        """Return the number of the form in which a row is seen in an epoch, and that form."""
        found = forms(self.task, self.train[row])
        draw = random.Random(f"{self.seed} {epoch} {row}")
        (form,) = draw.choices(range(len(found)), [share for share, _ in found])
        return form, found[form][1]


def _feeding(
    task: Task, config: RunConfig, words: Any, train: Sequence[Example], tokens: Path | None
) -> tuple[Any, Any]:
    """Return the loss of a run, and what draws and tokenises its batches; `tokens` is where token ids are kept."""
    if BASES[config.base].spoken:
        from training import spoken

        by_head = config.answers == "head"
        loss = TaskLoss(task, config, train) if by_head else spoken.ResponseLoss(task, config, train)
        return loss, spoken.Asking(task, words, loss, train, config.seed, by_head)
    loss = TaskLoss(task, config, train)
    taught = soft_targets(task, train, config.seed) if config.teacher else {}
    made = tokenised(task, words, locate(config.base), train, tokens) if tokens else None
    return loss, Collator(task, words, loss, train, config.seed, taught, made)


def batches(lengths: Sequence[int], size: int, seed: int, epoch: int) -> list[list[int]]:
    """Return the rows of each batch of an epoch: shuffled, like lengths together, the same for the same numbers."""
    draw = random.Random(f"{seed} {epoch} order")
    order = list(range(len(lengths)))
    draw.shuffle(order)
    out = []
    for start in range(0, len(order), size * BUCKET):
        part = sorted(order[start : start + size * BUCKET], key=lambda row: -lengths[row])
        out += [part[i : i + size] for i in range(0, len(part), size)]
    draw.shuffle(out)
    return out


def fit(
    task: Task,
    config: RunConfig,
    train: Sequence[Example],
    score: Score | None,
    outside: Outside,
    start: Reader | None = None,
) -> Learned:
    """Fit a fresh reader on `train` and return it with the averaged weights of its best validation epoch.

    Without a `score` those of its last are kept.
    With `start` it goes on from the weights of an earlier stage; with a checkpoint in the outside's folder, from there.

    Raises:
        UserError: if the loss stops being a number, or a checkpoint was made with other settings.
        Stopped: if somebody asked for it; "keep" ends the fit without raising.
    """
    reader, words = fresh(task, config)
    if start is not None:
        learned = {n: p.detach() for n, p in start.named_parameters() if p.requires_grad}
        reader.load_state_dict(learned if team.split() else start.state_dict(), strict=not team.split())
    team.split_up(reader.body, KINDS[BASES[config.base].kind].blocks)
    loss, collate = _feeding(task, config, words, train, outside.tokens)
    fitting = Fitting(config, reader, score, outside)
    fitting.made_of = made_of(config, train)
    per_epoch = math.ceil(math.ceil(len(train) / config.batch_size) / config.accumulation)
    fitting.planned = per_epoch * config.epochs
    set_seed(config.seed + team.rank())  # the weights are equal by now; dropout must not fall alike on other rows
    fitting.load()
    reader.train()
    lengths = [len(example.all_text) for example in train]
    while fitting.place.epoch < config.epochs and not _given_up(fitting):  # it may have, in the checkpoint
        plan = batches(lengths, config.batch_size, config.seed, fitting.place.epoch)
        if _epoch(fitting, loss, collate, plan) == "keep":
            break
    fitting.keep_best()
    place = fitting.place
    return Learned(reader.eval(), words, place.best_epoch, place.best, place.step, fitting.planned)


def _epoch(fitting: Fitting, loss: Any, collate: Any, plan: Sequence[Sequence[int]]) -> str:
    """Learn the rest of an epoch and validate; return "keep" where somebody asked for what was learned so far."""
    place, outside, size = fitting.place, fitting.outside, fitting.config.accumulation
    begun, seen = outside.clock(), 0
    while place.batch < len(plan):
        rows = plan[place.batch]
        place.batch += 1
        seen += len(rows)
        norm = _step(fitting, loss, collate, rows, place.batch % size == 0 or place.batch == len(plan))
        if norm is None:
            continue
        if place.step % LOG_EVERY == 0 or place.batch == len(plan):  # a short run has a curve too
            outside.log(_point(fitting, norm, len(plan), seen / max(outside.clock() - begun, 1e-9)))
        asked = team.agree(outside.wanted())
        if asked == "keep":
            fitting.validate()
            return asked
        if asked or place.step % fitting.config.save_every == 0:
            fitting.save()
        if asked:
            raise Stopped
    place.epoch, place.batch = place.epoch + 1, 0
    _validated(fitting)
    fitting.save()
    return ""


def _validated(fitting: Fitting) -> None:
    """Score what was learned in an epoch, and tell how that went and how fast."""
    place, outside = fitting.place, fitting.outside
    before = outside.clock()
    found = fitting.validate()
    took = outside.clock() - before
    point = {"step": place.step, "steps": fitting.planned, "epoch": place.epoch, "validation_seconds": took}
    point |= {f"validation_{name}": value for name, value in found.items()}
    if found.get("rows"):
        point["validation_samples_per_second"] = found["rows"] / max(took, 1e-9)
    outside.log(point)
    if found.get("labels_said") == 1:
        outside.alert(f"After epoch {place.epoch} it predicts one class only on the validation rows.")


def _step(
    fitting: Fitting, loss: Any, collate: Any, rows: Sequence[int], last: bool, share: float = 1.0
) -> float | None:
    """Learn from the rows of a batch, in halves where the memory does not hold them at once.

    Return what `Fitting.step` returns.
    """
    before = fitting.gathered()
    try:
        return fitting.step(_value(fitting, loss, collate, rows), last, share)
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error) or team.size() > 1:
            raise
    if len(rows) < 2:
        raise UserError("The memory does not hold one text of this length; lower max_tokens, or take a smaller base.")
    half = (len(rows) + 1) // 2
    fitting.outside.alert(f"Out of memory with {len(rows)} rows at once; going on with {half}.")
    fitting.forget(before)
    _step(fitting, loss, collate, rows[:half], False, share * half / len(rows))
    return _step(fitting, loss, collate, rows[half:], last, share * (len(rows) - half) / len(rows))


def _value(fitting: Fitting, loss: Any, collate: Any, rows: Sequence[int]) -> Tensor:
    """Return the loss of the rows of a batch, of which this process reads its share."""
    device, mine = fitting.accelerator.device, team.share(len(rows))
    idle = team.split() and not mine  # it computes all the same, because the others need its part of the blocks
    batch, targets = collate(rows, fitting.place.epoch, [0] if idle else mine)
    targets = {name: target.to(device) for name, target in targets.items()}
    with fitting.mixed():
        logits = None if batch is None else fitting.reader(batch)
        if idle:
            whole = loss(team.join(None, mine, len(rows), sum(loss.widths), device), targets)
            return whole + 0.0 * logits.sum()
        return loss(team.join(logits, mine, len(rows), sum(loss.widths), device), targets)


def _point(fitting: Fitting, norm: float, batches_per_epoch: int, speed: float) -> dict[str, float]:
    """Return one point of the curve, and begin the next sum."""
    place, config = fitting.place, fitting.config
    loss = place.sum_loss / max(place.in_sum, 1)
    place.sum_loss, place.in_sum = 0.0, 0
    place.first_loss = place.first_loss or loss
    if loss > DIVERGED * place.first_loss:
        grown = f"The loss grew to {loss:.2f} from {place.first_loss:.2f}"
        fitting.outside.alert(f"{grown}: the learning rate may be too high.")
    steps_per_second = speed / (config.batch_size * config.accumulation)
    memory = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else psutil.Process().memory_info().rss
    return {
        "step": place.step,
        "steps": fitting.planned,
        "epoch": place.epoch + place.batch / batches_per_epoch,
        "loss": loss,
        "learning_rate": fitting.optimizer.param_groups[0]["lr"],
        "grad_norm": norm,
        "samples_per_second": speed,
        "steps_per_second": steps_per_second,
        "memory_mb": memory / 2**20,
        "eta_seconds": (fitting.planned - place.step) / max(steps_per_second, 1e-9),
    }


def _given_up(fitting: Fitting) -> bool:
    place = fitting.place
    return place.epoch - place.best_epoch >= fitting.config.patience
