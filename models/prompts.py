"""From an Example to the token ids a model that answers in words is given, and to those of the words it may answer.

A text is never a control token, whatever a person types; what does not fit is left out of the text or its context,
never of the question, and of the answer nothing. Knows nothing of weights.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import models.libraries

from tokenizers import Tokenizer
from transformers import AutoTokenizer

from tasks.spec import PAIR, Example, Prompt, Task, Turn, UserError

YES_NO = ("yes", "no")
FREE = "answer"
"""The head of the question whose answer is written, not chosen."""
BLANKS = ("N/A", "")
"""Texts that say nothing: what a model answers to them is its habit, not its reading (Zhao et al. 2021)."""

_TAIL = "\nAnswer:"
_SLACK = 8  # tokens that the mark of an omission and the new word borders may take
_MARK = "\ue000{}\ue000"  # private-use characters, which no template and no cleaned text hold
_MARKED = re.compile("\ue000(\\d+)\ue000")


@dataclass(frozen=True)
class Asked:
    """One question about a text: of which head, of which of its values (multi heads), and what may be answered."""

    head: str
    value: str | None
    text: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A named piece of the text that is read; a piece that is not `loose` is never shortened."""

    name: str
    text: str
    loose: bool = True


def prompt_of(task: Task) -> Prompt:
    """Return the task's prompt, what it leaves open made from title, labels and slots."""
    said = task.prompt
    words = {label: said.words.get(label, label) for label in task.labels}
    listed = " or ".join(filter(None, [", ".join(list(words.values())[:-1]), words[task.labels[-1]]]))
    return replace(
        said,
        ask=said.ask or f"{task.title}: which of these fits, {listed}?",
        each=said.each or f"{task.title}: is {{}} part of it, yes or no?",
        words=words,
        write=said.write or "Answer the question.",
    )


def questions(task: Task, prompt: Prompt) -> list[Asked]:
    """Return what is asked of every text, in the order of the heads."""
    out = []
    for i, head in enumerate(task.spoken):
        if head.multi:
            out += [Asked(head.name, value, prompt.each.format(value), YES_NO) for value in head.values]
        elif i == 0:
            out.append(Asked(head.name, None, prompt.ask, tuple(prompt.words[label] for label in task.labels)))
    return out


def parts_of(task: Task, example: Example, names: Sequence[str] = ()) -> list[Part]:
    """Return the pieces of an example that a model reads.

    Two texts that are read together are a question and its context: of them only the last may be shortened. The
    windows of one long text are that text.
    """
    segments = list(task.segments(example))
    if any(PAIR in segment for segment in segments):
        pairs = [segment.split(PAIR) for segment in segments]
        texts = [*pairs[0][:-1], " ".join(pair[-1] for pair in pairs)]
        loose = [i == len(texts) - 1 for i in range(len(texts))]
    elif task.windows:
        texts, loose = [example.all_text], [True]
    else:
        texts, loose = segments, [True] * len(segments)
    known = names or (task.slots if len(task.slots) == len(texts) > 1 else ())
    named = [*known, *[""] * len(texts)][: len(texts)]
    found = [Part(n, t, free) for n, t, free in zip(named, texts, loose, strict=True)]
    return [part for part in found if part.text] or found[:1]


