"""What is said of a scored run, as plain tables and figures: the page draws them, and so does the report to take home.

What was not measured is said to be so, with the reason, and never shown as a number. Knows nothing of Gradio.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from tabs import judge_plots

if TYPE_CHECKING:
    from training.ranked import RankedReport
    from training.report import Report, Sheet
    from training.rowfile import Rows
    from training.runs import Run

UNKNOWN = "not measured"
OTHERS = 5
"""Other runs that are set beside this one where nobody chose any."""
UNTUNED = "frozen base + linear head"
_FLOORS = {
    "majority": "always the commonest label",
    "prior": "how common each label is",
    "tfidf": "TF-IDF + logistic regression",
    UNTUNED: "untuned base: frozen, with a linear head fitted on at most 2,000 of the training rows",
}
"""What floors are called; the last is `training.untuned.NAME`, fitted on `training.untuned.MOST` rows at most."""
_APART = [UNKNOWN, "scored on other rows: not compared"]


@dataclass(frozen=True)
class Table:
    """Headers and rows of text."""

    title: str
    headers: Sequence[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Judgement:
    """All of it. `missing` says in a sentence each what was not measured and why; figures are by name."""

    score: str
    text: str
    verdicts: Table
    classes: Table
    leaks: Table | None = None
    matrix: Table | None = None
    figures: dict[str, go.Figure] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    labels: tuple[str, ...] = ()
    written: Table | None = None


CAPTIONS = {
    "matrix": "Confusion, shares of a row",
    "slices": "Where it errs",
    "reliability": "Can its confidence be believed?",
    "coverage": "Coverage and accuracy",
    "curves": "Precision and recall of each label",
}
"""What each figure is called."""


def judgement(run: "Run", others: Sequence["Run"] = (), chosen: bool = False) -> Judgement:
    """Return what can be said of a scored run, beside `others` on the same rows.

    Where a person has `chosen` them, those on other rows are named too.

    Raises:
        ValueError: if the run has no report.
    """
    from training import rowfile
    from training.ranked import RankedReport

    report = run.report
    if report is None:
        raise ValueError(run.id)
    if isinstance(report, RankedReport):
        return _many(report, others, chosen)
    told = _one(report, rowfile.read(run.rows_file), others, chosen)
    written, why = _written(run)
    return replace(told, written=written, missing=[*told.missing, *([why] if why else [])])


def _one(report: "Report", rows: "Rows | None", others: Sequence["Run"], chosen: bool) -> Judgement:
    """Return the judgement of a run with one label per row."""
    sheet, calibration = report.main, report.calibration
    (low, high), (a, b) = sheet.intervals["macro_f1"], sheet.intervals["accuracy"]
    text = (
        f"Accuracy {sheet.accuracy:.3f} [{a:.3f}, {b:.3f}] on {sheet.n:,} test rows never learned from, repeats of "
        f"training rows left out; split {report.split_id}. Answers {calibration['answered_share']:.0%} of them when "
        f"it may decline, and {report.where_answered}. "
        "Intervals are 95 % bootstrap intervals over rows."
    )
    score = f"macro-F1 {sheet.macro_f1:.3f} [{low:.3f}, {high:.3f}]"
    if rows is None:
        return Judgement(score, text, _told_floors(report), _classes(report), missing=[NO_ROWS], labels=sheet.labels)
    missing = []
    if rows.leaked is None:
        missing.append("Near-repeats of training rows were not looked for when this run was scored.")
    if UNTUNED not in rows.floors:
        missing.append("The untuned base was not measured on these rows.")
    return Judgement(
        score,
        text,
        _verdicts(rows, others, chosen),
        _rates(rows),
        _leaks(rows, report.sheets.get("test_with_repeats")),
        _counts(rows),
        _figures(rows),
        missing,
        rows.labels,
    )


NO_ROWS = (
    "What was said of each row was not kept for this run, so its verdicts, matrix, curves and errors were not "
    "measured; score it again to have them."
)


def _figures(rows: "Rows") -> dict[str, go.Figure]:
    from training import judge
    from training.statistics import calibration_error

    error = calibration_error(rows.confidence, rows.scores.argmax(1) == rows.right)
    parts = [(s.name, s.n, s.accuracy, s.low, s.high) for s in judge.slices(rows)]
    curves = judge.precision_recall(rows.labels, judge.one_hot(rows), rows.scores)
    return {
        "matrix": judge_plots.matrix(rows.labels, judge.matrix(rows).tolist()),
        "slices": judge_plots.slices(parts),
        "reliability": judge_plots.reliability(judge.reliability(rows), error),
        "coverage": judge_plots.coverage(judge.coverage(rows)),
        "curves": judge_plots.precision_recall(curves),
    }


def _verdicts(rows: "Rows", others: Sequence["Run"], chosen: bool) -> Table:
    """Return the floors and other runs, each with its macro-F1 and the verdict against it on the same rows."""
    from training import judge, rowfile

    out = [[_FLOORS.get(name, name), *_paired(rows, answers)] for name, answers in rows.floors.items()]
    if UNTUNED not in rows.floors:
        out.append([_FLOORS[UNTUNED], UNKNOWN, UNKNOWN])

    def told(other: "Run") -> list[str]:
        theirs = rowfile.read(other.rows_file)
        return _paired(rows, theirs.said) if theirs is not None and rows.same(theirs) else _APART

    out += _others(others, chosen, told)
    return Table(f"{BESIDE} ({judge.DRAWS:,} paired redraws)", VERDICTS, out)


def _others(others: Sequence["Run"], chosen: bool, told: Callable[["Run"], list[str]]) -> list[list[str]]:
    """Return a row for each other run on the same rows, at most OTHERS; for each at all where a person has chosen."""
    found = ((other, told(other)) for other in others)
    rows = ([f"run {other.title or other.id}", *said] for other, said in found if chosen or said[0] != UNKNOWN)
    return list(rows if chosen else islice(rows, OTHERS))


BESIDE = "Before and after, on the same rows"
VERDICTS = ("against", "its macro-F1", "verdict on this run")


def _paired(rows: "Rows", answers: Any) -> list[str]:
    from training import judge
    from training.calibrate import confusion
    from training.report import Sheet

    k = len(rows.labels)
    theirs = Sheet(rows.labels, confusion(k, rows.right, answers))
    return [f"{theirs.macro_f1:.3f}", judge.paired(rows.right, rows.said, answers, k).sentence]


def _told_floors(report: "Report") -> Table:
    """Return the floors of a run whose rows were not kept."""
    floors = report.floors.get("test", {})
    return Table(
        BESIDE,
        VERDICTS,
        [[_FLOORS.get(name, name), f"{sheet.macro_f1:.3f}", UNKNOWN] for name, sheet in floors.items()],
    )


def _classes(report: "Report") -> Table:
    names = ("precision", "recall", "f1")
    rows = [
        [label, *(f"{own[n]:.3f}" if own["support"] else UNKNOWN for n in names), f"{own['support']:,}"]
        for label, own in report.main.per_class.items()
    ]
    return Table("By label", ("label", "precision", "recall", "F1", "rows"), rows)


def _rates(rows: "Rows") -> Table:
    from training import judge

    names = ("precision", "recall", "f1", "false_positive_rate", "false_negative_rate")
    told = [[f"{c[n]:.3f}" if c["rows"] or n == names[3] else UNKNOWN for n in names] for c in judge.per_class(rows)]
    found = [[c["label"], *of, f"{c['rows']:,}"] for c, of in zip(judge.per_class(rows), told, strict=True)]
    headers = ("label", "precision", "recall", "F1", "false positives", "false negatives", "rows")
    return Table("By label", headers, found)


def _leaks(rows: "Rows", everything: "Sheet | None") -> Table:
    from training import judge

    out = []
    for name, sheet in judge.leak_sheets(rows, everything):
        if sheet is None or not sheet.n:
            out.append([name, UNKNOWN, UNKNOWN, UNKNOWN])
            continue
        (a, b), (c, d) = sheet.intervals["macro_f1"], sheet.intervals["accuracy"]
        scores = (f"{sheet.macro_f1:.3f} [{a:.3f}, {b:.3f}]", f"{sheet.accuracy:.3f} [{c:.3f}, {d:.3f}]")
        out.append([name, f"{sheet.n:,}", *scores])
    return Table("With and without leaked rows", ("rows", "n", "macro-F1 [95 %]", "accuracy [95 %]"), out)


def _written(run: "Run") -> tuple[Table | None, str]:
    """Return what the run's written answers are worth beside its base's; or why that was not measured."""
    import tasks
    from training import answered

    found = answered.read(run.folder)
    if found is None:
        return None, answered.why_not(tasks.get(run.config.task), run.config)
    rows = [
        [called, *(_bounds(*found.mean(who, name)) for who in answered.WHO), _bounds(*found.gain(name), form="+.3f")]
        for name, called in answered.MEASURES.items()
    ]
    headers = ("measure", "this run [95 %]", "its base, untuned [95 %]", "difference [95 %]")
    return Table(f"Written answers to {len(found.places):,} questions held back from the run", headers, rows), ""


def _bounds(mean: float, low: float, high: float, form: str = ".3f") -> str:
    return f"{mean:{form}} [{low:{form}}, {high:{form}}]"


def _counts(rows: "Rows") -> Table:
    from training import judge

    out = []
    for label, counts in zip(rows.labels, judge.matrix(rows).tolist(), strict=True):
        total = sum(counts) or 1
        out.append([label, *(f"{n:,} ({n / total:.0%})" for n in counts)])
    return Table("Confusion: counts, and their share of the right label", ("right ↓ said →", *rows.labels), out)


def _many(report: "RankedReport", others: Sequence["Run"], chosen: bool) -> Judgement:
    """Return the judgement of a run with several labels per row."""
    from training import judge
    from training.ranked import RankedReport

    n = report.main.numbers
    low, high = report.main.intervals["macro_f1"]
    floors = report.floors.get("test", {})
    verdicts = [[_FLOORS.get(name, name), *_beside(report.main, sheet)] for name, sheet in floors.items()]
    missing = [
        "A confusion matrix, calibration and coverage are not measured where several labels hold together.",
        "Near-repeats of training rows were not looked for.",
    ]
    if UNTUNED not in floors:
        verdicts.append([_FLOORS[UNTUNED], UNKNOWN, UNKNOWN])
        missing.append("The untuned base was not measured on these rows.")

    def told(other: "Run") -> list[str]:
        theirs = other.report
        return _beside(report.main, theirs.main) if isinstance(theirs, RankedReport) else [UNKNOWN, UNKNOWN]

    verdicts += _others(others, chosen, told)
    names = ("precision", "recall", "f1", "average_precision")
    classes = [
        [label, *(f"{own[k]:.3f}" for k in names), f"{own['support']:,}"]
        for label, own in report.main.per_label.items()
    ]
    right, scores, _ = report.main.arrays
    curves = judge.precision_recall(report.main.labels, right, scores)
    return Judgement(
        f"macro-F1 {n['macro_f1']:.3f} [{low:.3f}, {high:.3f}]",
        f"Ranking precision {n['lrap']:.3f}, macro average precision {n['macro_ap']:.3f}, micro-F1 {n['micro_f1']:.3f} "
        f"on {report.main.n:,} test rows; split {report.split_id}. Intervals are 95 % bootstrap intervals over rows.",
        Table(BESIDE, VERDICTS, verdicts),
        Table("By label", ("label", "precision", "recall", "F1", "average precision", "rows"), classes),
        figures={"curves": judge_plots.precision_recall(curves)},
        missing=missing,
        labels=report.main.labels,
    )


def _beside(ours: Any, theirs: Any) -> list[str]:
    """Return the macro-F1 of another sheet of several labels, and the verdict against it."""
    from training import judge

    found = judge.paired_many(ours, theirs)
    return _APART if found is None else [f"{theirs.numbers['macro_f1']:.3f}", found.sentence]
