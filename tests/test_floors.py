"""The floors and the report of odd rows: empty columns, no word that comes twice, one label, nothing to test on."""

import csv
import gzip
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_data import druglib
from test_training import rows as made

import tasks
from models.reading import Floats, Reading
from tasks.spec import Example, Prediction
from training import data, evaluate, ranked, rowfile, statistics
from training.config import RunConfig
from training.evaluate_ranked import TfidfMany
from training.floors import Tfidf, majority
from training.ranked import Ranking
from training.report import Report

TASK = tasks.get("drug_reviews")
CONFIG = RunConfig(TASK.name, datasets=("druglib",), validation_share=0.25)
Rows = list[tuple[int, str, str, str]]


class Same:
    """Gives every row the same logits."""

    reading = Reading.of(TASK, "minilm-l6", 48)

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        width = sum(len(head.values) for head in self.reading.heads)
        return self.reading.predictions(np.zeros((len(examples), width))) if examples else []


def scored(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    train: Rows,
    test: Rows,
    config: RunConfig = CONFIG,
    keep: Path | None = None,
) -> Report:
    """Return the report on rows in Druglib.com's shape, read back from its file."""
    home, names = folder / "druglib", TASK.dataset("druglib").files
    for name, rows in (("test", test), ("train", train)):
        druglib(folder, rows)
        (home / "drugLibTrain_raw.tsv.gz").rename(home / name)
    for name in ("train", "test"):
        (home / name).rename(home / names[name])
    monkeypatch.setattr(data, "DATA_DIR", folder)
    evaluate.evaluate(TASK, config, Same(), keep).write(folder / "report.json")
    assert "NaN" not in (folder / "report.json").read_text()
    return Report.load(folder / "report.json")


def without_comments(rows: Rows) -> Rows:
    return [(rating, benefits, harms, "") for rating, benefits, harms, _ in rows]


def test_reviews_without_comments_have_no_sheet_of_comments_alone(tmp_path, monkeypatch) -> None:
    found = scored(tmp_path, monkeypatch, without_comments(made(64, 1)), without_comments(made(24, 2)))
    assert found.main.n == 24 and "test_bare" not in found.sheets


def test_only_reviews_with_a_comment_stand_on_the_sheet_of_comments_alone(tmp_path, monkeypatch) -> None:
    test = [*without_comments(made(24, 2)), *made(10, 3)]
    for train in (made(64, 1), without_comments(made(64, 1))):
        found = scored(tmp_path, monkeypatch, train, test)
        assert (found.main.n, found.sheets["test_bare"].n, found.floors["test_bare"]["tfidf"].n) == (34, 10, 10)


def review(label: str, **fields: str) -> Example:
    return Example(fields=fields, label=label)


def test_a_column_in_which_no_word_comes_twice_is_left_out() -> None:
    rows = [review("positive", benefits="works well"), review("negative", benefits="useless waste")] * 3
    rows[0] = review("positive", benefits="works well", comments="sparse words only")
    assert [p.best for p in Tfidf(TASK, rows).predict(rows[:2])] == ["positive", "negative"]


@pytest.mark.parametrize(
    "rows",
    [
        [review("positive", comments="works"), review("negative", comments="hurts"), review("positive", comments="x")],
        [review("positive", comments="works well")] * 3,
        [review("positive"), review("positive"), review("negative")],
    ],
    ids=["no word twice", "one label", "no words"],
)
def test_where_there_is_nothing_to_learn_the_majority_is_said(rows: list[Example]) -> None:
    floor = Tfidf(TASK, rows)
    assert [p.best for p in floor.predict(rows[:2])] == ["positive"] * 2 and floor.predict([]) == []


def test_no_rows_teach_nothing_and_ask_nothing() -> None:
    assert majority(TASK, []).label == TASK.labels[0]
    assert Tfidf(TASK, []).predict([review("positive")])[0].best == TASK.labels[0]
    rows = [review("positive", comments="works well"), review("negative", comments="useless waste")] * 3
    assert Tfidf(TASK, rows).predict([]) == []


