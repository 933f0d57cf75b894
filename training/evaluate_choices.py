"""Multiple choice: how often the option that a generator finds likeliest is the right one, on three sets of exams.

Beside it stand chance and the habit of exam writers to make the right option the longest. Language models may have seen
these sets. Knows nothing of how options are scored.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tasks.spec import UserError
from training import data
from training.contenders import LETTERS, TEXTS, Contender
from training.statistics import wilson

FOLDER = "medical_mcq"
SETS = {
    "medqa": "medqa_usmle_test_4opt.jsonl.gz",
    "medmcqa": "medmcqa_dev.jsonl.gz",
    "mmlu_medical": "mmlu_medical_test.jsonl.gz",
}
"""The test rows of MedQA, the single-choice questions of MedMCQA's validation part, MMLU's medical subjects."""


def questions(name: str, most: int = 0) -> list[Mapping[str, Any]]:
    """Return the rows of a set (question, options by letter, answer_idx), exact repeats left out.

    Raises:
        UserError: if the set is not on this machine.
    """
    path = data.DATA_DIR / FOLDER / SETS[name]
    if not path.is_file():
        raise UserError(f"{name} is not here; CARETUNE_DATA must name the folder of {FOLDER}/.")
    found = {(row["question"], *sorted(row["options"].items())): row for row in data.raw(path)}
    return list(found.values())[: most or None]


def measure(rows: Sequence[Mapping[str, Any]], who: Contender) -> dict[str, Any]:
    """Return the accuracy of each way of choosing, with its Wilson interval, and the floors on the same rows.

    A question that does not fit the window counts as wrong, and is counted apart.
    """
    said: list[dict[str, str]] = []
    unread = 0
    for row in rows:
        try:
            said.append(who.choose(row["question"], row["options"]))
        except UserError:
            said.append({})
            unread += 1
    right = [row["answer_idx"] for row in rows]
    ways = [way for way in (LETTERS, TEXTS) if any(way in choice for choice in said)]
    return {
        "n": len(rows),
        **{way: _share(choice.get(way) == r for choice, r in zip(said, right, strict=True)) for way in ways},
        "unread": unread,
        **floors(rows),
    }


def floors(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the accuracy of guessing, and of always taking the longest option (of several the first)."""
    longest = [max(row["options"], key=lambda letter, o=row["options"]: len(o[letter])) for row in rows]
    return {
        "chance": sum(1 / len(row["options"]) for row in rows) / max(len(rows), 1),
        "longest_option": _share(letter == row["answer_idx"] for letter, row in zip(longest, rows, strict=True)),
    }


def _share(hits: Iterable[bool]) -> dict[str, Any]:
    found = list(hits)
    low, high = wilson(sum(found), len(found))
    return {"accuracy": sum(found) / max(len(found), 1), "interval_95": [low, high]}
