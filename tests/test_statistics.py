"""Numbers from counts small enough to check by hand, and against scikit-learn where it knows them."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score

from models.reading import Reading
from tasks.spec import Example, Head
from training import cards, judge, statistics
from training.calibrate import best_cut, calibrate, confusion
from training.report import Report, Sheet

SHEET = Sheet(("a", "b"), ((98, 0, 0), (2, 0, 0)))


def test_macro_f1_counts_each_label_the_same() -> None:
    assert SHEET.accuracy == 0.98
    assert round(SHEET.macro_f1, 3) == 0.495


def test_an_abstention_is_not_a_right_answer() -> None:
    sheet = Sheet(("a", "b"), ((1, 0, 1), (0, 2, 0)))
    assert sheet.accuracy == 0.75
    assert round(sheet.macro_f1, 3) == 0.833


def test_macro_f1_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    right, said = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    counts = np.array(confusion(3, right, said))
    assert statistics.macro_f1(counts) == pytest.approx(f1_score(right, said, average="macro"))


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """95 % of 95 % intervals should hold the true accuracy; of 200 samples, 180 to 199 is what chance allows."""
    rng, held = np.random.default_rng(1), 0
    for seed in range(200):
        right = rng.random(150) < 0.8
        counts = np.array(confusion(2, np.zeros(150, int), np.where(right, 0, 1)))
        low, high = statistics.interval(statistics.accuracy(statistics.resample(counts, 400, seed)))
        held += low <= 0.8 <= high
    assert 180 <= held <= 199


def test_mcnemar_counts_only_the_rows_that_differ() -> None:
    a = np.array([True] * 10 + [False] * 2 + [True] * 50)
    b = np.array([False] * 10 + [True] * 2 + [True] * 50)
    only_a, only_b, p = statistics.mcnemar(a, b)
    assert (only_a, only_b) == (10, 2)
    assert p == pytest.approx(0.03857, abs=1e-4)  # 2 * P(X <= 2), X ~ Binomial(12, 1/2) = 2 * 79 / 4096
    assert statistics.mcnemar(a, a)[2] == 1.0


def test_calibration_error_of_a_known_case() -> None:
    """Ten answers at 0.75, six right: the one filled bin is off by 0.15."""
    found = statistics.calibration_error(np.full(10, 0.75), np.array([True] * 6 + [False] * 4))
    assert found == pytest.approx(0.15)


def test_a_report_is_read_back_with_the_same_numbers(tmp_path) -> None:
    within = {"aspects": {"x": SHEET}}
    report = Report(
        "t",
        "id",
        {"test": SHEET},
        {"test": {"majority": SHEET}},
        {"test": {"p": 1.0}},
        {"threshold": 0.5},
        {},
        "rows",
        within,
    )
    report.write(tmp_path / "report.json")
    again = Report.load(tmp_path / "report.json")
    assert again == report
    assert again.main.macro_f1 == report.main.macro_f1


def test_a_card_says_where_a_label_is_misread() -> None:
    table = cards._within("aspects", {"x": SHEET, "y": Sheet(("a", "b"), ((3, 1, 0), (0, 0, 0)))})
    assert "| aspects | a (rows) | b (rows) |" in table
    assert "| x | 1.00 (98) | 0.00 (2) |" in table and "| y | 0.75 (4) | – |" in table


READING = Reading(
    task="t",
    base="b",
    slots=("text",),
    heads=(Head("label", ("a", "b", "c")),),
    labels=("a", "b", "c"),
    fold={"a": ("a",), "b": ("b",), "c": ("c",)},
    max_tokens=8,
)


def _rows(seed: int, n: int = 600) -> tuple[np.ndarray, list[Example]]:
    """Overconfident logits of a model that underrates the rare label b."""
    rng = np.random.default_rng(seed)
    right = rng.choice(3, n, p=[0.3, 0.1, 0.6])
    signal = np.eye(3)[right] * 1.5 + rng.normal(0, 1, (n, 3)) + np.array([0.0, -1.5, 0.5])
    return 3.0 * signal, [Example(text="x", label="abc"[i]) for i in right]


def test_calibration_makes_confidence_honest_on_rows_it_has_not_seen() -> None:
    fit, fit_rows = _rows(0)
    new, new_rows = _rows(1)
    found = calibrate(READING, fit, fit_rows)
    right = np.array(["abc".index(e.label) for e in new_rows])

    def error(reading: Reading) -> float:
        scores = reading.label_scores(new)
        return statistics.calibration_error(scores.max(1), scores.argmax(1) == right)

    assert found.temperature > 1.5
    assert error(found) < error(READING) / 2


def test_offsets_help_the_rare_label_on_rows_they_have_not_seen() -> None:
    fit, fit_rows = _rows(0)
    new, new_rows = _rows(1)
    found = calibrate(READING, fit, fit_rows)
    right = np.array(["abc".index(e.label) for e in new_rows])

    def f1(reading: Reading) -> float:
        return float(statistics.macro_f1(np.array(confusion(3, right, reading.choose(reading.label_scores(new))))))

    assert found.offsets[2] == 0.0  # the commonest label is the fixed point
    assert f1(found) > f1(READING)


def test_declining_leaves_answers_that_are_right_more_often() -> None:
    fit, fit_rows = _rows(0)
    new, new_rows = _rows(1)
    answers = calibrate(READING, fit, fit_rows).predictions(new)
    pairs = list(zip(answers, new_rows, strict=True))
    answered = [p.label == e.label for p, e in pairs if not p.abstained]
    declined = [p.best == e.label for p, e in pairs if p.abstained]
    assert np.mean(answered) > 0.8 > np.mean(declined)


def test_labels_that_hold_together_are_claimed_by_calibrated_probabilities() -> None:
    """Logits three times too sure. Of x, 34 in 100 hold where 0.34 is meant and 5 where 0.05 is: of the cuts that
    part them, 0.2 to 0.3, it is the middle one, moved half-way to 0.4. Of y every cut is as good.
    """
    reading = replace(READING, heads=(Head("label", ("x", "y"), multi=True),), labels=("x", "y"))
    share = np.repeat([[0.34, 0.9], [0.05, 0.1]], 100, axis=0)
    right = [np.r_[np.arange(100) < a, np.arange(100) < b] for a, b in ((34, 5), (90, 10))]
    rows = [
        Example(text="t", targets={"label": tuple(n for n, held in zip("xy", both, strict=True) if held)})
        for both in zip(*right, strict=True)
    ]
    found = calibrate(reading, 3 * np.log(share / (1 - share)), rows)
    assert found.temperature == pytest.approx(3, abs=0.01)
    assert found.cuts == {"x": 0.325, "y": 0.45}


def test_a_multi_head_that_no_row_knows_keeps_the_even_cut() -> None:
    """Rows of one's own with text and label alone: nothing is known of their aspects."""
    reading = replace(READING, heads=(*READING.heads, Head("aspects", ("x", "y"), multi=True)))
    logits, examples = _rows(0, 40)
    found = calibrate(reading, np.hstack([logits, np.ones((40, 2))]), examples)
    assert found.cuts == {"x": 0.5, "y": 0.5}


