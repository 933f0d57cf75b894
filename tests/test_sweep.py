"""Sweeps: grids and ladders become runs, wait in one line, and are compared by what they scored."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from judged import judged, judged_many

from tabs import train_sweep
from tasks.spec import UserError
from training import machine, sweep
from training.config import RunConfig
from training.launch import Launcher, Limits
from training.runs import RunStore
from training.sweep import Sweep, Sweeps, compare, differences, grid, ladder, names

BASE = RunConfig("drug_reviews", datasets=("druglib",))


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def launcher(store: RunStore) -> Launcher:
    return Launcher(store, Limits(waiting=4))


def test_a_grid_is_every_combination_in_order() -> None:
    found = grid([BASE], "rank: [8, 16]\nlearning_rate: [1e-4, 6.0e-4]\n")
    assert [(one.rank, one.learning_rate) for one in found] == [(8, 1e-4), (8, 6e-4), (16, 1e-4), (16, 6e-4)]
    assert names(found)[0] == "rank 8, learning_rate 0.0001"
    assert grid([BASE], "") == [BASE]
    sets = grid([BASE], "datasets: [[druglib], [druglib, nhs_fft]]\nrslora: [true]\nepochs: [2.0]")
    assert [one.datasets for one in sets] == [("druglib",), ("druglib", "nhs_fft")]
    assert sets[0].rslora is True and sets[0].epochs == 2 and isinstance(sets[0].epochs, int)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("rank: [", "not readable YAML"),
        ("- 1", "a list of values"),
        ("rank: 8", "a list of values"),
        ("rank: []", "a list of values"),
        ("warp: [1]", "cannot vary warp"),
        ("task: [drug_reviews]", "cannot vary task"),
        ("rank: [8, 0]", "rank must be a whole number"),
        ("rank: [eight]", "rank must be a whole number"),
        ("base: [nothing]", "no base model"),
    ],
)
def test_a_grid_that_says_nothing_sensible_is_refused(text: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        grid([BASE], text)


def test_too_many_runs_are_counted_and_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve settings of ten values each are a million million runs: one of them would be one too many."""
    ladder_text = "task: drug_reviews\n---\n" * 25
    bases = [BASE, replace(BASE, rank=8)]
    wide = "\n".join(f"{name}: {list(range(1, 11))}" for name in [f.name for f in RunConfig.knobs() if f.type is int])

    def made(*_: object, **__: object) -> None:
        raise AssertionError("a run was made")

    monkeypatch.setattr(sweep, "replace", made)
    monkeypatch.setattr(RunConfig, "said", made)
    for do, why in (
        (lambda: grid([BASE], wide), "has more than a million"),
        (lambda: grid([BASE], f"seed: {list(range(25))}"), "this one has 25"),
        (lambda: grid(bases, f"seed: {list(range(13))}"), "this one has 26"),
        (lambda: ladder(ladder_text), "this one has 25"),
        (lambda: ladder("x" * 50_001), "50,001 characters"),
        (lambda: grid([BASE], "x" * 50_001), "50,001 characters"),
        (lambda: train_sweep._joined([b"x" * 30_000] * 2), "too long together"),
    ):
        with pytest.raises(UserError, match=why):
            do()


def test_a_ladder_is_recipes_divided_by_dashes() -> None:
    found = ladder("task: drug_reviews\nrank: 8\n---\ntask: drug_reviews\nrank: 32\n---\n")
    assert [one.rank for one in found] == [8, 32]
    assert differences(found) == ["rank"]
    with pytest.raises(UserError, match="Recipe 2"):
        ladder("task: drug_reviews\n---\nrank: 8\n")
    with pytest.raises(UserError, match="not readable"):
        ladder("a: [")


@pytest.mark.parametrize(
    ("configs", "why"),
    [
        ([BASE], "2 to 24 runs"),
        ([BASE, BASE], "are the same"),
        ([BASE, RunConfig("clinical_notes")], "of one task"),
        ([BASE] * 25, "this one has 25"),
    ],
)
def test_what_is_no_sweep_is_refused(configs: list[RunConfig], why: str) -> None:
    with pytest.raises(UserError, match=why):
        sweep.check(configs)


