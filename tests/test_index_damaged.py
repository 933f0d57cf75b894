"""Indexes that do not open, beside others that do: those are searched, and what was not is said."""

import json
import sys
from pathlib import Path

import pytest
from encyclopedia import embed

from models.claims import check
from models.finding import Finder
from models.knowledge import building, collection
from models.knowledge.__main__ import main
from models.knowledge.passages import Passage
from models.live import Live
from models.service import Service
from models.shelf import Shelf
from tabs.claims import as_dict, verdict_text
from tasks.evidence import Checked


def emptied(folder: Path) -> None:
    (folder / building.read_manifest(folder).version / "passages.arrow").write_bytes(b"")


def torn(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"format": 1')


def elsewhere(folder: Path) -> None:
    saved = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**saved, "store": "lancedb"}))


@pytest.mark.parametrize(("harm", "said"), [(emptied, "damaged"), (torn, "damaged"), (elsewhere, "lancedb")])
def test_an_index_that_does_not_open_is_passed_over_and_named(
    harm, said: str, root: Path, monkeypatch, caplog, capsys
) -> None:
    """Its version is no part of what a file's results rest on either, and the log says it once."""
    monkeypatch.setitem(sys.modules, "models.knowledge.lance", None)  # LanceDB is not installed
    building.build([Passage("1", "Gout", "Gout is a disease.")], root / "own", "own file", embed=embed, quiet=True)
    harm(root / "own")
    finder = Finder(root)
    assert finder.names == ["cards", "mini"] and "knowledge/own" not in finder.mark
    assert any(one.id.startswith("mini/") for one in finder("What are the symptoms of Brindle fever?", 8))
    assert finder("Is garlic a cure for high blood pressure?", 8)
    (line,) = finder.missing
    assert line.startswith("Not searched: ") and "own" in line and said in line
    assert sum("Not searched" in record.message for record in caplog.records) == 1
    assert main(["list"]) == 0
    out, err = capsys.readouterr()
    assert "mini: 12" in out and "own" in err and said in err


class Checker:
    """Finds nothing, in the collections of a finder."""

    def __init__(self, root: Path) -> None:
        self.finder = Finder(root)

    def check(self, text: str, other: object) -> Checked:
        return check(text, lambda q, k: [], lambda rows: [])


def test_the_page_of_claims_says_what_was_not_searched(root: Path) -> None:
    """And so does the endpoint; where all was searched nothing is said."""
    service = Service(Live(Shelf(root / "shelf")), Checker(root), None, lambda example: ())
    (fine,) = service.claim("Garlic cures gout.")
    assert fine.notes == () and as_dict(fine)["notes"] == []
    emptied(root / "mini")
    collection._opened.cache_clear()
    (found,) = service.claim("Garlic cures gout.")
    assert "mini" in verdict_text(found) and "Not searched" in as_dict(found)["notes"][0]
