"""The built-in evidence: every card whole, in our words, and written from a source that is there."""

import csv
import gzip
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from training.data import DATA_DIR

FILE = Path(__file__).parent.parent / "knowledge" / "cards.jsonl"
CARDS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
FIELDS = ["id", "topic", "statement", "limits", "title", "organisation", "year", "url", "source", "kind", "terms"]
FIELDS += ["supports", "refutes"]
KINDS = {"guideline", "regulator", "review", "trial", "study", "reference", "fact check"}
needs_data = pytest.mark.skipif(not (DATA_DIR / "guidelines").is_dir(), reason="the sources are not on this machine")


def test_there_are_enough_and_each_is_whole() -> None:
    assert len(CARDS) >= 250
    assert len({card["id"] for card in CARDS}) == len(CARDS)
    for card in CARDS:
        assert list(card) == FIELDS, card["id"]
        assert card["kind"] in KINDS, card["id"]
        assert all(card[name] for name in ("topic", "statement", "limits", "title", "organisation", "source"))
        assert len(card["statement"]) <= 300 and len(card["limits"]) <= 220, card["id"]
        assert card["year"] is None or 1960 <= card["year"] <= 2026
        assert card["url"] is None or re.fullmatch(r"https?://[^\s<>()\[\]\"']+", card["url"]), card["id"]
        assert 3 <= len(card["terms"]) <= 8
    assert max(Counter(card["statement"].lower() for card in CARDS).values()) == 1


def test_each_card_names_everyday_claims_on_both_sides_of_it() -> None:
    """A few on either side, short statements, none on both."""
    sides: dict[str, str] = {}
    for card in CARDS:
        for side in ("supports", "refutes"):
            assert 5 <= len(set(card[side])) == len(card[side]) <= 11, card["id"]
            for claim in card[side]:
                assert 3 <= len(claim.split()) <= 15 and claim.endswith(".") and "?" not in claim, claim
                assert sides.setdefault(claim.lower(), side) == side, claim


@pytest.mark.parametrize(
    "words",
    [
        ("low-dose aspirin", "preeclampsia", "high risk"),
        ("garlic", "blood pressure"),
        ("ibuprofen", "aspirin"),
        ("vitamin c", "covid-19"),
        ("antibiotics", "virus"),
        ("mmr", "autism"),
    ],
)
def test_the_founding_questions_are_covered(words: tuple[str, ...]) -> None:
    assert any(all(word in f"{card['topic']} {card['statement']}".lower() for word in words) for card in CARDS)


def test_nobody_is_told_what_to_do() -> None:
    """A card states a finding; it neither orders nor alarms."""
    for card in CARDS:
        assert not re.match(r"(stop|start|take|never|always|do not|don't|avoid)\b", card["statement"], re.I), card["id"]
        assert "!" not in card["statement"] + card["limits"], card["id"]


@cache
def sources() -> dict[str, str]:
    """The text of every source at hand, by the name a card gives it."""
    out: dict[str, str] = {}

    def rows(name: str) -> list[dict]:
        path = DATA_DIR / name
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    for row in rows("guidelines/guidelines.jsonl"):
        out[f"guideline:{row['id']}"] = " ".join(row["facts"])
    for row in rows("medquad/passages.jsonl.gz"):
        out[f"medquad:{row['id']}"] = row["text"]
    for row in rows("scifact/corpus.jsonl.gz"):
        out[f"scifact:{row['doc_id']}"] = " ".join(row["abstract"])
    for row in rows("pubmedqa/train.jsonl.gz"):
        out[f"pubmedqa:{row['pmid']}"] = " ".join([*row["contexts"], row["long_answer"]])
    with gzip.open(DATA_DIR / "cochrane_topics" / "wh_topics.csv.gz", "rt", encoding="utf-8") as file:
        for line in file.read().splitlines()[1:]:
            out[f"cochrane:{line.split(',')[-2]}"] = line
    return out | tables()


def tables() -> dict[str, str]:
    """The text of each row that names the page it was taken from, with that page's address."""
    said = ("Question", "Best Answer", "Correct Answers", "Incorrect Answers", "Source")
    out = {
        f"truthfulqa:{number}": " ".join(row[name] for name in said) for number, row in enumerate(table("truthfulqa"))
    }
    for row in table("medicationqa"):
        out[f"medicationqa:{row['id']}"] = f"{row['question']} {row['answer']} {row['url']}"
    return out


def table(name: str) -> list[dict[str, str]]:
    with gzip.open(DATA_DIR / name / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@needs_data
def test_every_card_is_written_from_a_source_at_hand() -> None:
    """And in our own words: no eight of them in a row stand in the source."""

    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"[a-z0-9]+", text.lower())
        return {tuple(words[i : i + 8]) for i in range(len(words) - 7)}

    for card in CARDS:
        assert card["source"] in sources(), card["id"]
        assert not runs(card["statement"]) & runs(sources()[card["source"]]), card["id"]
        if card["source"].startswith(("truthfulqa:", "medicationqa:")):
            assert (card["url"] or "") in sources()[card["source"]], card["id"]


@needs_data
def test_no_card_gives_away_what_is_measured() -> None:
    """No abstract that a test claim of SciFact cites, and no test row of PubMedQA, stands on a card."""
    with gzip.open(DATA_DIR / "scifact" / "claims_dev.jsonl.gz", "rt", encoding="utf-8") as file:
        cited = {f"scifact:{name}" for line in file for name in json.loads(line)["cited_doc_ids"]}
    with gzip.open(DATA_DIR / "pubmedqa" / "test.jsonl.gz", "rt", encoding="utf-8") as file:
        cited |= {f"pubmedqa:{json.loads(line)['pmid']}" for line in file}
    assert not {card["source"] for card in CARDS} & cited


@needs_data
def test_no_known_claim_is_a_claim_that_the_verdict_is_measured_on() -> None:
    known = {claim.lower().rstrip(".") for card in CARDS for claim in (*card["supports"], *card["refutes"])}
    for split in ("dev", "test"):
        with gzip.open(DATA_DIR / "pubhealth" / f"{split}.csv.gz", "rt", encoding="utf-8", newline="") as file:
            said = {row["claim"].strip().lower().rstrip(".") for row in csv.DictReader(file)}
        assert len(said) > 1000 and not known & said
