"""Bases that answer in words on a GPU that is lent for seconds (ZeroGPU); elsewhere nothing here is used.

There a decorated function runs in another process, forked when it is called. So only plain values go in and come out:
which model is meant, texts, and arrays or pieces of text; a refusal is a value as well, since of an error only its kind
would come back. Tokenizers stay outside, where they cost nothing. The embedded base answers from the CPU and needs none
of this. Knows nothing of the shelf or of tabs.
"""

import json
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import spaces

import tasks
from models import zero
from models.bases import BASES, NF4_BITS, locate
from models.likelihood import Likelihood
from models.prompts import Prompter, prompt_of, questions
from models.reading import Floats, Reading
from tasks.spec import Example, Task, UserError

if TYPE_CHECKING:
    from models.generate import Manner

CHARS = 3
"""Characters of a token, about and rather too few."""
QUESTION = 48
"""Tokens a question and its answers add to a text."""
PIECE = 40
"""Seconds a batch of texts may need before it is cut in two; a visitor's quota is not lent all at once."""


@dataclass(frozen=True)
class Which:
    """Which model is meant: the adapter in `folder`, or where there is none the base as it came, in plain values.

    `seal` changes with the adapter's files; `way` is how a base as it came is asked, as JSON.
    """

    task: str
    base: str
    max_tokens: int
    folder: str = ""
    seal: str = ""
    way: str = "{}"
    quantised: bool = False

    @property
    def bits(self) -> float:
        """Return the bits of one of its weights."""
        return NF4_BITS if self.quantised else 16.0


class Lent(Likelihood):
    """Answers as the model would that it stands for, which is opened where a GPU is lent."""

    borrowed = True
    chunk = 512  # each time it is lent the model is read again

    def __init__(self, task: Task, info: Reading, folder: Path | None = None, source: str = "") -> None:
        """Open the tokenizer; `folder` is that of an adapter, None for the base as it came.

        Raises:
            UserError: if the base's files cannot be had: they are brought before any GPU is asked for.
        """
        words = Prompter(locate(info.base), BASES[info.base].family, task, info.max_tokens, info.way)
        super().__init__(task, info, words, _Nowhere(), source)  # type: ignore[arg-type]
        if folder is None:
            self.which = Which(task.name, info.base, info.max_tokens, way=json.dumps(dict(info.way), sort_keys=True))
        else:
            seal, quantised = (
                "".join(info.sha256[file] for file in sorted(info.sha256)),
                info.way.get("quantised") is True,
            )
            self.which = Which(task.name, info.base, info.max_tokens, str(folder.resolve()), seal, quantised=quantised)

    def logits(self, examples: Sequence[Example]) -> Floats:
        """Return logits [examples, outputs], in order, some of them at a time where they are many."""
        out = [self._part(part) for part in parts(self.which, examples)]
        if out:
            return np.concatenate(out)
        return np.zeros((0, sum(len(head.values) for head in self.reading.heads)), np.float32)

    def _part(self, examples: Sequence[Example]) -> Floats:
        found = computed(self.which, list(examples))
        if isinstance(found, str):
            raise UserError(found)
        return found

    def written(
        self, example: Example, ask: str, manner: "Manner", stop: Event | None = None
    ) -> Generator[str, None, None]:
        """Yield the answer so far, as models.generate.stream does."""
        with closing(written(self.which, example, ask, manner)) as said:  # type: ignore[type-var]
            for what, text in said:
                if what == "refused":
                    raise UserError(text)
                if stop is not None and stop.is_set():
                    return
                yield text


class _Nowhere:
    """Stands where a model would, for those who would compute with it without a GPU."""

    def __getattr__(self, name: str) -> NoReturn:
        raise UserError("On this Space a GPU is lent for single answers only; this cannot be done with it.")


def parts(which: Which, examples: Sequence[Example]) -> Iterator[Sequence[Example]]:
    """Cut examples, in order, into parts that need at most PIECE seconds beyond what one of them needs."""
    start, fixed = 0, _need(which, examples[:1])
    for end in range(1, len(examples) + 1):
        if end > start + 1 and _need(which, examples[start:end]) > fixed + PIECE:
            yield examples[start : end - 1]
            start = end - 1
    if start < len(examples):
        yield examples[start:]


def _tokens(which: Which, examples: Sequence[Example]) -> int:
    task = tasks.get(which.task)
    asked = QUESTION * len(questions(task, prompt_of(task)))
    long = [len(e.all_text) + sum(len(turn.content) for turn in e.history) for e in examples]
    return sum(min(chars // CHARS, which.max_tokens) + asked for chars in long)


def _need(which: Which, examples: Sequence[Example]) -> int:
    """Return for how many seconds a GPU is asked for to read some examples."""
    return zero.seconds(BASES[which.base], _tokens(which, examples), bits=which.bits)


def _writing(which: Which, example: Example, ask: str, manner: "Manner") -> int:
    """Return for how many seconds a GPU is asked for to write an answer."""
    return zero.seconds(BASES[which.base], _tokens(which, [example]), manner.length, which.bits)


@spaces.GPU(duration=_need)
def computed(which: Which, examples: list[Example]) -> Floats | str:
    """Return logits [examples, outputs], or why there are none."""
    try:
        return opened(which).logits(examples)
    except UserError as error:
        return str(error)


@spaces.GPU(duration=_writing)
def written(which: Which, example: Example, ask: str, manner: "Manner") -> Iterator[tuple[str, str]]:
    """Yield ("text", the answer so far), ever longer, or ("refused", why)."""
    from models.generate import stream

    try:
        with closing(stream(opened(which), example, ask, manner)) as texts:
            for text in texts:
                yield "text", text
    except UserError as error:
        yield "refused", str(error)


def opened(which: Which) -> Likelihood:
    """Return the model itself; those that were placed at the start are there already."""
    with zero.here():
        return _open(which)


@lru_cache(maxsize=4)
def _open(which: Which) -> Any:
    from models import loading, speaking

    task = tasks.get(which.task)
    if which.folder:
        return loading.load(task, Path(which.folder))
    return speaking.untuned(task, which.base, which.max_tokens, json.loads(which.way))


def place(adapters: Iterable[tuple[Task, Path]]) -> list[str]:
    """Open what serves before the app is launched, in its main thread: ZeroGPU moves what is placed then quickly.

    Returns the names of the bases that were placed; what cannot be opened is left for the first visitor to be told of.
    """
    from models import loading

    placed = []
    for task, folder in adapters:
        try:
            found = loading.load(task, folder)
            if isinstance(found, Lent):
                opened(found.which)
                placed.append(found.which.base)
        except UserError:
            continue
    return placed
