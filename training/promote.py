"""From a finished run into service, back again, and out of the house. Knows nothing of how a run was trained."""

import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import tasks
from models import reading
from models.bases import revision
from models.loading import load
from models.shelf import Adapter, Shelf
from tasks.spec import Data, Task, UserError
from training import data, judge, rowfile
from training.cards import card
from training.ranked import RankedReport, Ranking, load_report
from training.report import Report, Sheet
from training.runs import Run

PROBE = "probe.json"
"""The trained model's logits on the task's own samples, kept by the run that trained it."""
WHOLE = "whole.json"
"""What a visitor is told, search included, measured with the adapter it lies beside."""
_CLOSE = 2e-2
"""Largest difference of a logit between the model as trained and as served: folding the adapter in rounds."""
_INTERVAL = re.compile(r" \[[^]]*\]")


@dataclass(frozen=True)
class Promotion:
    """What happened, and what the trainer should know of it; the warning is empty where there is none."""

    text: str
    warning: str = ""


def used(run: Run) -> list[Data]:
    """Return the datasets a run learned from."""
    task = tasks.get(run.config.task)
    return [data.named(task, name) for name in run.facts["datasets"]]


def credentialed(run: Run) -> bool:
    """Whether a run learned from data that only credentialed people may see."""
    return any(d.credentialed for d in used(run))


def promote(run: Run, shelf: Shelf) -> Promotion:
    """Put a scored run in service.

    Raises:
        UserError: if the run is not scored, its files were altered, it speaks other labels than the task or stands on
            another base, the reloaded adapter answers otherwise than the trained one, or its data is credentialed and
            the public asks here.
    """
    report = _scored(run, "go live")
    task = tasks.get(run.config.task)
    if os.environ.get("SPACE_ID") and credentialed(run):
        raise UserError("This run learned from credentialed data: it must not serve the public.")
    _same_base(run)
    predictor = load(task, run.adapter)
    _same(run, predictor.logits(task.samples))
    warning = _warning(task, run, shelf)
    shelf.put(task, Adapter(run.id, str(run.adapter), report.main.labels, report.headline))
    return Promotion(f"{task.title} is now answered by {run.id}: {report.headline}.", warning)


def rollback(task: Task, shelf: Shelf) -> str:
    """Put back what served before; return what the trainer should read."""
    before = shelf.back(task)
    return (
        f"{task.title} is answered by {before.run} again." if before else f"{task.title} is answered as shipped again."
    )


