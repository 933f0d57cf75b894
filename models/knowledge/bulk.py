"""Answers a file of questions from an index: one line of hits for each, in order. Knows nothing of arguments."""

import json
import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from models.knowledge.collection import MAX_QUERY, READ, Collection, Rerank, search_many
from models.knowledge.passages import Hit
from tasks.spec import UserError, check_text

QUERY = ("query", "question", "claim", "text")
"""Fields of a row in which its question is looked for, first found first."""
AT_ONCE = 64


class Asked(NamedTuple):
    """A line of the file: its number, and its question or what is wrong with it."""

    line: int
    query: str
    wrong: str


def asked(path: Path) -> Iterator[Asked]:
    """Yield the questions of a JSON-lines file; an empty line is none.

    Raises:
        UserError: if the file cannot be opened.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _asked(number, line)
    except OSError as error:
        raise UserError(f"There is no file {path}.") from error


def _asked(number: int, line: str) -> Asked:
    try:
        row = json.loads(line)
        text = next((row[name] for name in QUERY if row.get(name)), None) if isinstance(row, dict) else None
        if text is None:
            return Asked(number, "", f"no {', '.join(QUERY[:-1])} or {QUERY[-1]}")
        return Asked(number, check_text(text, MAX_QUERY, "question"), "")
    except (ValueError, RecursionError):
        return Asked(number, "", "no JSON")
    except UserError as error:
        return Asked(number, "", str(error))


def answer_file(
    collections: Sequence[Collection],
    source: Path,
    target: Path,
    k: int = 10,
    rerank: Rerank | None = None,
    read: int = READ,
) -> tuple[int, list[str]]:
    """Write the hits of every question of a file; return how many were answered, and the bad lines in words.

    The target is replaced at the end, whole. A bad row gets an empty list of hits.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    rows, bad, count = asked(source), [], 0
    with draft.open("w", encoding="utf-8") as out:
        while some := list(islice(rows, AT_ONCE)):
            good = [row.query for row in some if not row.wrong]
            found = iter(search_many(collections, good, k, rerank, read))
            for row in some:
                hits: list[Hit] = [] if row.wrong else next(found)
                out.write(json.dumps({"hits": [{"id": h.passage.id, "score": round(h.score, 6)} for h in hits]}) + "\n")
                if row.wrong:
                    bad.append(f"line {row.line}: {row.wrong}")
            count += len(good)
    os.replace(draft, target)
    return count, bad
