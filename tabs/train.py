"""The Train & Evaluate tab: data, settings, runs, judgement, service. Assembles its steps and says who may do what.

Training itself lives in processes of its own, which no page and no app can take down with it.
"""

import os
from typing import Any

import gradio as gr

from tabs import judge, train_api, train_data, train_prepare, train_runs, train_settings, train_ship, train_sweep
from tabs.errors import shown
from tabs.train_desk import Desk, Shared

TITLE = "Train & Evaluate"
BEAT = 2.0
"""Seconds between two looks of an open page; it looks only while this tab is in front."""
LOOKING = ("Runs", "Judge", "Put into service")
"""Steps that are about one run."""

CSS = """
#run-log textarea {font-family: ui-monospace, Menlo, monospace; font-size: .8em}
#run-head h3 {display: inline}
"""


def build(desk: Desk, demo: gr.Blocks, tabs: gr.Tabs) -> None:
    """Lay out the tab, one of `tabs`, wire its events, and offer its endpoints."""
    who = gr.Markdown(visible=False, elem_id="train-who")
    if os.environ.get("OAUTH_CLIENT_ID"):
        gr.LoginButton(min_width=160)
    with gr.Row(visible=False) as row:
        chosen = gr.Dropdown([], label="Run", allow_custom_value=True, elem_id="run-chosen", filterable=True)
    timer = gr.Timer(BEAT, active=False)
    listed, moved = gr.State(-1), gr.State("")
    with gr.Tabs(elem_id="train-steps") as steps:
        shared = Shared(steps, chosen, row, listed, moved)
        with gr.Tab("Data", id="data"):
            given = train_data.build(desk, tabs)
            looked = gr.Column()
        with gr.Tab("Settings", id="settings"):
            form = train_settings.build(desk, shared, demo, given)
        with looked:
            train_prepare.look(desk, form)
        with gr.Tab("Sweep", id="sweep"):
            train_sweep.build(desk, shared, demo, form)
        with gr.Tab("Runs", id="runs"):
            train_runs.build(desk, shared)
        with gr.Tab("Judge", id="judge"):
            judge.build(desk, shared)
        with gr.Tab("Put into service", id="ship"):
            train_ship.build(desk, shared)
    train_api.build(desk)

    def look(was_listed: int, was_moved: str) -> tuple[Any, Any]:
        """An event costs the page work for every component it may touch, changed or not: a beat touches none."""
        now, rows = desk.watch.board()
        curves = f"{now} {desk.watch.curves(rows)}"
        return now if now != was_listed else gr.skip(), curves if curves != was_moved else gr.skip()

    def arrive(request: gr.Request, profile: gr.OAuthProfile | None) -> Any:
        refused = desk.gate.refusal(request, profile)
        said = f"You see runs, curves and reports; you cannot change anything. {refused}"
        return gr.Markdown(said, visible=bool(refused))

    def watched(event: gr.SelectData) -> Any:
        return gr.Timer(active=event.value == TITLE)

    def about_a_run(event: gr.SelectData) -> Any:
        return gr.Row(visible=event.value in LOOKING)

    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    demo.load(shown(arrive), None, who, **quiet)
    timer.tick(shown(look), [listed, moved], [listed, moved], concurrency_limit=16, concurrency_id="watch", **quiet)
    tabs.select(watched, None, timer, queue=False, **quiet)
    steps.select(about_a_run, None, row, queue=False, **quiet)
