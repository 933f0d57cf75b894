"""The ways in which training rows may be changed, one function each, as `training/prepare.py` offers them.

Each takes the task, the rows with the numbers of the rows they came from, a strength and a random generator, and
returns the new rows and what it did in words. No row is changed in place. Knows nothing of files, models or runs.
"""

import random
import re
from collections import Counter
from dataclasses import replace

from tasks.drug_reviews import EFFECTIVENESS, SIDE_EFFECTS
from tasks.spec import Example, Task
from training.describe import repeats
from training.repeats import key

Kept = list[tuple[int, Example]]
"""Rows on their way, each with the number of the row it came from."""

KEEP = re.compile(r"no|not|never|none|nor|nothing|without|hardly|barely|neither|cannot|\w+n['’]t", re.IGNORECASE)
"""Words that turn a sentence round: never dropped or moved, or the label would no longer be true."""
DROPPED = 0.1
"""Share of the words that a copy leaves out."""


def _drop(kept: Kept, wrong: set[int]) -> Kept:
    return [pair for place, pair in enumerate(kept) if place not in wrong]


def drop_conflicts(task: Task, kept: Kept, strength: float, rng: random.Random) -> tuple[Kept, str]:
    """Leave out every row of a text that carries more than one label."""
    _, torn = repeats([row for _, row in kept])
    wrong = {place for group in torn for place in group}
    return _drop(kept, wrong), f"{len(wrong):,} rows of {len(torn):,} texts that carry more than one label left out"


def contradicts(example: Example) -> bool:
    """Whether a review's label goes against its own effectiveness tick.

    Unhappy although the medicine is called considerably or highly effective, or happy although it is called
    ineffective or marginally effective. An unhappy review with moderate or worse side effects has its reason and
    contradicts nothing.
    """
    worth = str(example.targets.get("effectiveness", ""))
    harm = str(example.targets.get("side_effects", ""))
    if example.label == "negative":
        return worth in EFFECTIVENESS[3:] and harm not in SIDE_EFFECTS[:3]
    return example.label == "positive" and worth in EFFECTIVENESS[:2]


def drop_contradictions(task: Task, kept: Kept, strength: float, rng: random.Random) -> tuple[Kept, str]:
    """Leave out reviews whose label goes against their own effectiveness tick."""
    wrong = {place for place, (_, row) in enumerate(kept) if contradicts(row)}
    return _drop(kept, wrong), f"{len(wrong):,} reviews whose rating goes against their effectiveness left out"


def scrub(task: Task, kept: Kept, strength: float, rng: random.Random) -> tuple[Kept, str]:
    """Mask what identifies a person, in every part of every row."""
    from tasks.deidentify import deidentify

    found: Counter[str] = Counter()

    def masked(text: str) -> str:
        done = deidentify(text) if text else None
        found.update(done.counts if done else {})
        return done.text if done else text

    def clean(row: Example) -> Example:
        fields = {name: masked(value) for name, value in row.fields.items()}
        new = replace(row, text=masked(row.text), context=masked(row.context), fields=fields)
        return row if new == row else new

    out = [(i, clean(row)) for i, row in kept]
    counts = ", ".join(f"{kind} {n:,}" for kind, n in sorted(found.items())) or "nothing found"
    return out, f"identifying items masked: {counts}"


def _label(row: Example) -> str:
    return row.label or ""


def oversample(task: Task, kept: Kept, strength: float, rng: random.Random) -> tuple[Kept, str]:
    """Repeat rows of the rarer labels; at strength s a label of c rows, the largest having m, grows to m^s c^(1-s)."""
    counts = Counter(_label(row) for _, row in kept)
    most = max(counts.values())
    out = list(kept)
    for label, count in sorted(counts.items()):
        own = [pair for pair in kept if _label(pair[1]) == label]
        whole, part = divmod(round(most**strength * count ** (1 - strength)), count)
        out += own * (whole - 1) + rng.sample(own, part)
    return out, f"rows per label {_counts(counts)} → {_counts(Counter(_label(row) for _, row in out))}"


def undersample(task: Task, kept: Kept, strength: float, rng: random.Random) -> tuple[Kept, str]:
    """Leave out rows of the commoner labels; at strength s a label of c rows, the smallest having m, shrinks alike."""
    counts = Counter(_label(row) for _, row in kept)
    least = min(counts.values())
    keep: set[int] = set()
    for label, count in sorted(counts.items()):
        own = [place for place, (_, row) in enumerate(kept) if _label(row) == label]
        keep |= set(rng.sample(own, round(least**strength * count ** (1 - strength))))
    out = [pair for place, pair in enumerate(kept) if place in keep]
    return out, f"rows per label {_counts(counts)} → {_counts(Counter(_label(row) for _, row in out))}"


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{label} {rows:,}" for label, rows in sorted(counts.items()))


def augment(task: Task, kept: Kept, strength: float, rng: random.Random) -> tuple[Kept, str]:
    """Add copies with words left out and two neighbours swapped; rows of fewer than five words get none."""
    chosen = _some(kept, strength, rng)
    copies = []
    for i, row in chosen:
        fields = {name: _thin(value, rng) for name, value in row.fields.items()}
        copies.append((i, replace(row, text=_thin(row.text, rng), fields=fields)))
    copies = [(i, copy) for (i, copy), (_, row) in zip(copies, chosen, strict=True) if key(copy) != key(row)]
    return [*kept, *copies], f"{len(copies):,} copies added with words left out and swapped"


def _thin(text: str, rng: random.Random) -> str:
    words = text.split()
    if len(words) < 5:
        return text
    loose = [place for place, word in enumerate(words) if not _turns(word)]
    gone = set(rng.sample(loose, min(len(loose), max(1, round(DROPPED * len(words))))))
    left = [word for place, word in enumerate(words) if place not in gone]
    pairs = [place for place in range(len(left) - 1) if not _turns(left[place]) and not _turns(left[place + 1])]
    if pairs:
        place = rng.choice(pairs)
        left[place : place + 2] = left[place + 1], left[place]
    return " ".join(left)


def _turns(word: str) -> bool:
    return KEEP.fullmatch(word.strip('.,;:!?()"')) is not None


def permute(task: Task, kept: Kept, strength: float, rng: random.Random) -> tuple[Kept, str]:
    """Add copies whose filled fields are one text, in another order than the form's."""
    formed = [(i, row) for i, row in kept if sum(map(bool, row.fields.values())) > 1]
    copies = []
    for i, row in _some(formed, strength, rng):
        parts = [value for value in row.fields.values() if value]
        order = list(parts)
        while order == parts and len(set(parts)) > 1:
            rng.shuffle(order)
        copies.append((i, replace(row, fields={}, text="\n".join([*order, *filter(None, [row.text])]))))
    return [*kept, *copies], f"{len(copies):,} copies added whose fields are one text in another order"


def _some(kept: Kept, share: float, rng: random.Random) -> Kept:
    places = sorted(rng.sample(range(len(kept)), round(share * len(kept))))
    return [kept[place] for place in places]
