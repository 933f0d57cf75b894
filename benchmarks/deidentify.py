"""How well notes are de-identified: precision, recall and F1 by kind on the labelled snippets, and what leaks.

python -m benchmarks.deidentify [--snippets tests/deid_snippets.jsonl]

A found span is right where it overlaps a labelled one of the same kind; a labelled one is recalled where a found one
of the same kind overlaps it. Beside these: the leak rate, the share of labelled letters and digits that no mask of any
kind covers, and the over-masking rate, the share of the words outside the labels that a mask touches. Intervals are
Wilson's, 95 %. The snippets were written apart from the rules; each line has `text` and `phi`, a list of objects with
`type`, `start`, `end`.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tasks.deidentify import KINDS, Phi, find
from training.statistics import wilson


class Label(NamedTuple):
    """One labelled item: its kind and where it stands in characters, end exclusive."""

    kind: str
    start: int
    end: int


@dataclass
class Tally:
    """Counts over snippets, by kind; every number is computed from these."""

    labelled: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    recalled: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    leaked: Counter[str] = field(default_factory=Counter)
    words: int = 0
    overmasked: int = 0

    def add(self, text: str, labels: Sequence[Label], spans: Sequence[Phi]) -> None:
        """Count one snippet."""
        for label in labels:
            self.labelled[label.kind] += 1
            self.recalled[label.kind] += any(s.kind == label.kind and _meet(s, label) for s in spans)
            own = [i for i in range(label.start, label.end) if text[i].isalnum()]
            self.characters[label.kind] += len(own)
            self.leaked[label.kind] += sum(not any(s.start <= i < s.end for s in spans) for i in own)
        for span in spans:
            self.found[span.kind] += 1
            self.right[span.kind] += any(span.kind == label.kind and _meet(span, label) for label in labels)
        for match in re.finditer(r"\w+", text):
            word = Label("", *match.span())
            if not any(_meet(word, label) for label in labels):
                self.words += 1
                self.overmasked += any(_meet(word, span) for span in spans)


def _meet(a: Label | Phi, b: Label | Phi) -> bool:
    return a.start < b.end and b.start < a.end


def share(hits: int, n: int) -> str:
    """Return a share with its interval and its n."""
    low, high = wilson(hits, n)
    return f"{hits / n:.3f} [{max(low, 0):.3f}, {high:.3f}]" if n else "    -               "


def rows(tally: Tally) -> list[str]:
    """Return the table, a line a kind and one for all."""
    kinds: Mapping[str, tuple[str, ...]] = {**{kind: (kind,) for kind in KINDS}, "all": KINDS}
    lines = [f"{'kind':9} {'n':>4} {'found':>5}  {'precision':20}  {'recall':20}  {'F1':>5}  leaked characters"]
    for name, members in kinds.items():
        labelled, found, recalled, right, characters, leaked = (
            sum(counts[kind] for kind in members)
            for counts in (tally.labelled, tally.found, tally.recalled, tally.right, tally.characters, tally.leaked)
        )
        precision, recall = right / found if found else 0.0, recalled / labelled if labelled else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        lines.append(
            f"{name:9} {labelled:4} {found:5}  {share(right, found)}  {share(recalled, labelled)}  {f1:.3f}"
            f"  {share(leaked, characters)} of {characters:,}"
        )
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deidentify", description=__doc__.splitlines()[0])
    parser.add_argument("--snippets", type=Path, default=Path("tests/deid_snippets.jsonl"))
    snippets = [json.loads(line) for line in parser.parse_args().snippets.read_text(encoding="utf-8").splitlines()]
    tally = Tally()
    for row in snippets:
        tally.add(row["text"], [Label(p["type"], p["start"], p["end"]) for p in row["phi"]], find(row["text"]))
    print(f"{len(snippets)} snippets")
    print("\n".join(rows(tally)))
    print(f"words outside the labels masked: {share(tally.overmasked, tally.words)} of {tally.words:,}")


if __name__ == "__main__":
    main()
