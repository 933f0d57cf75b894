"""The Judge step: what a scored run is worth, against its floors and other runs on the same rows, and where it errs.

What was not measured is said to be so. The rows' text is looked up in the dataset when a cell is opened, never kept.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

import tasks
from tabs import judge_plots
from tabs.errors import shown
from tabs.train_desk import Desk, Shared
from tasks.spec import Example, UserError

if TYPE_CHECKING:
    from training.runs import Run

NOTHING = "Choose a run that has been scored: its verdict, its confusion matrix and its errors appear here."
ANY = "any"
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_CLASSES = ("label", "precision", "recall", "F1", "false positives", "false negatives", "rows")
_FLOORS = {"majority": "always the commonest label", "tfidf": "TF-IDF + logistic regression"}


def build(desk: Desk, shared: Shared) -> None:
    """Lay out the step and wire its events."""
    said = gr.Markdown(NOTHING, elem_id="judge-said")
    verdicts = gr.Dataframe(
        headers=["against, on the same rows", "verdict"],
        datatype="str",
        interactive=False,
        wrap=True,
        column_widths=["34%", "66%"],
        visible=False,
        label="Before and after",
        elem_id="judge-verdicts",
    )
    classes = gr.Dataframe(datatype="str", interactive=False, visible=False, label="By label", elem_id="judge-classes")
    with gr.Row():
        matrix = gr.Plot(label="Confusion: rows are right labels", visible=False, min_width=320, elem_id="judge-matrix")
        slices = gr.Plot(label="Where it errs", visible=False, min_width=320, elem_id="judge-slices")
    with gr.Row():
        reliability = gr.Plot(label="Can its confidence be believed?", visible=False, min_width=320)
        coverage = gr.Plot(label="If it may decline", visible=False, min_width=320)
    with gr.Group(visible=False) as rows_box, gr.Row():
        right = gr.Dropdown([ANY], value=ANY, label="Right label", min_width=160, elem_id="judge-right")
        answer = gr.Dropdown([ANY], value=ANY, label="Said label", min_width=160, elem_id="judge-answer")
    listed = gr.Dataframe(
        headers=["row", "right", "said", "confidence", "text"],
        datatype="str",
        interactive=False,
        wrap=True,
        max_height=420,
        column_widths=["8%", "12%", "12%", "12%", "56%"],
        visible=False,
        label="Rows of a cell, most confident first (at most 50)",
        elem_id="judge-rows",
    )
    files = gr.File(label="Report, recipe, curve and what was said of each row", visible=False, elem_id="judge-files")
    outputs = [said, verdicts, classes, matrix, slices, reliability, coverage, rows_box, right, answer, listed, files]
    gr.on([shared.chosen.change, shared.steps.select], shown(_judged(desk)), shared.chosen, outputs, **_QUIET)
    gr.on([right.input, answer.input], shown(_cell(desk)), [shared.chosen, right, answer], listed, **_QUIET)


def _judged(desk: Desk) -> Callable[..., tuple[Any, ...]]:
    """Return the handler that draws the judgement of a run."""

    def draw(id: str | None) -> tuple[Any, ...]:
        run = _scored(desk, id)
        if run is None:
            return NOTHING, *_hidden(11)
        from training.ranked import RankedReport

        report = run.report
        assert report is not None
        files = gr.File(_papers(run), visible=True)
        if isinstance(report, RankedReport):
            return _ranked(report), *_many(report), *_hidden(7), files
        return _headline(report), *_single(desk, run), files

    return draw


def _single(desk: Desk, run: "Run") -> tuple[Any, ...]:
    """Return the updates of a run with one label per row: from verdicts to the list of rows."""
    from training import judge, rowfile
    from training.statistics import calibration_error

    rows = rowfile.read(run.rows_file)
    if rows is None:
        return _hidden(10)
    k = len(rows.labels)
    verdicts = [[_FLOORS.get(n, n), judge.paired(rows.right, rows.said, a, k).sentence] for n, a in rows.floors.items()]
    verdicts += _others(desk, run, rows)
    error = calibration_error(rows.confidence, rows.scores.argmax(1) == rows.right)
    parts = [(s.name, s.n, s.accuracy, s.low, s.high) for s in judge.slices(rows)]
    names = ("precision", "recall", "f1", "false_positive_rate", "false_negative_rate")
    classes = [[str(c["label"]), *(f"{c[n]:.3f}" for n in names), f"{c['rows']:,}"] for c in judge.per_class(rows)]
    choices = [ANY, *rows.labels]
    return (
        gr.Dataframe(verdicts, visible=True),
        gr.Dataframe({"headers": list(_CLASSES), "data": classes}, visible=True),
        gr.Plot(judge_plots.matrix(rows.labels, judge.matrix(rows).tolist()), visible=True),
        gr.Plot(judge_plots.slices(parts), visible=True),
        gr.Plot(judge_plots.reliability(judge.reliability(rows), error), visible=True),
        gr.Plot(judge_plots.coverage(judge.coverage(rows)), visible=True),
        gr.Group(visible=True),
        gr.Dropdown(choices, value=ANY),
        gr.Dropdown(choices, value=ANY),
        gr.Dataframe(visible=False),
    )


def _others(desk: Desk, run: "Run", rows: Any) -> list[list[str]]:
    """Return the verdict against other scored runs of the task on the very same rows, newest first, at most five."""
    from training import judge, rowfile

    out: list[list[str]] = []
    for other in reversed(desk.store.runs()):
        if other.id == run.id or not other.rows_file.exists() or other.config.task != run.config.task:
            continue
        theirs = rowfile.read(other.rows_file)
        if theirs is None or len(theirs.right) != len(rows.right) or (theirs.right != rows.right).any():
            continue
        verdict = judge.paired(rows.right, rows.said, theirs.said, len(rows.labels)).sentence
        out.append([f"run {other.title or other.id}", verdict])
        if len(out) == 5:
            break
    return out


def _many(report: Any) -> tuple[Any, Any]:
    """Return the updates of a run with several labels per row: floors and classes."""
    floors = report.floors.get("test", {})
    verdicts = []
    for name, sheet in floors.items():
        numbers = ", ".join(f"{m} {report.main.numbers[m] - sheet.numbers[m]:+.3f}" for m in sheet.numbers)
        verdicts.append([_FLOORS.get(name, name), f"difference: {numbers}; no paired interval was worked out"])
    headers = ["label", "precision", "recall", "F1", "average precision", "rows"]
    names = ("precision", "recall", "f1", "average_precision")
    data = [
        [label, *(f"{own[n]:.3f}" for n in names), f"{own['support']:,}"]
        for label, own in report.main.per_label.items()
    ]
    return gr.Dataframe(verdicts, visible=True), gr.Dataframe({"headers": headers, "data": data}, visible=True)


def _cell(desk: Desk) -> Callable[..., Any]:
    """Return the handler that lists the rows of a cell of the matrix, with their text."""

    def cell(id: str | None, right: str, said: str) -> Any:
        from training import judge, rowfile

        run = _scored(desk, id)
        rows = rowfile.read(run.rows_file) if run else None
        if run is None or rows is None:
            return gr.Dataframe(visible=False)
        found = judge.listed(rows, None if right == ANY else right, None if said == ANY else said)
        texts = _texts(run)
        confidence = rows.confidence
        data = [
            [
                str(i + 1),
                rows.labels[int(rows.right[i])],
                rows.labels[int(rows.said[i])],
                f"{confidence[i]:.0%}",
                texts[i].all_text[:600] if i < len(texts) else "not on this machine",
            ]
            for i in found
        ]
        return gr.Dataframe(data, visible=True)

    return cell


def _texts(run: "Run") -> list[Example]:
    """Return the test rows of a run's datasets, where they are on this machine."""
    from training.evaluate import row_sets

    try:
        return row_sets(tasks.get(run.config.task), run.config)[1]["test"]
    except UserError:
        return []


