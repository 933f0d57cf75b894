"""What may be done to training rows before they are learned from: each option off by default, counted, and undoable.

Validation and test rows never come here. The rows that came in are kept, so every step can be read off and taken back.
The same rows, options and seed give the same result. Knows nothing of files, models or runs.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tasks.spec import Example, Task, UserError
from training import steps
from training.steps import Kept

__all__ = ["OPTIONS", "Option", "Prepared", "Step", "check", "foretold", "options", "prepare"]


@dataclass(frozen=True)
class Option:
    """One thing that can be done to training rows. `lo` to `hi` is the range of its strength, 0 being off."""

    name: str
    title: str
    help: str
    apply: Callable[[Task, Kept, float, random.Random], tuple[Kept, str]]
    fits: Callable[[Task], bool] = lambda task: True
    lo: float = 0.0
    hi: float = 1.0
    default: float = 1.0


@dataclass(frozen=True)
class Step:
    """What one option did: rows before and after, which original rows left, how many changed or were added, in words.

    `dropped` are numbers of original rows, from 0.
    """

    option: str
    strength: float
    before: int
    after: int
    dropped: tuple[int, ...]
    changed: int
    added: int
    says: str


@dataclass(frozen=True)
class Prepared:
    """Training rows as they will be learned from, the rows they were made of, and what each step did.

    `origin` gives for each row the number of the original row it came from.
    """

    rows: tuple[Example, ...]
    origin: tuple[int, ...]
    original: tuple[Example, ...]
    steps: tuple[Step, ...] = ()

    def as_dict(self) -> list[dict[str, Any]]:
        """Return what a run notes of its preparation, ready for JSON."""
        return [asdict(step) for step in self.steps]


def options(task: Task) -> tuple[Option, ...]:
    """Return the options that make sense for a task."""
    return tuple(option for option in OPTIONS if option.fits(task))


def check(task: Task, chosen: Mapping[str, float]) -> None:
    """Raise UserError where a choice names no option of this task or a strength outside its range."""
    known = {option.name: option for option in options(task)}
    for name, strength in chosen.items():
        if name not in known:
            raise UserError(f"{task.title} has no preparation {name!r}; it has {', '.join(known)}.")
        option = known[name]
        number = isinstance(strength, (int, float)) and not isinstance(strength, bool)
        if not number or not option.lo <= strength <= option.hi:
            raise UserError(f"{option.title} takes a number from {option.lo:g} to {option.hi:g}, not {strength!r}.")


def prepare(task: Task, rows: Sequence[Example], chosen: Mapping[str, float], seed: int) -> Prepared:
    """Return the training rows after the chosen options, applied in the order of OPTIONS whatever order they came in.

    Raises:
        UserError: if a choice is unknown, out of range, or leaves no row.
    """
    check(task, chosen)
    kept: Kept = list(enumerate(rows))
    done = []
    for option in OPTIONS:
        strength = float(chosen.get(option.name, 0.0))
        if not strength:
            continue
        # Each option draws for itself, so that switching one off leaves the others' choices as they were.
        rng = random.Random(f"{seed} {option.name}")
        after, says = option.apply(task, kept, strength, rng)
        done.append(_step(option, strength, kept, after, says))
        if not after:
            raise UserError(f"{option.title} leaves no training row.")
        kept = after
    return Prepared(tuple(row for _, row in kept), tuple(i for i, _ in kept), tuple(rows), tuple(done))


def foretold(labels: Mapping[str, float], chosen: Mapping[str, float]) -> float:
    """Return about how many rows the options make of so many of each label; rather too many than too few.

    Rows left out for what they say, and those too short for a copy, are not known beforehand.
    """
    counts = [count for count in labels.values() if count]
    for name, pick in (("undersample", min), ("oversample", max)):
        strength = chosen.get(name, 0.0)
        counts = [pick(counts) ** strength * count ** (1 - strength) for count in counts]
    return sum(counts) * (1 + chosen.get("augment", 0.0)) * (1 + chosen.get("permute_fields", 0.0))


def _step(option: Option, strength: float, before: Kept, after: Kept, says: str) -> Step:
    came, went = Counter(i for i, _ in before), Counter(i for i, _ in after)
    same = {i: row for i, row in before}
    changed = sum(1 for i, row in after if row is not same[i] and went[i] == came[i])
    dropped = tuple(sorted(came.keys() - went.keys()))
    added = sum((went - came).values())
    return Step(option.name, strength, len(before), len(after), dropped, changed, added, says)


def _one_label(task: Task) -> bool:
    return not task.heads[0].multi


OPTIONS = (
    Option(
        "drop_conflicts",
        "Drop conflicting rows",
        "Leave out texts that occur with more than one label, all of their rows.",
        steps.drop_conflicts,
    ),
    Option(
        "drop_contradictions",
        "Drop ratings against effectiveness",
        "Leave out reviews that are unhappy with an effective medicine without side effects, or happy with an "
        "ineffective one. These are real opinions: the model will be surer, not truer.",
        steps.drop_contradictions,
        lambda task: {"effectiveness", "side_effects"} <= {head.name for head in task.heads},
    ),
    Option("scrub", "Mask identifying items", "Replace names, dates, numbers and the like by their kind.", steps.scrub),
    Option(
        "undersample",
        "Balance by leaving out",
        "1: every label keeps as many rows as the rarest; 0.5: half way, on a log scale.",
        steps.undersample,
        _one_label,
    ),
    Option(
        "oversample",
        "Balance by repeating",
        "1: every label gets as many rows as the commonest; 0.5: half way, on a log scale. class_balance weighs rows "
        "instead.",
        steps.oversample,
        _one_label,
    ),
    Option(
        "augment",
        "Add thinned copies",
        "Share of the rows that get a copy with a tenth of the words left out and two swapped; negations stay.",
        steps.augment,
        default=0.3,
    ),
    Option(
        "permute_fields",
        "Add copies with fields in another order",
        "Share of the filled forms that get a copy as one text, its fields in another order.",
        steps.permute,
        lambda task: len(task.slots) > 1 and not task.windows,
        default=0.3,
    ),
)
"""Every option, in the order in which they are applied: what leaves rows out before what adds some."""
