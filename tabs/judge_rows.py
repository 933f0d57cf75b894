"""The rows behind a cell of the matrix, and what a trainer takes home of a judged run.

The rows' text is looked up in the dataset when somebody opens a cell, never kept; rows of one's own and those of
credentialed sets are shown to trainers alone: every handler asks for itself who is calling, as a page may never have
been opened for the call.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gradio as gr

import tasks
from tabs import report_page, temporary
from tabs.judgement import judgement
from tabs.train_desk import Desk
from tasks.spec import Example, UserError

if TYPE_CHECKING:
    from training.runs import Run

ANY = "any"
SHOWN = 600
"""Characters of a row's text that are listed."""
HIDDEN = "shown to trainers only"
UNASKED = "left out: this was taken without texts"


def scored(desk: Desk, id: str | None) -> "Run | None":
    """Return the run of that id where it is there and scored."""
    try:
        run = desk.store.get(id) if id else None
    except UserError:
        return None
    return run if run is not None and run.report_file.exists() else None


def texts(run: "Run") -> list[Example]:
    """Return the test rows a run was scored on, where they are on this machine and still the same."""
    from training.evaluate import row_sets
    from training.samerows import scored_on

    try:
        found = row_sets(tasks.get(run.config.task), run.config)[1]["test"]
    except UserError:
        return []
    return found if scored_on(run, found) else []


def private(run: "Run") -> bool:
    """Whether a run's rows are nobody else's business: somebody's own, or of a credentialed set."""
    from training import data, own

    task = tasks.get(run.config.task)
    used = data.used(task, run.config.datasets)
    return any(own.is_own(found.name) or found.credentialed for found in used)


def cell(desk: Desk) -> Callable[..., Any]:
    """Return the handler that lists the rows of a cell, with their text."""

    def listed(
        request: gr.Request, profile: gr.OAuthProfile | None, id: str | None, right: str, said: str, order: str
    ) -> Any:
        from training import judge, rowfile

        run = scored(desk, id)
        rows = rowfile.read(run.rows_file) if run else None
        if run is None or rows is None:
            return gr.Dataframe(visible=False)
        found = judge.listed(rows, None if right == ANY else right, None if said == ANY else said, order=order)
        hidden = bool(desk.gate.refusal(request, profile)) and private(run)
        known = [] if hidden else texts(run)
        confidence = rows.confidence
        data = [
            [
                str(i + 1),
                rows.labels[int(rows.right[i])],
                rows.labels[int(rows.said[i])],
                f"{confidence[i]:.0%}",
                HIDDEN if hidden else known[i].all_text[:SHOWN] if i < len(known) else "not on this machine",
            ]
            for i in found
        ]
        return gr.Dataframe(data, visible=True)

    return listed


def files(desk: Desk) -> Callable[..., Any]:
    """Return the handler that makes the report's page and the zip with everything."""

    def make(request: gr.Request, profile: gr.OAuthProfile | None, id: str | None, with_texts: bool) -> tuple[Any, str]:
        from training.parcel import parcel

        run = scored(desk, id)
        if run is None:
            raise UserError("Choose a run that has been scored.")
        visitor = bool(desk.gate.refusal(request, profile))
        if with_texts and visitor and private(run):
            raise UserError("The text of these rows is shown to trainers only; take the report without it.")
        answers = answers_of(run, with_texts, visitor)
        written = report_page.page(
            run,
            judgement(run, others(desk, run)),
            desk.watch.curve(run).series,
            tasks.get(run.config.task).caution,
            answers,
        )
        folder = temporary.folder()
        alone = folder / f"{run.id}.html"
        alone.write_text(written, encoding="utf-8")
        packed = parcel(run, folder, written, log=not visitor, texts=texts(run) if with_texts else (), answers=answers)
        return gr.File([str(alone), str(packed)], visible=True), run.id

    return make


def answers_of(run: "Run", with_texts: bool, visitor: bool = False) -> list[list[str]]:
    """Return a run's written answers beside its base's, as a visitor or a trainer may take them home.

    Questions and right answers are words of a set, taken only when asked for. What was written to rows that are
    nobody else's business may repeat them, and counts as their words too.
    """
    from training import answered

    if not private(run):
        return answered.lines(run, "" if with_texts else UNASKED)
    instead = HIDDEN if visitor else "" if with_texts else UNASKED
    return answered.lines(run, instead, instead)


def of_another(id: str | None, made: str) -> Any:
    """Take a file away where it was made of another run than the one chosen now; leave it where it is."""
    return gr.skip() if id == made else gr.File(None, visible=False)


def others(desk: Desk, run: "Run") -> list["Run"]:
    """Return the other scored runs of the same task, newest first."""
    out = []
    for other in reversed(desk.store.runs()):
        try:
            same = other.id != run.id and other.report_file.exists() and other.config.task == run.config.task
        except UserError:  # a recipe of another version
            continue
        if same:
            out.append(other)
    return out