def _headline(report: Any) -> str:
    """Say the main numbers, macro-F1 first; every word is ours."""
    sheet, calibration = report.main, report.calibration
    (a, b), (c, d) = sheet.intervals["macro_f1"], sheet.intervals["accuracy"]
    return (
        f"### macro-F1 {sheet.macro_f1:.3f} [{a:.3f}, {b:.3f}]\n"
        f"accuracy {sheet.accuracy:.3f} [{c:.3f}, {d:.3f}] on {sheet.n:,} test rows never learned from, repeats of "
        f"training rows left out; split `{report.split_id}`. Answers {calibration['answered_share']:.0%} of them when "
        f"it may decline, and is right on {calibration['accuracy_where_answered']:.1%} of those."
    )


def _ranked(report: Any) -> str:
    n = report.main.numbers
    low, high = report.main.intervals["macro_f1"]
    return (
        f"### macro-F1 {n['macro_f1']:.3f} [{low:.3f}, {high:.3f}]\n"
        f"ranking precision {n['lrap']:.3f}, macro average precision {n['macro_ap']:.3f}, micro-F1 {n['micro_f1']:.3f} "
        f"on {report.main.n:,} test rows; split `{report.split_id}`. A confusion matrix is not measured where several "
        "labels hold together."
    )


def _papers(run: "Run") -> list[str]:
    """Copy what a trainer may take home to where Gradio hands files out; the sweeper takes the copies after an hour."""
    from gradio.utils import get_upload_folder

    root = Path(get_upload_folder())
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=root))
    wanted = (run.report_file, run.recipe, run.rows_file, run.folder / "metrics.jsonl", run.log_file)
    return [str(shutil.copy(path, folder / path.name)) for path in wanted if path.exists()]


def _scored(desk: Desk, id: str | None) -> Any:
    try:
        run = desk.store.get(id) if id else None
    except UserError:
        return None
    return run if run is not None and run.report_file.exists() else None


def _hidden(n: int) -> tuple[Any, ...]:
    return tuple(gr.update(visible=False) for _ in range(n))
