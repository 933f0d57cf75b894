"""Finds what gives a label away: a word, a mark, a column, or the mere shape of the text.

The rule. Of one thing seen in a row (a word, a value, a length) and one label, the share of the label's uncertainty
that the thing removes is I(thing; label) / H(label). A single word or mark that removes STRONG of it, or a column that
does, less what columns of that many values remove by chance, is named. Measured on the sets the rule was made with, the
strongest single word of an honest set removes 0.02 (drug reviews), 0.08 (patient comments) or 0.14 (COVID posts); a
question mark removes 0.65 in CoAID's claims, a full stop 0.63 in CoAID's news and in HaluEval's answers, and an empty
rationale 0.61 in HealthVer's abstracts.

Not found: a style spread over many words, such as that of MedHallu's invented answers (no single word above 0.13).
Knows nothing of models, runs or files.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import mutual_info_score
from sklearn.metrics.cluster import contingency_matrix, expected_mutual_information

from tasks.spec import Example

STRONG = 0.5
"""Share of a label's uncertainty from which one thing is said to give it away."""
MUCH = 0.3
"""The same for a column that is not read: from here on it must not be mapped as text."""
FEWEST = 20
"""Rows, and rows of a label, below which nothing is said: in so few anything agrees with anything."""

MOST = 20_000
"""Rows looked at, drawn at random; what gives a label away does so in a part of the rows too."""


@dataclass(frozen=True)
class Tell:
    """A thing that tells a label: which kind of thing, its name, the label, and how much it tells.

    `share` is the part of the label's uncertainty it removes (0 to 1); of `rows` rows that show it `right` carry
    `label`. `label` is empty where a whole column tells all labels.
    """

    kind: str
    name: str
    label: str
    share: float
    rows: int
    right: int

    @property
    def says(self) -> str:
        """Return the finding in plain words."""
        if self.kind == "token":
            return (
                f"{self.name!r} alone nearly says whether a row is {self.label!r}: {self.right:,} of the {self.rows:,} "
                "rows that contain it are."
            )
        if self.kind == "shape":
            return f"The label can be told without reading: by {self.name} alone ({self.share:.0%} of it)."
        return f"The column {self.name!r} says {self.share:.0%} of the label; do not let the model read it."


def of(examples: Sequence[Example]) -> list[Tell]:
    """Return what gives away the labels of these rows, the strongest first; at most one tell per word or shape.

    Of more than MOST rows some are drawn, always the same, and counts are of those.
    """
    if len(examples) > MOST:  # not every n-th: files are often in the order of their labels
        examples = random.Random(1).sample(list(examples), MOST)
    marks = [marks_of(example) for example in examples]
    found = [*tokens([example.all_text for example in examples], marks), *shapes(examples, marks)]
    return sorted(found, key=lambda tell: -tell.share)


def marks_of(example: Example) -> frozenset[str]:
    """Return the labels of a row: its one label, or all values of its targets that may hold together."""
    if example.label is not None:
        return frozenset({example.label})
    return frozenset(v for value in example.targets.values() if not isinstance(value, str) for v in value if v != "?")


def tokens(texts: Sequence[str], marks: Sequence[frozenset[str]], least: float = STRONG) -> list[Tell]:
    """Return the words and punctuation marks that alone remove `least` of the uncertainty of some label."""
    seen: Counter[str] = Counter()
    beside: defaultdict[str, Counter[str]] = defaultdict(Counter)
    labels = Counter(label for row in marks for label in row)
    for text, row in zip(texts, marks, strict=True):
        for word in set(re.findall(r"\w+|[^\w\s]", text.lower())):
            seen[word] += 1
            beside[word].update(row)
    out = []
    for word, rows in seen.items():
        if rows < max(FEWEST // 2, len(texts) // 100):
            continue
        best = max(
            (
                (_share(len(texts), rows, count, beside[word][label]), label)
                for label, count in labels.items()
                if min(count, len(texts) - count) >= FEWEST
            ),
            default=(0.0, ""),
        )
        if best[0] >= least:
            label = _owner(labels, beside[word], best[1], rows)
            out.append(Tell("token", word, label, best[0], rows, beside[word][label]))
    return out


def _owner(labels: Counter[str], beside: Counter[str], label: str, rows: int) -> str:
    """Return the label a word speaks for: of two labels each tells the other, so the one it stands beside is named."""
    return max(labels, key=lambda other: beside[other] / rows) if beside[label] * 2 < rows else label


def shapes(examples: Sequence[Example], marks: Sequence[frozenset[str]]) -> list[Tell]:
    """Return which shapes of the text give the label away: length, which parts are filled, and few-valued parts."""
    names = sorted({name for example in examples for name in example.fields})
    length = np.array([len(example.all_text.split()) for example in examples])
    edges = np.unique(np.quantile(length, np.linspace(0, 1, 11)[1:-1])) if len(length) else []
    columns: dict[str, list[Hashable]] = {"its length": np.digitize(length, edges).tolist()}
    for name in names:
        columns[f"whether {name!r} is filled"] = [bool(example.fields.get(name)) for example in examples]
        columns[f"the value of {name!r}"] = [example.fields.get(name, "") for example in examples]
    columns["whether a context is given"] = [bool(example.context) for example in examples]
    found = ((name, column_share(values, marks)) for name, values in columns.items())
    return [Tell("shape", name, "", share, len(examples), 0) for name, share in found if share >= STRONG]


def columns(cells: Mapping[str, Sequence[str]], marks: Sequence[frozenset[str]], least: float = MUCH) -> list[Tell]:
    """Return the columns of a file that tell the label, as they stand or with their digits masked ("pos_17")."""
    out = []
    for name, values in cells.items():
        share = max(column_share(form, marks) for form in _forms(values))
        if share >= least:
            out.append(Tell("column", name, "", share, len(values), 0))
    return sorted(out, key=lambda tell: -tell.share)


def _forms(values: Sequence[str]) -> Iterator[list[str]]:
    folded = [value.strip().casefold() for value in values]
    yield folded
    yield [re.sub(r"\d+", "#", value) for value in folded]


def column_share(values: Sequence[Hashable], marks: Sequence[frozenset[str]]) -> float:
    """Return how much of the labels' uncertainty a column removes beyond chance (0 to 1).

    A column with another value in every second row is no column but an id or a text, and says 0.
    """
    labels = [" | ".join(sorted(row)) for row in marks]
    kinds = len(set(values))
    if len(labels) < FEWEST or kinds < 2 or len(set(labels)) < 2 or kinds > len(labels) / 2:
        return 0.0
    numbers = {value: i for i, value in enumerate(dict.fromkeys(values))}
    column = [numbers[value] for value in values]
    table = contingency_matrix(labels, column, sparse=True)
    chance = float(expected_mutual_information(table, len(labels)))
    shares = np.array(list(Counter(labels).values())) / len(labels)
    whole = float(-(shares * np.log(shares)).sum())
    if whole - chance < 0.05 * whole:
        return 0.0
    return max(0.0, (float(mutual_info_score(labels, column)) - chance) / (whole - chance))


def _share(n: int, rows: int, label: int, both: int) -> float:
    """Return I(word; label) / H(label) from the counts of rows: all, with the word, with the label, with both."""
    cells = (
        (both, rows, label),
        (rows - both, rows, n - label),
        (label - both, n - rows, label),
        (n - rows - label + both, n - rows, n - label),
    )
    information = sum(a / n * np.log2(a * n / (b * c)) for a, b, c in cells if a)
    part = label / n
    return float(information / -(part * np.log2(part) + (1 - part) * np.log2(1 - part)))
