"""Three ways to start, per task: how much time a trainer has. The last is the project's own recipe."""

from dataclasses import replace
from pathlib import Path

from tasks.spec import Task, UserError
from training.config import RunConfig

RECIPES = Path(__file__).parent.parent / "recipes"
PRESETS = {
    "Quick look": "A few minutes on a laptop: 400 rows, two passes, half of the blocks. To see that all of it works.",
    "Balanced": "All rows of the task's own sets, half of the blocks, stops when nothing gets better.",
    "Best": "The recipe of the adapter that ships with this task: all its sets, all it takes.",
}
"""What each preset is for."""


def names() -> list[str]:
    """Return the names of the presets, quickest first."""
    return list(PRESETS)


def get(name: str, task: Task) -> RunConfig:
    """Return the config of a preset for a task.

    Raises:
        UserError: if there is no such preset.
    """
    if name not in PRESETS:
        raise UserError(f"There is no preset {name!r}; known: {', '.join(PRESETS)}.")
    shipped = RECIPES / f"{task.name}-minilm.yaml"
    own = tuple(d.name for d in task.data if d.role == "train" and d.ships)
    best = RunConfig.load(shipped) if shipped.exists() else RunConfig(task.name, datasets=own)
    # With other blocks than the adapter it goes on from, a run could not go on from it.
    half = replace(best, datasets=own, first=(), then=(), start="", mixture={}, teacher=0.0, first_layer=3)
    if name == "Quick look":
        return replace(half, epochs=2, max_rows=400, max_tokens=128)
    return replace(half, epochs=4, patience=2) if name == "Balanced" else best
