"""The Runs step: the list of runs, and one of them live, with all a trainer may do to it while and after it runs.

The run folders are the truth: a reload, a second browser and a restarted app show the same. Nothing is drawn again
that has not changed.
"""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from tabs import curves, run_view, train_way
from tabs.changes import CHANGED
from tabs.errors import shown
from tabs.train_desk import Desk, Shared
from tasks.spec import UserError

LOG_LINES = 60
TO_KNOW = "Worth knowing of this run"
NONE = "No run yet. Choose data and settings, then launch one: its curves appear here."


def build(desk: Desk, shared: Shared) -> None:
    """Lay out the step and wire its events."""
    board = gr.Dataframe(
        headers=list(run_view.BOARD),
        datatype="str",
        interactive=False,
        label="All runs, newest first; click one to see it",
        column_widths=["250px", "140px", "110px", "170px", "270px", "240px"],
        wrap=True,
        max_height=260,
        elem_id="runs-board",
    )
    view = _view()
    with gr.Accordion("Compare with other runs", open=False):
        others = gr.Dropdown([], label="Other runs", multiselect=True, allow_custom_value=True, elem_id="runs-others")
        differ = gr.Dataframe(label="Settings that differ", datatype="str", interactive=False, visible=False, wrap=True)
    with gr.Accordion("Curves: how they are drawn", open=False), gr.Row():
        smoothing = gr.Slider(0, 0.98, 0.6, step=0.02, label="Smoothing", info="Of the training loss.", min_width=200)
        log = gr.Checkbox(False, label="Logarithmic loss", min_width=200)
    board_seen, run_seen = gr.State(-1), gr.State(None)
    _wire_board(desk, shared, board, others, board_seen)
    others.change(shown(_differ(desk)), [shared.chosen, others], differ, **_changed())
    with gr.Accordion("Name, notes, delete", open=False):
        _wire_notes(desk, shared)  # before the curves, which take their time: what is typed meanwhile would be lost
    _wire_run(desk, shared, view, [others, smoothing, log], run_seen)
    _wire_deeds(desk, shared, view)


