"""What the reading of an adapter is worth: the same weights with and without what is done beside them.

    python -m training.readings TASK [--folder ADAPTER] [--rows NAME:PART ...]

Without --rows the rows that settled the reading are scored: those the recipe cut from train, and the validation rows
that sets bring. A reading may look twice at a row it is not sure of, and turn a denial round; each is left out in turn,
over all rows and over those it touches.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

import tasks
from models.loading import load
from models.predictor import SlotPredictor
from models.reading import Floats, Reading
from tasks.spec import Example, Task, UserError
from training import data, statistics
from training.calibrate import confusion
from training.config import RunConfig
from training.train import rows, settled_on

SHIPPED = Path(__file__).parent.parent / "adapters"


class Line(NamedTuple):
    """What one reading says of some rows: scores of the likeliest label, and of the label after the shift."""

    reading: str
    of: str
    n: int
    log_loss: float
    plain: tuple[float, float]
    shifted: tuple[float, float]


def ways(reading: Reading) -> dict[str, Reading]:
    """Return the reading as it is, and without each of what it does beside the weights."""
    out = {"as it is": reading}
    if reading.unsure:
        out["no second look"] = replace(reading, unsure=0.0)
    if reading.turns:
        out["nothing turned round"] = replace(reading, turns=False)
    return out


def lines(predictor: SlotPredictor, examples: Sequence[Example]) -> Iterator[Line]:
    """Yield a line for each reading over all rows, then over the rows on which it differs from the reading as it is.

    Raises:
        UserError: if no row has one of the task's labels.
    """
    task, kept = predictor.task, predictor.reading
    known = [example for example in examples if example.label in task.labels]
    if not known:
        raise UserError("None of these rows has a label of this task.")
    right = np.array([task.labels.index(example.label or "") for example in known])
    logits: dict[str, Floats] = {}
    try:
        for name, reading in ways(kept).items():
            predictor.reading = reading
            logits[name] = predictor.logits(known)
    finally:
        predictor.reading = kept
    whole = logits["as it is"]
    for name, found in logits.items():
        yield _line(kept, name, "all", found, right)
    for name, found in logits.items():
        touched = np.abs(found - whole).max(1) > 1e-4  # a row that shares another batch differs in the last digits
        if touched.any():
            yield _line(kept, name, "those it changes", found[touched], right[touched])
            yield _line(kept, "as it is", "the same", whole[touched], right[touched])


def _line(reading: Reading, name: str, of: str, logits: Floats, right: np.ndarray) -> Line:
    scores = np.clip(reading.label_scores(logits), 1e-9, 1)

    def judged(said: np.ndarray) -> tuple[float, float]:
        counts = np.array(confusion(len(reading.labels), right.tolist(), said.tolist()))
        return float(statistics.accuracy(counts)), float(statistics.macro_f1(counts))

    loss = -np.log(scores[np.arange(len(right)), right]).mean()
    return Line(name, of, len(right), float(loss), judged(scores.argmax(1)), judged(reading.choose(scores)))


def asked_for(task: Task, folder: Path, wanted: Sequence[str]) -> list[Example]:
    """Return the rows of `wanted` ("set:part"); of nothing, the rows that settled the adapter in `folder`.

    Raises:
        UserError: if there are none: no such set or part, or a mean of folds, which has learned from every row.
    """
    if not wanted:
        config = RunConfig.load(folder / "recipe.yaml")
        if config.averaged:
            raise UserError("This adapter is a mean of folds and has learned from every row; name others with --rows.")
        return settled_on(task, config, rows(task, config)[0])
    found: list[Example] = []
    for name, _, part in (one.partition(":") for one in wanted):
        if name not in {dataset.name for dataset in task.data}:
            raise UserError(f"{task.name} has no dataset {name}.")
        dataset = task.dataset(name)
        if part not in dataset.files:
            raise UserError(f"{name} has no part {part!r}; it has {', '.join(dataset.files)}.")
        found += data.load(dataset, part)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m training.readings", description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=[task.name for task in tasks.ALL if not task.heads[0].multi])
    parser.add_argument("--folder", type=Path, help="an adapter's folder; the shipped one where none is named")
    parser.add_argument("--rows", nargs="*", default=[], metavar="SET:PART")
    options = parser.parse_args(argv)
    task = tasks.get(options.task)
    folder = options.folder or SHIPPED / task.name
    try:
        table = list(lines(load(task, folder, exact=True), asked_for(task, folder, options.rows)))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("reading, rows, n, log-loss, accuracy / macro-F1 as it says, with its shift\n")
    for line in table:
        plain, shifted = ("{:.3f} / {:.3f}".format(*pair) for pair in (line.plain, line.shifted))
        sys.stdout.write(f"{line.reading}, {line.of}, {line.n}, {line.log_loss:.3f}, {plain}, {shifted}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
