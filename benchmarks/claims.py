"""What the claim check says of everyday claims from the cards it comes with: right, wrong, or no verdict.

python -m benchmarks.claims [--show]

claims_everyday.jsonl holds sixty true claims and sixty false ones, a pair on each of sixty subjects of the cards, and
sixty that no card settled, two thirds of them on a card's subject; eleven of these are settled by cards that came later
and are left out. They were written for this in the words people use, before the cards named any known claims or
without sight of these. Every other one (of the pairs: every other pair) may be looked at when a rule or a card is
mended; only the rest measures. Fifty pairs on cards that came later and thirty claims that no card settles, by somebody
who had seen only what these cards state, measure too: half of the pairs was looked at once, and nothing was chosen by
them. Sixty pairs on cards drawn from all and forty claims that no card settles, by a third writer, measured once: all
that was judged wrongly of them was looked at then, and rules of tasks/likeness.py and tasks/kinds.py came of it, so
that they flatter since.

claims_common.jsonl asks something else: what people commonly say, whether a card speaks of it or not. 65 true claims,
65 false ones and 30 that nobody can settle, by a fourth writer who had seen nothing of this project. "Misleading"
counts as right for neither. Built collections beside the cards are left out.
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
COMMON = Path(__file__).with_name("claims_common.jsonl")
LOOKED_AT = "looked at"
SINCE = "settled since"

Row = Mapping[str, Any]


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


def parts(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the claims that may be looked at, those that measure, and those on later cards and on drawn ones."""
    later, drawn = ([row for row in rows if row.get(which)] for which in ("later", "drawn"))
    first = [row for row in rows if row not in later and row not in drawn]
    pairs = [row for row in first if row["by_the_cards"] in (TRUE, FALSE)]
    rest = [row for row in first if row not in pairs]
    looked_at = [row for i, row in enumerate(pairs) if i % 4 < 2] + rest[::2]
    rest = [row for row in first if row not in looked_at]
    named = {LOOKED_AT: looked_at, "measured on": rest, "later cards:": later, "cards drawn:": drawn}
    return {name: [row for row in part if row["by_the_cards"] != SINCE] for name, part in named.items()}


def main() -> None:
    """Measure all parts and print them; with --show, the claims of the first that are not right."""
    rows, common = (
        [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] for file in (CLAIMS, COMMON)
    )
    heard = [{"claim": row["claim"], "by_the_cards": row["by_medicine"]} for row in common]
    for name, part in {**parts(rows), "commonly heard:": heard}.items():
        counts: dict[str, Counter[str]] = {}
        for row, verdict in judged(part):
            right = row["by_the_cards"]
            what = outcome(right, verdict)
            counts.setdefault(right, Counter())[what] += 1
            if "--show" in sys.argv and name == LOOKED_AT and what not in ("right", "withheld"):
                print(f"  {right}: {row['claim']} ({verdict.label}, {verdict.trust}, {', '.join(verdict.decided_by)})")
        for right, found in counts.items():
            said = ", ".join(f"{n} {what}" for what, n in found.most_common())
            print(f"{name} {sum(found.values())} {right} claims: {said}")


if __name__ == "__main__":
    main()
