"""Answers written by a base that answers in words, piece by piece, and stopped when somebody asks for it.

The prompt is the same that labels are read from; the same adapter is switched on, or none. What is written is text and
nothing else: no tool is called, nothing in it is run. Knows nothing of retrieval, tabs or tasks.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty
from threading import Event, Thread
from typing import Any

import models.libraries

import torch
from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList, TextIteratorStreamer

from models.lent import Lent
from models.likelihood import Likelihood
from models.memory import out_of_memory
from models.prompts import Prompter
from models.speaker import Speaker
from tasks.spec import Example, UserError

PATIENCE = 300.0
"""Seconds without a new piece after which an answer is given up."""


@dataclass(frozen=True)
class Manner:
    """How an answer is written: its longest length in tokens, and how freely words are drawn (0: the likeliest)."""

    length: int = 256
    temperature: float = 0.0
    top_p: float = 0.9
    repetition: float = 1.0
    seed: int = 13


def stream(
    one: Likelihood, example: Example, ask: str = "", manner: Manner | None = None, stop: Event | None = None
) -> Generator[str, None, None]:
    """Yield the answer so far, ever longer; an empty answer yields nothing.

    `ask` is put after the text, and by default what the task's prompt says for written answers. Setting `stop`, or
    closing the iterator, ends it after the token that is being made.

    Raises:
        UserError: if the question does not fit the window, or the model fails.
    """
    if isinstance(one, Lent):  # written where a GPU is lent to it
        yield from one.written(example, ask, manner or Manner(), stop)
        return
    words, reader, said = one.words, one.reader, manner or Manner()
    prompt = words.ids(example, ask or words.prompt.write, room=min(said.length, words.max_tokens // 2))
    yield from _streamed(reader, words, prompt, said, stop or Event())


def write(one: Likelihood, example: Example, ask: str = "", manner: Manner | None = None) -> str:
    """Return the whole answer."""
    text = ""
    for text in stream(one, example, ask, manner):  # noqa: B007
        pass
    return text


def _streamed(
    reader: Speaker, words: Prompter, prompt: list[int], manner: Manner, stop: Event
) -> Generator[str, None, None]:
    causal = reader.family == "causal"
    streamer = TextIteratorStreamer(
        words.tokenizer,
        skip_prompt=causal,
        timeout=PATIENCE,
        skip_special_tokens=True,
        clean_up_tokenization_spaces=False,
    )
    failed: list[Exception] = []
    worker = Thread(target=_work, args=(reader, words, prompt, manner, stop, streamer, failed), daemon=True)
    worker.start()
    text = ""
    try:
        for piece in streamer:
            if piece and not stop.is_set():
                text += piece
                yield text.lstrip()
    except Empty:
        failed.append(TimeoutError())
    finally:
        stop.set()
        worker.join(PATIENCE)
    if failed:
        if out_of_memory(failed[0]):
            raise UserError("The memory does not hold this model and a text of this length; shorten it.")
        raise UserError("The model could not finish its answer.") from failed[0]


def _work(
    reader: Speaker,
    words: Prompter,
    prompt: list[int],
    manner: Manner,
    stop: Event,
    streamer: TextIteratorStreamer,
    failed: list[Exception],
) -> None:
    """Write in a thread of its own; the streamer ends whatever happens, or its reader would wait for ever."""
    try:
        ids = torch.tensor([prompt], device=reader.device)
        with reader.turn(), torch.inference_mode(), _dice(manner):
            if not stop.is_set():
                reader.body.generate(
                    input_ids=ids,
                    attention_mask=torch.ones_like(ids),
                    generation_config=_config(manner, words),
                    stopping_criteria=StoppingCriteriaList([_Asked(stop)]),
                    streamer=streamer,
                )
    except (RuntimeError, ValueError, MemoryError, IndexError) as error:
        failed.append(error)
    finally:
        streamer.end()


def _config(manner: Manner, words: Prompter) -> GenerationConfig:
    drawn: dict[str, Any] = {"do_sample": False}
    if manner.temperature > 0:
        drawn = {"do_sample": True, "temperature": manner.temperature, "top_p": manner.top_p}
    return GenerationConfig(
        max_new_tokens=manner.length,
        repetition_penalty=manner.repetition,
        pad_token_id=words.pad,
        eos_token_id=words.stops,
        **drawn,
    )


@contextmanager
def _dice(manner: Manner) -> Iterator[None]:
    """Draw words the same each time, and leave the dice of the process as they were."""
    devices = range(torch.cuda.device_count()) if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(manner.seed)
        yield


class _Asked(StoppingCriteria):
    """Ends the writing after the token that is being made, once somebody has asked for it."""

    def __init__(self, stop: Event) -> None:
        self.stop = stop

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> torch.Tensor:
        """Return for every sequence whether it ends."""
        return torch.full((input_ids.shape[0],), self.stop.is_set(), device=input_ids.device, dtype=torch.bool)
