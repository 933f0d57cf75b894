"""What the claim check says of everyday claims from the cards it comes with: right, wrong, or no verdict.

python -m benchmarks.claims [--show]

claims_everyday.jsonl holds sixty true claims and sixty false ones, a pair on each of sixty subjects of the cards, and
sixty that no card settles, two thirds of them on a card's subject. They were written for this in the words people use,
before the cards named any known claims or without sight of these. Every other one (of the pairs: every other pair) may
be looked at when a rule or a card is mended; only the rest measures. "Misleading" counts as right for neither. Built
collections beside the cards are left out.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from models.checker import Checker
from models.finding import Finder
from models.live import Live
from models.shelf import Shelf
from tasks.verdict import FALSE, MISLEADING, TRUE, Verdict

CLAIMS = Path(__file__).with_name("claims_everyday.jsonl")
UNSETTLED = "unsettled"

Row = Mapping[str, str]


def outcome(right: str, verdict: Verdict) -> str:
    """Return what became of a claim: "right", "wrong", "misleading", "withheld" or "no verdict"."""
    if verdict.label in (TRUE, FALSE):
        return "right" if verdict.label == right else "wrong"
    if verdict.label == MISLEADING:
        return "misleading"
    return "withheld" if verdict.withheld else "no verdict"


def judged(rows: Sequence[Row]) -> Iterator[tuple[Row, Verdict]]:
    """Yield each claim with what the page says of it, by the cards and the adapters that come with the project."""
    with TemporaryDirectory() as empty:
        checker = Checker(Live(Shelf(Path(empty))), Finder(Path(empty)))
        for row in rows:
            yield row, checker.check(row["claim"]).verdict


def halves(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return the claims that may be looked at, and those that measure."""
    pairs = [row for row in rows if row["by_the_cards"] != UNSETTLED]
    rest = [row for row in rows if row["by_the_cards"] == UNSETTLED]
    looked_at = [row for i, row in enumerate(pairs) if i % 4 < 2] + rest[::2]
    return looked_at, [row for row in rows if row not in looked_at]


def main() -> None:
    """Measure both halves and print them; with --show, the claims of the first half that are not right."""
    rows = [json.loads(line) for line in CLAIMS.read_text(encoding="utf-8").splitlines()]
    for name, half in zip(("looked at", "measured on"), halves(rows), strict=True):
        counts: dict[str, Counter[str]] = {}
        for row, verdict in judged(half):
            right = row["by_the_cards"]
            what = outcome(right, verdict)
            counts.setdefault(right, Counter())[what] += 1
            if "--show" in sys.argv and name == "looked at" and what not in ("right", "withheld"):
                print(f"  {right}: {row['claim']} ({verdict.label}, {verdict.trust}, {', '.join(verdict.decided_by)})")
        for right, found in counts.items():
            said = ", ".join(f"{n} {what}" for what, n in found.most_common())
            print(f"{name} {sum(found.values())} {right} claims: {said}")


if __name__ == "__main__":
    main()
