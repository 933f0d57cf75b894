"""How a failure reaches a person: what they can mend in its own words, anything else in one plain sentence."""

import functools
import inspect
import logging
import secrets
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

import gradio as gr

from tasks.spec import UserError

SORRY = "Something went wrong on our side; your text was not kept. Please try again. (Reference {})"


class Edge:
    """The edge of the app, as a context: no exception of any kind crosses it with its own message.

    A UserError is shown as it stands. Of any other (a tokenizer's panic is not even an Exception) only the kind and the
    place are logged, because its message may quote what the person typed.
    """

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Turn the exception, if there is one, into what the person reads."""
        if error is None or isinstance(error, (gr.Error, GeneratorExit, KeyboardInterrupt)):
            return
        if isinstance(error, UserError):
            raise gr.Error(str(error), print_exception=False, title="Please check") from None
        reference = secrets.token_hex(4)
        place = traceback.extract_tb(trace)[-1]
        name = place.filename.rsplit("/", 1)[-1]
        logging.getLogger("caretune").error("%s: %s at %s:%s", reference, type(error).__name__, name, place.lineno)
        raise gr.Error(SORRY.format(reference), print_exception=False, title="Sorry") from None


def shown(do: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a handler, generator or not, in the Edge."""
    if inspect.isgeneratorfunction(do):

        @functools.wraps(do)
        def stream(*values: Any, **named: Any) -> Any:
            with Edge():
                yield from do(*values, **named)

        return stream

    @functools.wraps(do)
    def once(*values: Any, **named: Any) -> Any:
        with Edge():
            return do(*values, **named)

    return once
