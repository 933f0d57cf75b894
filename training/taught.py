"""What a run learns from beside the rows it is cut from: sets that are only learned from, and those of earlier stages.

Training feeds on them; scoring looks for test rows that they repeat. Knows nothing of models or run folders.
"""

from collections.abc import Sequence

from tasks.spec import Data, Example, Task, UserError
from training import data
from training.config import RunConfig


def check(task: Task, config: RunConfig) -> None:
    """Raise UserError where all sets of a run are only learned from, so that nothing could be held back of them."""
    if not any(d.role == "train" for d in data.used(task, config.datasets)):
        known = ", ".join(d.name for d in task.data if d.role == "train")
        raise UserError(
            f"These sets are only learned from. A run is chosen and calibrated on rows that are held back: add a set "
            f"whose rows can be ({known}), or your own rows."
        )


def extra(task: Task, config: RunConfig) -> list[Example]:
    """Return the rows of the sets that are only learned from, as many of each as the recipe mixes in and may have."""
    sets = [(d, config.mixture.get(d.name, 1.0)) for d in data.used(task, config.datasets) if d.role == "extra"]
    mixed = [data.draw(data.load(d, "train"), share) for d, share in sets if share]
    return data.some(mixed, config.max_rows, config.split_seed)


def staged(task: Task, stage: Sequence[tuple[str, float]]) -> list[Example]:
    """Return the rows of the sets of one earlier stage: of each the share that it learns."""
    return [e for name, share in stage for e in data.draw(data.load(data.named(task, name), "train"), share)]


def rows(task: Task, config: RunConfig) -> list[Example]:
    """Return all of them."""
    return [*extra(task, config), *(e for stage in config.staged for e in staged(task, stage))]


def names(task: Task, config: RunConfig) -> list[str]:
    """Return the names of the sets they are of, each once."""
    sets = [d.name for d in data.used(task, config.datasets) if d.role == "extra" and config.mixture.get(d.name, 1.0)]
    return list(dict.fromkeys([*sets, *(name for stage in config.stages for name in stage)]))


def brought(task: Task, config: RunConfig) -> list[Data]:
    """Return the sets only learned from that bring validation rows along: these settle the reading too."""
    return [d for d in data.used(task, config.datasets) if d.role == "extra" and "validation" in d.files]
