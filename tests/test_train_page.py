"""What a trainer does with finished runs in the browser: names, notes, overlays, downloads, deletes; and a visitor not.

Every download is fetched and opened. The runs are made by hand; the weights are those of the adapter that ships.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from conftest import App, running
from judged import judged
from shipped_run import shipped_run
from test_data import druglib
from test_train_journey import tab, unfold
from test_training import rows

import tasks
from models.reading import read
from training.config import RunConfig
from training.runs import Run, RunStore

LABEL = "drug_reviews"
PATIENCE = 90_000


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app beside two judged runs, one of which has weights."""
    sets, home = druglib(tmp_path_factory.mktemp("sets"), rows(48, 1)), tmp_path_factory.mktemp("home")
    store = RunStore(home / "runs")
    judged(store, range(0, 60, 2), title="the poorer", rank=8)
    made = judged(store, [1, 2], title="the better")
    said = json.loads(made.report_file.read_text())
    paired = {"test": {"p": 0.01, "only_adapter_right": 9, "only_floor_right": 1}}  # what the card tells
    made.report_file.write_text(json.dumps({**said, "paired": paired}))
    weights = shipped_run(home / "made", LABEL)
    weights.adapter.rename(made.adapter)
    sealed = read(made.adapter, tasks.get(LABEL))
    replace(sealed, headline=made.report.headline).write(made.adapter)
    with running(home, CARETUNE_DATA=str(sets)) as app:
        yield app


def opened(chromium: object, app: App, token: str) -> object:
    page = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{app.url}{token}")
    tab(page, "Train & Evaluate")
    return page


@pytest.fixture
def trainer(chromium: object, workshop: App) -> Iterator[object]:
    page = opened(chromium, workshop, f"?token={(workshop.home / 'token').read_text()}")
    yield page
    page.context.close()


def run_of(app: App, title: str) -> Run:
    (found,) = [run for run in RunStore(app.home / "runs").runs() if run.title == title]
    return found


def choose(page: object, title: str) -> None:
    """Click a run in the list."""
    tab(page, "Runs")
    page.locator("#runs-board [role='gridcell']:visible").filter(has_text=title).first.click()
    page.wait_for_function("t => document.querySelector('#run-chosen input')?.value.startsWith(t)", arg=title)


def fetched(page: object, press: object, folder: Path) -> bytes:
    """Return what the browser gets for a press on a link or a button."""
    with page.expect_download() as begun:
        press.click()
    begun.value.save_as(folder / begun.value.suggested_filename)
    return (folder / begun.value.suggested_filename).read_bytes()


def test_every_download_really_downloads(trainer: object, workshop: App, tmp_path: Path) -> None:
    page = trainer
    choose(page, "the better")
    tab(page, "Judge")
    page.locator("#judge-curves .main-svg").first.wait_for()
    unfold(page, "Take it home")
    page.locator("#judge-make").click()
    html = fetched(page, page.locator("a[download$='.html']").first, tmp_path)
    assert b"the better" in html and b"Content-Security-Policy" in html
    with zipfile.ZipFile(io.BytesIO(fetched(page, page.locator("a[download$='report.zip']").first, tmp_path))) as kept:
        assert kept.testzip() is None and "report.html" in kept.namelist()
        assert len(list(csv.reader(io.StringIO(kept.read("predictions.csv").decode())))) == 61
    tab(page, "Put into service")
    unfold(page, "Download")
    for button, inside in (("#ship-pack", "adapter_model.safetensors"), ("#ship-merge", "model.safetensors")):
        page.locator(button).click()
        link = page.locator("#ship-zip a[download$='.zip']").first
        link.wait_for()
        with zipfile.ZipFile(io.BytesIO(fetched(page, link, tmp_path))) as packed:
            assert packed.testzip() is None and any(name.endswith(inside) for name in packed.namelist())
        choose(page, "the poorer")  # takes the link away, so that the next one is the next zip's
        choose(page, "the better")
        tab(page, "Put into service")
    tab(page, "Settings")
    page.locator("#settings-preset label").first.click()
    unfold(page, "The same run as a recipe")
    page.locator("#settings-save:visible").wait_for()
    assert yaml.safe_load(fetched(page, page.locator("#settings-save"), tmp_path))["task"] == LABEL
    assert "Traceback" not in workshop.log