def test_a_sweep_waits_in_line_in_its_order_and_is_launched_once(store: RunStore, launcher: Launcher) -> None:
    configs = grid([BASE], "rank: [8, 16, 32]")
    first = Sweeps(store).launch(launcher, configs, "ranks", token="page")
    runs = [store.get(id) for id in first.runs]
    assert [run.config.rank for run in runs] == [8, 16, 32]
    assert sorted(run.position for run in runs) == [1, 2, 3]
    assert runs[0].title == "ranks: rank 8"
    assert Sweeps(store).launch(launcher, configs, "ranks", token="page") == first
    assert Sweeps(store).all() == [first] and Sweeps(store).get(first.id) == first
    assert len(store.ids()) == 3
    with pytest.raises(UserError, match="room for 1 more"):
        Sweeps(store).launch(launcher, configs)
    with pytest.raises(UserError, match="Choose a sweep"):
        Sweeps(store).get("none")


def test_where_one_run_is_refused_none_waits(
    store: RunStore, launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "device", lambda: "cpu")
    with pytest.raises(UserError, match="needs an NVIDIA GPU"):
        Sweeps(store).launch(launcher, grid([BASE], "method: [lora, qlora-4bit]"))
    assert {run.state for run in store.runs()} <= {"stopped"}
    assert Sweeps(store).all() == []


def test_the_table_says_settings_scores_and_verdicts(store: RunStore) -> None:
    first = judged(store, range(0, 60, 2), title="=first", rank=8)
    second = judged(store, [], title="second", rank=16)
    other = judged(store, [], title="else", rank=32, salt="other rows")
    waiting = store.create(RunConfig("drug_reviews", datasets=("druglib",), rank=64), title="waits")
    found = compare(Sweep("s", "", (first.id, second.id, other.id, waiting.id, "gone")), store)
    assert found.headers[:3] == ["run", "state", "rank"]
    table = {row[0]: dict(zip(found.headers, row, strict=True)) for row in found.rows}
    assert list(table) == ["=first", "second", "else", "waits"]
    assert table["=first"]["verdict against the first"] == "the first"
    assert table["second"]["verdict against the first"].startswith("better: +0.500")
    assert table["else"]["verdict against the first"] == "scored on other rows: not compared"
    assert table["waits"]["macro-F1 [95 %]"] == table["waits"]["verdict against the first"] == "not measured"
    assert table["second"]["accuracy [95 %]"] == "1.000 [1.000, 1.000]"
    lines = list(csv.reader(io.StringIO(found.csv)))
    assert lines[0] == found.headers and lines[1][0] == "'=first"  # no formula for a spreadsheet


def test_the_table_of_several_labels_has_its_own_measures(store: RunStore) -> None:
    poor, good = judged_many(store, 0.4), judged_many(store, 0.0)
    found = compare(Sweep("s", "", (poor.id, good.id)), store)
    assert found.headers[-2] == "ranking precision [95 %]"
    assert found.rows[1][-1].startswith("better: +")
    waiting = store.create(RunConfig("clinical_notes", datasets=("codiesp_en",)))
    assert compare(Sweep("s", "", (waiting.id, good.id)), store).headers == found.headers  # nothing is scored of it yet


def test_from_the_shell_a_ladder_is_launched_looked_after_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line is looked after until nothing is active; here it is taken out of it at once."""

    def tick(self: Launcher) -> None:
        for run in self.store.runs():
            run.move("stopped", frm="queued")

    monkeypatch.setattr(Launcher, "tick", tick)
    monkeypatch.setattr(sweep.time, "sleep", lambda seconds: None)
    for rank in (8, 16):
        (tmp_path / f"{rank}.yaml").write_text(f"task: drug_reviews\nrank: {rank}\n")
    paths = [str(tmp_path / "8.yaml"), str(tmp_path / "16.yaml")]
    table = tmp_path / "table.csv"
    said = sweep.main([*paths, "--grid", "epochs: [1, 2]", "--runs", str(tmp_path / "runs"), "--csv", str(table)])
    assert said == 1  # not all of them finished
    out = capsys.readouterr().out
    assert out.count("stopped") == 4 and "rank 16, epochs" not in out.splitlines()[0]
    assert len(list(csv.reader(table.open(newline="")))) == 5
    assert sweep.main([paths[0], "--runs", str(tmp_path / "runs")]) == 2
    assert "2 to 24 runs" in capsys.readouterr().err
