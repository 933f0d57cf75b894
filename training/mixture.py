"""Several sets as one, each with its share, and training in stages. Knows nothing of files, models or runs."""

from collections.abc import Mapping, Sequence

from tasks.spec import Example, UserError
from training.data import draw, key


def mix(sets: Mapping[str, Sequence[Example]], shares: Mapping[str, float]) -> tuple[list[Example], dict[str, int]]:
    """Return several sets as one, and how many rows each gave; a set without a share comes whole.

    A share below 1 takes the rows whose words hash lowest, one above 1 repeats them.

    Raises:
        UserError: if a share names no set or is no number from 0 to 10.
    """
    for name, share in shares.items():
        if name not in sets:
            raise UserError(f"There is no set {name!r} to mix; there are {', '.join(sets)}.")
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 10:
            raise UserError(f"The share of {name} must be a number from 0 to 10, not {share!r}.")
    drawn = {name: draw(rows, float(shares.get(name, 1.0))) for name, rows in sets.items()}
    return [row for rows in drawn.values() for row in rows], {name: len(rows) for name, rows in drawn.items()}


def stages(
    sets: Mapping[str, Sequence[Example]],
    plan: Sequence[Sequence[str]],
    shares: Mapping[str, float] | None = None,
    held: Sequence[Example] = (),
) -> list[list[Example]]:
    """Return the training rows of each stage of a plan such as `[["scifact", "healthver"], ["pubhealth"]]`.

    Rows whose words stand in `held` (validation and test rows of any stage) are left out of every stage.

    Raises:
        UserError: if a stage is empty or names a set that is not there.
    """
    if not plan:
        raise UserError("A staged run needs at least one stage.")
    kept = {key(row) for row in held}
    out = []
    for number, names in enumerate(plan, 1):
        if unknown := [name for name in names if name not in sets]:
            raise UserError(f"Stage {number} names {unknown[0]!r}; there are {', '.join(sets)}.")
        rows, _ = mix({n: sets[n] for n in names}, {n: s for n, s in (shares or {}).items() if n in names})
        out.append([row for row in rows if key(row) not in kept])
        if not out[-1]:
            raise UserError(f"Stage {number} has no row to learn from.")
    return out
