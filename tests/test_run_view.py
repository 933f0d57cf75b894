"""What pages see of runs: read once, drawn only when changed, gaps where nothing was measured, no strange words."""

import math
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
from judged import judged

from tabs import curves, judge, run_view, train_runs
from tabs.train_watch import Curve, Watch
from tasks.spec import UserError
from training.config import RunConfig
from training.estimate import Estimate
from training.runs import RunStore


@dataclass
class FakeRun:
    """A run as pages know it."""

    id: str
    title: str = ""
    state: str = "running"
    position: int | None = None
    cause: str = ""
    alerts: tuple[str, ...] = ()
    points: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    config: RunConfig = field(default_factory=lambda: RunConfig("drug_reviews", epochs=2))
    report_file: Path = Path("/nowhere/report.json")
    asked: list[int] = field(default_factory=list)

    def points_since(self, offset: int) -> tuple[list[dict[str, Any]], int]:
        self.asked.append(offset)
        return self.points[offset:], len(self.points)


@dataclass
class FakeStore:
    """A store of such runs."""

    held: dict[str, FakeRun]

    def ids(self) -> list[str]:
        return sorted(self.held)

    def get(self, id: str) -> FakeRun:
        if id not in self.held:
            raise UserError("Choose a run first.")
        return self.held[id]


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> tuple[Watch, FakeStore]:
    monkeypatch.setattr("tabs.train_watch.FRESH", -1)
    store = FakeStore({name: FakeRun(name) for name in ("a", "b")})
    return Watch(store), store


def test_the_list_gets_a_new_version_only_when_something_changed(watched) -> None:
    watch, store = watched
    first, rows = watch.board()
    assert [row.id for row in rows] == ["b", "a"]
    assert watch.board()[0] == first
    store.held["a"].state = "failed"
    assert watch.board()[0] == first + 1


def test_curves_move_with_every_point_of_a_run_at_work(watched) -> None:
    watch, store = watched
    store.held["b"].state = "done"
    before = watch.curves(watch.board()[1])
    store.held["b"].points.append({"step": 1, "loss": 2.0})
    assert watch.curves(watch.board()[1]) == before
    store.held["a"].points.append({"step": 1, "loss": 2.0})
    moved = watch.curves(watch.board()[1])
    assert moved > before
    rows = watch.board()[1]
    del store.held["a"]
    assert watch.curves(rows) == 0


def test_a_curve_is_read_on_from_where_it_was_left(watched) -> None:
    watch, store = watched
    run = store.held["a"]
    run.points = [{"step": 1, "loss": 3.0}, {"step": 2, "loss": 2.0}]
    version = watch.curve(run).version
    assert watch.curve(run).version == version
    run.points += [{"step": 2, "loss": 1.5}, {"step": 3, "loss": 1.0}]  # a resumed run tells a step again
    assert watch.curve(run).series["loss"] == {1: 3.0, 2: 1.5, 3: 1.0}
    assert watch.curve(run).version == version + 1
    assert run.asked == [0, 2, 2, 4]


def test_a_run_that_is_gone_is_forgotten(watched) -> None:
    watch, store = watched
    watch.board()
    watch.curve(store.held["a"])
    del store.held["a"]
    watch.forget("a")
    assert [row.id for row in watch.board()[1]] == ["b"]


def test_a_loss_that_is_no_number_is_a_gap_and_never_zero() -> None:
    series = {"loss": {1: 2.0, 2: math.nan, 3: math.inf, 4: 1.0}}
    line = curves.losses([("r", series)], 0.5, False).data[1]
    assert list(np.isnan(line.y)) == [False, True, True, False]


def test_smoothing_starts_at_the_first_value_and_bridges_gaps() -> None:
    out = curves.smooth(np.array([4.0, math.nan, 2.0]), 0.5)
    assert out[0] == 4.0 and math.isnan(out[1])
    assert out[2] == pytest.approx((0.25 * 4 + 0.5 * 2) / 0.75)  # weights 0.25 and 0.5, made to sum to one


def test_a_long_line_is_thinned_to_what_a_screen_shows_and_keeps_its_end() -> None:
    series = {"loss": {step: 1.0 for step in range(10_000)}}
    x = curves.one([("r", series)], "loss", "Loss").data[0].x
    assert len(x) <= curves.MOST and x[0] == 0 and x[-1] == 9_999


def test_several_runs_are_told_apart_and_compared_on_one_measure() -> None:
    series = {"validation_macro_f1": {1: 0.5}, "validation_accuracy": {1: 0.7}}
    alone = curves.measures([("r", series)], run_view.MEASURES)
    both = curves.measures([("<b>r</b>", series), ("s", series)], run_view.MEASURES)
    assert [line.name for line in alone.data] == ["macro-F1", "accuracy"]
    assert [line.name for line in both.data] == ["‹b›r‹/b›", "s"]
    assert len({line.line.color for line in both.data}) == 2


def test_nothing_measured_is_said() -> None:
    assert curves.one([], "loss", "Loss").layout.annotations[0].text == "nothing measured yet"


