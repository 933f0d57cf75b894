"""The founding study's dataset, built from synthetic tables in MIMIC-III's own shape."""

import csv
import gzip
import json
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest

from tasks.spec import UserError
from training.build_mimic import Options, build, main

NOTES = [*("ROW_ID", "SUBJECT_ID", "HADM_ID", "CHARTDATE", "CHARTTIME", "STORETIME"), *("CATEGORY", "DESCRIPTION")]
NOTES += ["CGID", "ISERROR", "TEXT"]
CODES = ["ROW_ID", "SUBJECT_ID", "HADM_ID", "SEQ_NUM", "ICD9_CODE"]
FILLER = "the course was slow and steady with rest fluids and daily review by the ward team until discharge home"


def words(count: int, seed: int) -> str:
    """Return `count` words, different for every seed."""
    return " ".join(f"{FILLER.split()[(i * seed + i) % 19]}{seed if i % 3 else ''}" for i in range(count))


def write(path: Path, header: list[str], rows: Iterable[list[object]]) -> Path:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def note(patient: int, stay: object, text: str, kind: str = "Discharge summary", error: str = "") -> list[object]:
    return [patient, patient, stay, "2151-07-16", "", "", kind, "Report", "", error, text]


def code(patient: int, stay: int, place: int, icd: str) -> list[object]:
    return [patient, patient, stay, place, icd]


def tables(folder: Path, suffix: str = "") -> tuple[Path, Path]:
    """Write twelve notes, one for every way out of the funnel and some that stay."""
    text = f'Admitted [**2151-7-16**] under Dr. [**Last Name (STitle) 123**].\nSaid "better",\n{words(60, 3)}'
    rows = [
        note(1, 101, text),
        note(1, 102, words(70, 5)),
        note(2, "201.0", words(80, 7)),
        note(3, 301, words(60, 11), kind="Nursing "),
        note(3, 301, words(60, 13), error="1"),
        note(3, "", words(60, 17)),
        note(4, 401, words(60, 19)),
        note(5, 501, words(20, 23)),
        note(5, 501, words(150, 29)),
        note(6, 601, words(70, 5).upper()),
        note(6, 601, words(70, 5) + " end"),
        note(7, 701, words(64, 31)),
    ]
    codes = [
        code(1, 101, 1, "41071"),
        code(1, 101, 2, "25000"),
        code(1, 102, 1, "0389"),
        code(2, 201, 1, "V3000"),
        code(3, 301, 1, "486"),
        code(4, 401, 2, "486"),
        code(5, 501, 1, "5770"),
        code(6, 601, 1, "E8788"),
        code(7, 701, 1, "nonsense"),
    ]
    return write(folder / f"NOTEEVENTS.csv{suffix}", NOTES, rows), write(
        folder / f"DIAGNOSES_ICD.csv{suffix}", CODES, codes
    )


def kept(out: Path) -> list[tuple[str, dict[str, str]]]:
    return [
        (split, json.loads(line))
        for split in ("train", "validation", "test")
        for line in (out / f"{split}.jsonl").read_text().splitlines()
    ]


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_every_row_is_counted_where_it_leaves(tmp_path: Path, suffix: str) -> None:
    """The funnel adds up, and says why."""
    funnel = build(*tables(tmp_path, suffix), tmp_path / "out", Options())
    steps = json.loads((tmp_path / "out" / "funnel.json").read_text())["steps"]
    assert steps == {
        "rows read": 12,
        "unreadable row": 0,
        "not a discharge summary": 1,
        "marked as an error": 1,
        "no admission number": 1,
        "admission without a principal diagnosis in the 18 categories": 2,
        "too few words": 1,
        "too many words": 1,
        "exact copy of a kept note": 1,
        "near copy of a kept note": 1,
        "kept": 3,
    }
    assert sum(n for step, n in steps.items() if step != "rows read") == steps["rows read"]
    labels = sorted(row["label"] for _, row in kept(tmp_path / "out"))
    assert labels == ["Cardiovascular", "Infectious Disease", "Supplementary"]
    assert sum(sum(n.values()) for n in funnel.kept.values()) == 3
    assert "| kept | 3 |" in (tmp_path / "out" / "funnel.md").read_text()


