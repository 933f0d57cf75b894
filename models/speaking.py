"""Opens an adapter of a base that answers in words, beside others on the same base, and makes fresh ones to be trained.

One large base is in memory for all its adapters; whose turn it is is a state of it, so they take turns. Knows nothing
of the shelf, and trusts nothing in an adapter's folder: the settings come in checked.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

import models.libraries

from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn

from models import zero
from models.bases import BASES, NF4_BITS, locate
from models.likelihood import ByHead, Likelihood
from models.prompts import Prompter
from models.reading import Reading
from models.speaker import Classified, Speaker, Turn
from models.weights import open_base, pool
from tasks.spec import Task, UserError

Put = Callable[[nn.Module, str, dict[str, Tensor], Task], None]
"""Loads an adapter's weights into the adapter of that name, or raises UserError."""


class Shared(nn.Module):
    """A base in memory, the adapters on it, and the lock that gives them their turns."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.lock = RLock()

    @contextmanager
    def turn(self, name: str | None) -> Iterator[None]:
        """Hold the base with the adapter of that name switched on; with None with none."""
        with self.lock:
            model = self.model
            if name is None:
                with model.disable_adapter() if isinstance(model, PeftModel) else nullcontext():
                    yield
                return
            if model.active_adapter != name:
                model.set_adapter(name, inference_mode=True)
            yield

    def add(self, name: str, config: LoraConfig, state: dict[str, Tensor], task: Task, put: Put) -> None:
        """Put an adapter on the base, where it is not there already."""
        with self.lock:
            fresh = not isinstance(self.model, PeftModel)
            if not fresh and name in self.model.peft_config:
                return
            if fresh:
                self.model = get_peft_model(self.model, config, adapter_name=name)
            else:
                self.model.add_adapter(name, config)
            try:
                put(self.model, name, state, task)
            except UserError:
                if fresh:
                    self.model = self.model.unload()
                else:
                    self.model.delete_adapter(name)
                raise
            self.model.requires_grad_(False).eval()


@dataclass(frozen=True)
class Adapter:
    """An adapter as it lies on disk: checked settings and weights, and the name it has in memory."""

    name: str
    config: LoraConfig
    state: dict[str, Tensor] = field(repr=False)


def shared(base: str, quantised: bool = False, outputs: int = 0) -> Shared:
    """Return the base in memory, opening it where it is not."""
    likely = BASES[base].bytes(NF4_BITS if quantised else 16.0) or 0
    return pool().get(
        (base, quantised, outputs),
        lambda: Shared(open_base(base, quantised=quantised, outputs=outputs).requires_grad_(False)),
        likely,
    )


def opened(task: Task, info: Reading, adapter: Adapter, put: Put, source: str = "") -> Likelihood | ByHead:
    """Return the predictor of an adapter.

    Raises:
        UserError: if the base cannot be had, or the weights are not those of such an adapter.
    """
    by_head = info.way.get("by") == "head"
    outputs = sum(len(head.values) for head in info.heads) if by_head else 0
    held = shared(info.base, info.way.get("quantised") is True, outputs)
    held.add(adapter.name, adapter.config, adapter.state, task, put)
    return predictor(task, info, held.model, lambda: held.turn(adapter.name), source)


def untuned(task: Task, base: str, max_tokens: int, way: Mapping[str, Any] | None = None) -> Likelihood:
    """Return the base as it came, asked the task's questions: what any adapter on it must beat."""
    words = Prompter(locate(base), BASES[base].family, task, max_tokens, way)
    info = Reading.of(task, base, max_tokens, words.way)
    if zero.away():
        from models.lent import Lent

        return Lent(task, info, source=f"{base}, untuned")
    held = shared(base)
    found = predictor(task, info, held.model, lambda: held.turn(None), f"{base}, untuned")
    assert isinstance(found, Likelihood)
    return found


def predictor(task: Task, info: Reading, body: nn.Module, turn: Turn, source: str) -> Likelihood | ByHead:
    """Return the predictor of a body that lies ready."""
    base = BASES[info.base]
    words = Prompter(locate(info.base), base.family, task, info.max_tokens, info.way)
    if info.way.get("by") == "head":
        return ByHead(task, info, words, Classified(body, words.pad, turn).eval(), source)
    return Likelihood(task, info, words, Speaker(body, base.family, words.pad, turn).eval(), source)
