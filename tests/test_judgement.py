"""A judged run on the page and taken home: what is said, what is unknown, and nothing that runs or fetches."""

import csv
import json
import zipfile
from pathlib import Path

import pytest
from judged import MANY, TASK, examples, judged, judged_many

from tabs import judge_rows, report_page
from tabs.judgement import UNKNOWN, judgement
from tasks.spec import Example, UserError
from training import rowfile, untuned
from training.parcel import parcel, predictions
from training.runs import RunStore
from training.samerows import scored_on

UNTUNED = f"untuned base: frozen, with a linear head fitted on at most {untuned.MOST:,} of the training rows"
HOSTILE = "<script>window.hit=1</script><img src=x onerror=window.hit=2>"


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_a_run_is_set_beside_floors_untuned_base_and_earlier_runs(store: RunStore) -> None:
    worse = judged(store, range(0, 60, 2), title="worse")
    run = judged(store, [])
    told = judgement(run, [worse])
    verdicts = {row[0]: row[1:] for row in told.verdicts.rows}
    assert verdicts["always the commonest label"][1].startswith("better")
    assert verdicts[UNTUNED] == [
        "1.000",
        "no detectable change: +0.000 macro-F1 [+0.000, +0.000], McNemar p = 1",
    ]
    assert verdicts["run worse"][0] == "0.500" and verdicts["run worse"][1].startswith("better: +0.500")
    assert set(told.figures) == {"matrix", "slices", "reliability", "coverage", "curves"}
    assert told.missing == []
    assert told.matrix.rows[0] == ["negative", "20 (100%)", "0 (0%)", "0 (0%)"]


def test_leaked_rows_are_counted_out(store: RunStore) -> None:
    told = judgement(judged(store, [3], leaked=[3, 4]))
    assert [row[1] for row in told.leaks.rows] == ["60", "60", "58"]
    assert told.leaks.rows[2][2].startswith("1.000")


def test_what_was_not_measured_is_said_and_never_a_number(store: RunStore) -> None:
    told = judgement(judged(store, [], untuned=False, leaked=None))
    assert told.verdicts.rows[-1][1:] == [UNKNOWN, UNKNOWN]
    assert told.leaks.rows[2][1:] == [UNKNOWN] * 3
    assert len(told.missing) == 2
    bare = judged(store, [])
    bare.rows_file.unlink()
    told = judgement(bare)
    assert told.matrix is None and told.figures == {} and "score it again" in told.missing[0]
    assert {row[2] for row in told.verdicts.rows} == {UNKNOWN}


def test_runs_on_other_rows_are_not_compared_and_only_named_where_chosen(store: RunStore) -> None:
    other, run = judged(store, [1], title="other", salt="else"), judged(store, [])
    assert not any("other" in row[0] for row in judgement(run, [other]).verdicts.rows)
    (row,) = [row for row in judgement(run, [other], chosen=True).verdicts.rows if "other" in row[0]]
    assert row[1] == UNKNOWN and "other rows" in row[2]


def test_five_other_runs_are_shown_however_many_were_scored_on_other_rows(store: RunStore) -> None:
    """Those on other rows take no place from those on the same, whichever are newer."""
    apart = [judged(store, [1], title=f"apart {i}", salt="else") for i in range(6)]
    same = [judged(store, [i], title=f"same {i}") for i in range(6)]
    shown = [row[0] for row in judgement(judged(store, []), [*apart, *same]).verdicts.rows if row[0].startswith("run")]
    assert shown == [f"run same {i}" for i in range(5)]
    untold = judgement(judged(store, [], untuned=False), same).verdicts.rows
    assert sum(row[0].startswith("run") for row in untold) == 5
    apart, same = [judged(store, [], title="one label")] * 6, [judged_many(store, 0.3, f"same {i}") for i in range(6)]
    run = judged_many(store, 0.0)
    shown = [row[0] for row in judgement(run, [*apart, *same]).verdicts.rows if row[0].startswith("run")]
    assert shown == [f"run same {i}" for i in range(5)]
    assert len(judgement(run, [*apart, *same], chosen=True).verdicts.rows) == 2 + 12


def test_several_labels_a_row_have_their_own_sheet(store: RunStore) -> None:
    poor, good = judged_many(store, 0.4, "poor"), judged_many(store, 0.0)
    told = judgement(good, [poor])
    verdicts = {row[0]: row[1:] for row in told.verdicts.rows}
    assert verdicts["run poor"][1].startswith("better: +") and verdicts["how common each label is"][1].startswith(
        "better"
    )
    assert verdicts[UNTUNED] == [UNKNOWN, UNKNOWN]
    assert set(told.figures) == {"curves"} and told.matrix is None
    assert any("confusion matrix" in one for one in told.missing)


def page_of(run: object) -> str:
    return report_page.page(run, judgement(run), {"loss": {1: 2.0, 2: 1.0}}, TASK.caution)


