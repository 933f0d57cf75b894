"""A trainer's whole way through the browser: launch, watch, stop, resume, keep, judge, promote; and the tab answers.

On a data folder made here, with the embedded base: the same code as a real run, on rows that a few seconds learn.
"""

import csv
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from callers import caller
from conftest import App, running
from gradio_client.exceptions import AppError
from test_data import druglib
from test_training import rows

PATIENCE = 240_000
"""Milliseconds for what takes a machine long; nothing is asserted about time."""
SETTINGS = {
    "epochs": 40,
    "patience": 50,
    "batch_size": 4,
    "save_every": 2,
    "rank": 4,
    "alpha": 8,
    "first_layer": 4,
    "max_tokens": 48,
    "learning_rate": 0.003,
}
SHOTS = os.environ.get("CARETUNE_SHOTS", "")
"""Where pictures of every step are left, for those who want to look at them."""


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app beside a small set in Druglib.com's shape."""
    sets, home = tmp_path_factory.mktemp("sets"), tmp_path_factory.mktemp("home")
    folder = druglib(sets, rows(96, 1)) / "druglib"
    (folder / "drugLibTrain_raw.tsv.gz").rename(folder / "kept")
    druglib(sets, rows(32, 2))
    (folder / "drugLibTrain_raw.tsv.gz").rename(folder / "drugLibTest_raw.tsv.gz")
    (folder / "kept").rename(folder / "drugLibTrain_raw.tsv.gz")
    with running(home, CARETUNE_DATA=str(sets)) as app:
        yield app