@pytest.mark.parametrize(
    ("share", "truth", "cut"),
    [
        ([0.9, 0.7, 0.3], [False, False, False], 0.5),  # nothing to find: no reason to claim more
        ([0.9, 0.9, 0.1, 0.1], [True, True, False, False], 0.5),  # every cut between is as good
        ([0.9, 0.58, 0.43, 0.1], [True, True, False, False], 0.5),  # those from 0.45 to 0.55 are
        ([0.33, 0.1], [True, False], 0.25),
    ],
)
def test_a_cut_lies_in_the_middle_of_the_best(share: list[float], truth: list[bool], cut: float) -> None:
    assert best_cut(np.array(share), np.array(truth)) == cut


def test_a_label_without_rows_is_not_counted_against_the_others() -> None:
    """Two of three labels occur and every row is right: nothing was measured of the third."""
    sheet = Sheet(("a", "b", "c"), ((50, 0, 0, 0), (0, 0, 0, 0), (0, 0, 50, 0)))
    assert sheet.macro_f1 == 1.0
    assert sheet.intervals["macro_f1"] == (1.0, 1.0)
    right = np.array([0] * 50 + [2] * 50)
    assert judge.macro_f1(right, right, 3, np.ones((1, 100)))[0] == 1.0
    wrong = Sheet(("a", "b", "c"), ((40, 10, 0, 0), (0, 0, 0, 0), (0, 0, 50, 0)))
    said = np.array([0] * 40 + [1] * 10 + [2] * 50)
    assert wrong.macro_f1 == pytest.approx(judge.macro_f1(right, said, 3, np.ones((1, 100)))[0])
    assert wrong.macro_f1 == pytest.approx((80 / 90 + 1) / 2)


def test_which_labels_occur_is_settled_before_rows_are_redrawn() -> None:
    """A redraw that misses the one row of a label gives that label 0, as before."""
    sheet = Sheet(("a", "b"), ((9, 0, 0), (0, 1, 0)))
    assert sheet.intervals["macro_f1"] == (0.5, 1.0)


def test_the_calibration_error_counts_gaps_of_both_signs() -> None:
    """Too sure in one bin does not make up for too unsure in another."""
    sure, right = np.array([0.95] * 10 + [0.55] * 10), np.array([True] * 8 + [False] * 2 + [True] * 7 + [False] * 3)
    assert statistics.calibration_error(sure, right) == pytest.approx((0.15 + 0.15) / 2)


def test_precision_is_of_what_was_said_and_recall_of_what_was_right() -> None:
    found = Sheet(("a", "b"), ((6, 2, 0), (0, 4, 0))).per_class
    assert (found["a"]["precision"], found["a"]["recall"]) == (1.0, 0.75)
    assert found["b"]["precision"] == pytest.approx(4 / 6) and found["b"]["recall"] == 1.0


def test_what_always_declines_was_not_measured_where_it_answers() -> None:
    found = Report("t", "s", {"test": SHEET}, {}, {}, {"answered_share": 0.0, "accuracy_where_answered": 0.0})
    assert found.where_answered == "how often it is right there was not measured"
    some = replace(found, calibration={"answered_share": 0.5, "accuracy_where_answered": 0.25})
    assert some.where_answered == "is right on 25.0% of those"
