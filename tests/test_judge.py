"""Judgement of a run: numbers worked out by hand or by scikit-learn, and verdicts that say no more than they may."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, confusion_matrix, f1_score

import tasks
from tasks.spec import Example, Prediction
from training import judge, rowfile
from training.ranked import Ranking
from training.report import Sheet
from training.rowfile import Rows

LABELS = ("bad", "good")


def rows(right: list[int], said: list[int], confidence: float = 0.8) -> Rows:
    scores = np.array([[confidence if s == i else 1 - confidence for i in range(2)] for s in said])
    return Rows(LABELS, np.array(right), np.array(said), scores, np.arange(len(right)) * 10, {})


def test_the_same_answers_differ_by_nothing() -> None:
    """Zero, with an interval of zero width, and no verdict."""
    right, said = np.array([0, 1, 1, 0, 1] * 20), np.array([0, 1, 0, 0, 1] * 20)
    found = judge.paired(right, said, said, 2)
    assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)
    assert found.sentence.startswith("no detectable change")


def test_a_clear_gain_is_said_and_its_mirror_image_too() -> None:
    """Better one way is worse the other."""
    right = np.array([0, 1] * 100)
    good, poor = right.copy(), np.where(np.arange(200) % 5 == 0, 1 - right, right)
    better, worse = judge.paired(right, good, poor, 2), judge.paired(right, poor, good, 2)
    assert better.sentence.startswith("better: +0.2")
    assert worse.sentence.startswith("worse: -0.2")
    assert better.difference == pytest.approx(-worse.difference)
    assert better.low == pytest.approx(-worse.high, abs=0.02)


def test_one_lucky_row_is_no_gain() -> None:
    """A difference of one row in forty is noise, and called so."""
    right = np.array([0, 1] * 20)
    poor = right.copy()
    poor[0] = 1
    assert judge.paired(right, right, poor, 2).sentence.startswith("no detectable change")


def test_a_gain_of_macro_f1_that_costs_accuracy_is_called_both() -> None:
    """The test has a direction of its own: rare labels found against a floor that never says them."""
    right = np.repeat([0, 1], [880, 120])
    ours = np.concatenate([np.repeat([1, 0], [198, 682]), np.repeat([1, 0], [105, 15])])
    found = judge.paired(right, ours, np.zeros(1000, int), 2)
    assert (found.only_ours, found.only_theirs) == (105, 198) and found.low > 0 and found.p < 1e-6
    assert found.sentence.startswith("better on macro-F1, worse on accuracy: +0.")
    mirrored = judge.paired(right, np.zeros(1000, int), ours, 2)
    assert mirrored.sentence.startswith("worse on macro-F1, better on accuracy: -0.")


def test_accuracy_may_be_told_where_macro_f1_is_not() -> None:
    """Many rows of the common label won, a few of the rare one lost."""
    right = np.repeat([0, 1], [980, 20])
    ours, theirs = right.copy(), right.copy()
    theirs[:50], ours[980:990] = 1, 0
    found = judge.paired(right, ours, theirs, 2)
    assert found.low < 0 < found.high and found.p < 1e-5
    assert found.sentence.startswith("macro-F1 not told apart, accuracy better: ")
    assert judge.paired(right, theirs, ours, 2).verdict == "macro-F1 not told apart, accuracy worse"


@pytest.mark.parametrize(("n", "apart"), [(1, 1), (8, 8), (19, 10), (400, 5)])
def test_of_too_few_rows_nothing_is_said(n: int, apart: int) -> None:
    """An interval of redrawn rows has no width where all are right, however few they are."""
    right = np.arange(n) % 2
    poor = np.where(np.arange(n) < apart, 1 - right, right)
    found = judge.paired(right, right, poor, 2)
    assert found.sentence == (
        f"too few rows to tell: {found.difference:+.3f} macro-F1, rows: {n}, answered differently: {apart}"
    )
    marks = np.stack([right, 1 - right], axis=1)
    claimed = np.where(np.arange(n)[:, None] < apart, 1 - marks, marks)
    ours, theirs = (Ranking.of(("a", "b"), marks, said, said) for said in (marks, claimed))
    assert judge.paired_many(ours, theirs).verdict == "too few rows to tell"


def test_macro_f1_is_scikit_learns() -> None:
    """Three labels, one of them never said."""
    rng = np.random.default_rng(0)
    right, said = rng.integers(0, 3, 80), rng.integers(0, 2, 80)
    ours = judge.macro_f1(right, said, 3, np.ones((1, 80)))[0]
    assert ours == pytest.approx(f1_score(right, said, labels=[0, 1, 2], average="macro", zero_division=0))


def test_the_matrix_and_the_rates_follow_from_the_rows() -> None:
    """Counted by hand."""
    found = rows([0, 0, 0, 1, 1], [0, 0, 1, 1, 0])
    assert judge.matrix(found).tolist() == confusion_matrix([0, 0, 0, 1, 1], [0, 0, 1, 1, 0]).tolist()
    bad = judge.per_class(found)[0]
    assert (bad["precision"], bad["recall"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert bad["false_positive_rate"] == pytest.approx(1 / 2)
    assert bad["false_negative_rate"] == pytest.approx(1 / 3)


def test_a_cell_lists_its_rows_most_confident_first() -> None:
    """By right and said label, either left open."""
    found = rows([0, 0, 1], [1, 1, 1])
    found.scores[1] = [0.05, 0.95]
    assert judge.listed(found, "bad", "good") == [1, 0]
    assert judge.listed(found, None, "bad") == []
    assert len(judge.listed(found, None, None)) == 3


def test_bins_and_coverage_add_up() -> None:
    """Every row is in one bin; the last point of the coverage curve is the accuracy."""
    found = rows([0, 1] * 30, [0, 1] * 20 + [1, 0] * 10, 0.7)
    assert sum(n for _, _, n in judge.reliability(found)) == 60
    assert judge.reliability(found)[0][:2] == (pytest.approx(0.7), pytest.approx(2 / 3))
    assert judge.coverage(found)[-1] == (1.0, pytest.approx(2 / 3))


def test_slices_count_every_row_once_per_view() -> None:
    """Lengths and labels are two views of the same rows."""
    found = judge.slices(rows([0, 1] * 15, [0, 0] * 15))
    assert sum(s.n for s in found if "words" in s.name) == 30
    assert {s.name: s.accuracy for s in found if "label" in s.name} == {"right label bad": 1.0, "right label good": 0.0}
    assert all(s.low <= s.accuracy <= s.high for s in found)


def test_slices_by_what_rows_are_about_name_the_commonest_and_survive_a_round_trip(tmp_path) -> None:
    """Spelling aside; rows about nothing are in no such slice, and a leaked row takes its condition with it."""
    task = tasks.get("drug_reviews")
    about = ["Acne", "acne ", "gout", "", *(f"rare {i}" for i in range(9))]
    examples = [
        Example(text=f"row {i}", label="positive", targets={"rating": "9", "condition": name})
        for i, name in enumerate(about)
    ]
    share = {"negative": 0.1, "neutral": 0.1, "positive": 0.8}
    found = [Prediction("positive", "positive", share) for _ in examples]
    rowfile.write(tmp_path / "rows.jsonl", task, examples, found, {})
    kept = rowfile.read(tmp_path / "rows.jsonl")
    assert kept is not None and set(kept.about) == {"condition"}
    counts = {s.name: s.n for s in judge.slices(kept) if s.name.startswith("condition")}
    assert counts["condition acne"] == 2 and len(counts) == judge.COMMONEST and "condition " not in counts
    assert judge.without(kept, [0]).about["condition"][0] == "acne"


def test_the_surest_mistakes_come_first() -> None:
    """Only rows answered wrongly, the most confident on top."""
    found = rows([0, 0, 1, 1], [1, 1, 1, 0])
    found.scores[1] = [0.01, 0.99]
    listed = judge.listed(found, None, None, order=judge.ORDERS[3])
    assert listed[0] == 1 and sorted(listed) == [0, 1, 3]


def test_leaked_rows_are_left_out() -> None:
    """Scores with and without them are two sets of rows."""
    found = judge.without(rows([0, 1, 1], [0, 0, 1]), [1])
    assert found.right.tolist() == [0, 1]
    assert (found.said == found.right).all()


def test_leaks_are_counted_out_in_steps_and_what_nobody_looked_for_is_unknown() -> None:
    """All rows, without repeats, without near-repeats."""
    found = rows([0, 1, 1, 0], [0, 0, 1, 0])
    assert [sheet and sheet.n for _, sheet in judge.leak_sheets(found, None)] == [None, 4, None]
    marked = replace(found, leaked=np.array([False, True, False, False]))
    everything = Sheet(LABELS, ((4, 0, 0), (1, 1, 0)))
    sheets = dict(judge.leak_sheets(marked, everything))
    assert [sheet.n for sheet in sheets.values()] == [6, 4, 3]
    assert list(sheets.values())[2].accuracy == 1.0


def test_a_precision_recall_curve_is_scikit_learns() -> None:
    """Its mean is the average precision, and a label that nobody has draws none."""
    rng = np.random.default_rng(2)
    right = (rng.random((400, 3)) < [0.3, 0.6, 0.0]).astype(float)
    scores = rng.random((400, 3))
    found = judge.precision_recall(("a", "b", "c"), right, scores)
    assert [curve.label for curve in found] == ["a", "b"]
    assert found[0].average == pytest.approx(average_precision_score(right[:, 0], scores[:, 0]))
    assert found[0].rows == right[:, 0].sum()
    assert len(found[0].recall) <= judge.POINTS
    assert found[0].recall.max() == 1 and found[0].recall.min() == 0


def test_rows_are_listed_in_the_order_asked_for() -> None:
    """Least sure first turns the list round; drawn is the same rows, the same each time."""
    found = rows([0] * 5, [0] * 5)
    found.scores[:, 0] = [0.5, 0.9, 0.6, 0.8, 0.7]
    found.scores[:, 1] = 1 - found.scores[:, 0]
    sure = judge.listed(found, None, None)
    assert judge.listed(found, None, None, order=judge.ORDERS[1]) == sure[::-1]
    drawn = judge.listed(found, None, None, order=judge.ORDERS[2])
    assert sorted(drawn) == sorted(sure) and drawn == judge.listed(found, None, None, order=judge.ORDERS[2])


def test_runs_of_several_labels_are_compared_on_the_same_rows_alone() -> None:
    """A clear gain is said without a McNemar test, which has no meaning there."""
    rng = np.random.default_rng(3)
    right = (rng.random((200, 3)) < 0.4).astype(float)
    poor = np.where(rng.random((200, 3)) < 0.3, 1 - right, right)
    good, bad = (Ranking.of(("a", "b", "c"), right, claimed, claimed) for claimed in (right, poor))
    found = judge.paired_many(good, bad)
    assert found.sentence.startswith("better: +") and "McNemar" not in found.sentence
    assert found.difference == pytest.approx(good.numbers["macro_f1"] - bad.numbers["macro_f1"])
    assert judge.paired_many(good, good).sentence.startswith("no detectable change: +0.000")
    assert judge.paired_many(good, Ranking.of(("a", "b", "c"), 1 - right, right, right)) is None


def test_rows_come_back_as_written_and_hold_no_text(tmp_path: Path) -> None:
    """Labels, probabilities and lengths; never a word."""
    task = tasks.get("drug_reviews")
    examples = [Example(text="secret words here", label="negative"), Example(text="more", label="positive")]
    scores = {"negative": 0.7, "neutral": 0.1, "positive": 0.2}
    said = [Prediction(None, "negative", scores), Prediction("positive", "positive", scores)]
    rowfile.write(tmp_path / "rows.jsonl", task, examples, said, {"majority": [2, 2]})
    found = rowfile.read(tmp_path / "rows.jsonl")
    assert found.right.tolist() == [0, 2]
    assert found.said.tolist() == [0, 2]
    assert found.words.tolist() == [3, 1]
    assert found.floors["majority"].tolist() == [2, 2]
    assert "secret" not in (tmp_path / "rows.jsonl").read_text()
    assert found.leaked is None
    rowfile.write(tmp_path / "again.jsonl", task, examples, said, {}, leaked={1})
    again = rowfile.read(tmp_path / "again.jsonl")
    assert again.leaked.tolist() == [False, True]
    assert again.same(found)
    rowfile.write(tmp_path / "other.jsonl", task, examples[::-1], said[::-1], {})
    assert not rowfile.read(tmp_path / "other.jsonl").same(found)
    relabelled = replace(examples[0], label="neutral")
    assert rowfile.rows_id(examples) == found.id != rowfile.rows_id([relabelled, examples[1]])
    assert rowfile.read(tmp_path / "none.jsonl") is None
    rowfile.write(tmp_path / "empty.jsonl", task, [], [], {})
    assert rowfile.read(tmp_path / "empty.jsonl") is None  # of no row nothing can be said
