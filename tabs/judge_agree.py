"""Consistency: how far several scored runs, and the floors on their rows, say the same of the same rows."""

from typing import Any

import gradio as gr

import tasks
from tabs import judge_plots
from tabs.changes import CHANGED
from tabs.errors import shown
from tabs.judge_rows import others, scored
from tabs.judgement import UNKNOWN
from tabs.train_desk import Desk, Shared
from tasks.spec import UserError

FLOORS = ("tfidf", "frozen base + linear head")
_NAMES = {"tfidf": "TF-IDF + logistic regression", "frozen base + linear head": "untuned base + linear head"}


def build(desk: Desk, shared: Shared) -> None:
    """Lay out the part and wire its events."""
    gr.Markdown(
        "Models that agree may all be wrong; models that disagree cannot all be right. Agreement beyond chance is "
        "measured by Cohen's kappa for two and by Krippendorff's alpha for all: 1 is full agreement, 0 what chance "
        "gives."
    )
    with gr.Row(equal_height=True):
        runs = gr.Dropdown(
            [],
            multiselect=True,
            allow_custom_value=True,
            label="Runs to set beside the chosen one",
            min_width=240,
            elem_id="agree-runs",
        )
        floors = gr.Checkbox(True, label="With the floors", min_width=160)
        go = gr.Button("Compare", scale=0, min_width=160, elem_id="agree-go")
    said = gr.Markdown(elem_id="agree-said")
    plot = gr.Plot(label="Share of rows answered alike", visible=False, elem_id="agree-plot")
    table = gr.Dataframe(
        datatype="str", interactive=False, wrap=True, visible=False, label="Cohen's kappa", elem_id="agree-kappas"
    )

    def offered(id: str | None) -> Any:
        run = scored(desk, id)
        found = others(desk, run) if run else []
        return gr.Dropdown([(one.title or one.id, one.id) for one in found], value=[])

    def compare(id: str | None, picked: list[str] | None, with_floors: bool) -> tuple[Any, ...]:
        found, left_out = agreed(desk, id, picked or [], with_floors)
        steps = tasks.get(desk.store.get(id or "").config.task).heads[0].ordinal
        aside = f"\n\nLeft out, scored on other rows: {left_out} of the chosen runs." if left_out else ""
        names = found.names
        headers = ["", *(str(i + 1) for i in range(len(names)))]
        kappas = [
            [f"{i + 1}. {name}", *("–" if i == j else _number(value) for j, value in enumerate(row))]
            for i, (name, row) in enumerate(zip(names, found.kappas, strict=True))
        ]
        return (
            sentence(found, steps) + aside,
            gr.Plot(judge_plots.alike(names, found.shares.tolist()), visible=True),
            gr.Dataframe({"headers": headers, "data": kappas}, visible=True),
        )

    shared.chosen.change(shown(offered), shared.chosen, runs, **CHANGED)
    go.click(shown(compare), [shared.chosen, runs, floors], [said, plot, table], api_visibility="private")


def agreed(desk: Desk, id: str | None, picked: list[str], floors: bool) -> tuple[Any, int]:
    """Return the agreement of a run with others on the same rows, and how many of those were scored on other rows.

    Raises:
        UserError: if there are no two to compare.
    """
    from training import rowfile
    from training.agreement import agreement

    run = scored(desk, id)
    rows = rowfile.read(run.rows_file) if run else None
    if run is None or rows is None:
        raise UserError("Choose a run that was scored row by row, with one label a row.")
    said = {_called(run): rows.said}
    left_out = 0
    for other in (other for other in others(desk, run) if other.id in picked):
        theirs = rowfile.read(other.rows_file)
        if theirs is None or not rows.same(theirs):
            left_out += 1
            continue
        name = _called(other)
        said[name if name not in said else other.id] = theirs.said
    if floors:
        said |= {_NAMES[name]: rows.floors[name] for name in FLOORS if name in rows.floors}
    if len(said) < 2:
        raise UserError("Choose at least one other run that was scored on the same rows.")
    return agreement(said, len(rows.labels)), left_out


def sentence(found: Any, steps: bool) -> str:
    """Say how far all agree, in words and numbers of ours; `steps` says that the labels stand in an order."""
    ordinal = f", {_number(found.ordinal)} with labels as steps, where a neighbour is nearly the same" if steps else ""
    return (
        f"**{len(found.names)} models on {found.rows:,} rows.** All say the same of {found.unanimous:.0%}. "
        f"Krippendorff's alpha {_number(found.nominal)} with labels as names{ordinal}."
    )


def _called(run: Any) -> str:
    return run.title or run.id


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f}"
