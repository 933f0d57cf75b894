"""The Data step: what is to be learned, from which sets, and what stands in them.

A set is looked at, counted and checked here; it is read again by the run itself, which keeps the cut it was given.
Knows nothing of models. Cells of a set are only ever put in plain tables.
"""

from collections.abc import Sequence
from typing import Any

import gradio as gr

import tasks
from tabs import plots, train_prepare, train_upload
from tabs.errors import shown
from tabs.train_desk import Desk
from tasks.spec import Data, UserError
from training.config import RunConfig

LONG = 40
"""Characters from which a column of a set is drawn wide."""
COLUMNS = ("set", "role", "rows", "licence", "here", "where it comes from", "name")


def build(desk: Desk, tabs: gr.Tabs) -> dict[str, Any]:
    """Lay out the step and wire its events; return the components that make part of a RunConfig, by field."""
    first = tasks.ALL[0]
    given: dict[str, Any] = {
        "task": gr.Dropdown(
            [(task.title, task.name) for task in tasks.ALL],
            value=first.name,
            label="What is to be learned",
            info="Each task has its labels, its sets and its place in a tab.",
            elem_id="data-task",
        )
    }
    shelf = gr.Dataframe(
        headers=list(COLUMNS),
        datatype="str",
        interactive=False,
        label="Sets on the shelf that fit this task; click one to look into it",
        column_widths=["240px", "100px", "150px", "230px", "70px", "230px", "160px"],
        wrap=True,
        max_height=420,
        elem_id="data-shelf",
    )
    given |= _choice(first.data)
    _look(desk, given["task"], shelf)
    with gr.Accordion("My own rows: from a file, or from the Hugging Face Hub", open=False, elem_id="data-own"):
        train_upload.build(desk, given["task"], given["datasets"])
    given["prepare"] = train_prepare.build()
    given["task"].change(shown(shelf_of), given["task"], shelf, api_visibility="private")
    given["datasets"].change(
        lambda task, chosen: (gr.Dropdown(train_upload.choices(task, chosen or [])),) * 2,
        [given["task"], given["datasets"]],
        [given["first"], given["then"]],
        api_visibility="private",
        show_progress="hidden",
    )
    # The facts of the shelf are read when somebody comes, not when the app starts.
    tabs.select(
        shown(_arriving),
        [given["task"], given["prepare"]],
        [shelf, given["prepare"]],
        api_visibility="private",
        show_progress="hidden",
    )
    return given


def _choice(sets: Sequence[Data]) -> dict[str, Any]:
    """Lay out which sets are learned from, which come first, and how much of each extra set."""
    many: dict[str, Any] = {"multiselect": True, "allow_custom_value": True, "min_width": 260}
    names = [data.name for data in sets if data.role != "measure"]
    datasets = gr.Dropdown(
        names,
        label="Learn from",
        info="Nothing chosen: every set on the subject whose licence lets the adapter be shared.",
        elem_id="data-datasets",
        **many,
    )
    with gr.Row():
        first = gr.Dropdown(
            names,
            label="Learn these first",
            info="A stage of their own, before the others join. Must be among the sets to learn from.",
            elem_id="data-first",
            **many,
        )
        then = gr.Dropdown(
            names,
            label="Then, stage by stage",
            info="Each entry is a further stage, in this order; type A + B for one stage on two sets, A * 0.25 for a "
            "quarter of a set.",
            elem_id="data-then",
            **many,
        )
    with gr.Accordion("Shares of the extra sets", open=False):
        gr.Markdown(
            "Extra sets are only learned from. 0.5 takes half of the rows, 2 takes each twice; 0 leaves a set to the "
            "stages before the last."
        )
        mixture = gr.Dataframe(
            _shares(sets),
            headers=["set", "share"],
            datatype=["str", "number"],
            type="array",
            interactive=True,
            static_columns=[0],
            show_label=False,
            elem_id="data-mixture",
        )
    return {"datasets": datasets, "first": first, "then": then, "mixture": mixture}


def _shares(sets: Sequence[Data]) -> list[list[Any]]:
    return [[data.name, 1.0] for data in sets if data.role == "extra"]


def share_table(said: RunConfig) -> list[list[Any]]:
    """Return the shares of a config as rows of the table."""
    return [[name, said.mixture.get(name, share)] for name, share in _shares(tasks.get(said.task).data)]


