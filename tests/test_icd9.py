"""Codes and categories: the ranges against every code there is, and the spellings people use."""

import csv
import gzip

import pytest

from tasks.icd9 import CATEGORIES, CHAPTERS, category
from training.data import DATA_DIR


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("0414", "Infectious Disease"),
        ("041.4", "Infectious Disease"),
        ("0010", "Infectious Disease"),
        ("139", "Infectious Disease"),
        ("140.0", "Neoplasms"),
        ("2399", "Neoplasms"),
        ("25000", "Endocrine"),
        ("2880", "Blood Disorders"),
        ("319", "Mental Disorders"),
        ("3899", "Nervous System"),
        ("41071", "Cardiovascular"),
        ("486", "Respiratory"),
        ("5185", "Respiratory"),
        ("5770", "Digestive"),
        ("585", "Genitourinary"),
        ("65101", "Pregnancy Complications"),
        ("6820", "Skin Disorders"),
        ("7149", "Musculoskeletal"),
        ("7454", "Congenital Anomalies"),
        ("7700", "Perinatal Conditions"),
        ("78650", "Symptoms/Ill-defined"),
        ("99859", "Injuries/Poisonings"),
        ("V3000", "Supplementary"),
        ("v30.00", "Supplementary"),
        ("E8788", "Supplementary"),
        (" E878.8 ", "Supplementary"),
    ],
)
def test_a_code_has_its_category_however_it_is_written(code: str, expected: str) -> None:
    """Dots, leading zeros, spaces, small letters, headings and codes of older editions."""
    assert category(code) == expected


@pytest.mark.parametrize("text", ["", "000", "41", "I21.0", "V", "E12", "nan", "123456", "4l071", "V12345", "00"])
def test_what_is_no_code_has_none(text: str) -> None:
    """Better no category than a wrong one."""
    assert category(text) is None


def test_eighteen_chapters_name_eighteen_categories() -> None:
    """The study's labels and the chapters are the same set."""
    assert sorted(CHAPTERS.values()) == sorted(CATEGORIES)
    assert len(CATEGORIES) == 18


def rows(path: str) -> list[dict[str, str]]:
    file = DATA_DIR / path
    if not file.exists():
        pytest.skip(f"{path} is not here")
    with gzip.open(file, "rt", encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def test_every_published_code_falls_into_its_chapter() -> None:
    """All 14,567 codes of version 32."""
    wrong = [
        r["code"] for r in rows("icd9cm/icd9cm_v32_dx.csv.gz") if category(r["code"]) != CHAPTERS[int(r["chapter"])]
    ]
    assert wrong == []


def test_real_hospital_diagnoses_fall_into_their_chapters() -> None:
    """The open MIMIC-III demo, codes of older editions among them."""
    table = rows("mimic3_demo/DIAGNOSES_ICD.csv.gz")
    assert len(table) > 1000
    wrong = [r["ICD9_CODE"] for r in table if category(r["ICD9_CODE"]) != CHAPTERS[int(r["ICD9_CHAPTER"])]]
    assert wrong == []
