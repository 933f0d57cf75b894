"""The predictor that fits a reader: one door for all families, for those who hold a reader and not a folder."""

from typing import TYPE_CHECKING, Any

from models.predictor import SlotPredictor
from models.reading import Reading
from tasks.spec import Task

if TYPE_CHECKING:
    from models.likelihood import ByHead, Likelihood


def predictor(
    task: Task, reading: Reading, words: Any, reader: Any, source: str = ""
) -> "SlotPredictor | Likelihood | ByHead":
    """Return what answers with `reader`, fed by `words`: token states and a head, or the likelihood of words."""
    if not reading.way:
        return SlotPredictor(task, reading, words, reader, source)
    from models.likelihood import ByHead, Likelihood

    return (ByHead if reading.way.get("by") == "head" else Likelihood)(task, reading, words, reader, source)
