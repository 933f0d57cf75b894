"""The form of a run, drawn from the knobs of RunConfig: a knob added there appears here by itself.

What a field may hold is refused by RunConfig alone, in its words. Knows nothing of runs or of who fills the form.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field
from typing import Any

import gradio as gr

from tabs.train_upload import choices
from training import config
from training.config import RunConfig

OPEN = ("Training",)
"""Groups of settings that stand open at first."""


class Form:
    """The components of the form, and the way from them to a RunConfig and back."""

    def __init__(
        self,
        given: Mapping[str, Any],
        reads: Mapping[str, Callable[[Any], Any]],
        shows: Mapping[str, Callable[[RunConfig], Any]],
    ) -> None:
        """Lay out base and knobs.

        `given` are components of other steps, by the field they hold; `reads` and `shows` say, for a field that is not
        what its component holds, how the one is made of the other.
        """
        self.parts: dict[str, Any] = dict(given)
        self.reads, self.shows = dict(reads), dict(shows)
        self.parts["base"] = gr.Dropdown(
            list(config.BASES),
            value="minilm-l6",
            label="Base model",
            info="What the adapter stands on.",
            elem_id="knob-base",
        )
        groups: dict[str, list[Field[Any]]] = {}
        for f in RunConfig.knobs():
            groups.setdefault(f.metadata["group"], []).append(f)
        for group, members in groups.items():
            with gr.Accordion(group, open=group in OPEN), gr.Row():
                self.parts |= {f.name: component(f) for f in members}

    @property
    def components(self) -> list[Any]:
        """Return every component that makes part of the config, in the order of `read`."""
        return list(self.parts.values())

    def read(self, values: Sequence[Any]) -> RunConfig:
        """Return the config that the form says; raise UserError where it says nothing sensible."""
        said = dict(zip(self.parts, values, strict=True))
        return config.from_form({name: self.reads.get(name, _same)(value) for name, value in said.items()})

    def fill(self, said: RunConfig) -> list[Any]:
        """Return the updates that make the form say this config, the choices of its task included."""
        saved = said.as_dict()
        sets = choices(said.task, said.datasets)
        saved |= {name: gr.Dropdown(sets, value=saved[name]) for name in ("datasets", "first", "then")}
        saved |= {name: show(said) for name, show in self.shows.items()}
        return [saved[name] for name in self.parts]


def _same(value: Any) -> Any:
    return value


def component(f: Field[Any]) -> Any:
    """Draw one knob: a list where it has choices, a box to tick, or a number."""
    named = {
        "label": f.name.replace("_", " ").capitalize(),
        "info": f.metadata["help"],
        "elem_id": f"knob-{f.name}",
        "min_width": 230,
    }
    if words := f.metadata.get("choices"):
        return gr.Dropdown(list(words), value=f.default, **named)
    if isinstance(f.default, bool):
        return gr.Checkbox(f.default, **named)
    return gr.Number(f.default, precision=0 if isinstance(f.default, int) else None, **named)
