"""What the chat answers from the cards it comes with: answered from the right card, from another one, or not at all.

python -m benchmarks.chat

The questions in chat_questions.jsonl were written for this, in the words of somebody who asks: eighty that some card
answers, with the cards that do, and forty that none does. Forty more, on cards that came later, were written by
somebody who had seen only what these cards state. Of both the first, third, fifth ... chose the thresholds of
models/answering.py and models/familiar.py; only the others measure. So do all of sixty on cards drawn from all, by a
third writer: forty that some card answers, twenty that name its subject and ask what no card says. Last come the
topics that the page offers after each answer as the next question. Built collections beside the cards are left out.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from models.answering import Search, reply
from models.checker import meant, rate, spelled
from models.finding import Finder
from tabs.chat_view import suggestions

QUESTIONS = Path(__file__).with_name("chat_questions.jsonl")


def outcome(row: Mapping[str, Any], search: Search) -> str:
    """Return what became of a question: "right", "another card", "no answer" or, rightly, "nothing to answer"."""
    *_, last = reply(row["question"], (), search, rate, spell=spelled)
    cited = {source.id for source in last.sources}
    if not row["cards"]:
        return "answered all the same" if cited else "nothing to answer"
    return ("right" if cited & set(row["cards"]) else "another card") if cited else "no answer"


def measured(rows: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Return how often each outcome came up over the cards alone."""
    with TemporaryDirectory() as nothing_built:
        search = meant(Finder(Path(nothing_built)))
        return Counter(outcome(row, search) for row in rows)


def offered(rows: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Return how many topics are offered next, and how many of them a source of that topic answers when asked."""
    counts: Counter[str] = Counter()
    with TemporaryDirectory() as nothing_built:
        search = meant(Finder(Path(nothing_built)))
        for row in rows:
            *_, last = reply(row["question"], (), search, rate, spell=spelled)
            for topic, asked in zip(last.further, suggestions(row["question"], last), strict=False):
                *_, then = reply(asked, (), search, rate, spell=spelled)
                counts["offered"] += 1
                counts["answered from a source on it"] += any(s.title.startswith(topic) for s in then.sources)
    return counts


def main() -> None:
    """Measure both halves and print them."""
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    for which, later in (("", False), (" on later cards", True)):
        part = [row for row in rows if bool(row.get("later")) == later and not row.get("drawn")]
        for name, half in (("thresholds chosen on", part[::2]), ("measured on", part[1::2])):
            counts = ", ".join(f"{n} {what}" for what, n in measured(half).most_common())
            print(f"{name} {len(half)} questions{which}: {counts}")
    drawn = [row for row in rows if row.get("drawn")]
    for name, some in (("that a card answers", True), ("that none answers", False)):
        part = [row for row in drawn if bool(row["cards"]) == some]
        counts = ", ".join(f"{n} {what}" for what, n in measured(part).most_common())
        print(f"measured on {len(part)} questions {name}, on cards drawn: {counts}")
    print("topics to go on with: " + ", ".join(f"{n} {what}" for what, n in offered(rows).most_common()))


if __name__ == "__main__":
    main()
