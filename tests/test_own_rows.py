"""Own rows keep what they say: the meaning of every label, a share of every label, and no part of one text alone."""

import csv
from pathlib import Path

import tasks
from tabs import train_upload

NOTES = tasks.get("clinical_notes")


def notes(folder: Path) -> Path:
    """Write notes of 300 codes, three of each, then one of a task's own label and one of a code that is none."""
    path = folder / "notes.csv"
    codes = [*(f"{n}.0" for n in range(400, 700) for _ in range(3)), NOTES.labels[0], "no code"]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("text", "codes"), *((f"note {i} of somebody", c) for i, c in enumerate(codes))])
    return path


def test_a_label_beyond_those_shown_keeps_its_meaning(tmp_path: Path) -> None:
    path, columns = str(notes(tmp_path)), ("text", "codes")
    said, _, _, table, *_ = train_upload._read(path, NOTES.name, *columns)
    shown = table.value["data"]
    assert len(shown) == train_upload.MEANINGS and "200 commonest of 302 kinds" in said
    loaded = train_upload._loaded(path, NOTES.name, columns, shown)
    assert (len(loaded.examples), loaded.skipped) == (901, 1)
    again, *_ = train_upload._read(path, NOTES.name, *columns, meanings=shown)
    assert again.startswith("**901 rows can be used**")


def test_what_is_shown_counts_before_what_is_suggested(tmp_path: Path) -> None:
    path, columns = str(notes(tmp_path)), ("text", "codes")
    loaded = train_upload._loaded(path, NOTES.name, columns, [["400.0", "3", ""], ["401.0", "3", "Digestive"]])
    assert (len(loaded.examples), loaded.left_out) == (898, 3)
    assert loaded.examples[0].targets == {"categories": ("Digestive",)}
    _, _, _, table, *_ = train_upload._read(
        path, NOTES.name, *columns, meanings=[["400.0", "3", ""], ["401.0", "3", "Digestive"]]
    )
    assert [row[2] for row in table.value["data"][:2]] == ["", "Digestive"]