def test_the_page_escapes_what_people_typed_and_names_no_other_host(store: RunStore) -> None:
    run = judged(store, [1], title=HOSTILE)
    run.describe(notes=HOSTILE)
    run.alert(HOSTILE)
    page = page_of(run)
    ours = page.replace(page[page.index("<script>") : page.index("</script>")], "")  # without Plotly itself
    assert HOSTILE not in ours and "<script>window.hit" not in ours and "<img" not in ours
    assert "&lt;script&gt;window.hit=1" in ours
    assert "src=" not in ours.replace("img src=x", "") and "href=" not in ours
    assert "default-src 'none'" in ours
    assert "macro-F1" in ours and "rank: 16" in ours


def test_the_page_draws_offline_in_a_browser(store: RunStore, tmp_path: Path, chromium) -> None:
    file = tmp_path / "report.html"
    file.write_text(page_of(judged(store, [1], title=HOSTILE)), encoding="utf-8")
    page = chromium.new_page(viewport={"width": 400, "height": 800})
    page.set_default_timeout(120_000)
    errors: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{file}")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    assert page.locator(".js-plotly-plot").count() == 7
    assert page.evaluate("window.hit") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert errors == [] and asked == [f"file://{file}"]
    page.close()


def test_a_parcel_holds_all_of_it_and_the_log_for_trainers_alone(store: RunStore, tmp_path: Path) -> None:
    run = judged(store, [1])
    papers = {"report.html", "predictions.csv", "report.json", "config.yaml", "curve.jsonl", "run.json"}
    with zipfile.ZipFile(parcel(run, tmp_path, "<p>page</p>")) as archive:
        assert set(archive.namelist()) == papers
        assert archive.read("report.html") == b"<p>page</p>"
        assert json.loads(archive.read("run.json"))["facts"]["split_id"] == "0123456789abcdef"
        assert b"=row" not in archive.read("predictions.csv")
    with zipfile.ZipFile(parcel(run, tmp_path, "", log=True)) as archive:
        assert set(archive.namelist()) == papers | {"log.txt"}
    assert not (tmp_path / "predictions.csv").exists()


def test_predictions_say_what_was_said_and_no_text_unless_asked(store: RunStore, tmp_path: Path) -> None:
    run, path = judged(store, [1]), tmp_path / "p.csv"
    assert predictions(run, path) == 60
    rows = list(csv.DictReader(path.open(newline="", encoding="utf-8-sig")))
    assert rows[1]["right"] == "neutral" and rows[1]["said"] == "positive" and rows[1]["p(positive)"] == "0.8"
    assert rows[1]["tfidf said"] == "neutral" and rows[3]["nearly repeats a training row"] == "True"
    assert "text" not in rows[0]
    predictions(run, path, examples())
    assert (
        next(csv.DictReader(path.open(newline="", encoding="utf-8-sig")))["text"] == "'=row 0"
    )  # defused for spreadsheets
    with pytest.raises(UserError, match="not those this run was scored on"):
        predictions(run, path, examples(12))
    with pytest.raises(UserError, match="not those this run was scored on"):  # as many, and others
        predictions(run, path, [*examples()[1:], examples()[0]])


def test_predictions_of_several_labels_are_listed(store: RunStore, tmp_path: Path) -> None:
    run = judged_many(store, 0.0)
    assert predictions(run, tmp_path / "p.csv") == 50
    first = next(csv.DictReader((tmp_path / "p.csv").open(newline="", encoding="utf-8-sig")))
    assert first["right"] == first["said"] and " | " in first["said"]


def test_an_unscored_run_has_no_parcel(store: RunStore, tmp_path: Path) -> None:
    run = judged(store, [])
    run.report_file.unlink()
    with pytest.raises(UserError, match="not been scored"):
        parcel(run, tmp_path, "")
    assert rowfile.read(run.rows_file) is not None


def test_texts_of_other_rows_than_those_scored_are_not_shown(tmp_path, monkeypatch) -> None:
    run = judged(RunStore(tmp_path), wrong=[1])
    for found, shown in ((examples(), examples()), (examples()[1:], [])):
        monkeypatch.setattr("training.evaluate.row_sets", lambda task, config, found=found: ([], {"test": found}, []))
        assert judge_rows.texts(run) == shown


def test_rows_of_several_labels_are_known_by_their_labels(store: RunStore) -> None:
    """No row file is kept of them."""
    run, head = judged_many(store, wrong=0.3), MANY.heads[0].name
    rows = [Example(text="x", targets={head: tuple(MANY.labels[i] for i in held)}) for held in run.report.main.right]
    assert scored_on(run, rows)
    assert not scored_on(run, rows[1:] + rows[:1])
    assert not scored_on(run, rows[:-1])
    other = tuple(label for label in MANY.labels if label not in rows[7].targets[head])
    assert not scored_on(run, [*rows[:7], Example(text="x", targets={head: other}), *rows[8:]])