def test_runs_are_overlaid_named_noted_and_deleted(trainer: object, workshop: App) -> None:
    page = trainer
    choose(page, "the better")
    unfold(page, "Compare with other runs")
    page.locator("#runs-others input").click()
    page.get_by_role("option").filter(has_text="the poorer").first.click()
    page.keyboard.press("Escape")
    page.locator("#run-loss .legendtext").filter(has_text="the poorer").first.wait_for()
    page.get_by_text("Settings that differ").first.wait_for()
    choose(page, "the poorer")
    unfold(page, "Name, notes, delete")
    page.wait_for_function("() => document.querySelector('#run-title :is(input, textarea)')?.value == 'the poorer'")
    page.locator("#run-title input, #run-title textarea").fill("the worse <b>one</b>")
    page.locator("#run-notes textarea").fill("not to be kept")
    page.locator("#run-save").click()
    page.locator("#runs-board [role='gridcell']:visible").filter(has_text="the worse <b>one</b>").first.wait_for()
    gone = run_of(workshop, "the worse <b>one</b>")
    assert gone.notes == "not to be kept"
    page.locator("#run-delete").click()
    page.locator("#run-delete-sure").click()
    page.locator("#runs-board [role='gridcell']:visible").filter(has_text="the worse").first.wait_for(state="detached")
    assert not gone.folder.exists()
    assert "Traceback" not in workshop.log


def test_a_visitor_sees_all_and_changes_nothing(chromium: object, workshop: App) -> None:
    page = opened(chromium, workshop, "")
    page.locator("#train-who").get_by_text("you cannot change anything").wait_for()
    choose(page, "the better")
    page.locator("#run-head").get_by_text("Finished").wait_for()
    tab(page, "Judge")
    page.locator("#judge-said").get_by_text("macro-F1").first.wait_for()
    before = {path: path.stat().st_mtime_ns for path in (workshop.home / "runs").rglob("*") if path.is_file()}
    tab(page, "Put into service")
    page.locator("#ship-promote").click()
    page.get_by_text("open the address with the token").first.wait_for()
    assert not (workshop.home / "shelf").exists() or not list((workshop.home / "shelf").rglob("*.json"))
    assert {path: path.stat().st_mtime_ns for path in (workshop.home / "runs").rglob("*") if path.is_file()} == before
    page.context.close()


SHELVED = "Check-COVID"
STAGED = """task: health_claims
datasets: [scifact, check_covid, scifact_abstracts, pubmedqa_conclusions]
first: [scifact_abstracts]
then: [pubmedqa_conclusions]
mixture: {check_covid: 0.5, scifact_abstracts: 0.03, pubmedqa_conclusions: 0.0}
prepare: {drop_conflicts: 1.0}
epochs: 3
"""


def test_the_form_says_all_that_a_recipe_of_another_task_says(trainer: object, workshop: App) -> None:
    page = trainer
    tab(page, "Settings")
    unfold(page, "The same run as a recipe")
    page.locator("input[type=file][accept*='yaml']").set_input_files(
        {"name": "recipe.yaml", "mimeType": "text/yaml", "buffer": STAGED.encode()}
    )
    page.locator("#settings-recipe .cm-content").get_by_text("check_covid").first.wait_for()
    page.locator("#settings-take").click()
    page.wait_for_function("() => document.querySelector('#settings-command textarea').value.includes('scifact')")
    tab(page, "Data")
    page.locator("#data-shelf [role='gridcell']:visible").filter(has_text=SHELVED).first.wait_for()
    tab(page, "Settings")
    page.locator("#launch-title input, #launch-title textarea").fill("by recipe")
    page.locator("#launch").click()
    page.locator("#run-head").get_by_text(re.compile("Starting|Running|Failed")).wait_for()  # none of its sets is here
    assert run_of(workshop, "by recipe").config == RunConfig.parse(STAGED)
    assert "Traceback" not in workshop.log


def test_another_task_leaves_nothing_of_the_one_before_in_the_form_and_in_the_recipe(trainer: object) -> None:
    page = trainer
    tab(page, "Settings")
    unfold(page, "The same run as a recipe")
    recipe = page.locator("#settings-recipe .cm-content")
    page.get_by_label("Balanced").click()
    recipe.get_by_text("druglib").first.wait_for()
    tab(page, "Data")
    page.locator("#data-task input").click()
    page.get_by_role("option", name="Claim check").first.click()
    page.locator("#data-shelf [role='gridcell']:visible").filter(has_text=SHELVED).first.wait_for()
    tab(page, "Settings")
    recipe.get_by_text("health_claims").first.wait_for()
    assert "druglib" not in recipe.inner_text()
    said = page.locator("#settings-command textarea").input_value()
    assert "health_claims" in said and "druglib" not in said
