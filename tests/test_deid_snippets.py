"""The labelled snippets that the masking is measured on: their offsets are right, and there are enough of each kind."""

import json
from collections import Counter
from pathlib import Path

ROWS = [json.loads(line) for line in Path(__file__).with_name("deid_snippets.jsonl").read_text("utf-8").splitlines()]


def test_every_span_stands_where_it_says() -> None:
    """Offsets count characters, spans never overlap, ids are unique."""
    for row in ROWS:
        at = 0
        for span in row["phi"]:
            assert row["text"][span["start"] : span["end"]] == span["text"], row["id"]
            assert span["start"] >= at, row["id"]
            at = span["end"]
    assert len({row["id"] for row in ROWS}) == len(ROWS)


def test_there_is_enough_of_every_kind() -> None:
    """Two hundred snippets, forty with nothing to mask, and no kind by a handful."""
    kinds = Counter(span["type"] for row in ROWS for span in row["phi"])
    assert len(ROWS) >= 200
    assert sum(not row["phi"] for row in ROWS) >= 40
    assert set(kinds) == {"NAME", "DATE", "AGE", "PHONE", "ADDRESS", "ID", "EMAIL", "URL", "LOCATION"}
    assert min(kinds.values()) >= 8
