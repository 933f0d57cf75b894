"""Which yes/no questions the chat answers by yes or no from the cards it comes with, and how often rightly.

python -m benchmarks.yes_no

Asks "Is it true that ...?" of every claim of claims_common.jsonl: what people commonly say, by a writer who had seen
nothing of this project. Claims that deny something, or speak of "my" or "I", are not asked plainly so; nobody asks all
of it in these words. The rules of models/settling.py came of other questions: sixty on the looked-at half of
claims_everyday.jsonl, and about a hundred more that were tried. Built collections beside the cards are left out.
"""

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.claims import COMMON, Row
from models.answering import TAKEN, Search
from models.checker import settled
from models.finding import Finder
from models.settling import asks_plainly
from tasks.verdict import FALSE, TRUE

RIGHT = {TRUE: "yes", FALSE: "no"}


def question(row: Row) -> str:
    """Return a claim as a question."""
    said = row["claim"].rstrip(".")
    first = said.split()[0]
    return f"Is it true that {said if first.isupper() else said[0].lower() + said[1:]}?"


def outcome(row: Row, search: Search) -> str:
    """Return what became of a question: "right", "wrong", "left open", "not asked plainly" or, wrongly, "judged"."""
    asked, right = question(row), RIGHT.get(row["by_medicine"])
    if not asks_plainly(asked):
        return "not asked plainly"
    found = settled(asked, search(asked, TAKEN))
    if found is None:
        return "left open"
    return "judged" if right is None else "right" if found.decision.label == right else "wrong"


def main() -> None:
    """Measure and print, by what would be right."""
    rows = [json.loads(line) for line in COMMON.read_text(encoding="utf-8").splitlines()]
    with TemporaryDirectory() as nothing_built:
        search = Finder(Path(nothing_built))
        for right in dict.fromkeys(row["by_medicine"] for row in rows):
            part = [row for row in rows if row["by_medicine"] == right]
            counts = Counter(outcome(row, search) for row in part)
            told = ", ".join(f"{n} {what}" for what, n in counts.most_common())
            print(f"{len(part)} questions on what is {right}: {told}")


if __name__ == "__main__":
    main()
