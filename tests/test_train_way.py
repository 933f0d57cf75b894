"""How a run is carried out, as the page offers it; ZeroGPU is the recording stand-in of test_lent, training a toy."""

import importlib
import json
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from test_lent import Spaces
from test_training import config
from test_who import profile, request

import app
from tabs import train_way
from tabs.who import HEADER, Gate
from tasks.spec import UserError
from training import taste
from training.launchers import HFJob, Local, Taste, remember, way_of
from training.runs import Run, RunStore

STEPS = [{"step": 5, "loss": 0.75, "lr": 1e-4}, {"step": 10, "validation_macro_f1": 0.5, "loss": float("nan")}]


@pytest.fixture
def zero(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spaces]:
    """Where the GPU is borrowed: nothing computes but what was wrapped."""
    made = Spaces()
    monkeypatch.setitem(sys.modules, "spaces", made)
    importlib.reload(taste)
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setattr("training.launch.rows_of", lambda config: 160)
    yield made
    monkeypatch.undo()
    importlib.reload(taste)


@pytest.fixture
def toy(zero: Spaces, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fit of two steps."""

    def fit(run: Run) -> None:
        assert zero.calls, "trained outside of what the GPU is lent to"
        for point in STEPS:
            run.log(point)
        run.note({"steps": 10, "planned_steps": 10})

    monkeypatch.setattr(taste, "train", fit)
    monkeypatch.setattr(taste, "score", lambda run: None)
    monkeypatch.setattr(taste, "LOOK", 0.02)


def test_what_is_offered_follows_the_machine(monkeypatch) -> None:
    assert isinstance(train_way.named(None), Local) and isinstance(train_way.named("local"), Local)
    with pytest.raises(UserError, match=r"not offered here; offered: local"):
        train_way.named("taste")
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert isinstance(train_way.named(None), Taste)
    with pytest.raises(UserError, match=r"offered: taste, hf-job"):
        train_way.named("local")


def test_the_quota_is_said_before_a_taste_and_the_way_on(zero: Spaces) -> None:
    asked = config(epochs=1, batch_size=16)
    form = SimpleNamespace(read=lambda values: asked)
    said = train_way.told("taste", form, ())
    assert said.startswith("Asks for 26 seconds of GPU: all 10 steps") and "ZeroGPU quota" in said
    assert "Hugging Face Job" in said and "billed" in train_way.told("hf-job", form, ())
    assert zero.calls == []


def test_what_the_launch_refuses_is_said_before_it(zero: Spaces) -> None:
    form = SimpleNamespace(read=lambda values: config(base="flan-t5-base"))
    said = train_way.told("taste", form, ())
    assert said.startswith("flan-t5-base answers in words") and "seconds" not in said
    assert "billed" in train_way.told("hf-job", form, ())


def test_a_taste_is_shown_as_it_goes(toy, zero: Spaces, tmp_path) -> None:
    run = RunStore(tmp_path / "runs").create(config(epochs=1, batch_size=16))
    said = list(train_way.tasted(run, Taste()))
    assert said[0] == "Waiting for the GPU …" and said[1] == "Step 5 of 10, training loss 0.750 …"
    assert said[2] == "Step 10 of 10, macro-F1 0.500 …"
    assert said[3].startswith("**Finished.** A taste: 10 of 10 steps.") and "Hugging Face Job" in said[3]
    assert zero.wrapped == ["lent"] and zero.calls == [("lent", 26)]
    assert list(train_way.tasted(run, Local())) == []


def test_a_taste_that_fails_is_a_sentence(toy, monkeypatch, tmp_path) -> None:
    def fit(run: Run) -> None:
        raise UserError("The loss is not a number at step 3.")

    monkeypatch.setattr(taste, "train", fit)
    run = RunStore(tmp_path / "runs").create(config())
    with pytest.raises(UserError, match="not a number at step 3"):
        list(train_way.tasted(run, Taste()))
    assert run.state == "failed"


def test_who_leaves_a_taste_ends_it(toy, monkeypatch, tmp_path) -> None:
    run = RunStore(tmp_path / "runs").create(config())
    steps = train_way.tasted(run, Taste())
    while "Step 5" not in next(steps):
        pass
    steps.close()
    assert run.state == "stopped" and run.stop_file.read_text() == "stop" and not run.alive


def test_launch_takes_a_taste_for_trainers_alone(toy, zero: Spaces, monkeypatch, tmp_path) -> None:
    """The button's own handler, as Gradio calls it."""
    monkeypatch.setattr(Gate, "from_environment", classmethod(lambda cls: cls(token="right")))
    demo, _, desk = app.build(tmp_path)
    by_id = {block.elem_id: block for block in demo.blocks.values() if getattr(block, "elem_id", None)}
    (launch,) = [fn for fn in demo.fns.values() if (by_id["launch"]._id, "click") in fn.targets]
    values = [getattr(block, "value", None) for block in launch.inputs]
    nonce, title, way = 0, 1, 2
    values[nonce], values[title], values[way] = "n", "mine", "taste"
    monkeypatch.setattr("tabs.train_form.Form.read", lambda self, values: config(epochs=1, batch_size=16))
    with pytest.raises(gr.Error, match="token"):
        list(launch.fn(request(), profile("alice"), None, *values))
    assert desk.store.ids() == [] and zero.calls == []
    steps = list(launch.fn(request(**{HEADER: "right"}), None, None, *values))
    assert steps[0][0].selected == "runs" and steps[1][-1] == "Waiting for the GPU …"
    (run,) = desk.store.runs()
    assert run.state == "finished" and json.loads((run.folder / "launch.json").read_text())["way"] == "taste"
    assert steps[-1][-1].startswith("**Finished.**")
    again = list(launch.fn(request(**{HEADER: "right"}), None, None, *values))
    assert len(again) == 1 and len(zero.calls) == 1  # the same settings are one run
    run.move("stopped") or (run.folder / "state.json").write_text(json.dumps({"state": "stopped", "cause": ""}))
    with pytest.raises(UserError, match="cannot be resumed"):
        desk.launcher.resume(run.id)


def endpoint(demo: gr.Blocks) -> Any:
    (found,) = [fn for fn in demo.fns.values() if fn.api_name == "launch"]
    return found.fn


def test_programs_choose_a_way_and_are_refused_what_the_page_does_not_offer(monkeypatch, tmp_path) -> None:
    """The endpoint's own handler, as Gradio calls it; a key goes only where a way is billed to somebody."""
    monkeypatch.setattr(Gate, "from_environment", classmethod(lambda cls: cls(token="right")))
    monkeypatch.setattr("training.launch.rows_of", lambda config: 160)
    demo, _, desk = app.build(tmp_path)
    recipe, trainer = config().dump(), request(**{HEADER: "right"})
    owner = gr.OAuthToken(token="hf_visitor", scope="", expires_at=0)
    for way in ("torchrun", "fsdp", "taste", "rocket"):
        with pytest.raises(gr.Error, match=r"not offered here; offered: local, hf-job"):
            endpoint(demo)(trainer, None, recipe, "", "", way, owner)
    with pytest.raises(gr.Error, match="token"):
        endpoint(demo)(request(), profile("alice"), recipe, "", "", "hf-job", owner)
    assert desk.store.ids() == []
    asked = {way: endpoint(demo)(trainer, None, recipe, "", way, way, owner)["id"] for way in ("local", "hf-job")}
    assert {way: type(way_of(desk.store.get(id))) for way, id in asked.items()} == {"local": Local, "hf-job": HFJob}
    assert desk.launcher._keys == {asked["hf-job"]: "hf_visitor"}
    again = endpoint(demo)(trainer, None, recipe, "", "local")
    assert again["id"] == asked["local"] and len(desk.store.ids()) == 2


@pytest.mark.parametrize("by", ["page", "program"])
def test_a_job_whose_key_is_gone_is_resumed_with_that_of_who_resumes_it(by: str, monkeypatch, tmp_path) -> None:
    """On a Space that was restarted; the key goes only where a way is billed to somebody."""
    monkeypatch.setattr(Gate, "from_environment", classmethod(lambda cls: cls(token="right")))
    monkeypatch.setenv("SPACE_ID", "owner/space")
    demo, _, desk = app.build(tmp_path)
    (button,) = (b for b in demo.blocks.values() if getattr(b, "elem_id", None) == "run-resume")
    page = next(fn.fn for fn in demo.fns.values() if (button._id, "click") in fn.targets)
    program = next(fn.fn for fn in demo.fns.values() if fn.api_name == "resume")
    owner = gr.OAuthToken(token="hf_visitor", scope="", expires_at=0)
    for way in (HFJob(), Local()):
        run = desk.store.create(config())
        remember(run, way)
        run.move("failed", cause="Signed out.")
        given = (owner, run.id) if by == "page" else (run.id, owner)
        with pytest.raises(gr.Error, match="token"):
            (page if by == "page" else program)(request(), profile("alice"), *given)
        assert run.state == "failed" and run.id not in desk.launcher._keys
        (page if by == "page" else program)(request(**{HEADER: "right"}), None, *given)
        assert run.state == "queued"
        assert desk.launcher._keys.get(run.id) == ("hf_visitor" if way == HFJob() else None)
    run.move("failed")
    given = (None, run.id) if by == "page" else (run.id,)
    (page if by == "page" else program)(request(**{HEADER: "right"}), None, *given)  # nobody signed in
    assert run.state == "queued" and len(desk.launcher._keys) == 1


def test_programs_take_a_taste_and_are_answered_when_it_is_over(toy, zero: Spaces, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(Gate, "from_environment", classmethod(lambda cls: cls(token="right")))
    demo, _, _ = app.build(tmp_path)
    recipe, trainer = config(epochs=1, batch_size=16).dump(), request(**{HEADER: "right"})
    with pytest.raises(gr.Error, match=r"not offered here; offered: taste, hf-job"):
        endpoint(demo)(trainer, None, recipe)
    made = [endpoint(demo)(trainer, None, recipe, "", "once", "taste") for _ in range(2)]
    assert made[0]["id"] == made[1]["id"] and made[0]["state"] == "finished" and zero.calls == [("lent", 26)]
