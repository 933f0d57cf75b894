"""Which yes/no questions the chat answers by yes or no from the cards it comes with, and how often rightly.

python -m benchmarks.yes_no [--of provoked | claims | healthfc]

yes_no.jsonl holds 150 questions as people type them, sixty to be answered by yes, sixty by no and thirty by neither, by
a writer who had seen nothing of this project and answered them from general medical knowledge. The one that was first
answered wrongly (the flu from a flu shot) was looked at, and a rule came of it; the others chose nothing. Built
collections beside the cards are left out.

`--of provoked` asks 89 questions that were written to provoke a wrong yes or no; rules of tasks/likeness.py,
tasks/asking.py and models/settling.py came of them, so that they measure nothing. "Unsettled" are those that the cards
do not settle, or that a bare word would answer badly. `--of claims` asks "Is it true that ...?" of every claim of
claims_common.jsonl, what people commonly say. Claims that deny something, or speak of "my" or "I", are not asked
plainly so; nobody asks all of it in these words. `--of healthfc` asks HealthFC's 750 questions, which experts answered
from studies: yes, no, or that not enough is known. Most are on subjects of no card, and one that was judged without
ground was mended. That set is read where CARETUNE_DATA points.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from benchmarks.claims import COMMON
from models.answering import TAKEN, Search
from models.checker import settled, spelled
from models.finding import Finder
from models.settling import asks_plainly
from tasks.verdict import FALSE, TRUE
from training.data import DATA_DIR

ASKED = Path(__file__).with_name("yes_no.jsonl")
PROVOKED = Path(__file__).with_name("yes_no_provoked.jsonl")
RIGHT = {TRUE: "yes", FALSE: "no"}
EXPERTS = {"0": "yes", "2": "no", "1": ""}


def typed(file: Path = ASKED) -> list[tuple[str, str]]:
    """Return the questions of a file, each with "yes", "no" or "" as what is right."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [(row["question"], "" if row["right"] == "unsettled" else row["right"]) for row in rows]


def question(claim: str) -> str:
    """Return a claim as a question."""
    said = claim.rstrip(".")
    first = said.split()[0]
    return f"Is it true that {said if first.isupper() else said[0].lower() + said[1:]}?"


def common() -> list[tuple[str, str]]:
    """Return the claims people commonly make, as questions, in the same way."""
    rows = [json.loads(line) for line in COMMON.read_text(encoding="utf-8").splitlines()]
    return [(question(row["claim"]), RIGHT.get(row["by_medicine"], "")) for row in rows]


def healthfc() -> list[tuple[str, str]]:
    """Return HealthFC's questions in the same way."""
    found = pd.read_csv(
        DATA_DIR / "healthfc" / "Datensatz.csv.gz", dtype=str, keep_default_na=False, encoding="utf-8-sig"
    )
    return [(asked, EXPERTS[label]) for asked, label in zip(found["en_claim"], found["label"], strict=True)]


SETS: dict[str | None, Callable[[], list[tuple[str, str]]]] = {
    None: typed,
    "provoked": lambda: typed(PROVOKED),
    "claims": common,
    "healthfc": healthfc,
}


def outcome(asked: str, right: str, search: Search) -> str:
    """Return what became of a question: "right", "wrong", "left open", "not asked plainly" or, wrongly, "judged"."""
    if not asks_plainly(asked):
        return "not asked plainly"
    meant = spelled(asked)
    found = settled(meant, search(meant, TAKEN))
    if found is None:
        return "left open"
    return "judged" if not right else "right" if found.decision.label == right else "wrong"


def main() -> None:
    """Measure and print, by what would be right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--of", choices=tuple(filter(None, SETS)), help="ask these instead")
    rows = SETS[parser.parse_args().of]()
    with TemporaryDirectory() as nothing_built:
        search = Finder(Path(nothing_built))
        for right in ("yes", "no", ""):
            part = [asked for asked, answer in rows if answer == right]
            counts = Counter(outcome(asked, right, search) for asked in part)
            told = ", ".join(f"{n} {what}" for what, n in counts.most_common())
            print(f"{len(part)} questions to be answered by {right or 'neither'}: {told}")


if __name__ == "__main__":
    main()