@pytest.fixture
def trainer(chromium: object, workshop: App) -> Iterator[object]:
    """A page opened by the address that the terminal printed."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.errors, page.strangers = [], []
    page.on("pageerror", lambda e: page.errors.append(str(e)))
    page.on(
        "request",
        lambda r: None if r.url.startswith((workshop.url, "data:", "blob:")) else page.strangers.append(r.url),
    )
    page.set_default_timeout(PATIENCE)
    page.goto(f"{workshop.url}?token={(workshop.home / 'token').read_text()}")
    yield page
    context.close()


def tab(page: object, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def unfold(page: object, title: str) -> None:
    """Open a part of the step in front that stands closed."""
    page.locator("#train-steps button.label-wrap:visible").filter(has_text=title).last.click()


def shot(page: object, name: str) -> None:
    if SHOTS:
        page.wait_for_timeout(1500)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def fill_in(page: object) -> None:
    """Choose the set and turn the knobs."""
    tab(page, "Train & Evaluate")
    page.locator("#data-datasets input").click()
    page.get_by_role("option", name="druglib", exact=True).click()
    page.keyboard.press("Escape")
    shot(page, "1-data")
    tab(page, "Settings")
    for group in ("LoRA", "Optimiser", "Data"):
        unfold(page, group)
    for name, value in SETTINGS.items():
        page.locator(f"#knob-{name} input").fill(str(value))
    page.locator("#settings-estimate").get_by_text("rows an epoch").wait_for()
    assert "Trains" in page.locator("#settings-estimate").inner_text()
    page.locator("#launch-title input, #launch-title textarea").fill("journey")


def step_of(page: object) -> int:
    """Return the step that the headline tells, 0 where it tells none yet."""
    words = page.locator("#run-head").inner_text().replace(",", "").split()
    return int(words[words.index("step") + 1]) if "step" in words else 0


def beyond(page: object, step: int) -> None:
    page.wait_for_function(
        """least => {
            const found = /step ([0-9,]+)/.exec(document.querySelector('#run-head').innerText);
            return found && Number(found[1].replace(',', '')) > least;
        }""",
        arg=step,
        timeout=PATIENCE,
    )


def test_the_whole_way(trainer: object, workshop: App, tmp_path: Path) -> None:
    page = trainer
    fill_in(page)
    shot(page, "2-settings")
    page.locator("#launch").dblclick()
    page.locator("#run-head").get_by_text("Running").wait_for()
    beyond(page, 0)
    shot(page, "3-running")
    assert len(list((workshop.home / "runs").glob("*/recipe.yaml"))) == 1  # clicked twice, launched once
    page.reload()
    tab(page, "Train & Evaluate")
    tab(page, "Runs")
    beyond(page, 0)
    page.locator("#run-stop").click()
    page.locator("#run-head").get_by_text("Stopped").wait_for()
    reached = step_of(page)
    page.locator("#run-resume").click()
    page.locator("#run-head").get_by_text("Running").wait_for()
    beyond(page, reached)
    page.locator("#run-keep").click()
    page.locator("#run-head").get_by_text("Finished").wait_for()
    shot(page, "4-finished")
    judge(page, tmp_path)
    promote(page, workshop)
    assert page.errors == [] and page.strangers == []
    assert "Traceback" not in workshop.log


def judge(page: object, folder: Path) -> None:
    """The verdicts are there, a cell lists its rows, and the report can be taken home."""
    tab(page, "Judge")
    page.locator("#judge-said").get_by_text("macro-F1").first.wait_for()
    page.locator("#judge-verdicts").get_by_text("untuned base").locator("visible=true").first.wait_for()
    assert "TF-IDF" in page.locator("#judge-verdicts").inner_text()
    page.locator("#judge-matrix .main-svg").first.wait_for()
    page.locator("#judge-curves .main-svg").first.wait_for()
    page.locator("#judge-counts [data-testid='cell-0-1']").click()
    page.locator("#judge-rows [role='gridcell']").first.wait_for()
    assert "negative" in page.locator("#judge-rows").inner_text()
    shot(page, "5-judge")
    unfold(page, "Take it home")
    page.locator("#judge-make").click()
    page.get_by_role("link", name="report.zip").or_(page.locator("a[download$='report.zip']")).first.wait_for()
    with page.expect_download() as begun:
        page.locator("a[download$='report.zip']").first.click()
    begun.value.save_as(folder / "report.zip")
    with zipfile.ZipFile(folder / "report.zip") as archive:
        assert {"report.html", "predictions.csv", "config.yaml", "log.txt"} <= set(archive.namelist())
        lines = list(csv.reader(archive.read("predictions.csv").decode("utf-8-sig").splitlines()))
    assert len(lines) == 33


def promote(page: object, workshop: App) -> None:
    """Put into service, answered from, and taken back."""
    tab(page, "Put into service")
    page.locator("#ship-promote").click()
    said = page.locator("#ship-said textarea")
    page.wait_for_function("() => document.querySelector('#ship-said textarea').value.includes('now answered by')")
    run = next((workshop.home / "runs").glob("*/recipe.yaml")).parent.name
    assert run in said.input_value()
    shot(page, "6-ship")
    tab(page, "Sentiment")
    page.locator("#review-text textarea").fill("great relief works happy saved")
    page.locator("#review-go").click()
    page.locator("#review-source").get_by_text(run).wait_for()
    tab(page, "Train & Evaluate")
    page.locator("#ship-rollback").click()
    page.wait_for_function("() => document.querySelector('#ship-said textarea').value.includes('as shipped')")


def test_programs_do_the_same_through_the_endpoints(workshop: App) -> None:
    """With the token of the launch; without it they may look and nothing more."""
    visitor = caller(workshop.url)
    trainer = caller(workshop.url, x_caretune_token=(workshop.home / "token").read_text())
    recipe = "{task: drug_reviews, datasets: [druglib], epochs: 1, max_rows: 40, max_tokens: 32, first_layer: 5}"
    with pytest.raises(AppError, match="token"):
        visitor.predict(recipe, "", "", api_name="/launch")
    made = trainer.predict(recipe, "by program", "one", api_name="/launch")
    assert trainer.predict(recipe, "by program", "one", api_name="/launch")["id"] == made["id"]
    assert made["id"] in {run["id"] for run in visitor.predict(api_name="/runs")}
    assert visitor.predict(made["id"], 0, api_name="/run")["config"]["max_rows"] == 40
    for name, given in (("/stop", (made["id"], False)), ("/promote", (made["id"],)), ("/rollback", ("drug_reviews",))):
        with pytest.raises(AppError, match="token"):
            visitor.predict(*given, api_name=name)
    with pytest.raises(AppError, match="Only a run that has been scored"):
        trainer.predict(made["id"], api_name="/promote")
