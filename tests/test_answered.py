"""Written answers: measured beside the untuned base, kept without the rows' text, shown side by side or not at all."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from judged import judged
from tiny import forget, registered

import tasks
from models.speaking import untuned
from tabs import judge_answers, judge_rows, report_page
from tabs.judgement import judgement
from tasks.spec import Example
from training import answered
from training.answered import Answers
from training.config import RunConfig
from training.parcel import parcel
from training.runs import RunStore

TASK = tasks.get("medical_qa")


def rows(n: int) -> list[Example]:
    return [Example(f"What is illness {i}?", targets={"answer": f"It is a fever of day {i}."}) for i in range(n)]


def found(better: float = 0.2) -> Answers:
    places = tuple(answered.place(row) for row in rows(4))
    one = {name: (0.2, 0.4, 0.6, 0.8) for name in answered.MEASURES}
    two = {name: tuple(value - better for value in values) for name, values in one.items()}
    said = {"tuned": ("a", "b", "c", "d"), "untuned": ("e", "", "g", "<b>h</b>")}
    return Answers(places, said, {"tuned": one, "untuned": two})


def test_what_is_kept_is_read_back_and_holds_no_row(tmp_path) -> None:
    found().write(tmp_path)
    assert answered.read(tmp_path) == found()
    assert "illness" not in (tmp_path / answered.FILE).read_text()
    (tmp_path / answered.FILE).write_text("{")
    assert answered.read(tmp_path) is None and answered.read(tmp_path / "none") is None


def test_means_have_intervals_and_the_gain_is_paired() -> None:
    mean, low, high = found().mean("tuned", "rougeL")
    assert mean == pytest.approx(0.5) and 0.2 <= low < mean < high <= 0.8
    assert found(0.2).gain("rougeL") == pytest.approx((0.2, 0.2, 0.2))  # every answer better by as much: no doubt
    assert found(0.0).gain("rouge1") == pytest.approx((0, 0, 0))


def test_a_base_that_writes_is_measured_and_one_that_does_not_says_so(tmp_path, monkeypatch) -> None:
    name = registered("t5", tmp_path).name
    try:
        config = RunConfig(TASK.name, base=name, datasets=("pubmedqa", "medquad_answers"), max_tokens=96)
        monkeypatch.setattr(answered, "held", lambda *_: rows(3))
        monkeypatch.setattr(answered, "LENGTH", 6)
        monkeypatch.setattr(answered, "bert_score", lambda said, right: np.zeros(len(said)))
        measured = answered.measure(TASK, config, untuned(TASK, name, 96), most=2)
        assert measured is not None and len(measured.places) == 2
        assert measured.said["tuned"] == measured.said["untuned"]  # the same model twice
        assert answered.measure(TASK, replace(config, datasets=("pubmedqa",)), None) is None
        assert "no set" in answered.why_not(TASK, replace(config, datasets=("pubmedqa",)))
    finally:
        forget()
    small = RunConfig(TASK.name, datasets=("pubmedqa",))
    assert answered.measure(TASK, small, None) is None and "gives labels" in answered.why_not(TASK, small)
    assert answered.why_not(tasks.get("drug_reviews"), RunConfig("drug_reviews")) == ""


def test_held_back_rows_are_those_no_run_learned_from(monkeypatch) -> None:
    """They are drawn as the trainer draws them, each once however often it was to be learned from."""
    from training import train, written

    given = rows(20)
    monkeypatch.setattr(train, "rows", lambda task, config: (None, [*given, *given], []))
    monkeypatch.setattr(written, "parted", lambda words, extra, share: ([], extra[:5] * 2, 0))
    kept = answered.held(TASK, RunConfig(TASK.name, datasets=("pubmedqa",)), None)
    assert sorted(row.text for row in kept) == sorted(row.text for row in given[:5])


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = judged(RunStore(tmp_path / "runs"), [1, 2])
    found().write(made.folder)
    monkeypatch.setattr(answered, "known", lambda task, config: {answered.place(r): r for r in rows(3)})
    monkeypatch.setattr(answered, "right_answer", lambda task, row: row.targets["answer"])
    return made


def test_the_judgement_has_a_table_of_them(run) -> None:
    told = judgement(run).written
    assert told is not None and [row[0] for row in told.rows] == list(answered.MEASURES.values())
    assert told.rows[0][3] == "+0.200 [+0.200, +0.200]"


def test_side_by_side_hides_what_is_private_and_says_what_is_missing(run) -> None:
    lines = judge_answers.side_by_side(run)
    assert lines[0] == ["What is illness 0?", "It is a fever of day 0.", "a", "e", "0.20", "0.00"]
    assert lines[1][3] == "(nothing)" and lines[3][0] == "not on this machine"
    assert all(
        cell == judge_answers.HIDDEN for line in judge_answers.side_by_side(run, hidden=True) for cell in line[:4]
    )
    (run.folder / answered.FILE).write_text(json.dumps({"places": [], "said": {}, "scores": {}}))
    assert judge_answers.side_by_side(run) == []


def test_the_report_to_take_home_holds_the_answers_and_no_words_of_a_set_unasked(run, tmp_path, chromium) -> None:
    """What was written stands on the page as text, whatever it looks like, and in a table of the zip."""
    hostile = "=1+1 <script>window.hit=1</script><img src=x onerror=window.hit=2>\nsecond line"
    kept = answered.read(run.folder)
    replace(kept, said={"tuned": ("a", hostile, "c", "d"), "untuned": kept.said["untuned"]}).write(run.folder)
    asked, unasked = judge_rows.answers_of(run, True), judge_rows.answers_of(run, False)
    assert asked[1][:3] == ["What is illness 1?", "It is a fever of day 1.", hostile]
    assert unasked[1][:3] == [judge_rows.UNASKED, judge_rows.UNASKED, hostile]
    page = report_page.page(run, judgement(run), {}, "", asked)
    assert "<script>window.hit" not in page and "<img src=x" not in page and "What is illness 1?" in page
    assert "illness" not in report_page.page(run, judgement(run), {}, "", unasked)
    with zipfile.ZipFile(parcel(run, tmp_path, page, answers=asked)) as archive:
        lines = list(csv.reader(io.StringIO(archive.read("answers.csv").decode("utf-8-sig"))))
    assert lines[0] == list(answered.COLUMNS) and lines[2][2] == f"'{hostile}"  # defused for spreadsheets
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    view = chromium.new_page(viewport={"width": 400, "height": 800})
    view.set_default_timeout(120_000)
    view.goto(f"file://{file}")
    assert hostile in view.locator("section").nth(1).inner_text()
    assert view.evaluate("[window.hit, document.documentElement.scrollWidth <= 400]") == [None, True]
    view.close()


def test_what_was_written_to_private_rows_is_for_trainers_who_ask_for_it(run, monkeypatch) -> None:
    monkeypatch.setattr(judge_rows, "private", lambda run: True)
    for with_texts, visitor, instead in (
        (False, False, judge_rows.UNASKED),
        (False, True, judge_rows.HIDDEN),
        (True, True, judge_rows.HIDDEN),
    ):
        lines = judge_rows.answers_of(run, with_texts, visitor)
        assert {cell for line in lines for cell in line[:4]} == {instead}
    assert judge_rows.answers_of(run, True)[0][2] == "a"
