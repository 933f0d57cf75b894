"""What a trainer takes home of a judged run: one zip with report, predictions, config, curve and log.

Safetensors are not among it (that is `training/promote.py`), nor is any text of a row unless it is asked for. Knows
nothing of how the report's page is drawn: it is handed one.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.export import Writer
from tasks.spec import Example, UserError
from training import rowfile
from training.answered import COLUMNS
from training.ranked import RankedReport
from training.runs import Run
from training.samerows import scored_on

PREDICTIONS = "predictions.csv"
ANSWERS = "answers.csv"


def predictions(run: Run, path: Path, texts: Sequence[Example] = ()) -> int:
    """Write what was said of each test row as CSV, safe to open in a spreadsheet; return how many rows there are.

    With `texts`, the test rows in order, each line ends with its text.

    Raises:
        UserError: if nothing was kept of the rows, or the texts are not those of the rows.
    """
    labels, lines = _lines(run)
    if texts and not scored_on(run, texts):
        raise UserError("The test rows on this machine are not those this run was scored on; take it without the text.")
    columns = ["row", "right", "said", "confidence", *(f"p({label})" for label in labels)]
    columns += [name for name in (lines[0] if lines else ()) if name not in columns]
    with Writer(path, "csv", [*columns, *(["text"] if texts else [])], safe=True) as out:
        for i, line in enumerate(lines):
            out.write({**line, "text": texts[i].all_text} if texts else line)
    return len(lines)


def _lines(run: Run) -> tuple[Sequence[str], list[dict[str, Any]]]:
    report = run.report
    if isinstance(report, RankedReport):
        return report.main.labels, list(_many(report))
    rows = rowfile.read(run.rows_file)
    if rows is None:
        raise UserError("What was said of each row was not kept for this run.")
    names = (*rows.labels, "")  # a floor may have said nothing
    lines = [
        {
            "row": i + 1,
            "right": rows.labels[int(rows.right[i])],
            "said": rows.labels[int(rows.said[i])],
            "confidence": round(float(rows.confidence[i]), 4),
            **{f"p({label})": round(float(p), 4) for label, p in zip(rows.labels, rows.scores[i], strict=True)},
            **{f"{name} said": names[int(answers[i])] for name, answers in rows.floors.items()},
            **({} if rows.leaked is None else {"nearly repeats a training row": bool(rows.leaked[i])}),
        }
        for i in range(len(rows.right))
    ]
    return rows.labels, lines


def _many(report: RankedReport) -> Iterator[dict[str, Any]]:
    sheet = report.main
    for i in range(sheet.n):
        yield {
            "row": i + 1,
            "right": " | ".join(sheet.labels[place] for place in sheet.right[i]),
            "said": " | ".join(sheet.labels[place] for place in sheet.claimed[i]),
            "confidence": max(sheet.scores[i]),
            **{f"p({label})": p for label, p in zip(sheet.labels, sheet.scores[i], strict=True)},
        }


def parcel(
    run: Run,
    folder: Path,
    page: str,
    log: bool = False,
    texts: Sequence[Example] = (),
    answers: Sequence[Sequence[str]] = (),
) -> Path:
    """Write the zip below `folder`: `page` as report.html, predictions where they were kept, and the run's papers.

    With `log` the worker's output goes with it: it may name folders of this machine. `answers` are written ones, as
    `training.answered.lines` gives them.

    Raises:
        UserError: if the run is not scored, or the texts are not those of its rows.
    """
    if not run.report_file.exists():
        raise UserError("This run has not been scored yet.")
    target = folder / f"{run.id}-report.zip"
    kept = isinstance(run.report, RankedReport) or run.rows_file.exists()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.html", page)
        if kept:
            table = folder / PREDICTIONS
            predictions(run, table, texts)
            archive.write(table, PREDICTIONS)
            table.unlink()
        if answers:
            table = folder / ANSWERS
            with Writer(table, "csv", COLUMNS, safe=True) as out:
                for line in answers:
                    out.write(dict(zip(COLUMNS, line, strict=True)))
            archive.write(table, ANSWERS)
            table.unlink()
        for name, path in _papers(run, log).items():
            if path.exists():
                archive.write(path, name)
        archive.writestr("run.json", json.dumps(_about(run), indent=1) + "\n")
    return target


def _papers(run: Run, log: bool) -> Mapping[str, Path]:
    papers = {"report.json": run.report_file, "config.yaml": run.recipe, "curve.jsonl": run.folder / "metrics.jsonl"}
    return {**papers, "log.txt": run.log_file} if log else papers


def _about(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "title": run.title,
        "state": run.state,
        "cause": run.cause,
        "alerts": run.alerts,
        "facts": run.facts,
    }