def test_what_is_written_is_masked_marked_and_names_no_patient(tmp_path: Path) -> None:
    """MIMIC's own brackets are masks of ours; the patient number appears nowhere."""
    build(*tables(tmp_path), tmp_path / "out", Options())
    text = next(row["text"] for _, row in kept(tmp_path / "out") if row["label"] == "Cardiovascular")
    assert "[DATE]" in text
    assert "[NAME]" in text
    assert "[**" not in text
    assert "\n" not in text
    assert json.loads((tmp_path / "out" / "funnel.json").read_text())["credentialed"] is True
    assert "do not publish" in (tmp_path / "out" / "DO_NOT_PUBLISH.txt").read_text()


def test_no_patient_stands_on_two_sides(tmp_path: Path) -> None:
    """Two hundred patients with three notes each, cut by patient."""
    rows = [note(p, p * 10 + k, words(60, 3 * p + k)) for p in range(1, 201) for k in range(3)]
    codes = [code(p, p * 10 + k, 1, "486") for p in range(1, 201) for k in range(3)]
    paths = write(tmp_path / "n.csv", NOTES, rows), write(tmp_path / "d.csv", CODES, codes)
    build(*paths, tmp_path / "out", Options(test_share=0.3, validation_share=0.2))
    sides: dict[str, set[str]] = {}
    for split, row in kept(tmp_path / "out"):
        sides.setdefault(row["group"], set()).add(split)
    assert len(sides) > 150
    assert all(len(found) == 1 for found in sides.values())
    assert {split for found in sides.values() for split in found} == {"train", "validation", "test"}


def test_the_word_limits_are_options(tmp_path: Path) -> None:
    """0 means no upper limit."""
    funnel = build(*tables(tmp_path), tmp_path / "out", Options(min_words=1, max_words=0))
    assert funnel.steps["too few words"] == 0
    assert funnel.steps["too many words"] == 0
    assert funnel.steps["kept"] == 5


def test_memory_does_not_grow_with_the_notes_that_are_dropped(tmp_path: Path) -> None:
    """Ten times the nursing notes, the same peak."""
    peaks = []
    for n in (2_000, 20_000):
        folder = tmp_path / str(n)
        folder.mkdir()
        rows = (note(1, 101, words(120, 3), kind="Nursing") for _ in range(n))
        paths = write(folder / "n.csv", NOTES, rows), write(folder / "d.csv", CODES, [code(1, 101, 1, "486")])
        tracemalloc.start()
        build(*paths, folder / "out", Options())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2_000_000


def test_a_short_row_is_counted_and_a_strange_table_refused(tmp_path: Path) -> None:
    """One bad line costs one line."""
    notes, codes = tables(tmp_path)
    with notes.open("a") as file:
        file.write("1,2,3\n")
    assert build(notes, codes, tmp_path / "out", Options()).steps["unreadable row"] == 1
    with pytest.raises(UserError, match="lacks the columns ISERROR, TEXT"):
        build(write(tmp_path / "x.csv", NOTES[:9], []), codes, tmp_path / "other", Options())
    with pytest.raises(UserError, match="already holds"):
        build(notes, codes, tmp_path / "out", Options())
    with pytest.raises(UserError, match="word limits"):
        Options(min_words=100, max_words=50)


def test_a_file_cut_off_is_said_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A download that broke is no traceback."""
    notes, codes = tables(tmp_path, ".gz")
    notes.write_bytes(notes.read_bytes()[:200])
    arguments = ["--noteevents", str(notes), "--diagnoses", str(codes), "--out", str(tmp_path / "out")]
    assert main(arguments) == 2
    assert "cut off" in capsys.readouterr().err
