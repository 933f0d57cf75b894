"""Two looks before a launch: do the splits leak, and what would be done to the training rows.

Every option of preparation is off until it is asked for, works on training rows only, and says what it did.
"""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

import tasks
from tabs.train_desk import Desk
from training.config import RunConfig

SLOTS = 10
"""Options that can be shown at once."""
READ = Callable[..., RunConfig]
"""Makes a RunConfig of the values of the form."""


def build(desk: Desk, task: gr.Dropdown) -> list[gr.Slider]:
    """Lay out the options of preparation; return their sliders, to be read in the order of `names`."""
    gr.Markdown(
        "Each is off at 0, touches training rows only, is counted, and leaves the rows that came in as they were."
    )
    with gr.Row():
        sliders = [
            gr.Slider(0, 1, 0, step=0.05, visible=False, min_width=280, elem_id=f"prepare-{i}") for i in range(SLOTS)
        ]
    return sliders


def names(task: str) -> list[str]:
    """Return the options that fit a task, in the order of the sliders."""
    from training import prepare

    return [option.name for option in prepare.options(tasks.get(task))][:SLOTS]


def chosen(task: str, values: Sequence[float | None]) -> dict[str, float]:
    """Return the options that are on, with their strengths."""
    if not any(values):
        return {}
    return {name: float(value) for name, value in zip(names(task), values, strict=False) if value}


def of_task(task: str) -> list[Any]:
    """Return the updates that make the sliders those of a task, all off."""
    from training import prepare

    fit = prepare.options(tasks.get(task))[:SLOTS]
    drawn = [gr.Slider(label=o.title, info=o.help, minimum=o.lo, maximum=o.hi, value=0, visible=True) for o in fit]
    return [*drawn, *[gr.Slider(value=0, visible=False)] * (SLOTS - len(drawn))]
