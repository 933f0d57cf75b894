"""A remote model set beside a run on the run's own test rows; the server is the one of test_remote."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from fake_server import KEY, refuses, said
from judged import MANY, TASK, examples, judged, judged_many

from tabs.judgement import judgement
from tasks.spec import Example
from training import evaluate, evaluate_remote, rowfile
from training.ranked import Ranking
from training.runs import RunStore

NAME = "Ward 3 (GPT)"


@pytest.fixture
def listed(server, monkeypatch) -> None:
    url = f"http://127.0.0.1:{server.server_port}/v1"
    row = {"name": NAME, "base_url": url, "model": "m", "key_env": "A_KEY", "cost": "one cent"}
    monkeypatch.setenv("CARETUNE_ENDPOINTS", yaml.safe_dump([row]))


@pytest.fixture
def rows(monkeypatch) -> list[Example]:
    found = examples(60)
    monkeypatch.setattr(evaluate_remote, "_rows", lambda task, config: found)
    return found


def always(wrong: set[int]):
    """Answer every row rightly but those."""

    def act(handler) -> None:
        number = int(handler.asked["messages"][-1]["content"].split("=row ")[1].split()[0].split("\n")[0])
        right = (number + (number in wrong)) % 3
        said("x", [("ABC"[right], -0.1)])(handler)

    return act


def test_all_rows_asked_about_stand_beside_the_run(server, listed, rows, tmp_path, capsys) -> None:
    run = judged(RunStore(tmp_path / "runs"), wrong=range(0, 60, 3))
    server.script[:] = [always({1, 2})]
    assert evaluate.main([str(run.folder), "--remote", NAME]) == 0
    told = json.loads((run.folder / "remote-ward-3-gpt.json").read_text())
    assert told["accuracy"] == pytest.approx(58 / 60) and told["rows"] == told["of"] == 60
    assert told["run"].startswith("worse: -") and told["model"] == "m"
    kept = rowfile.read(run.rows_file)
    answers = kept.floors[NAME]
    assert np.flatnonzero(answers != kept.right).tolist() == [1, 2]
    assert any(row[0] == NAME and row[2].startswith("worse") for row in judgement(run, []).verdicts.rows)
    out = capsys.readouterr().err
    assert out.index("one cent") < out.index("64 of" if len(rows) > 64 else "60 of 60 test rows")
    assert KEY not in out + json.dumps(told) and "127.0.0.1" not in out + json.dumps(told)


def test_some_rows_are_the_same_each_time_and_compared_with_the_run_on_those(server, listed, rows, tmp_path) -> None:
    run = judged(RunStore(tmp_path / "runs"), wrong=[])
    server.script[:] = [always(set(range(60)))]
    for _ in range(2):
        assert evaluate.main([str(run.folder), "--remote", NAME, "--rows", "24"]) == 0
    told = json.loads((run.folder / "remote-ward-3-gpt.json").read_text())
    assert told["n"] == told["rows"] == 24 and told["of"] == 60 and told["accuracy"] == 0
    assert told["run"].startswith("better: +1.000")
    contents = [seen["messages"][-1]["content"] for _, _, seen in server.seen]
    assert len(contents) == 48 and len(set(contents)) == 24
    assert NAME not in rowfile.read(run.rows_file).floors  # a part is no column of the whole
    assert evaluate_remote.drawn(60, 0) == list(range(60)) == evaluate_remote.drawn(60, 99)


def test_several_labels_are_compared_row_by_row(server, listed, tmp_path, monkeypatch) -> None:
    run = judged_many(RunStore(tmp_path / "runs"), wrong=0.3)
    right = run.report.main.right
    notes = [
        Example(text=f"=row {i}", targets={MANY.heads[0].name: tuple(MANY.labels[j] for j in marked)})
        for i, marked in enumerate(right)
    ]
    monkeypatch.setattr(evaluate_remote, "_rows", lambda task, config: notes)

    def act(handler) -> None:
        number = int(handler.asked["messages"][-1]["content"].split("=row ")[1].split("\n")[0])
        said(json.dumps({"labels": list(notes[number].targets[MANY.heads[0].name])}))(handler)

    server.script[:] = [act]
    assert evaluate.main([str(run.folder), "--remote", NAME, "--rows", "20"]) == 0
    told = json.loads((run.folder / "remote-ward-3-gpt.json").read_text())
    assert told["macro_f1"] == pytest.approx(1) and told["run"].startswith("worse")
    assert isinstance(run.report.main, Ranking)


def test_what_cannot_be_compared_is_refused_before_anything_is_sent(server, listed, rows, tmp_path, capsys) -> None:
    store = RunStore(tmp_path / "runs")
    other = judged(store, wrong=[], salt="other rows")
    assert evaluate.main([str(other.folder), "--remote", NAME]) == 1
    assert "not those this run was scored on" in capsys.readouterr().err
    assert server.seen == []
    run = judged(store, wrong=[])
    for name, why in (("nobody", "no such remote model"), (NAME, "does not accept the key")):
        server.script[:] = [refuses(401)]
        assert evaluate.main([str(run.folder), "--remote", name]) == 1
        assert why in capsys.readouterr().err
    assert not list(Path(run.folder).glob("remote-*"))
    run.report_file.unlink()
    assert evaluate.main([str(run.folder), "--remote", NAME]) == 1
    assert "not been scored" in capsys.readouterr().err and TASK.labels
