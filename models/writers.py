"""Generators as the chat asks them: a base of this machine with or without an adapter, and a remote endpoint.

Both are given the same rules, the same numbered passages and the same turns. Knows nothing of search or of pages.
"""

import re
from collections.abc import Generator, Sequence
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING

from models.generating import INSTRUCTION
from tasks.dialogue import estimated
from tasks.spec import Example, Turn

if TYPE_CHECKING:
    from models.likelihood import Likelihood
    from models.remote import Remote

_GOES_ON = re.compile(r"\n\s*(?:question|context|passages?|answer|user|assistant)\s*:", re.I)
"""Where a base that never learned to stop begins to write both sides of the conversation."""


class LocalWriter:
    """A base that answers in words, on this machine."""

    def __init__(self, one: "Likelihood", name: str, ask: str = "") -> None:
        """Hold what is open; `ask` stands after the passages, and by default what an adapter was trained with."""
        self.one, self.name, self.ask = one, name, ask
        self.window = one.words.max_tokens

    def count(self, text: str) -> float:
        """Return how many tokens a text has."""
        return len(self.one.words.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def write(
        self, question: str, history: Sequence[Turn], context: str, length: int, stop: Event
    ) -> Generator[str, None, None]:
        """Yield the answer so far; raise UserError where the model fails."""
        from models.generate import Manner, stream

        example = Example(text=question, context=context, history=tuple(history))
        with closing(stream(self.one, example, self.ask, Manner(length=length), stop)) as texts:
            for text in texts:
                over = _GOES_ON.search(text)
                yield text[: over.start()] if over else text
                if over:
                    return


class RemoteWriter:
    """An endpoint that the operator listed."""

    def __init__(self, remote: "Remote") -> None:
        self.remote = remote
        self.name, self.window = remote.endpoint.name, remote.endpoint.context

    def count(self, text: str) -> float:
        """Return about how many tokens a text has: what its model counts is not known here."""
        return estimated(text)

    def write(
        self, question: str, history: Sequence[Turn], context: str, length: int, stop: Event
    ) -> Generator[str, None, None]:
        """Yield the answer so far; raise UserError where the endpoint fails."""
        passages = context.replace("</", "< /")  # so that none can close what it stands in
        messages = [
            {"role": "system", "content": INSTRUCTION},
            *({"role": turn.role, "content": turn.content} for turn in history),
            {"role": "user", "content": f"<passages>\n{passages}\n</passages>\n\nQuestion: {question}"},
        ]
        text = ""
        with closing(self.remote.stream(messages, length, temperature=0.0)) as pieces:
            for piece in pieces:
                if stop.is_set():
                    return
                text += piece
                if text.strip():
                    yield text.lstrip()
