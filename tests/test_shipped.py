"""The adapters that ship: they open, they answer, and every figure said of them can be worked out again."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

import tasks
from models.bases import BASES
from models.loading import load
from models.shelf import SHIPPED
from tasks.spec import Task
from training import data, evaluate, evaluate_ranked
from training.cards import chosen, compared, scores_table, untuned_told
from training.config import RunConfig
from training.ranked import load_report
from training.report import Report

ROOT = Path(__file__).parent.parent
SAID_OF_REVIEWS = (
    "0++0+++++++++-++--++++0+++++++++-++++-+++++++++++++++++-+-+--+-+"
    "++++0++++++++-+++0-++--+-+++++++-0+++-++++-++0++-++++++++++++++-"
)
"""What the adapter that was scored said of every eighth test row: positive, neutral, negative."""
each_task = pytest.mark.parametrize(
    "task", [task for task in tasks.ALL if (SHIPPED / task.name).is_dir()], ids=lambda task: task.name
)  # which adapters must be there README's table of scores says


@each_task
def test_it_opens_and_answers(task: Task) -> None:
    answers = load(task, SHIPPED / task.name).predict(task.samples)
    assert all(a.best in task.labels for a in answers)
    if not task.heads[0].multi:
        assert all(sum(a.scores.values()) == pytest.approx(1, abs=1e-4) for a in answers)


@each_task
def test_it_lies_there_with_all_its_papers_and_is_small(task: Task) -> None:
    folder = SHIPPED / task.name
    names = {file.name for file in folder.iterdir()} - {"whole.json"}  # what a visitor is told, where it was measured
    assert names == {
        "adapter_config.json",
        "adapter_model.safetensors",
        "head.safetensors",
        "reading.json",
        "recipe.yaml",
        "report.json",
        "README.md",
    }
    assert sum(file.stat().st_size for file in folder.iterdir()) < 9_000_000
    assert RunConfig.load(folder / "recipe.yaml").task == task.name
    config = json.loads((folder / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == BASES[RunConfig.load(folder / "recipe.yaml").base].repo


@each_task
def test_the_numbers_of_the_report_follow_from_its_counts(task: Task) -> None:
    saved = json.loads((SHIPPED / task.name / "report.json").read_text())
    if saved.get("kind") == "ranked":
        for name, sheet in load_report(SHIPPED / task.name / "report.json").sheets.items():
            assert saved["numbers"][name]["n"] == sheet.n == len(sheet.scores)
            assert {k: saved["numbers"][name][k] for k in sheet.numbers} == pytest.approx(sheet.numbers)
            low, high = saved["numbers"][name]["intervals_95"]["macro_f1"]
            assert low < sheet.numbers["macro_f1"] < high
        return
    for name, sheet in saved["sheets"].items():
        counts, numbers = np.array(sheet["confusion"]), saved["numbers"][name]
        assert counts.sum() == numbers["n"]
        assert np.trace(counts[:, :-1]) / counts.sum() == pytest.approx(numbers["accuracy"])
        f1 = [2 * counts[i, i] / (counts[i].sum() + counts[:, i].sum()) for i in range(len(counts))]
        assert np.mean(f1) == pytest.approx(numbers["macro_f1"])
        low, high = numbers["intervals_95"]["macro_f1"]
        assert low < numbers["macro_f1"] < high


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Return the leaves of a parsed JSON file by their path."""
    if not isinstance(value, dict | list):
        return {path: value}
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return {leaf: found for key, below in inner for leaf, found in _flat(below, f"{path}/{key}").items()}


@each_task
def test_no_figure_of_the_report_was_typed(task: Task, tmp_path: Path) -> None:
    """Every number in it, intervals and floors too, is what its counts give when they are saved once more."""
    file = SHIPPED / task.name / "report.json"
    report = load_report(file)
    report.write(tmp_path / "again.json")
    saved, again = (_flat(json.loads(path.read_text())) for path in (file, tmp_path / "again.json"))
    assert saved.keys() == again.keys()
    for path, value in saved.items():
        assert again[path] == (pytest.approx(value, abs=1e-9) if isinstance(value, float) else value), path
    for name, pair in report.paired.items() if isinstance(report, Report) else ():
        ours, theirs = pair["only_adapter_right"], pair["only_floor_right"]
        hits = [np.trace(sheet.confusion) for sheet in (report.sheets[name], report.floors[name][pair["against"]])]
        assert ours - theirs == hits[0] - hits[1]
        assert pair["p"] == pytest.approx(binomtest(ours, ours + theirs).pvalue)


