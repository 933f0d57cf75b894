"""Learning in stages: what each reads, in which order, from whose weights it goes on, and what no stage may read."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from test_data import druglib
from test_training import TASK, config, rows

import tasks
from tabs import curves, run_view
from tabs.train_watch import Curve
from tasks.spec import Example, UserError
from training import checkpoint, data, dryrun, estimate, fitting, repeats, taught, train
from training.config import RunConfig
from training.launch import Launcher, Limits
from training.learner import Learned
from training.runs import Run, RunStore

STAGED = {"first": ("scifact_abstracts", "pubmedqa_conclusions"), "then": ("healthver", "scifact + check_covid")}
SETS = ("scifact", "check_covid", "scifact_abstracts", "pubmedqa_conclusions", "healthver")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(data, "DATA_DIR", druglib(tmp_path / "sets", rows(48, 1)))
    asked = config(first=("druglib",), then=("druglib",), first_epochs=1, first_share=0.5)
    return RunStore(tmp_path / "runs").create(asked)


def test_a_plan_of_stages_is_said_in_a_recipe() -> None:
    asked = RunConfig("health_claims", datasets=SETS, **STAGED)
    assert asked.stages == (STAGED["first"], ("healthver",), ("scifact", "check_covid"))
    assert RunConfig.parse(asked.dump()) == asked
    assert RunConfig("health_claims", datasets=SETS, first=STAGED["first"]).stages == (STAGED["first"],)
    assert RunConfig("health_claims", datasets=SETS).stages == ()
    said = run_view.stages(asked)
    assert said.index("scifact_abstracts") < said.index("healthver") < said.index("`scifact` + `check_covid`")


def test_a_stage_says_how_much_of_a_set_it_learns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And learns as much, by the order that a smaller share of the same set follows too."""
    monkeypatch.setattr(data, "DATA_DIR", druglib(tmp_path / "sets", rows(48, 1)))
    asked = config(first=("druglib * 0.25",), then=("druglib*1 + druglib",), first_share=0.5)
    assert asked.staged == ((("druglib", 0.25),), (("druglib", 1.0), ("druglib", 0.5)))
    assert RunConfig.parse(asked.dump()) == asked
    quarter, both = (taught.staged(TASK, stage) for stage in asked.staged)
    assert (len(quarter), len(both)) == (12, 72) and set(map(repeats.key, quarter)) < set(map(repeats.key, both[48:]))
    assert run_view.stages(asked).startswith("In stages: 0.25 of `druglib`, then `druglib` + 0.5 of `druglib`, and")