def ship(run: Run, shelf: Shelf, text: str, say: Callable[[str], object] = lambda told: None) -> Path:
    """Copy a scored run's adapter, report, recipe and card among the adapters that come with the project.

    What was measured of the task as a whole goes with the adapter before, whose figures those are; `say` is told.
    """
    _scored(run, "be shipped")
    _shareable(run)
    task = tasks.get(run.config.task)
    folder = shelf.shipped / task.name
    draft = folder.with_name(f".{task.name}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, source in _papers(run).items():
        shutil.copy(source, draft / name)
    (draft / "README.md").write_text(text)
    stale = (folder / WHOLE).exists()
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    if stale:
        say(
            f"{WHOLE} held the figures of the adapter before and was deleted; "
            f"measure them anew: python -m training.evaluate {task.name}\n"
        )
    return folder


def export_zip(run: Run, folder: Path) -> Path:
    """Write adapter, report, recipe and card as a zip below `folder`: safetensors, JSON, YAML and Markdown, no code."""
    report = _scored(run, "be exported")
    target = folder / f"{run.id}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in _papers(run).items():
            archive.write(source, name)
        archive.writestr("README.md", card(tasks.get(run.config.task), run, report))
        if credentialed(run):
            archive.writestr("DO_NOT_PUBLISH.txt", "credentialed data: do not publish\n")
    return target


def push(run: Run, repo: str, private: bool = True, token: str | None = None, api: Any = None) -> str:
    """Upload adapter, report, recipe and card to the Hub; return the address.

    Raises:
        UserError: if the run is not scored, its data may not be shared, or the Hub refuses.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    report = _scored(run, "be pushed")
    if credentialed(run):
        raise UserError("This run learned from credentialed data: it must not leave this machine.")
    if not private:
        _shareable(run)
    client = api or HfApi(token=token)
    try:
        made = client.create_repo(repo, private=private, exist_ok=True)
        for name, source in _papers(run).items():
            client.upload_file(path_or_fileobj=str(source), path_in_repo=name, repo_id=made.repo_id)
        text = card(tasks.get(run.config.task), run, report).encode()
        client.upload_file(path_or_fileobj=text, path_in_repo="README.md", repo_id=made.repo_id)
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        raise UserError(
            f"The Hub did not take it ({type(error).__name__}). Is the name owner/name, and the token right?"
        ) from None
    return str(made)


def keep_probe(run: Run, logits: Any) -> None:
    """Keep what the trained model says of the task's samples, to be compared when it is promoted."""
    (run.folder / PROBE).write_text(json.dumps(np.asarray(logits).round(6).tolist()))


def _same(run: Run, logits: Any) -> None:
    path = run.folder / PROBE
    if path.exists():  # runs of the first version kept none
        kept = np.array(json.loads(path.read_text()))
        if kept.shape != logits.shape or np.abs(kept - logits).max() > _CLOSE:
            raise UserError("The reloaded adapter answers otherwise than the one that was trained; it stays out.")


def _same_base(run: Run) -> None:
    """Refuse a run trained on other weights of its base than this machine would read it with, where both are known."""
    learned, here = run.facts.get("base_revision"), revision(run.config.base)
    if learned and here and learned != here:
        raise UserError("This run was trained on another revision of its base than the one here; it stays out.")


def _scored(run: Run, what: str) -> Any:
    report = run.report
    if report is None:
        raise UserError(f"Only a run that has been scored can {what}.")
    check_seal(run, report, what)
    return report


def check_seal(run: Run, report: Report | RankedReport, what: str) -> None:
    """Raise UserError where the adapter does not carry its report's score: scoring seals it, settling it anew unseals.

    An adapter read with other thresholds must not go out under the score of the old ones. Intervals are worked out anew
    from the rows, and may have been by other rules when the run was sealed.
    """
    sealed = reading.read(run.adapter, tasks.get(run.config.task)).headline
    before = isinstance(report, Report) and sealed == f"{report.main.old_headline} {report.unit}"
    if _INTERVAL.sub("", sealed) != _INTERVAL.sub("", report.headline) and not before:
        raise UserError(f"This run was changed after it was scored; score it again before it can {what}.")


def _shareable(run: Run) -> None:
    if closed := [d.name for d in used(run) if not d.ships]:
        raise UserError(f"Adapters trained on {', '.join(closed)} may not be shared; this run can only serve here.")


def _papers(run: Run) -> dict[str, Path]:
    files = {name: run.adapter / name for name in (*reading.WEIGHT_FILES, reading.READING_FILE)}
    return {**files, "report.json": run.report_file, "recipe.yaml": run.recipe}


def _warning(task: Task, run: Run, shelf: Shelf) -> str:
    """Say where the run is not shown to be better than what serves now, or was scored on other rows than that."""
    serving = shelf.current(task)
    if serving is None or serving.run == run.id:
        return ""
    folders = (Path(serving.folder).parent, Path(serving.folder))
    papers = next((folder for folder in folders if (folder / "report.json").exists()), None)
    if papers is None:
        return "What serves now has no report to compare with."
    mine, theirs = _scored(run, "go live").main, load_report(papers / "report.json").main
    found, same = _beside(run, Run(papers), mine, theirs)
    if not same:
        return (
            f"It was scored on other rows (n = {mine.n:,}) than what served (n = {theirs.n:,}), "
            "so their scores cannot be compared."
        )
    if found is not None:
        return "" if found.verdict == "better" else f"Beside what served, on the same rows: {found.sentence}."
    (low, high), (a, b) = mine.intervals["macro_f1"], theirs.intervals["macro_f1"]
    if low > b:
        return ""
    said = f"macro-F1 [{low:.2f}, {high:.2f}] against [{a:.2f}, {b:.2f}] of what served"
    return f"Not shown to be better: {said}." if high >= a else f"Worse: {said}."


def _beside(run: Run, serving: Run, mine: Sheet | Ranking, theirs: Sheet | Ranking) -> tuple[judge.Paired | None, bool]:
    """Compare a run with what serves, row by row, None where rows were not kept; and say whether the rows are the same.

    An adapter that was shipped has no row file: its rows are taken to be the same where as many have each label.
    """
    if isinstance(mine, Ranking) or isinstance(theirs, Ranking):
        both = isinstance(mine, Ranking) and isinstance(theirs, Ranking)
        found = judge.paired_many(mine, theirs) if both else None
        return found, found is not None
    ours, others = rowfile.read(run.rows_file), rowfile.read(serving.rows_file)
    if ours is None or others is None:
        return None, mine.labels == theirs.labels and mine.counts.sum(1).tolist() == theirs.counts.sum(1).tolist()
    if not ours.same(others):
        return None, False
    return judge.paired(ours.right, ours.said, others.said, len(ours.labels)), True