def shares(table: Sequence[Sequence[Any]] | None) -> dict[str, float]:
    """Return the shares that differ from 1 in the table; raise UserError where one is no number."""
    out = {}
    for name, share in table or ():
        try:
            value = float(share)
        except (TypeError, ValueError):
            raise UserError(f"The share of {name} must be a number from 0 to 10.") from None
        if name and value != 1.0:
            out[str(name)] = value
    return out


OF_TASK = ("datasets", "first", "then", "mixture", "prepare")
"""Fields that begin anew when a person chooses another task."""


def for_task(name: str) -> tuple[Any, ...]:
    """Return fresh choices among the sets of a task, and its preparation: what fills the fields OF_TASK."""
    sets = train_upload.choices(name)
    choices = (gr.Dropdown(sets, value=[]) for _ in OF_TASK[:3])
    return *choices, _shares(tasks.get(name).data), train_prepare.table(name)


def _arriving(name: str, prepared: Sequence[Any] | None) -> tuple[Any, Any]:
    """Return the shelf of a task, and its options of preparation unless they stand there already."""
    there = any(row[-1] for row in prepared or ())
    return shelf_of(name), gr.skip() if there else train_prepare.table(name)


def shelf_of(name: str) -> list[list[str]]:
    """Return the sets that fit a task, as rows of a table."""
    from training import catalogue

    return [
        [
            entry.title,
            entry.role,
            ", ".join(f"{split} {n:,}" for split, n in entry.rows.items()) or "not known",
            entry.license,
            "yes" if entry.here() else "no",
            entry.access,
            entry.name,
        ]
        for entry in catalogue.for_task(tasks.get(name))
    ]


def _look(desk: Desk, task: gr.Dropdown, shelf: gr.Dataframe) -> None:
    """Lay out the view of one set, and draw it when its line is clicked."""
    with gr.Column(visible=False) as view:
        with gr.Row():
            chosen = gr.Textbox(label="Looking into", interactive=False, min_width=200, elem_id="data-set")
            split = gr.Radio([], label="Split", visible=False, min_width=200, elem_id="data-split")
        note = gr.Textbox(label="What is known of it", lines=2, max_lines=6, interactive=False, elem_id="data-note")
        said = gr.Markdown(elem_id="data-lengths")
        histogram = gr.Plot(show_label=False, elem_id="data-histogram")
        rows = gr.Dataframe(datatype="str", interactive=False, wrap=True, label="First rows", elem_id="data-rows")

    def pick(event: gr.SelectData) -> tuple[Any, ...]:
        return gr.Column(visible=True), event.row_value[-1]

    def splits(name: str, task: str) -> Any:
        from training import catalogue

        found = catalogue.splits(catalogue.get(name), tasks.get(task)) if name else ()
        return gr.Radio(list(found), value=found[0] if found else None, visible=len(found) > 1)

    quiet: dict[str, Any] = {"api_visibility": "private", "concurrency_limit": 2, "concurrency_id": "data"}
    picked = shelf.select(pick, None, [view, chosen], **quiet)
    picked.then(shown(splits), [chosen, task], split, **quiet).then(
        desk.gate.only(look_at), [chosen, split, task], [said, histogram, rows], **quiet
    )
    picked.then(shown(about), chosen, note, **quiet)
    split.input(desk.gate.only(look_at), [chosen, split, task], [said, histogram, rows], **quiet)


def about(name: str) -> str:
    """Return what is known of a set, in the words of the shelf."""
    from training import catalogue

    entry = catalogue.get(name)
    stands = f" Stands in for {entry.stands_for}." if entry.stands_for else ""
    return f"{entry.what}{stands} {entry.sharing} {entry.note}".strip()


def look_at(name: str, split: str | None, task: str) -> tuple[Any, ...]:
    """Return what stands in a split of a set: its size in words of ours, its labels, its first rows."""
    from training import catalogue

    entry = catalogue.get(name)
    seen = catalogue.show(entry, split or next(iter(entry.files), "train"), tasks.get(task))
    lengths = seen.lengths
    said = (
        f"**{seen.rows:,} examples.** Words in each: at least {lengths.least:,}, median {lengths.median:,.0f}, "
        f"19 of 20 have at most {lengths.p95:,.0f}, the longest {lengths.most:,}."
    )
    table = {"headers": list(seen.columns), "data": [list(row.values()) for row in seen.preview]}
    long = [max((len(str(row[i])) for row in table["data"]), default=0) > LONG for i in range(len(seen.columns))]
    rows = gr.Dataframe(table, column_widths=["360px" if one else "160px" for one in long])
    return said, gr.Plot(plots.distribution(seen.histogram), visible=bool(seen.histogram)), rows
