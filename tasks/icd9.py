"""ICD-9-CM codes and the 18 categories of the founding study: the 17 numeric chapters, and V and E codes as one.

The ranges stand here once. Knows nothing of titles, of models or of files.
"""

import re

_RANGES = (
    (1, 1, 139, "Infectious Disease"),
    (2, 140, 239, "Neoplasms"),
    (3, 240, 279, "Endocrine"),
    (4, 280, 289, "Blood Disorders"),
    (5, 290, 319, "Mental Disorders"),
    (6, 320, 389, "Nervous System"),
    (7, 390, 459, "Cardiovascular"),
    (8, 460, 519, "Respiratory"),
    (9, 520, 579, "Digestive"),
    (10, 580, 629, "Genitourinary"),
    (11, 630, 679, "Pregnancy Complications"),
    (12, 680, 709, "Skin Disorders"),
    (13, 710, 739, "Musculoskeletal"),
    (14, 740, 759, "Congenital Anomalies"),
    (15, 760, 779, "Perinatal Conditions"),
    (16, 780, 799, "Symptoms/Ill-defined"),
    (17, 800, 999, "Injuries/Poisonings"),
)
"""Chapter number, first and last three-digit heading, category."""

CHAPTERS = {number: name for number, _, _, name in _RANGES} | {18: "Supplementary"}
"""Category by chapter number; 18 stands for all V and E codes."""

CATEGORIES = (
    "Cardiovascular",
    "Injuries/Poisonings",
    "Supplementary",
    "Digestive",
    "Respiratory",
    "Infectious Disease",
    "Neoplasms",
    "Endocrine",
    "Genitourinary",
    "Symptoms/Ill-defined",
    "Musculoskeletal",
    "Nervous System",
    "Mental Disorders",
    "Congenital Anomalies",
    "Perinatal Conditions",
    "Blood Disorders",
    "Pregnancy Complications",
    "Skin Disorders",
)
"""The study's order; it is part of every adapter."""

_CODE = re.compile(r"(?:([Vv])(\d{2})|([Ee])(\d{3})|(\d{3}))(?:\.?\d{0,2})")


def category(code: str) -> str | None:
    """Return the category of an ICD-9-CM diagnosis code, or None for what is none.

    Dotted or not, with leading zeros ("0414" is 041.4: Infectious Disease), headings and codes of older editions alike.
    """
    match = _CODE.fullmatch(code.strip())
    if match is None:
        return None
    if match[1] or match[3]:
        return CHAPTERS[18]
    heading = int(match[5])
    return next((name for _, first, last, name in _RANGES if first <= heading <= last), None)