def test_several_labels_at_once_of_notes_without_a_common_word() -> None:
    right: Floats = np.array([[1.0, 0.0]] * 6 + [[0.0, 1.0]] * 6)
    scores, claimed = TfidfMany([f"the note{i}" for i in range(12)], right).judge(["the note3", "other"])
    assert scores.tolist() == [[0.5, 0.5]] * 2 and claimed.tolist() == [[1.0, 1.0]] * 2
    learned = TfidfMany(["weak heart", "itching skin"] * 6, np.tile(np.eye(2), (6, 1)))
    assert learned.judge([])[0].shape == (0, 2) and learned.judge(["heart"])[0].argmax() == 0


def test_a_ranking_of_no_rows_has_numbers() -> None:
    none = np.zeros((0, 2))
    sheet = Ranking.of(("a", "b"), none, none, none)
    assert sheet.n == 0 and sheet.per_label == {} and sheet.headline.startswith("macro-F1 0.00 [0.00, 0.00]")


def test_a_label_of_one_row_does_not_move_the_mean_of_the_others_up_and_down() -> None:
    """Its F1 and its average precision are near 0; were draws without it means of the other two, they would be 1."""
    right = np.zeros((300, 3))
    right[:150, 0], right[150:, 1], right[0, 2] = 1, 1, 1
    claimed = right * [1, 1, 0]
    scores = claimed + 0.1
    scores[0, 2] = 0.0
    sheet = Ranking.of("abc", right, scores, claimed)
    assert sheet.numbers["macro_f1"] == pytest.approx(2 / 3)
    for name in ("macro_f1", "macro_ap"):
        low, high = sheet.intervals[name]
        assert low == pytest.approx(sheet.numbers[name], abs=0.01) and high == pytest.approx(low, abs=0.01)


def test_an_interval_is_that_of_all_draws_though_few_are_worked_out_at_once(monkeypatch) -> None:
    rng = np.random.default_rng(0)
    right, scores = (rng.random((60, 4)) > 0.7).astype(float), rng.random((60, 4))
    sheet, drawn = Ranking.of("abcd", right, scores, (scores > 0.5).astype(float)), []
    draws = np.random.default_rng(1).multinomial(60, np.full(60, 1 / 60), ranked.DRAWS).astype(float)
    whole = {name: statistics.interval(values) for name, values in ranked.weighted(*sheet.arrays, draws).items()}
    real = ranked.weighted

    def watched(*given: Floats) -> dict[str, Floats]:
        drawn.append(given[-1])
        return real(*given)

    monkeypatch.setattr(ranked, "weighted", watched)
    assert all(ends == pytest.approx(whole[name]) for name, ends in sheet.intervals.items())
    assert max(map(len, drawn)) <= 200


def extra_set(folder: Path, texts: Sequence[str]) -> None:
    """Write a file in the shape of the Drugs.com sample."""
    wanted = TASK.dataset("drugscom_sample")
    (folder / wanted.folder).mkdir()
    with gzip.open(folder / wanted.folder / wanted.files["train"], "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("review", "rating"), *((text, 9) for text in texts)])


@pytest.mark.parametrize("knobs", [{}, {"first": ("drugscom_sample",), "mixture": {"drugscom_sample": 0.0}}])
def test_a_test_row_that_any_set_learned_from_repeats_does_not_count(tmp_path, monkeypatch, knobs) -> None:
    test = made(24, 2)
    same, near = (" ".join(row[1:]) for row in test[:2])
    extra_set(tmp_path, [same, f"{near} more", "another text"])
    asked = replace(CONFIG, datasets=("druglib", "drugscom_sample"), **knobs)
    monkeypatch.setattr(evaluate, "_untuned", lambda *_: {})
    found = scored(tmp_path, monkeypatch, made(64, 1), test, asked, tmp_path / "rows.jsonl")
    assert (found.main.n, found.sheets["test_with_repeats"].n) == (23, 24)
    assert np.flatnonzero(rowfile.read(tmp_path / "rows.jsonl").leaked).tolist() == [0]  # the one that is nearly there
