"""The last step: put a run into service and take it out again, download it, or push it to the Hub.

Nothing is put into service from here that `promote` refuses; what it says is shown as it stands.
"""

from pathlib import Path
from typing import Any

import gradio as gr

import tasks
from tabs import temporary
from tabs.changes import CHANGED
from tabs.errors import shown
from tabs.judge_rows import of_another
from tabs.train_desk import Desk, Shared
from tasks.spec import UserError

_SERVING = ["task", "answered by", "score"]


def serving(desk: Desk) -> list[list[str]]:
    """Return what answers each task at the moment, as rows of a table."""
    rows = []
    for task in tasks.ALL:
        adapter = desk.shelf.current(task)
        rows.append([task.title, adapter.run if adapter else "nothing", adapter.headline if adapter else "–"])
    return rows


def build(desk: Desk, shared: Shared) -> None:
    """Lay out the step and wire its events."""
    table = gr.Dataframe(
        headers=_SERVING,
        datatype="str",
        interactive=False,
        wrap=True,
        label="What visitors are answered by now",
        elem_id="serving",
    )
    gr.Markdown(
        "**Put the chosen run into service.** It must be scored, speak the task's labels, and answer after a reload as "
        "it did when it was trained; otherwise it is refused and nothing changes. The tab answers from it at once."
    )
    with gr.Row():
        put = gr.Button("Put into service", variant="primary", min_width=160, elem_id="ship-promote")
        back = gr.Button("Go back to the previous adapter", min_width=160, elem_id="ship-rollback")
    said = gr.Textbox(label="What was done", lines=2, max_lines=8, interactive=False, elem_id="ship-said")
    with gr.Accordion("Download", open=False):
        pack, fold, zipped = _download()
    with gr.Accordion("Push to the Hugging Face Hub", open=False):
        repo, private, token, push = _hub()

    def promote_chosen(id: str | None) -> tuple[str, list[list[str]]]:
        from training.promote import promote

        promotion = promote(desk.store.get(id or ""), desk.shelf)
        return "\n".join(line for line in (promotion.text, promotion.warning) if line), serving(desk)

    def roll_back_chosen(id: str | None) -> tuple[str, list[list[str]]]:
        from training.promote import rollback

        return rollback(tasks.get(desk.store.get(id or "").config.task), desk.shelf), serving(desk)

    def export(id: str | None) -> tuple[Any, str | None]:
        return gr.File(str(zip_of(desk, id or "")), visible=True), id

    def merge(id: str | None) -> tuple[Any, str | None]:
        return gr.File(str(zip_of(desk, id or "", folded=True)), visible=True), id

    def upload(id: str | None, repo: str, private: bool, token: str) -> tuple[str, str]:
        from training.promote import push

        if desk.gate.space and not token.strip():
            raise UserError("Please give a token of your own with the right to write; this Space's own is not used.")
        return push(desk.store.get(id or ""), repo.strip(), private, token.strip() or None), ""

    only = {"api_visibility": "private", "concurrency_limit": 1, "concurrency_id": "ship"}
    put.click(desk.gate.only(promote_chosen), shared.chosen, [said, table], **only)
    back.click(desk.gate.only(roll_back_chosen), shared.chosen, [said, table], **only)
    whose = gr.State("")
    pack.click(desk.gate.only(export), shared.chosen, [zipped, whose], **only)
    fold.click(desk.gate.only(merge), shared.chosen, [zipped, whose], **only)
    push.click(desk.gate.only(upload), [shared.chosen, repo, private, token], [said, token], **only)
    shared.chosen.change(of_another, [shared.chosen, whose], zipped, **(only | CHANGED))
    shared.steps.select(shown(lambda: serving(desk)), None, table, api_visibility="private", show_progress="hidden")


def _download() -> tuple[gr.Button, gr.Button, gr.File]:
    gr.Markdown(
        "Weights (safetensors only), recipe, report and card, in one zip: the adapter alone, a megabyte or two, or "
        "merged into its base, a model that needs no PEFT."
    )
    with gr.Row():
        pack = gr.Button("Make the zip", min_width=160, elem_id="ship-pack")
        fold = gr.Button("Merge into the base, and zip", min_width=160, elem_id="ship-merge")
    return pack, fold, gr.File(label="Run", interactive=False, visible=False, elem_id="ship-zip")


def _hub() -> tuple[gr.Textbox, gr.Checkbox, gr.Textbox, gr.Button]:
    gr.Markdown(
        "The card carries the licences of base and data, the data's hash, the scores with their intervals and the "
        "config. A public repository is your decision: untick the box."
    )
    with gr.Row():
        repo = gr.Textbox(label="Repository", placeholder="your-name/your-adapter", min_width=200, elem_id="ship-repo")
        token = gr.Textbox(
            label="Token with the right to write",
            type="password",
            info="Used once, kept nowhere. Left empty on your own machine: the one you are logged in with.",
            min_width=200,
        )
        private = gr.Checkbox(True, label="Private", min_width=120, elem_id="ship-private")
    return repo, private, token, gr.Button("Push", min_width=160, elem_id="ship-push")


def zip_of(desk: Desk, id: str, folded: bool = False) -> Path:
    """Pack a run into a folder of its own below the temp folder, from which the sweeper takes it after an hour.

    With `folded` the adapter is merged into its base.
    """
    from training.merge import merged
    from training.promote import export_zip

    return (merged if folded else export_zip)(desk.store.get(id), temporary.folder())