@each_task
def test_the_card_says_what_the_report_says(task: Task) -> None:
    card = (SHIPPED / task.name / "README.md").read_text()
    report = load_report(SHIPPED / task.name / "report.json")
    assert scores_table(report) in card
    assert task.caution in card
    for name in RunConfig.load(SHIPPED / task.name / "recipe.yaml").datasets:
        dataset = task.dataset(name)
        assert dataset.ships and dataset.license in card


@each_task
def test_the_card_says_what_else_was_learned_and_on_which_rows_it_was_settled(task: Task) -> None:
    card, config = (SHIPPED / task.name / "README.md").read_text(), RunConfig.load(SHIPPED / task.name / "recipe.yaml")
    report = load_report(SHIPPED / task.name / "report.json")
    assert all(line in card for line in [*compared(task, config, report), *untuned_told(report)])
    (count,) = re.findall(r"those ([\d,]+) rows, each by" if config.averaged else r"([\d,]+) validation rows cut", card)
    facts = {"validation_rows": int(count.replace(",", ""))}
    if settled := re.findall(r"validation rows of [\w, ]+?, ([\d,]+) in all\.", card):
        facts["settled_rows"] = int(settled[0].replace(",", ""))
    assert f"{chosen(task, config, facts)}.\n" in card
    assert ("label offsets" in card) != task.heads[0].multi


def test_a_card_tells_rows_that_other_sets_brought_and_what_they_are_measured_on() -> None:
    task = tasks.get("health_claims")
    config = RunConfig.load(SHIPPED / task.name / "recipe.yaml")
    said = chosen(task, config, {"validation_rows": 1185, "settled_rows": 1392})
    assert said.startswith("epoch chosen on 1,185 validation rows")
    assert said.endswith("on those and the validation rows of check_covid, 1,392 in all")
    alone = replace(config, datasets=("scifact",), mixture={}, first=())
    report = load_report(SHIPPED / task.name / "report.json")
    assert compared(task, alone, report) == [] and "check_covid" not in chosen(task, alone, {"validation_rows": 5})
    (line,) = compared(task, replace(alone, start="drug_reviews"), report)
    assert line.endswith("of scifact alone; the adapter also began with the adapter of drug_reviews.\n")


@each_task
def test_the_headline_drawn_under_every_answer_is_the_reports(task: Task) -> None:
    reading = load(task, SHIPPED / task.name).reading
    assert reading.headline == load_report(SHIPPED / task.name / "report.json").headline


def test_the_report_on_notes_is_of_the_adapter_that_ships() -> None:
    """A slice of the test rows is read again: the probabilities are those of the report.

    Processors round bfloat16 in their own ways, which may move single ones by more than nearly all are moved.
    """
    task = tasks.get("clinical_notes")
    if not (data.DATA_DIR / "codiesp_en").is_dir():
        pytest.skip("codiesp_en is not on this machine")
    config = RunConfig.load(SHIPPED / task.name / "recipe.yaml")
    rows = evaluate_ranked.row_sets(task, config)[1]["test"]
    sheet = load_report(SHIPPED / task.name / "report.json").main
    assert sheet.n == len(rows) == 167
    found = load(task, SHIPPED / task.name).predict(rows[::12])
    scores = np.array([[p.scores[label] for label in task.labels] for p in found])
    apart = np.abs(scores - np.array(sheet.scores[::12]))
    assert np.quantile(apart, 0.95) < 5e-3 and apart.max() < 2e-2


def test_the_report_on_reviews_is_of_the_adapter_that_ships() -> None:
    """A slice of the test rows is scored again: its answers are those that the report counted (one in 100 may tip)."""
    task = tasks.get("drug_reviews")
    if not (data.DATA_DIR / "druglib").is_dir():
        pytest.skip("druglib is not on this machine")
    config = RunConfig.load(SHIPPED / task.name / "recipe.yaml")
    rows = evaluate.row_sets(task, config)[1]["test"]
    report = load_report(SHIPPED / task.name / "report.json")
    assert report.main.n == len(rows) == 1017
    assert report.sheets["test_with_repeats"].n == 1036
    answers = evaluate.said(load(task, SHIPPED / task.name), task, rows[::8])
    said = "".join("-0+"[index] for index in answers)
    assert len(said) == len(SAID_OF_REVIEWS) and sum(a != b for a, b in zip(said, SAID_OF_REVIEWS, strict=True)) <= 2
