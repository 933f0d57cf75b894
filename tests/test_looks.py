"""The looks before a launch take in every row that is learned from, and signs of labels for what they are."""

from types import SimpleNamespace

import gradio as gr
import pytest

from tabs import train_prepare, train_upload
from tasks.spec import Example
from training import data, labels, taught, train
from training.config import RunConfig

PAIN = "the pain went away after two days and i slept well again"
NEW = "my skin turned red within an hour and itched all over my arms"


@pytest.mark.parametrize("found", [True, False])
def test_rows_of_earlier_stages_are_looked_at_for_leaks(found: bool, monkeypatch) -> None:
    """A set with share 0 is learned from in its stage alone; a row that comes again is no repeat of itself."""
    asked = RunConfig(
        "drug_reviews",
        datasets=("druglib", "drugscom_sample"),
        first=("drugscom_sample",),
        mixture={"drugscom_sample": 0.0},
    )
    trained = Example(text=NEW, label="negative")
    staged = [trained, Example(text=PAIN, label="positive")] if found else [trained]
    monkeypatch.setattr(train, "rows", lambda *given: (data.Split((trained,), (), "s"), [], []))
    monkeypatch.setattr(taught, "staged", lambda *given: staged)
    monkeypatch.setattr(data, "load", lambda *given: [Example(text=PAIN, label="positive")])
    said, findings = train_prepare.leaking(asked)
    assert bool(findings) == found
    assert f"{1 + found} train" in said


def test_signs_are_no_spelling() -> None:
    assert labels.spellings({"1": 50, "-1": 40, "0": 10}) == []
    assert labels.spellings({"−2": 5, "- 2": 5, "2.": 1}) == [("- 2", "2.")]
    assert labels.spellings({"+": 50, "-": 40}) == []
    assert labels.spellings({"😀": 3, "😡": 4}) == []
    assert labels.spellings({"side-effect": 3, "Side effect": 4, "type-2": 1, "type 2": 2}) == [
        ("Side effect", "side-effect"),
        ("type 2", "type-2"),
    ]


def test_a_file_is_looked_at_again_for_another_task(monkeypatch) -> None:
    """By who may; who only looks around is not told off."""
    refused = ["no"]
    gate = SimpleNamespace(only=lambda handler: handler, refusal=lambda *given: refused[0])
    monkeypatch.setattr(train_upload, "_seen", lambda path, task: (path, task))
    with gr.Blocks() as demo:
        task = gr.Dropdown(["drug_reviews", "review_aspects"])
        train_upload.build(SimpleNamespace(gate=gate, own_rows=list), task, gr.Dropdown(multiselect=True))
    (seen,) = [event for event in demo.fns.values() if (task._id, "input") in event.targets]
    assert set(map(str, seen.fn(None, None, "a.csv", "review_aspects"))) == {str(gr.skip())}
    refused[0] = ""
    assert seen.fn(None, None, "a.csv", "review_aspects") == ("a.csv", "review_aspects")
    assert set(map(str, seen.fn(None, None, None, "review_aspects"))) == {str(gr.skip())}
