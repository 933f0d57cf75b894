"""Models that answer over the network, behind any OpenAI-compatible address the operator has listed.

The key is read when a call is made and stands in its header only: no object here has it in its repr, no error quotes
what a server said (some repeat the key). Everything that goes wrong is a UserError in plain words. Knows nothing of
tasks, tabs or weights.
"""

import math
import random
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from huggingface_hub.errors import TextGenerationError

from models.endpoints import Endpoint
from models.wire import Failed, Line, Patience, session
from tasks.spec import UserError, clean

CHARS_PER_TOKEN = 4
"""English text's, about: only a conversation that cannot fit by far is refused here."""
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, TextGenerationError)
Done = TypeVar("Done")
Message = Mapping[str, str]
"""A turn as chat templates have it: `role` (system, user, assistant) and `content`."""


@dataclass(frozen=True)
class Reply:
    """A whole answer; `cut` where it reached the longest length. Tokens are None where the endpoint does not count.

    `first` are the likeliest first tokens with their log-probabilities, where asked for and given.
    """

    text: str
    cut: bool
    prompt_tokens: int | None
    completion_tokens: int | None
    first: tuple[tuple[str, float], ...] = ()


class Remote:
    """One endpoint, ready to be asked by several threads. `token` is the signed-in visitor's, where that is the key."""

    def __init__(
        self,
        endpoint: Endpoint,
        token: str | None = None,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.endpoint = endpoint
        self.patience = patience or Patience()
        self._key = lambda: endpoint.key(token)  # a closure: no attribute, no repr and no pickle holds the key
        self._sleep, self._clock = sleep, clock
        self._http = session(self.patience)

    def __repr__(self) -> str:
        return f"Remote({self.endpoint.name!r})"

    def stream(
        self, messages: Sequence[Message], max_tokens: int = 512, temperature: float = 0.7
    ) -> Generator[str, None, None]:
        """Yield an answer piece by piece; closing the iterator ends the call.

        Raises:
            UserError: if the endpoint cannot be asked, refuses, falls silent, or stops before its answer is complete.
        """
        asked = self._asked(messages, max_tokens, temperature) | {"stream": True}
        line, failed = None, None
        try:
            line, pieces = self._opened(lambda line: line.chat_completion(**asked))
            ended = False
            for piece in pieces:
                choice = piece.choices[0] if piece.choices else None
                ended = ended or bool(choice and choice.finish_reason)
                if choice and choice.delta and choice.delta.content:
                    yield _text(choice.delta.content)
            if not ended and not line.said_done:
                failed = "stopped before its answer was complete"
        except Failed as error:
            failed = error.why
        except _UNREADABLE:
            failed = "answered in a form that cannot be read"
        finally:
            if line is not None:
                line.hang_up()
        if failed:
            raise UserError(f"{self.endpoint.name} {failed}.")

    def answer(self, messages: Sequence[Message], max_tokens: int = 512, temperature: float = 0.0) -> Reply:
        """Return a whole answer.

        Raises:
            UserError: as `stream` does.
        """
        try:
            return self.ask(messages, max_tokens, temperature)
        except Failed as error:
            why = error.why
        raise UserError(f"{self.endpoint.name} {why}.")

    def ask(self, messages: Sequence[Message], max_tokens: int, temperature: float = 0.0, **more: Any) -> Reply:
        """Return a whole answer to a request with `more` fields.

        Raises:
            Failed: if the endpoint does not accept the request as it stands: it may do so without some of the fields.
            UserError: for everything else.
        """
        asked = self._asked(messages, max_tokens, temperature) | more
        return self._opened(lambda line: _reply(line.chat_completion(**asked)))[1]

    def _asked(self, messages: Sequence[Message], max_tokens: int, temperature: float) -> dict[str, Any]:
        if not messages:
            raise UserError("There is nothing to ask yet.")
        long = sum(len(message["content"]) for message in messages) / CHARS_PER_TOKEN
        if long + max_tokens > self.endpoint.context:
            raise UserError(
                f"This is too long for {self.endpoint.name}: about {long:,.0f} tokens and an answer of {max_tokens:,}, "
                f"where {self.endpoint.context:,} can be read at once."
            )
        return {
            "messages": [{"role": message["role"], "content": clean(message["content"])} for message in messages],
            "model": self.endpoint.model,
            "temperature": temperature,
            "extra_body": {self.endpoint.length: max_tokens},
        }

    def _opened(self, do: Callable[[Line], Done]) -> tuple[Line, Done]:
        """Return a call and what `do` got from it, tried again where that may help and time is left."""
        deadline = self._clock() + self.patience.total
        for tries in range(1, self.patience.tries + 1):
            line = Line(self._http, self.endpoint.base_url, self._key(), lambda: self._clock() > deadline)
            try:
                return line, do(line)
            except Failed as error:
                failed = error
            except _UNREADABLE:
                failed = Failed("answered in a form that cannot be read")
            line.hang_up()
            if failed.status in (400, 422):
                break
            # Full jitter: many visitors turned away together must not come back together.
            pause = max(failed.wait, random.uniform(0, self.patience.first_wait * 2**tries))
            if not failed.again or tries == self.patience.tries or self._clock() + pause > deadline:
                later = f" Try again in {math.ceil(failed.wait)} seconds." if failed.wait else " Try again later."
                raise UserError(f"{self.endpoint.name} {failed.why}.{later if failed.again else ''}")
            self._sleep(pause)
        raise failed


def _reply(output: Any) -> Reply:
    choice, usage = output.choices[0], output.usage
    tokens = choice.logprobs.content[0].top_logprobs if choice.logprobs and choice.logprobs.content else ()
    first = tuple((_text(one.token), float(one.logprob)) for one in tokens or ())
    counts = (usage.prompt_tokens, usage.completion_tokens) if usage else (None, None)
    return Reply(_text(choice.message.content or ""), choice.finish_reason == "length", *counts, first)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