class Prompter:
    """The tokenizer of a base and the prompts of a task: examples in, token ids out."""

    def __init__(
        self, folder: Path, family: str, task: Task, max_tokens: int, way: Mapping[str, Any] | None = None
    ) -> None:
        """Open the tokenizer in `folder`; `way` is what an adapter keeps of how it was asked (see `way`)."""
        said = dict(way or {})
        kept = said.get("prompt")
        self.prompt = Prompt(**{**kept, "names": tuple(kept["names"])}) if kept else prompt_of(task)
        self.prefix = str(said.get("prefix", ""))
        self.task, self.family, self.max_tokens = task, family, max_tokens
        self.questions = questions(task, self.prompt)
        self.tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        whole = self.tokenizer.backend_tokenizer.to_str()
        self._text, self._marks = Tokenizer.from_str(whole), Tokenizer.from_str(whole)
        for tokenizer in (self._text, self._marks):
            tokenizer.no_padding()
            tokenizer.no_truncation()
        self._text.encode_special_tokens = True
        self._begin, self._finish = self._ends()
        self.talks = self.tokenizer.chat_template is not None and family == "causal"
        self.end = self._end_of_turn()
        pad = self.tokenizer.pad_token_id
        self.pad = int(pad if pad is not None else self.end)

    @property
    def way(self) -> dict[str, Any]:
        """Return what must travel with an adapter, so that it is always asked as it was trained."""
        return {"prompt": asdict(self.prompt), "prefix": self.prefix}

    @property
    def stops(self) -> list[int]:
        """Return the tokens at which an answer ends."""
        return sorted({self.end, *([self.tokenizer.eos_token_id] if self.tokenizer.eos_token_id is not None else [])})

    def ids(self, example: Example, ask: str, room: int = 0) -> list[int]:
        """Return the prompt that asks `ask` of an example, leaving `room` tokens of the window for the answer.

        Raises:
            UserError: if the question alone is too long.
        """
        return self._fitted(list(example.history), parts_of(self.task, example, self.prompt.names), ask, room)

    def blank(self, ask: str, filler: str) -> list[int]:
        """Return the same prompt about a text that says nothing."""
        named = parts_of(self.task, self.task.samples[0], self.prompt.names)
        return self._fitted([], [replace(part, text=filler) for part in named], ask, 0)

    def answer(self, text: str, ended: bool = False) -> list[int]:
        """Return the ids of an answer as they follow a prompt, with the mark that ends it where `ended`."""
        if self.family == "causal" and not self.talks:
            before = self._of(_TAIL)
            both = self._of(f"{_TAIL} {text}")
            ids = both[len(before) :] if both[: len(before)] == before else self._of(f" {text}")
        else:
            ids = self._of(text)
        return [*ids, self.end] if ended else ids

    def _fitted(self, history: list[Turn], parts: list[Part], ask: str, room: int) -> list[int]:
        """Drop the oldest turns, then shorten the longest loose piece, until the prompt fits its window."""
        while True:
            ids = self._framed([*history, Turn("user", self._body(parts, ask))])
            over = len(ids) + room - self.max_tokens
            if over <= 0:
                return ids
            if history:
                history = history[2:]
                continue
            sizes = [len(self._of(part.text)) if part.loose else 0 for part in parts]
            place = max(range(len(parts)), key=sizes.__getitem__)
            if sizes[place] == 0:
                raise UserError("The question is too long for this model; shorten it.")
            parts = [*parts]
            parts[place] = replace(parts[place], text=self._shortened(parts[place].text, sizes[place] - over - _SLACK))

    def _body(self, parts: Sequence[Part], ask: str) -> str:
        texts = [f"{part.name}: {part.text}" if part.name else part.text for part in parts]
        return "\n".join(filter(None, [self.prefix, *texts, ask]))

    def _shortened(self, text: str, room: int) -> str:
        """Return the first quarter and the last three quarters of `room` tokens of a text, as text."""
        spans = self._text.encode(text, add_special_tokens=False).offsets
        if room < 4:
            return ""
        head, tail = spans[room // 4 - 1][1], spans[len(spans) - (room - room // 4)][0]
        return f"{text[:head].rstrip()} … {text[tail:].lstrip()}"

    def _framed(self, turns: Sequence[Turn]) -> list[int]:
        """Return the ids of a conversation up to where the model speaks."""
        if not self.talks:
            said = "\n".join(turn.content for turn in turns)
            return [*self._begin, *self._of(said + (_TAIL if self.family == "causal" else "")), *self._finish]
        messages = [{"role": turn.role, "content": _MARK.format(i)} for i, turn in enumerate(turns)]
        pieces = _MARKED.split(self._rendered(messages, True))
        ids = []
        for i, piece in enumerate(pieces):
            if i % 2:
                ids += self._of(turns[int(piece)].content)
            elif piece:
                ids += self._marks.encode(piece, add_special_tokens=False).ids
        return ids

    def _rendered(self, messages: list[dict[str, str]], prompt: bool) -> str:
        from jinja2 import TemplateError

        try:
            # Qwen3's template takes `enable_thinking`; others pass over it.
            return self.tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=prompt, enable_thinking=False
            )
        except TemplateError as error:
            raise UserError(f"This model's chat template refuses the conversation: {error}") from error

    def _of(self, text: str) -> list[int]:
        return list(self._text.encode(text, add_special_tokens=False).ids)

    def _ends(self) -> tuple[list[int], list[int]]:
        """Return the marks this tokenizer puts before and after a text."""
        ids, bos = list(self.tokenizer("")["input_ids"]), self.tokenizer.bos_token_id
        cut = 1 if ids and ids[0] == bos and self.family == "causal" else 0
        return ids[:cut], ids[cut:] if self.family == "seq2seq" else []

    def _end_of_turn(self) -> int:
        """Return the mark that ends an answer: the template's own, or the tokenizer's end of text."""
        if self.talks:
            turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": _MARK.format(0)}]
            after = _MARKED.split(self._rendered(turns, False))[-1]
            special = {token.content for token in self.tokenizer.added_tokens_decoder.values()}
            for token in self._marks.encode(after, add_special_tokens=False).tokens:
                if token in special:
                    return int(self.tokenizer.convert_tokens_to_ids(token))
        if self.tokenizer.eos_token_id is None:
            raise UserError("This model's tokenizer has no end-of-text mark; an answer of it would never end.")
        return int(self.tokenizer.eos_token_id)
