"""The form as a browser fills it: every control reaches the launched recipe, and every recipe reaches the controls."""

import inspect
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from test_data import druglib
from test_training import rows

import tasks
from models.shelf import Shelf
from tabs import train, train_settings
from tabs.train_desk import Desk
from tabs.train_form import Form
from tabs.who import Gate
from training import data, presets
from training.config import RunConfig

TASK = tasks.get("drug_reviews")
SETS = ("druglib", "drugscom_sample")
CHANGED: dict[str, Any] = {
    "task": "health_claims",
    "base": "bert-base-uncased",
    "datasets": list(SETS),
    "first": ["druglib"],
    "then": ["drugscom_sample", "druglib + drugscom_sample"],
    "mixture": [["drugscom_sample", 0.5]],
    "prepare": [["Drop conflicting rows", 1.0, "1", "", "drop_conflicts"]],
    "start": "health_claims",
    "prompt": "What does the patient feel?",
    "max_rows": 100,
    "method": "qlora-4bit",
    "answers": "head",
    "optimizer": "paged-adamw-8bit",
    "schedule": "cosine",
    "targets": "q,v",
    "precision": "float32",
    "fold": 1,
}
"""Another value of each control that is no number with two ends, and no box to tick."""
ELSEWHERE = {"task", "base", "answers", "method", "optimizer"}
"""What would change which other values are allowed, or what needs a GPU: read from the form, not launched."""
UNASKED = {"averaged"}
"""Said by training.average of what it made, and by nobody of a run that is to learn."""
ASKED = [f.name for f in fields(RunConfig) if f.name not in UNASKED]


class Page:
    """The tab as it is laid out, and its Launch button."""

    def __init__(self, home: Path) -> None:
        self.desk, forms = Desk(home, Shelf(home / "shelf"), Gate()), []
        real = train_settings.build
        with gr.Blocks() as self.demo, gr.Tabs() as tabs, gr.Tab(train.TITLE), pytest.MonkeyPatch.context() as patch:
            patch.setattr(train_settings, "build", lambda *given: forms.append(real(*given)) or forms[0])
            train.build(self.desk, self.demo, tabs)
        (self.launch,) = [f for f in self.demo.fns.values() if self._pressed(f, "launch")]
        self.form: Form = forms[0]

    def _pressed(self, fn: Any, elem_id: str) -> bool:
        found = (self.demo.blocks.get(id) for id, _ in fn.targets)
        return any(block is not None and block.elem_id == elem_id for block in found)

    def values(self, **changed: Any) -> list[Any]:
        """Return what the components hold, as Gradio hands it to a handler, with some of it changed."""
        return [changed.get(name, self._held(part)) for name, part in self.form.parts.items()]

    def _held(self, part: Any) -> Any:
        if isinstance(part, gr.Dataframe):
            return part.value["data"]
        return part.value or "" if isinstance(part, gr.Textbox) else part.value

    def press(self, values: list[Any]) -> RunConfig:
        """Press Launch with these values and return the recipe of the run it made."""
        before = set(self.desk.store.ids())
        others = [self._held(part) for part in self.launch.inputs[: -len(values)]]
        named = [p for p in inspect.signature(self.launch.fn).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
        nobody = [None] * (len(named) - len(others))  # what Gradio fills in: who asks, and from where
        done = self.launch.fn(*nobody, *others, *values)
        if inspect.isgenerator(done):
            next(done)
        (made,) = set(self.desk.store.ids()) - before
        return self.desk.store.get(made).config


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "DATA_DIR", druglib(home / "sets", rows(24, 1)))
        patch.setattr(Gate, "admit", lambda *given: None)
        yield Page(home)


def other(laid: Page, name: str) -> Any:
    """Return another value than a control holds."""
    part = laid.form.parts[name]
    if name in CHANGED:
        return CHANGED[name]
    if isinstance(part, gr.Checkbox):
        return not part.value
    (knob,) = [f for f in RunConfig.knobs() if f.name == name]
    low, high = knob.metadata["lo"], knob.metadata["hi"]
    whole = isinstance(knob.default, int)
    return next(v for v in (low, high, (low + high) / 2) if v != part.value and (not whole or v == int(v)))


def test_there_is_a_control_with_help_for_every_field(laid: Page) -> None:
    assert set(laid.form.parts) == set(ASKED)
    silent = {name for name, part in laid.form.parts.items() if not getattr(part, "info", "")}
    assert silent == {"mixture", "prepare"}  # tables: what they hold is said above them
    assert laid.launch.inputs[-len(laid.form.parts) :] == laid.form.components


@pytest.mark.parametrize("name", ASKED)
def test_a_control_turned_changes_what_the_form_says(laid: Page, name: str) -> None:
    with_it: dict[str, Any] = {name: other(laid, name)}
    if name == "answers":
        with_it["base"] = "flan-t5-base"
    if name in ("first", "then", "mixture"):
        with_it["datasets"] = list(SETS)
    without = {key: value for key, value in with_it.items() if key != name}
    before, after = laid.form.read(laid.values(**without)), laid.form.read(laid.values(**with_it))
    assert {f.name for f in fields(RunConfig) if getattr(before, f.name) != getattr(after, f.name)} == {name}


def test_all_controls_turned_at_once_reach_the_launched_run(laid: Page) -> None:
    turned = {name: other(laid, name) for name in laid.form.parts if name not in ELSEWHERE}
    asked = laid.form.read(laid.values(**turned))
    plain = RunConfig(TASK.name).as_dict()
    assert {name for name, value in asked.as_dict().items() if value == plain[name]} == ELSEWHERE | UNASKED
    assert laid.press(laid.values(**turned)) == asked


@pytest.mark.parametrize("task", tasks.ALL, ids=lambda task: task.name)
@pytest.mark.parametrize("name", presets.names())
def test_a_recipe_read_into_the_form_is_the_recipe_that_it_says(laid: Page, task: Any, name: str) -> None:
    said = presets.get(name, task)
    shares = {name: share for name, share in said.mixture.items() if share != 1}  # 1 is said by saying nothing
    said = replace(said, prompt="Read this:", mixture=shares)
    assert laid.form.read([_value(one) for one in laid.form.fill(said)]) == said


def _value(update: Any) -> Any:
    return update.value if isinstance(update, gr.Dropdown) else update