@pytest.mark.parametrize(
    ("then", "why"),
    [
        (("healthver + nowhere",), "not among the datasets: nowhere"),
        (("healthver +",), "not among the datasets: .nothing."),
        (("healthver",) * 9, "At most 8 stages"),
        (("healthver * 0",), "'healthver' . '0': a stage learns a share"),
        (("healthver * 1.5",), "from 0.001 to 1"),
        (("healthver * 0.0001",), "from 0.001 to 1"),
        (("healthver * ٠٫٥",), "from 0.001 to 1"),
        (("healthver * nan",), "from 0.001 to 1"),
        (("healthver *",), "from 0.001 to 1"),
        (("healthver * 0.5 * 0.5",), "from 0.001 to 1"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(then: tuple[str, ...], why: str) -> None:
    with pytest.raises(UserError, match=why):
        RunConfig("health_claims", datasets=SETS, then=then)


def test_stages_go_on_from_each_other_and_never_read_what_is_held_back(run: Run, monkeypatch) -> None:
    seen: list[tuple[Any, ...]] = []

    def fit(task, asked, examples, score, outside, start=None) -> Learned:
        seen.append((asked, list(examples), outside.folder.name, start, score))
        return Learned(f"reader {len(seen)}", None, 0, {})

    monkeypatch.setattr(train, "fit", fit)
    split, _, _ = train.rows(TASK, run.config)
    held = {repeats.key(row) for row in split.validation}
    assert train.earlier(TASK, run.config, run, held) == "reader 2"
    assert [one[2:4] for one in seen] == [("first", None), ("stage-2", "reader 1")]
    everything = data.load(TASK.dataset("druglib"), "train")
    for asked, examples, _, _, score in seen:
        assert asked.epochs == 1
        assert 0 < len(examples) < len(everything) / 2 and not held & {repeats.key(row) for row in examples}
        assert score is None  # nothing is chosen on these sets: the last weights are kept
    assert [(point["stage"], point["stages"]) for point in run.points] == [(1, 3), (2, 3), (3, 3)]
    assert estimate.planned(run.config).first_rows == len(everything) / 2 * 2


@pytest.mark.parametrize("size", [65, 256])
def test_a_large_batch_stays_within_what_a_recipe_may_ask_for(run: Run, monkeypatch, size: int) -> None:
    """The steps of a stage are larger than the run's own; without stages there is nothing to make larger."""
    assert train.earlier(TASK, config(batch_size=size), run) is None
    asked: list[RunConfig] = []

    def fit(task, alone, *given) -> Learned:
        asked.append(alone)
        return Learned(None, None, 0, {})

    monkeypatch.setattr(train, "fit", fit)
    train.earlier(TASK, replace(run.config, batch_size=size), run)
    assert [one.batch_size for one in asked] == [256, 256]


def test_the_headline_says_which_stage_is_learned(run: Run) -> None:
    curve = Curve()
    curve.add([{"step": 0, "stage": 2, "stages": 3}])
    run.move("running")
    assert run_view.headline(run, curve) == "### Running · stage 2 of 3"


def test_the_loss_of_a_stage_is_drawn_beside_that_of_the_run() -> None:
    """Its steps are counted anew: under the run's own name they would overwrite each other."""
    points: list[dict[str, float]] = []
    whole = {"step": 10, "steps": 40, "epoch": 0.2, "loss": 0.9, "samples_per_second": 20.0, "eta_seconds": 9.0}
    train._log_stage(points.append, 2, whole)
    assert points == [{"step": 10, "steps": 40, "samples_per_second": 20.0, "stage_2_loss": 0.9}]
    curve = Curve()
    curve.add([*points, {"step": 10, "loss": 0.4}])
    drawn = {line.name: list(line.y) for line in curves.losses([("r", curve.series)], 0.0, False).data}
    assert drawn == {"training": [0.4], "stage 2": [0.9]}


def test_stages_already_learned_are_taken_from_their_checkpoints(run: Run, monkeypatch) -> None:
    """Taken up again after them, a run makes no step of theirs a second time and has the same weights."""
    first = train.earlier(TASK, run.config, run)
    assert {folder.name for folder in run.checkpoints.iterdir()} == {"first", "stage-2"}
    monkeypatch.setattr("training.fitting.Fitting.step", lambda *given: pytest.fail("a step was made again"))
    again = train.earlier(TASK, run.config, run)
    weights = dict(again.named_parameters())
    assert all(torch.equal(p, weights[name]) for name, p in first.named_parameters())


def test_a_stage_taken_up_in_its_last_pass_ends_as_if_never_stopped(run: Run, monkeypatch) -> None:
    """What it had learned before is no better than what it learns after: neither patience nor an old best ends it."""
    asked = replace(run.config, then=(), first_epochs=3, patience=1, batch_size=2)
    once, twice = (RunStore(run.folder.parent).create(asked, title) for title in ("once", "twice"))
    whole = train.earlier(TASK, asked, once)
    real, made = fitting.Fitting.step, []

    def step(self: fitting.Fitting, *given: Any) -> float | None:
        if len(made) == 7:  # a pass has three steps
            raise KeyboardInterrupt
        made.append(self.place.step)
        return real(self, *given)

    monkeypatch.setattr(fitting.Fitting, "step", step)
    with pytest.raises(KeyboardInterrupt):
        train.earlier(TASK, asked, twice)
    monkeypatch.setattr(fitting.Fitting, "step", real)
    found = checkpoint.newest(twice.checkpoints / "first").facts
    assert (found["epoch"], found["best_epoch"]) == (2, 2)
    weights = dict(train.earlier(TASK, asked, twice).named_parameters())
    assert checkpoint.newest(twice.checkpoints / "first").facts["best_epoch"] == 3
    assert all(torch.equal(p, weights[name]) for name, p in whole.named_parameters())


def test_every_task_with_extra_sets_can_be_staged() -> None:
    for task in tasks.ALL:
        names = tuple(one.name for one in task.data if one.role == "extra" and not one.written)[:2]
        if names:
            assert RunConfig(task.name, datasets=names, then=names).stages == tuple((name,) for name in names)


def test_a_run_of_extra_sets_alone_is_refused_before_anything_is_learned(tmp_path: Path, monkeypatch) -> None:
    """Nothing could be held back to choose and calibrate on: it used to fail after a whole epoch."""
    asked = RunConfig("drug_reviews", datasets=("nhs_fft",))
    store, said = RunStore(tmp_path / "runs"), r"only learned from.*\(druglib.*or your own rows"
    with pytest.raises(UserError, match=said):
        Launcher(store, Limits(disk=1)).launch(asked)
    assert not store.runs()
    with pytest.raises(UserError, match=said):
        train.train(store.create(asked))
    with pytest.raises(UserError, match=said):
        dryrun.resolved(asked, tmp_path)
    reviews, answers = tasks.get("drug_reviews"), ("pubmedqa", "medquad_answers")
    taught.check(reviews, RunConfig("drug_reviews"))
    taught.check(reviews, RunConfig("drug_reviews", datasets=("nhs_fft", f"own-{64 * '0'}")))
    taught.check(tasks.get("medical_qa"), RunConfig("medical_qa", base="qwen3-0.6b", datasets=answers))


def test_a_question_that_is_validated_on_is_not_learned_beside_another_context(monkeypatch) -> None:
    """PubMedQA's conclusions stand beside the questions of its abstracts, with the same answers."""

    def load(dataset, part):
        where = "conclusion" if "conclusions" in dataset.name else "abstract"
        words = ["aspirin", "sleep", "salt", "iron", "yoga", "zinc", "music", "tea", "milk", "walking"]
        return [
            Example(f"Does {words[i % 10]} help {i} people?", context=f"The {where} of {i}.", label="yes")
            for i in range(40)
        ]

    monkeypatch.setattr(data, "load", load)
    sets = ("pubmedqa", "pubmedqa_conclusions")
    knobs = {"mixture": {"pubmedqa_conclusions": 1.0}, "validation_share": 0.25}
    split, extra, _ = train.rows(tasks.get("medical_qa"), RunConfig("medical_qa", datasets=sets, **knobs))
    held, learned = {e.text for e in split.validation}, {e.text for e in split.train}
    assert held and {e.text for e in extra} == learned and not held & learned


def test_without_warm_up_the_first_step_counts() -> None:
    """A stage may have no other."""
    assert fitting.schedule(config(warmup=0.0), 1, 0) == 1.0
    assert fitting.schedule(config(warmup=0.5), 10, 0) == 0.0