def _quiet() -> dict[str, Any]:
    """Return the settings of an event that only looks."""
    return {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": 16, "concurrency_id": "watch"}


def _changed() -> dict[str, Any]:
    """Return them for an event on a change that others listen to."""
    return _quiet() | CHANGED


def _view() -> dict[str, Any]:
    """Lay out the view of one run; return its components by name, in the order in which they are drawn."""
    view: dict[str, Any] = {"head": gr.Markdown(NONE, elem_id="run-head")}
    small: dict[str, Any] = {"scale": 0, "min_width": 180}
    with gr.Row():
        view["stop"] = gr.Button("Stop", variant="stop", visible=False, elem_id="run-stop", **small)
        view["keep"] = gr.Button("Stop and keep", visible=False, elem_id="run-keep", **small)
        view["resume"] = gr.Button("Resume", variant="primary", visible=False, elem_id="run-resume", **small)
    view["trouble"] = gr.Textbox(
        label=TO_KNOW, lines=1, max_lines=6, interactive=False, visible=False, elem_id="run-trouble"
    )
    with gr.Column(visible=False) as view["plots"]:
        for pair in (("loss", "measure"), ("rate", "norm")):
            with gr.Row():
                for name in pair:
                    view[name] = gr.Plot(show_label=False, min_width=320, elem_id=f"run-{name}")
    with gr.Accordion("Numbers", open=False):
        view["numbers"] = gr.Dataframe(
            headers=["what", "latest"],
            datatype="str",
            interactive=False,
            label="Numbers",
            show_label=False,
            elem_id="run-numbers",
        )
        view["truth"] = gr.Dataframe(
            headers=["what", "estimated", "measured"],
            datatype="str",
            interactive=False,
            label="What it was estimated to take, and what it took",
            elem_id="run-truth",
        )
    with gr.Accordion("End of the log", open=False):
        view["log"] = gr.Textbox(
            label="End of the log",
            show_label=False,
            lines=8,
            max_lines=20,
            interactive=False,
            elem_id="run-log",
            elem_classes="log",
        )
    return view


def _wire_board(desk: Desk, shared: Shared, board: gr.Dataframe, others: gr.Dropdown, seen: gr.State) -> None:
    """Draw the list when it has changed, and choose the run whose line is clicked."""

    def draw(version: int, chosen: str | None, picked: list[str] | None) -> tuple[Any, ...]:
        now, rows = desk.watch.board()
        if now == version:
            return (gr.skip(),) * 4
        named = run_view.choices(rows)
        ids = {row.id for row in rows}
        mine = chosen if chosen in ids else next((row.id for row in rows if row.state == "running"), None)
        mine = mine or (rows[0].id if rows else None)
        kept = [id for id in picked or [] if id in ids]
        # A value that stays is not sent: it would count as a change, and overrule a click made in the meantime.
        one = gr.Dropdown(named) if mine == chosen else gr.Dropdown(named, value=mine)
        return run_view.board(rows), one, gr.Dropdown(named, value=kept), now

    def choose(event: gr.SelectData) -> str:
        return event.row_value[-1]

    inputs, outputs = [seen, shared.chosen, others], [board, shared.chosen, others, seen]
    shared.listed.change(shown(draw), inputs, outputs, **_changed())
    board.select(choose, None, shared.chosen, **_quiet())


def _wire_run(desk: Desk, shared: Shared, view: dict[str, Any], options: Sequence[Any], seen: gr.State) -> None:
    """Draw the chosen run when it has changed, or when the trainer chose another or other options."""
    inputs = [shared.chosen, *options]
    outputs = [*view.values(), seen]

    def draw(request: gr.Request, profile: gr.OAuthProfile | None, version: Any, *values: Any) -> tuple[Any, ...]:
        may = not desk.gate.refusal(request, profile)
        now = _version(desk, may, *values)
        return (gr.skip(),) * len(outputs) if now == version else (*_drawn(desk, may, *values), now)

    def anew(request: gr.Request, profile: gr.OAuthProfile | None, *values: Any) -> tuple[Any, ...]:
        return draw(request, profile, None, *values)

    gr.on([shared.listed.change, shared.moved.change], shown(draw), [seen, *inputs], outputs, **_changed())
    others, *looks = [option.change for option in options]
    gr.on([shared.chosen.change, others], shown(anew), inputs, outputs, **_changed())
    gr.on(looks, shown(anew), inputs, outputs, trigger_mode="always_last", **_quiet())  # a slider on its way


def _version(desk: Desk, may: bool, chosen: str | None, others: list[str], smoothing: float, log: bool) -> Any:
    """Return what the picture depends on; a run that is gone counts as none."""
    runs = [run for run in (_found(desk, id) for id in (chosen, *(others or []))) if run]
    told = [(run.id, run.state, run.position, desk.watch.curve(run).version, run_view.trouble(run)) for run in runs]
    return [
        told,
        [run.report_file.exists() and run.report_file.stat().st_mtime_ns for run in runs],
        may,
        smoothing,
        log,
    ]


def _drawn(
    desk: Desk, may: bool, chosen: str | None, others: list[str], smoothing: float, log: bool
) -> tuple[Any, ...]:
    """Return the updates of the view, in its order."""
    run = _found(desk, chosen)
    if run is None:
        hidden = (gr.Button(visible=False),) * 3
        return NONE, *hidden, gr.Textbox(visible=False), gr.Column(visible=False), *(None,) * 4, [], [], ""
    curve = desk.watch.curve(run)
    compared = [found for found in (_found(desk, id) for id in others or []) if found and found.id != run.id]
    named: curves.Named = [(one.title or one.id, desk.watch.curve(one).series) for one in (run, *compared)]
    trouble = run_view.trouble(run)
    active = run.state in run_view.ACTIVE - {"stopping"}
    return (
        run_view.headline(run, curve),
        gr.Button(visible=may and active),
        gr.Button(visible=may and run.state == "running"),
        gr.Button(visible=may and run.state in ("stopped", "interrupted", "failed")),
        gr.Textbox(trouble, label="What went wrong" if run.state == "failed" else TO_KNOW, visible=bool(trouble)),
        gr.Column(visible=any(series for _, series in named)),
        curves.losses(named, smoothing, log),
        curves.measures(named, run_view.MEASURES),
        *(curves.one(named, name, title) for title, name in _TITLES.items()),
        run_view.numbers(run, curve),
        run_view.truth(run.facts),
        run.log_tail(LOG_LINES) if may else "The log is shown to trainers.",
    )


_TITLES = {"Learning rate": "learning_rate", "Gradient norm": "grad_norm"}


def _found(desk: Desk, id: str | None) -> Any:
    """Return the run of that id, or None where none is chosen or it is gone."""
    try:
        return desk.store.get(id) if id else None
    except UserError:
        return None


def _differ(desk: Desk) -> Callable[..., Any]:
    def differ(chosen: str | None, others: list[str]) -> Any:
        runs = [run for run in (_found(desk, id) for id in (chosen, *(others or []))) if run]
        headers, rows = run_view.differing([(run.title or run.id, run.config) for run in runs])
        return gr.Dataframe({"headers": headers, "data": rows}, visible=len(runs) > 1)

    return differ


def _wire_deeds(desk: Desk, shared: Shared, view: dict[str, Any]) -> None:
    """Stop, stop and keep, resume: each asks who is there."""

    def stop_chosen(id: str | None) -> None:
        desk.launcher.stop(desk.store.get(id or "").id, keep=False)
        gr.Info("The run is asked to stop; its last checkpoint stays.", duration=4)

    def keep(id: str | None) -> None:
        desk.launcher.stop(desk.store.get(id or "").id, keep=True)
        gr.Info("The run stops after this step; what it has learned is kept and scored.", duration=4)

    def resume_chosen(owner: gr.OAuthToken | None, id: str | None) -> None:
        run = desk.store.get(id or "")
        desk.launcher.resume(run.id, key=train_way.key_for(run, owner))
        gr.Info("The run goes on from its last checkpoint.", duration=4)

    for name, do in (("stop", stop_chosen), ("keep", keep), ("resume", resume_chosen)):
        view[name].click(desk.gate.only(do), shared.chosen, None, api_visibility="private", concurrency_limit=4)


def _wire_notes(desk: Desk, shared: Shared) -> None:
    """Name a run, keep notes on it, delete it after a second question."""
    with gr.Row():
        title = gr.Textbox(label="Name", max_length=120, elem_id="run-title", min_width=200)
        notes = gr.Textbox(label="Notes", lines=2, max_lines=8, max_length=4000, elem_id="run-notes", scale=3)
    with gr.Row():
        save = gr.Button("Save name and notes", scale=0, min_width=260, elem_id="run-save")
        delete = gr.Button("Delete this run …", variant="stop", scale=0, min_width=220, elem_id="run-delete")
        sure = gr.Button(
            "Yes, delete it for good", variant="stop", visible=False, scale=0, min_width=220, elem_id="run-delete-sure"
        )
        no = gr.Button("Keep it", visible=False, scale=0, min_width=120)

    def read(id: str | None) -> tuple[Any, ...]:
        run = _found(desk, id)
        return *((run.title, run.notes) if run else ("", "")), *_asked(False)

    def write(id: str | None, title: str, notes: str) -> None:
        desk.store.get(id or "").describe(title=title, notes=notes)
        desk.watch.stale()
        gr.Info("Saved.", duration=3)

    def remove(id: str | None) -> tuple[Any, ...]:
        desk.delete(id or "")
        gr.Info("The run and its files are gone.", duration=4)
        return _asked(False)

    def _asked(open: bool) -> tuple[Any, ...]:
        return gr.Button(visible=not open), gr.Button(visible=open), gr.Button(visible=open)

    shared.chosen.change(shown(read), shared.chosen, [title, notes, delete, sure, no], **_changed())
    save.click(desk.gate.only(write), [shared.chosen, title, notes], None, api_visibility="private")
    delete.click(lambda: _asked(True), None, [delete, sure, no], **_quiet())
    no.click(lambda: _asked(False), None, [delete, sure, no], **_quiet())
    sure.click(desk.gate.only(remove), shared.chosen, [delete, sure, no], api_visibility="private")