def test_a_headline_says_step_speed_and_time_left_and_no_words_of_others() -> None:
    run = FakeRun("a", title="<img src=x>", cause="<script>", alerts=("**bold**",))
    curve = Curve()
    curve.add([{"step": 12, "steps": 40, "epoch": 0.6, "samples_per_second": 51.7, "eta_seconds": 130}])
    said = run_view.headline(run, curve)
    assert said == "### Running · step 12 of 40 · epoch 0.6 of 2 · 52 examples a second · about 2 min left"
    assert run_view.trouble(run) == "<script>\n**bold**"  # goes into a plain box


def test_only_what_was_measured_stands_among_the_numbers() -> None:
    curve = Curve()
    curve.add([{"step": 1, "loss": math.nan, "learning_rate": 6e-4}])
    assert run_view.numbers(FakeRun("a", facts={"train_rows": 2663}), curve) == [
        ["Learning rate", "6.00e-04"],
        ["Training rows", "2,663"],
    ]


def test_the_settings_in_which_runs_differ_are_told() -> None:
    named = [("one", RunConfig("drug_reviews", rank=8)), ("two", RunConfig("drug_reviews", rank=16))]
    assert run_view.differing(named) == (["setting", "one", "two"], [["rank", "8", "16"]])
    assert run_view.differing([]) == (["setting"], [])


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (22, "22nd")]
)
def test_places_in_a_line_are_said_as_people_say_them(n: int, said: str) -> None:
    assert run_view.ordinal(n) == said


@pytest.mark.parametrize(("seconds", "said"), [(5, "5 s"), (130, "2 min"), (7200, "2.0 h")])
def test_a_stretch_of_time_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert run_view.span(seconds) == said


def test_an_estimate_says_what_it_rests_on_and_what_it_cannot_say() -> None:
    known = Estimate(442_368, 23_007_744, 2663, 900, 13_000, "fits", 600, 2)
    said = run_view.foretold(known)
    assert "**442,368** of 23,007,744 parameters (1.9%)" in said
    assert "0.9 GB, 12.7 GB free here: **fits**" in said
    assert "about 10 min** for 2,663 rows" in said
    assert said.endswith("Scaled from 2 runs on this machine.")
    assert "another machine" in run_view.foretold(replace(known, runs_here=0))
    assert "rough guess" in run_view.foretold(replace(known, same_base=False))
    nothing = run_view.foretold(Estimate(rows=10))
    assert nothing.count("not measured") == 2 and "not known" in nothing and "Scaled" not in nothing


def test_the_truth_stands_beside_the_estimate() -> None:
    facts: dict[str, Any] = {"estimate": asdict(Estimate(10, 100, 50, 1024, 4096, "fits", 60, 1))}
    assert run_view.truth({}) == []
    assert [row[2] for row in run_view.truth(facts)] == ["not measured"] * 4
    facts["measured"] = {
        "trainable": 10,
        "rows": 48,
        "memory_mb": 2048,
        "seconds": 90.0,
        "steps": 5,
        "planned_steps": 10,
    }
    assert run_view.truth(facts)[2:] == [
        ["most memory", "1.0 GB", "2.0 GB"],
        ["time of training", "60 s", "2 min, stopped after 5 of 10 steps"],
    ]
    facts["measured"] |= {"seconds": None, "steps": 10}
    assert run_view.truth(facts)[3][2] == "not measured: it was resumed"


def test_the_view_of_a_run_is_drawn_anew_when_it_was_scored_or_warns(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    desk = SimpleNamespace(store=store, watch=Watch(store))
    run = judged(store, range(5))
    report = run.report_file.rename(tmp_path / "report.json")

    def version() -> object:
        return train_runs._version(desk, True, run.id, [], 0.6, False)

    seen = [version()]
    assert version() == seen[0]
    report.rename(run.report_file)
    seen.append(version())
    run.alert("It predicts one class only.")
    seen.append(version())
    run.move("finished", cause="Stopped early on request; what it had learned was kept.")
    seen.append(version())
    assert all(one != before for before, one in pairwise(seen))


def test_a_run_scored_meanwhile_joins_those_that_are_judged_beside(tmp_path: Path, monkeypatch) -> None:
    """The judgement that stands is drawn anew, though its own run has not changed."""
    store = RunStore(tmp_path / "runs")
    desk = SimpleNamespace(store=store)
    run = judged(store, range(5))
    with gr.Blocks() as demo:
        state = gr.State()
        shared = SimpleNamespace(chosen=state, listed=gr.State(), steps=gr.Tabs())
        view = {"said": gr.Markdown()}
        judge._wire(desk, shared, view, gr.Dropdown(multiselect=True), gr.State(), gr.State())
    (draw,) = {event.fn for event in demo.fns.values() if "turned" not in event.name and event.name == "draw"}
    monkeypatch.setattr(judge, "_drawn", lambda view, run, others, chosen: ([one.id for one in others],))
    beside, _, seen = draw(run.id, [], True, None)
    assert beside == []
    assert all(part == gr.skip() for part in draw(run.id, [], True, seen))
    other = judged(store, range(9))
    assert draw(run.id, [], True, seen)[0] == [other.id]
