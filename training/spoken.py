"""Training of bases that answer in words: which question a row is asked this time, and the loss on its answer alone.

To the loop it looks like an encoder's training: a reader, what feeds it, a loss, a collator. Knows nothing of the loop
or of run folders.
"""

import random
from collections.abc import Sequence

import models.libraries

import torch
from accelerate.utils import set_seed
from torch import Tensor

from models.bases import BASES, Base, locate
from models.prompts import FREE, YES_NO, Prompter, parts_of
from models.speaker import Classified, Speaker, Spoken, lora_of
from models.weights import LARGE, open_base
from tasks.spec import Example, Head, Task, UserError
from training import team
from training.config import RunConfig
from training.loss import Targets, TaskLoss
from training.tokenised import forms


def prompter(task: Task, config: RunConfig) -> Prompter:
    """Return what asks a run's base; what an adapter must keep of it is its `way`."""
    base = BASES[config.base]
    return Prompter(locate(config.base), base.family, task, config.max_tokens, {"prefix": config.prompt})


def way(words: Prompter, config: RunConfig) -> dict[str, object]:
    """Return how an adapter of this run is asked, and what it stands on."""
    return {**words.way, "by": config.answers, "quantised": config.method == "qlora-4bit"}


def check(words: Prompter, rows: Sequence[Example]) -> None:
    """See before anything is learned that no row's question or claim, which is never cut, is beyond the window.

    Raises:
        UserError: if one is.
    """
    longest = max(rows, key=lambda row: len(row.all_text) - len(row.context), default=None)
    if longest is None or all(part.loose for part in parts_of(words.task, longest, words.prompt.names)):
        return
    try:
        for asked in words.questions:
            words.ids(longest, asked.text, room=max(len(words.answer(text, ended=True)) for text in asked.answers))
    except UserError:
        beyond = f"The longest question of these rows, which is never cut, does not fit into {words.max_tokens} tokens"
    else:
        return
    raise UserError(f"{beyond} with what is asked about it. Please raise max_tokens.")


def fresh(task: Task, config: RunConfig) -> tuple[Speaker | Classified, Prompter]:
    """Return an untrained reader for `task` and the tokenizer that feeds it."""
    set_seed(config.seed)
    base, words = BASES[config.base], prompter(task, config)
    by_head = config.answers == "head"
    outputs = sum(len(head.values) for head in task.heads) if by_head else 0
    quantised = config.method == "qlora-4bit"
    model = open_base(config.base, quantised=quantised, trained=True, outputs=outputs, aside=team.split())
    _lean(model, base, config)
    body = lora_of(
        model,
        base.kind,
        rank=config.rank,
        alpha=config.alpha,
        dropout=config.lora_dropout,
        first_layer=config.first_layer,
        name=task.name,
        targets=config.targets,
        rslora=config.rslora,
        dora=config.dora,
        head=by_head,
    )
    reader = Classified(body, words.pad) if by_head else Speaker(body, base.family, words.pad)
    return reader, words


def _lean(model: torch.nn.Module, base: Base, config: RunConfig) -> None:
    """Keep only the states between blocks of a large base, and compute the others again for the gradient."""
    if config.method == "qlora-4bit":
        from peft import prepare_model_for_kbit_training

        prepare_model_for_kbit_training(model, gradient_checkpointing_kwargs={"use_reentrant": False})
    elif torch.cuda.is_available() and (base.parameters or 0) >= LARGE:
        model.gradient_checkpointing_enable({"use_reentrant": False})
        model.enable_input_require_grads()


