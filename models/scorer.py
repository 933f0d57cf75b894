"""Who scores a file: the adapter in service, several processes with it, or a remote model that the operator has listed.

Knows nothing of files.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models import bulk
from models.crew import Crew
from models.predictor import SlotPredictor
from models.shelf import Shelf
from tasks.spec import Kind, Task, UserError


def fitting(predictor: SlotPredictor, columns: Mapping[str, str]) -> SlotPredictor:
    """Return what scores a file with these columns: claims without evidence and questions are searched for."""
    if predictor.task.kind is Kind.CLAIMS and "evidence" not in columns:
        from models.checker import claim_scorer

        return claim_scorer(predictor)  # type: ignore[return-value]
    if predictor.task.kind is Kind.QA:
        from models.checker import question_scorer

        return question_scorer(predictor)  # type: ignore[return-value]
    return predictor


def asked_of(task: Task, columns: Mapping[str, str]) -> Task:
    """Return the task of what `fitting` returns for it."""
    if task.kind is Kind.CLAIMS and "evidence" not in columns:
        return bulk.claims_task(task)
    return bulk.questions_task(task) if task.kind is Kind.QA else task


@contextmanager
def here(task: Task, shelf: Shelf, columns: Mapping[str, str], processes: int) -> Iterator[Any]:
    """Hold what serves the task: in this process, or in several that are ended in the end.

    Raises:
        UserError: if nothing serves it, or it cannot be opened.
    """
    from models.loading import load

    adapter = shelf.current(task)
    if adapter is None:
        raise UserError(f"No trained adapter for {task.title} is installed.")
    folder = Path(adapter.folder)
    if processes == 1:
        yield fitting(load(task, folder), columns)
        return
    with Crew(task, folder, processes, columns) as crew:
        crew.task = asked_of(task, columns)
        yield crew


@contextmanager
def far(task: Task, name: str, columns: Mapping[str, str], say: Callable[[str], object]) -> Iterator[Any]:
    """Hold the listed remote model of that name; `say` hears where the texts go and what that costs.

    Raises:
        UserError: if no such model is listed, or it cannot be asked with the operator's key.
    """
    from models.far import asked

    predictor = asked(task, name)
    say(predictor.told)
    yield fitting(predictor, columns)  # type: ignore[arg-type]
