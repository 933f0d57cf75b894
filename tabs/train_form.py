"""The form of a run, drawn from the knobs of RunConfig: a knob added there appears here by itself.

What a field may hold is refused by RunConfig alone, in its words. Knows nothing of runs or of who fills the form.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field
from typing import Any

import gradio as gr

import tasks
from tabs.train_upload import choices
from training import config
from training.config import RunConfig

OPEN = ("Training",)
"""Groups of settings that stand open at first."""
CALLED = {
    "rslora": "rsLoRA",
    "dora": "DoRA",
    "lora_dropout": "LoRA dropout",
    "first_epochs": "Epochs of earlier stages",
    "first_share": "Share in earlier stages",
    "fold": "Part held back",
    "word_share": "Share of words alone",
    "sign_share": "Share of counted signs",
}
"""What knobs are called whose name says it badly."""


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
        with gr.Accordion("What it begins with, and what it is asked", open=False), gr.Row():
            self.parts |= _begun()
        groups: dict[str, list[Field[Any]]] = {}
        for f in RunConfig.knobs():
            groups.setdefault(f.metadata["group"], []).append(f)
        for group, members in groups.items():
            with gr.Accordion(group, open=group in OPEN), gr.Row():
                for f in members:
                    with gr.Column(min_width=230):  # a box to tick would shrink to nothing beside the others
                        self.parts[f.name] = component(f)

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


def _begun() -> dict[str, Any]:
    """Draw what a run goes on from and what is put before each text: no knobs, for they have no limits."""
    others = [(task.title, task.name) for task in tasks.ALL]
    start = gr.Dropdown(
        [("Nothing: a fresh adapter", ""), *others],
        value="",
        label="Go on from",
        info="The shipped adapter of another task. It must have the same base, rank, blocks and target layers.",
        min_width=300,
        elem_id="knob-start",
    )
    prompt = gr.Textbox(
        label="Prompt",
        info="Put before what a base that answers in words reads; the others read no prompt.",
        lines=1,
        max_lines=6,
        max_length=config.PROMPT_CHARS,
        min_width=300,
        elem_id="knob-prompt",
    )
    return {"start": start, "prompt": prompt}


def component(f: Field[Any]) -> Any:
    """Draw one knob: a list where it has choices, a box to tick, or a number."""
    named = {
        "label": CALLED.get(f.name, f.name.replace("_", " ").capitalize()),
        "info": f.metadata["help"],
        "elem_id": f"knob-{f.name}",
        "min_width": 230,
    }
    if words := f.metadata.get("choices"):
        return gr.Dropdown(list(words), value=f.default, **named)
    if isinstance(f.default, bool):
        return gr.Checkbox(f.default, **named)
    return gr.Number(f.default, precision=0 if isinstance(f.default, int) else None, **named)