class ResponseLoss:
    """The mean over rows of the negative log-likelihood of their answers, weighted by how rare a row's label is."""

    def __init__(self, task: Task, config: RunConfig, train: Sequence[Example]) -> None:
        self.labels = {label: i for i, label in enumerate(task.labels)}
        self.rarity = TaskLoss(task, config, train).rarity
        self.widths = [1]

    def targets(self, examples: Sequence[Example], taught: Sequence[object] | None = None) -> Targets:
        """Return the label index of every row [n], -100 where it has none."""
        return {"label": torch.tensor([self.labels.get(e.label or "", -100) for e in examples])}

    def __call__(self, losses: Tensor, targets: Targets) -> Tensor:
        """Return the loss of rows whose answers have these negative log-likelihoods [n, 1]."""
        label = targets["label"]
        weight = self.rarity.to(losses.device)[label.clamp(min=0)].where(label >= 0, 1.0)
        return (losses.squeeze(1) * weight).mean()


class Asking:
    """Draws what a training row is asked this time, and makes token ids of it.

    Of a head with one right value the label is asked for; of a head of several values two are drawn, one that holds and
    one that does not, where both are known; a written answer is asked for where the row has one. Of several such
    questions one is drawn, by the heads' weights.
    """

    def __init__(
        self,
        task: Task,
        words: Prompter,
        loss: ResponseLoss | TaskLoss,
        train: Sequence[Example],
        seed: int,
        by_head: bool = False,
    ) -> None:
        self.task, self.words, self.loss, self.train, self.seed, self.by_head = task, words, loss, train, seed, by_head

    def __call__(self, rows: Sequence[int], epoch: int, mine: Sequence[int]) -> tuple[Spoken | None, Targets]:
        """Return the tokenised rows that this process reads, `mine` of the batch, and the targets of all of it."""
        drawn = [random.Random(f"{self.seed} {epoch} {row}") for row in rows]
        examples = [self._form(self.train[row], draw) for row, draw in zip(rows, drawn, strict=True)]
        prompts: list[list[int]] = []
        answers: list[list[int]] = []
        owner: list[int] = []
        for place, i in enumerate(mine):
            for prompt, answer in self._said(examples[i], drawn[i]):
                prompts.append(prompt)
                answers.append(answer)
                owner.append(place)
        return (Spoken(prompts, answers, owner, len(mine)) if mine else None), self.loss.targets(examples)

    def _form(self, example: Example, draw: random.Random) -> Example:
        found = forms(self.task, example)
        return draw.choices([form for _, form in found], [share for share, _ in found])[0]

    def _said(self, example: Example, draw: random.Random) -> list[tuple[list[int], list[int]]]:
        """Return (prompt, answer) of what this row is asked; by a head nothing is answered."""
        if self.by_head:
            return [(self.words.ids(example, self.words.prompt.ask), [])]
        out = []
        for ask, text in self._questions(example, draw):
            answer = self.words.answer(text, ended=True)
            out.append((self.words.ids(example, ask, room=len(answer)), answer))
        return out

    def _questions(self, example: Example, draw: random.Random) -> list[tuple[str, str]]:
        """Return (question, answer as text) of the head drawn for this row."""
        prompt = self.words.prompt
        able: list[tuple[float, Head | str]] = [
            (head.weight, head) for head in self.task.spoken if self._known(head, example)
        ]
        if example.targets.get(prompt.answer):
            able.append((1.0, FREE))
        if not able:
            return []
        (asked,) = draw.choices([what for _, what in able], [weight for weight, _ in able])
        if isinstance(asked, str):
            return [(prompt.write, str(example.targets[prompt.answer]))]
        if not asked.multi:
            return [(prompt.ask, prompt.words[example.label or ""])]
        yes, no = YES_NO
        given = example.targets[asked.name]
        holds = [value for value in asked.values if value in given]
        fails = [value for value in asked.values if value not in given] if "?" not in given else []
        pairs = [(draw.choice(values), said) for values, said in ((holds, yes), (fails, no)) if values]
        return [(prompt.each.format(value), said) for value, said in pairs]

    @staticmethod
    def _known(head: Head, example: Example) -> bool:
        return head.name in example.targets if head.multi else bool(example.label)
