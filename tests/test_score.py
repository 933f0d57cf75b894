"""A file scored: the same rows with more columns, whatever happens on the way."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tasks
from models.reading import Reading
from models.score import match, score_file
from tasks.spec import Example, Prediction, UserError

TASK = tasks.get("drug_reviews")
ROOT = Path(__file__).parent.parent
ADDED = ["label", "p_negative", "p_neutral", "p_positive", "rating_expected", "intensity", "abstained", "remark"]


class Fake:
    """Says negative to what holds "bad", positive to the rest, and remembers what it was asked."""

    def __init__(self) -> None:
        self.task, self.reading, self.asked = TASK, Reading.of(TASK, "minilm-l6", 64), []

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        self.asked += [e.all_text for e in examples]
        out = []
        for example in examples:
            bad = "bad" in example.all_text
            scores = {"negative": 0.9 if bad else 0.05, "neutral": 0.05, "positive": 0.05 if bad else 0.9}
            rating = {str(n): float(n == (1 if bad else 10)) for n in range(1, 11)}
            best = "negative" if bad else "positive"
            out.append(Prediction(best, best, scores, {"rating": rating}))
        return out


def write(path: Path, rows: int, header: str = "id,review") -> Path:
    path.write_text(header + "\n" + "".join(f"{i},{'bad' if i % 3 else 'good'} number {i}\n" for i in range(rows)))
    return path


def read(path: Path) -> list[dict]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_columns_and_row_order_are_kept_and_the_answers_added(tmp_path) -> None:
    source = write(tmp_path / "in.csv", 1300)
    *_, last = score_file(Fake(), source, tmp_path / "out.csv")
    rows = read(tmp_path / "out.csv")
    assert list(rows[0]) == ["id", "review", *ADDED]
    assert [row["id"] for row in rows] == [str(i) for i in range(1300)]
    assert all((row["label"] == "negative") == ("bad" in row["review"]) for row in rows)
    assert rows[0]["abstained"] == "false" and rows[0]["intensity"] == "very positive"
    assert (last.done, last.scored, last.skipped, last.counts["positive"]) == (True, 1300, 0, 434)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_bad_rows_are_told_by_line_and_the_rest_is_scored(tmp_path) -> None:
    source = tmp_path / "in.csv"
    huge = "x" * 10_000_000
    source.write_text(f"id,review\n1,good\n2,\n3,{huge}\n4\n5,bad\x00 one\n6,=good\n")
    *_, last = score_file(Fake(), source, tmp_path / "out.csv")
    assert [(b.line, b.reason.split(":")[0]) for b in last.bad] == [
        (3, "no text"),
        (4, "review"),
        (5, "1 cells where the header has 2"),
    ]
    rows = read(tmp_path / "out.csv")
    assert [(row["id"], row["label"]) for row in rows] == [
        ("1", "positive"),
        ("2", ""),
        ("3", ""),
        ("5", "negative"),
        ("6", "positive"),
    ]
    assert len(rows[2]["review"]) == len(huge)


def test_a_killed_run_takes_up_where_it_stopped(tmp_path) -> None:
    """Stopped after the second of four chunks, with a torn line at the journal's end: only the rest is asked again."""
    source, target = write(tmp_path / "in.csv", 2000), tmp_path / "out.csv"
    first, second = Fake(), Fake()
    steps = score_file(first, source, target)
    next(steps), next(steps)
    steps.close()
    journal = tmp_path / ".out.csv.journal"
    with journal.open("a") as file:
        file.write('{"label": "posi')
    assert not target.exists()
    *_, last = score_file(second, source, target)
    assert len(first.asked) == 1024 and len(second.asked) == 976
    assert last.scored == 2000
    *_, _ = score_file(Fake(), source, tmp_path / "again.csv")
    assert target.read_bytes() == (tmp_path / "again.csv").read_bytes()


def test_a_journal_of_another_file_is_not_taken_up(tmp_path) -> None:
    source, target, fake = write(tmp_path / "in.csv", 600), tmp_path / "out.csv", Fake()
    steps = score_file(fake, source, target)
    next(steps)
    steps.close()
    write(source, 700)
    *_, last = score_file(fake, source, target)
    assert last.scored == 700 and len(fake.asked) == 512 + 700


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ({"temperature": 2.0}, 600),
        ({"offsets": (0.1, 0.0, 0.0)}, 600),
        ({"threshold": 0.5}, 600),
        ({"cuts": {"staff": 0.3}}, 600),
        ({"unsure": 0.0}, 600),
        ({"turns": True}, 600),
        ({"signs": {"weight": [[1.0]]}}, 600),
        ({"base": "another"}, 600),
        ({"headline": "macro-F1 0.9", "version": "later"}, 88),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_file_begun_before_a_calibration_is_begun_anew_after_it(tmp_path, changed: dict, again: int) -> None:
    """The weights are the same; half of the rows would be of the former labels. How it was measured changes none."""
    source, target = write(tmp_path / "in.csv", 600), tmp_path / "out.csv"
    steps = score_file(Fake(), source, target)
    next(steps)
    steps.close()
    fake = Fake()
    fake.reading = replace(fake.reading, **changed)
    *_, last = score_file(fake, source, target)
    assert last.scored == 600 and len(fake.asked) == again


