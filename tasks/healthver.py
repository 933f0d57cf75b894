"""HealthVer's rows as claims beside passages, for runs that only measure. Pure functions on rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.passage import read, shared
from tasks.spec import Example
from tasks.stance import REFUTES, SILENT, SUPPORTS


def from_healthver(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a claim beside one statement of a paper."""
    label = {"SUPPORTS": SUPPORTS, "REFUTES": REFUTES, "NEUTRAL": SILENT}[row["label"]]
    return (Example(text=row["claim"], context=row["evidence"], label=label, targets={"stance": label}),)


def from_rationale(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a claim beside the annotated sentences alone, where there are any.

    A row without is a whole abstract that says nothing: beside short rationales its length would give the label away.
    """
    label = {"SUPPORTS": SUPPORTS, "REFUTES": REFUTES}.get(row["label"])
    if not label or not row["rationale"]:
        return ()
    return (Example(text=row["claim"], context=row["rationale"], label=label, targets={"stance": label}),)


def from_silent(row: Mapping[str, Any]) -> Sequence[Example]:
    """Return a claim beside what comes nearest to it in an abstract that says nothing of it.

    As many sentences as annotated rationales mostly have: one, or two for every other claim.
    """
    if row["label"] != "NEUTRAL" or not row["beside"]:
        return ()
    abstract = " ".join(sentence.strip() for sentence in row["beside"][0]["abstract"])
    near = " ".join(read(row["claim"], abstract, 1 + len(row["claim"]) % 2))
    if not shared(row["claim"], near):  # "All rights reserved."
        return ()
    return (Example(text=row["claim"], context=near, label=SILENT, targets={"stance": SILENT}),)
