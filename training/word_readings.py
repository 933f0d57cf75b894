"""What the word part of an adapter is worth on the rows its recipe holds back: fitted without them, at several shares.

    python -m training.word_readings [ADAPTER]

Also what moving the cuts (training/calibrate.py) is worth: chosen on one half of those rows, measured on the other.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

import tasks
from models.loading import load
from models.reading import Floats, Reading, sigmoid
from models.serving import predictor
from models.shelf import SHIPPED
from tasks.spec import UserError
from training import wordpart
from training.calibrate import COMMON, best_cut, calibrate, marks
from training.config import RunConfig
from training.ranked import measures
from training.train import rows


def worth(folder: Path, shares: Sequence[float] = (0.0, 0.1, 0.2, 0.3, 0.4)) -> Iterator[str]:
    """Yield a line for each share, of the rows held back to validate, and two of how cuts do on halves of them.

    Raises:
        UserError: if the adapter has no word part, or its sets are not here.
    """
    config = RunConfig.load(folder / "recipe.yaml")
    task = tasks.get(config.task)
    if not config.word_share or config.averaged:
        raise UserError("This adapter has no word part that was settled on rows held back.")
    split, _, _ = rows(task, config)
    found = load(task, folder, exact=True)
    wordpart.add(task, config, found.words, found.reader.head, split.train)
    plain = Reading.of(task, config.base, config.max_tokens)
    right = marks(task.heads[0], split.validation)
    yield f"{len(right)} rows; share, ranking precision, macro average precision"
    for share in shares:
        found.reader.head.words.share.fill_(share)
        logits = predictor(task, plain, found.words, found.reader).logits(split.validation)
        numbers = measures(right, sigmoid(logits), (logits > 0).astype(float))
        yield f"{share:.1f}, {numbers['lrap']:.4f}, {numbers['macro_ap']:.4f}"
        if share == config.word_share:
            settled = calibrate(plain, logits, split.validation)
            shown = replace(settled, cuts={}).shares(logits)[task.heads[0].name]
    best, moved = halves(shown, right)
    yield "cuts chosen on one half of the rows, on the other half; macro-F1, micro-F1"
    yield f"the best, {best[0]:.3f}, {best[1]:.3f}"
    yield f"moved half-way to {COMMON}, {moved[0]:.3f}, {moved[1]:.3f}"


def halves(shares: Floats, right: Floats, draws: int = 300) -> tuple[Floats, Floats]:
    """Return mean macro- and micro-F1 of cuts on rows they were not chosen on: the best ones, and those moved."""
    draw, sums = np.random.default_rng(0), np.zeros((2, 2))
    for _ in range(draws):
        order = draw.permutation(len(right))
        seen, rest = order[: len(order) // 2], order[len(order) // 2 :]
        best = np.array([best_cut(shares[seen, i], right[seen, i] > 0) for i in range(right.shape[1])])
        for place, cuts in enumerate((best, (best + COMMON) / 2)):
            found = measures(right[rest], shares[rest], (shares[rest] >= cuts).astype(float))
            sums[place] += found["macro_f1"], found["micro_f1"]
    return sums[0] / draws, sums[1] / draws


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m training.word_readings", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=SHIPPED / "clinical_notes", metavar="ADAPTER")
    try:
        for line in worth(parser.parse_args(argv).folder):
            sys.stdout.write(f"{line}\n")
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