@pytest.mark.parametrize("kind", ["jsonl", "tsv", "parquet"])
def test_every_kind_comes_back_as_its_kind(tmp_path, kind: str) -> None:
    source, target = tmp_path / f"in.{kind}", tmp_path / f"out.{kind}"
    if kind == "jsonl":
        source.write_text('{"id": 1, "review": "good"}\n{"id": 2, "review": ""}\n')
    elif kind == "tsv":
        source.write_text("id\treview\n1\tgood\n2\t\n")
    else:
        pq.write_table(pa.table({"id": [1, 2], "review": ["good", None]}), source)
    *_, last = score_file(Fake(), source, target)
    assert (last.scored, last.skipped) == (1, 1)
    if kind == "jsonl":
        rows = [json.loads(line) for line in target.read_text().splitlines()]
    elif kind == "tsv":
        with target.open(newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
    else:
        rows = pq.read_table(target).to_pylist()
    assert [row["label"] or None for row in rows] == ["positive", None]
    assert list(rows[0]) == ["id", "review", *ADDED]


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_an_odd_cell_beside_the_text_loses_no_answer(tmp_path, kind: str) -> None:
    """Half a character, as JSON can name it; a time, a sum of money and bytes, as Parquet holds them."""
    (tmp_path / "in.jsonl").write_text('{"review": "fine", "id": "\\ud800"}\n')
    odd = {"review": ["fine"], "at": [datetime(2024, 1, 2)], "paid": [Decimal("1.50")], "raw": [b"\xff"]}
    pq.write_table(pa.table(odd), tmp_path / "in.parquet")
    found = []
    for source in ("in.jsonl", "in.parquet"):
        *_, last = score_file(Fake(), tmp_path / source, tmp_path / f"out.{kind}")
        text = (tmp_path / f"out.{kind}").read_text()
        found.append(json.loads(text) if kind == "jsonl" else read(tmp_path / f"out.{kind}")[0])
        assert last.scored == 1 and found[-1]["label"] == "positive"
    assert found[0]["id"] == "\ufffd"
    assert [found[1][name] for name in ("at", "paid", "raw")] == ["2024-01-02 00:00:00", "1.50", "b'\\xff'"]


def test_few_long_rows_are_held_at_a_time(tmp_path, monkeypatch) -> None:
    """A dictionary says one text for all: as objects they would be as many texts."""
    monkeypatch.setattr("models.parts.TEXT", 5000)
    monkeypatch.setattr("models.export.TEXT", 5000)
    pq.write_table(pa.table({"review": ["good " * 200] * 40}), tmp_path / "in.parquet")
    steps = [p.rows for p in score_file(Fake(), tmp_path / "in.parquet", tmp_path / "out.parquet")]
    assert steps == [5, 10, 15, 20, 25, 30, 35, 40, 40]
    written = pq.read_metadata(tmp_path / "out.parquet")
    assert written.num_rows == 40
    assert max(written.row_group(i).num_rows for i in range(written.num_row_groups)) == 5


def test_columns_are_found_by_name_or_chosen() -> None:
    assert match(TASK, ["Review", "x"]) == {"comments": "Review"}
    found = match(TASK, ["benefitsReview", "sideEffectsReview", "commentsReview", "rating"])
    assert list(found.values()) == ["benefitsReview", "sideEffectsReview", "commentsReview"]
    assert match(TASK, ["a", "b"], {"comments": "b"}) == {"comments": "b"}
    with pytest.raises(UserError, match="choose one of: a, b"):
        match(TASK, ["a", "b"])
    with pytest.raises(UserError, match="no column 'c'"):
        match(TASK, ["a", "b"], {"comments": "c"})


def test_a_file_that_already_has_a_label_column_is_not_overwritten(tmp_path) -> None:
    source = write(tmp_path / "in.csv", 2, "label,review")
    with pytest.raises(UserError, match="already has a column 'label'"):
        list(score_file(Fake(), source, tmp_path / "out.csv"))


def test_the_shell_command_survives_a_kill(tmp_path) -> None:
    """`python -m models.score` is killed for real in its midst; the second start finishes with every row once."""
    source, target = write(tmp_path / "in.csv", 4500), tmp_path / "out.csv"
    command = [sys.executable, "-m", "models.score", "drug_reviews", str(source), str(target)]
    env = os.environ | {"CARETUNE_HOME": str(tmp_path / "home")}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE)
    journal = tmp_path / ".out.csv.journal"
    for _ in range(3000):
        if journal.exists() and journal.read_bytes().count(b"\n") > 512:
            break
        assert process.poll() is None, process.stderr.read().decode()
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    before = journal.read_bytes().count(b"\n") - 1
    assert before >= 512 and not target.exists()
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    rows = read(target)
    assert [row["id"] for row in rows] == [str(i) for i in range(4500)]
    assert {row["label"] for row in rows} <= {*TASK.labels}


def test_the_shell_command_refuses_in_a_sentence(tmp_path) -> None:
    (tmp_path / "in.csv").write_text("")
    command = [sys.executable, "-m", "models.score", "drug_reviews", str(tmp_path / "in.csv"), str(tmp_path / "o.csv")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert done.stderr.strip().endswith("This file is empty.") and "Traceback" not in done.stderr
