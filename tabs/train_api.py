"""The Train & Evaluate tab for programs: eight typed endpoints, each of which asks for itself who is calling."""

import json
from typing import Any

import gradio as gr

import tasks
from tabs import train_way
from tabs.answerer import key_of
from tabs.errors import shown
from tabs.train_desk import Desk
from tasks.spec import UserError


def summary(run: Any) -> dict[str, Any]:
    """Return what is said of every run in a list."""
    report = run.report_file.exists()
    return {
        "id": run.id,
        "title": run.title,
        "task": run.config.task,
        "state": run.state,
        "position": run.position,
        "cause": run.cause,
        "alerts": list(run.alerts),
        "scored": report,
    }


def build(desk: Desk) -> None:
    """Offer the endpoints /launch, /runs, /run, /stop, /resume, /report, /promote and /rollback."""
    for do in (*_looking(desk), *map(desk.gate.only, (*_training(desk), *_serving(desk)))):
        gr.api(do, api_name=do.__name__, concurrency_limit=4, concurrency_id="runs")


def _looking(desk: Desk) -> list[Any]:
    """Return the endpoints open to everyone."""

    def runs() -> list[dict]:
        """List all runs, oldest first.

        Returns:
            For each run: id, title, task, state, position in the line, cause, alerts, whether it is scored.
        """
        return [summary(run) for run in desk.store.runs()]

    def run(id: str, offset: int = 0) -> dict:
        """Tell where one run stands, and its curve from an offset on.

        Args:
            id: The run, as launch or runs named it.
            offset: The offset that came with the last points; 0 for all.

        Returns:
            What runs says of it, and its config, facts, points and the offset to ask from next.
        """
        found = desk.store.get(id)
        points, after = found.points_since(max(0, int(offset)))
        told = {"config": found.config.as_dict(), "facts": found.facts, "points": points, "offset": after}
        return _finite(summary(found) | told)

    def report(id: str) -> dict:
        """Return the score sheet of a run: counts, and the numbers with intervals worked out from them.

        Args:
            id: The run.

        Returns:
            The report.
        """
        found = desk.store.get(id)
        if not found.report_file.exists():
            raise UserError("This run has not been scored yet.")
        return _finite(json.loads(found.report_file.read_text()))

    return [shown(runs), shown(run), shown(report)]


def _training(desk: Desk) -> list[Any]:
    """Return the endpoints that change a run."""

    def launch(
        recipe: str, title: str = "", token: str = "", way: str = "local", owner: gr.OAuthToken | None = None
    ) -> dict:
        """Start a training run, or put it in the line of those that wait; a taste is carried out before the answer.

        Args:
            recipe: What to train, as YAML: at least `task`, and every setting that is not left at its default.
            title: What to call the run.
            token: Any text of yours; a second call with the same text starts no second run but returns the first.
            way: How it is carried out: "local" (a process on this machine), "torchrun" (on all its GPUs), "fsdp" (the
                base split over them), "hf-job" (a Hugging Face Job, billed to you) or "taste" (a minute or two on the
                GPU a ZeroGPU Space borrows). Only what the page offers is taken.
            owner: Filled in from a visitor's sign-in; programs do not send it.

        Returns:
            The run, as /runs lists it.
        """
        from training import config

        chosen, asked, known = train_way.named(way), config.RunConfig.parse(recipe), set(desk.store.ids())
        key = (key_of(owner) or "") if chosen.needs_key else ""
        run = desk.launcher.launch(asked, title=title, token=token, way=chosen, key=key)
        if run.id not in known:
            for _ in train_way.tasted(run, chosen):
                pass
        return summary(run)

    def stop(id: str, keep: bool = False) -> dict:
        """Stop a run, or take it out of the line.

        Args:
            id: The run.
            keep: Whether to keep and score what it has learned so far.

        Returns:
            The run.
        """
        desk.launcher.stop(desk.store.get(id).id, keep=keep)
        return summary(desk.store.get(id))

    def resume(id: str, owner: gr.OAuthToken | None = None) -> dict:
        """Let a stopped or interrupted run go on from its last checkpoint.

        Args:
            id: The run.
            owner: Filled in from a visitor's sign-in; programs do not send it.

        Returns:
            The run.
        """
        run = desk.store.get(id)
        desk.launcher.resume(run.id, key=train_way.key_for(run, owner))
        return summary(desk.store.get(id))

    return [launch, stop, resume]


def _serving(desk: Desk) -> list[Any]:
    """Return the endpoints that change what visitors are answered by."""

    def promote(id: str) -> dict:
        """Put a scored run into service for its task.

        Args:
            id: The run.

        Returns:
            text: what was done; warning: what speaks against it, or nothing.
        """
        from training.promote import promote

        promotion = promote(desk.store.get(id), desk.shelf)
        return {"text": promotion.text, "warning": promotion.warning}

    def rollback(task: str) -> dict:
        """Let a task be answered again by what answered it before.

        Args:
            task: The name of the task.

        Returns:
            text: what was done.
        """
        from training.promote import rollback

        if task not in {known.name for known in tasks.ALL}:
            raise UserError(f"There is no task of that name; known: {', '.join(t.name for t in tasks.ALL)}.")
        return {"text": rollback(tasks.get(task), desk.shelf)}

    return [promote, rollback]


def _finite(value: Any) -> Any:
    """Return the value with null for every number that is none: JSON knows no NaN, and 0 would be a lie."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))) else value
