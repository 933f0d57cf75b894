"""How long one note takes, and how much faster many are read together, in one run.

python -m benchmarks.notes [--rows 60]
"""

import argparse
import csv
import tempfile
import time
from pathlib import Path
from statistics import median

import tasks
from models.language import notes as language_notes
from models.live import Live
from models.notes import read_note
from models.score import score_file
from models.shelf import Shelf
from tasks.spec import Example
from training import data


def main() -> None:
    """Print the time of a note of 1,000 words and of 200 pages, and bulk scoring against one by one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notes", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=60)
    options = parser.parse_args()
    task = tasks.get("clinical_notes")
    with tempfile.TemporaryDirectory() as folder:
        live = Live(Shelf(Path(folder) / "shelf"))
        predictor = live.predictor(task)
        rows = data.load(task.dataset("codiesp_en"), "test")[: options.rows]
        words = " ".join(e.text for e in rows).split()
        thousand = " ".join(words[:1000])
        for _ in read_note(predictor, thousand, language_notes):
            pass
        single = [timed(predictor, " ".join(words[i * 50 : i * 50 + 1000])) for i in range(5)]
        print(f"one note of 1,000 words: median {median(single):.2f} s of {len(single)} (bar: 1.5 s)")
        book = "\n".join(f"Day {i}. {e.text}" for i in range(40) for e in rows)[:600_000]
        begin, first = time.perf_counter(), 0.0
        for reading in read_note(predictor, book, language_notes):
            first = first or (time.perf_counter() - begin if reading.prediction else 0.0)
        whole = time.perf_counter() - begin
        print(f"200 pages ({len(book):,} characters): first answer {first:.1f} s, whole {whole:.1f} s")
        begin = time.perf_counter()
        for example in rows:
            predictor.predict([Example(text=example.text)])
        apart = time.perf_counter() - begin
        source = Path(folder) / "in.csv"
        with source.open("w", newline="") as file:
            csv.writer(file).writerows([["note"], *[[e.text] for e in rows]])
        begin = time.perf_counter()
        *_, last = score_file(predictor, source, Path(folder) / "out.csv")
        together = time.perf_counter() - begin
        print(f"{last.scored} notes: one by one {apart:.1f} s, as a file {together:.1f} s")
        print(f"file over one by one: {apart / together:.1f}x (bar: 4x)")
        page = sum(timed(predictor, example.text) for example in rows)
        print(f"one by one as the page reads them, masked and with reasons, {page:.1f} s: {page / together:.1f}x")


def timed(predictor: object, text: str) -> float:
    """Return the seconds one note takes, masking and reasons included."""
    begin = time.perf_counter()
    for _ in read_note(predictor, text, language_notes):  # type: ignore[arg-type]
        pass
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
