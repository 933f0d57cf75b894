"""How far a file is said to be while it is scored: the time that is left is reckoned from it."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_score import Fake

from models.score import Progress, score_file

ROWS = 20_000


def parquet(path: Path) -> None:
    """Hardly any bytes: nearly all of it is said twice."""
    pq.write_table(pa.table({"id": range(ROWS), "review": ["good " * 40] * ROWS}), path)


def csv_(path: Path, encoding: str = "utf-8", end: str = "\r\n", text: str = "good") -> None:
    """Five short columns, whose names are longer than what is in them."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator=end)
        writer.writerow(["identifier", "medicine", "condition", "review", "usefulness"])
        writer.writerows([i, "a", "b", text, 1] for i in range(ROWS))


def jsonl(path: Path) -> None:
    path.write_text("".join(json.dumps({"review": f"good {i}"}) + "\n" for i in range(ROWS)))


FILES = {
    "parquet": parquet,
    "short cells.csv": csv_,
    "wide.csv": lambda path: csv_(path, "utf-16"),
    "old mac.csv": lambda path: csv_(path, end="\r"),
    "lines in cells.csv": lambda path: csv_(path, end="\n", text="good\n\nfine\r\nyes"),
    "jsonl": jsonl,
}


def begun(name: str, folder: Path) -> Iterator[Progress]:
    source = folder / (name if "." in name else f"in.{name}")
    FILES[name](source)
    return score_file(Fake(), source, folder / f"out{source.suffix}")


@pytest.mark.parametrize("name", FILES)
def test_the_share_of_a_file_is_that_of_its_rows(tmp_path: Path, name: str) -> None:
    """Whatever its columns are called and however it is written; the time left is that of the rows left."""
    steps = begun(name, tmp_path)
    for rows in (512, 1024):
        progress = next(steps)
        assert progress.rows == rows and progress.share == pytest.approx(rows / ROWS, rel=0.01)
        assert progress.seconds_left * progress.rate == pytest.approx(ROWS - rows, rel=0.01)


def test_the_share_is_never_all_before_the_end(tmp_path: Path) -> None:
    """The rows are yet to be written when all of them are scored; the last line may have no end."""
    (tmp_path / "in.csv").write_text("review\ngood\nbad")
    shares = [step.share for step in score_file(Fake(), tmp_path / "in.csv", tmp_path / "out.csv")]
    assert shares == [0.99, 1.0]
