"""What the claim check says of everyday claims from the cards it comes with: right, wrong, or no verdict.

python -m benchmarks.claims

Sixty true claims and sixty false ones, a pair on each subject, were written for this in the words people use. They are
about subjects that the cards speak of, so that the shares say nothing of others. The first, third, fifth ... pair may
be looked at when a rule or a card is mended; only the others measure. "Misleading" counts as right for neither. Built
collections beside the cards are left out.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from models.checker import Checker
from models.finding import Finder
from models.live import Live
from models.shelf import Shelf
from tasks.verdict import FALSE, MISLEADING, TRUE, Verdict

CLAIMS = Path(__file__).with_name("claims_everyday.jsonl")


def outcome(true: bool, verdict: Verdict) -> str:
    """Return what became of a claim: "right", "wrong", "misleading", "withheld" or "no verdict"."""
    if verdict.label in (TRUE, FALSE):
        return "right" if (verdict.label == TRUE) == true else "wrong"
    if verdict.label == MISLEADING:
        return "misleading"
    return "withheld" if verdict.withheld else "no verdict"


def told(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], Verdict]]:
    """Yield each claim with what the page says of it, by the cards and the adapters that come with the project."""
    with TemporaryDirectory() as empty:
        checker = Checker(Live(Shelf(Path(empty))), Finder(Path(empty)))
        for row in rows:
            yield row, checker.check(row["claim"]).verdict


def halves(rows: Sequence[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return the pairs that may be looked at, and those that measure."""
    return [row for i, row in enumerate(rows) if i % 4 < 2], [row for i, row in enumerate(rows) if i % 4 >= 2]


def main() -> None:
    """Measure both halves and print them; with --show, the claims of the first half that are not right."""
    rows = [json.loads(line) for line in CLAIMS.read_text(encoding="utf-8").splitlines()]
    for name, half in zip(("looked at", "measured on"), halves(rows), strict=True):
        counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
        for row, verdict in told(half):
            what = outcome(row["true"], verdict)
            counts[row["true"]][what] += 1
            if "--show" in sys.argv and name == "looked at" and what != "right":
                print(f"  {what}: {row['claim']} ({verdict.label}, {verdict.trust}, {', '.join(verdict.decided_by)})")
        for true, found in counts.items():
            said = ", ".join(f"{n} {what}" for what, n in found.most_common())
            print(f"{name} {sum(found.values())} {'true' if true else 'false'} claims: {said}")


if __name__ == "__main__":
    main()
