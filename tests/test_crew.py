"""A file scored by several processes: the same bytes as by one, whenever it is killed and by however many resumed."""

import os
import signal
from pathlib import Path

import pytest
import torch

import tasks
from models import score
from models.crew import Crew
from models.loading import load
from models.score import score_file
from models.shelf import Shelf
from tasks.spec import UserError

TASK = tasks.get("drug_reviews")
COLUMNS = {"comments": "review"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return Path(Shelf(tmp_path_factory.mktemp("home") / "shelf").current(TASK).folder)


def write(path: Path, rows: int) -> Path:
    words = ("great relief", "awful nausea worse every day", "some help some pain", "")
    lines = (f"{i},{words[i % 4]} {' and so on' * (i % 7) if i % 4 < 3 else ''}" for i in range(rows))
    path.write_text("id,review\n" + "\n".join(lines) + "\n3 cells,in,here\n")
    return path


def test_two_processes_write_what_one_writes_and_either_takes_up_from_the_other(tmp_path, monkeypatch, folder) -> None:
    """Three files, one content: by one process; by two; begun by two, left in its midst, and finished by one."""
    monkeypatch.setattr(score, "CHUNK", 8)
    source, threads = write(tmp_path / "in.csv", 60), torch.get_num_threads()
    torch.set_num_threads(1)
    alone = load(TASK, folder)
    *_, one = score_file(alone, source, tmp_path / "one.csv")
    with Crew(TASK, folder, 2, COLUMNS) as crew:
        *_, two = score_file(crew, source, tmp_path / "two.csv")
        steps = score_file(crew, source, tmp_path / "torn.csv")
        rows = [next(steps).rows for _ in range(3)]
        steps.close()
    asked = []
    monkeypatch.setattr(alone, "predict", lambda examples, real=alone.predict: asked.extend(examples) or real(examples))
    *_, last = score_file(alone, source, tmp_path / "torn.csv")
    torch.set_num_threads(threads)
    assert rows == [8, 16, 24]  # in the file's order, however the processes finish
    assert len(asked) == 45 - 18
    written = [(tmp_path / name).read_bytes() for name in ("one.csv", "two.csv", "torn.csv")]
    assert written[0].count(b"\n") == 61
    assert written[0] == written[1] == written[2]
    assert (one.scored, one.skipped, one.counts) == (two.scored, two.skipped, two.counts) == (45, 16, last.counts)


def test_a_process_that_dies_is_told_in_a_sentence_and_costs_only_what_it_had(tmp_path, monkeypatch, folder) -> None:
    monkeypatch.setattr(score, "CHUNK", 8)
    source = write(tmp_path / "in.csv", 200)
    with Crew(TASK, folder, 2, COLUMNS) as crew, pytest.raises(UserError, match="A scoring process ended"):
        steps = score_file(crew, source, tmp_path / "out.csv")
        next(steps)
        os.kill(next(iter(crew._pool._processes)), signal.SIGKILL)
        list(steps)
    assert not (tmp_path / "out.csv").exists()
    assert (tmp_path / ".out.csv.journal").read_bytes().count(b"\n") > 8


def test_a_crew_has_a_size(folder) -> None:
    for wrong in (0, 65):
        with pytest.raises(UserError, match="Between 1 and 64 processes"):
            Crew(TASK, folder, wrong, COLUMNS)
