"""What label cells mean where a column is nearly what a task asks for: ratings with gaps, stars with a stray."""

from pathlib import Path

import pytest

import tasks
from training import upload

REVIEWS, ASPECTS, NOTES = (tasks.get(name) for name in ("drug_reviews", "review_aspects", "clinical_notes"))


def put(folder: Path, cells: list[str]) -> Path:
    path = folder / "a.csv"
    path.write_text("review,rating\n" + "".join(f"word{i} said,{cell}\n" for i, cell in enumerate(cells)))
    return path


def cells(most: int, odd: str = "", rows: int = 300) -> list[str]:
    """Return numbers from 1 to `most`, in turn, the last of them another cell."""
    found = [str(1 + i % most) for i in range(rows)]
    return [*found[:-1], odd] if odd else found


def test_ratings_as_pandas_writes_them_are_ratings(tmp_path: Path) -> None:
    """A column with a gap in it is written with a point and a zero after every number."""
    loaded = upload.read(put(tmp_path, [f"{cell}.0" for cell in cells(10)]), REVIEWS)
    assert len(loaded.examples) == 300 and loaded.examples[7].targets == {"rating": "8"}
    stars = upload.read(put(tmp_path, [f"{cell}.0" for cell in cells(5)]), REVIEWS)
    assert stars.examples == () and stars.merges == {str(n): str(2 * n) for n in range(1, 6)}


@pytest.mark.parametrize("odd", ["N/A", "-", "unknown", "0", "11", "7.5"])
def test_one_cell_that_is_no_rating_costs_its_row_alone(tmp_path: Path, odd: str) -> None:
    loaded = upload.read(put(tmp_path, cells(10, odd)), REVIEWS)
    assert len(loaded.examples) == 299 and loaded.skipped == 1
    assert [(bad.line, bad.reason) for bad in loaded.problems] == [(301, f"rating: unknown label {odd!r}")]
    assert odd not in loaded.merges


@pytest.mark.parametrize("odd", ["N/A", "0"])
def test_one_cell_that_is_no_star_leaves_the_others_offered_as_stars(tmp_path: Path, odd: str) -> None:
    path = put(tmp_path, cells(5, odd))
    first = upload.read(path, REVIEWS)
    assert first.examples == () and first.merges == {str(n): str(2 * n) for n in range(1, 6)}
    taken = upload.read(path, REVIEWS, first.columns, first.merges)
    assert len(taken.examples) == 299 and taken.skipped == 1 and taken.examples[4].targets == {"rating": "10"}
    known = upload.read(path, REVIEWS, first.columns, {**first.merges, odd: "1"})
    assert len(known.examples) == 300


@pytest.mark.parametrize(
    "found",
    [
        ["no"] * 200 + cells(10, rows=100),
        [str(n % 101) for n in range(1, 300)],
        [*cells(10, rows=200), *["55"] * 40],
        [*cells(5, rows=200), *["0"] * 40],
    ],
    ids=["mostly words", "of a hundred", "of another scale too", "from zero to five"],
)
def test_a_column_that_is_mostly_something_else_holds_no_ratings(tmp_path: Path, found: list[str]) -> None:
    loaded = upload.read(put(tmp_path, found), REVIEWS)
    assert loaded.examples == () and not set(loaded.merges) & {str(n) for n in range(1, 11)}


def test_labels_among_ratings_are_labels(tmp_path: Path) -> None:
    loaded = upload.read(put(tmp_path, [*cells(10, rows=20), "positive", "Negative"]), REVIEWS)
    assert len(loaded.examples) == 21 and loaded.examples[20].targets == {}
    assert loaded.merges["Negative"] == "negative" and loaded.skipped == 1


def test_a_point_and_a_zero_is_part_of_a_code(tmp_path: Path) -> None:
    """Only a scale has whole numbers: 7.0 is a disease, 7 a chapter of them."""
    path = put(tmp_path, ["7.0", "428.0"])
    assert set(upload.read(path, NOTES, {"text": "review", "label": "rating"}).values) == {"7.0", "428.0"}
    assert set(upload.read(path, ASPECTS, {"text": "review", "label": "rating"}).values) == {"7.0", "428.0"}
