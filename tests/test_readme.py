"""Documents that cannot lie: the tree against the disk, the scores against the reports."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.score import match
from models.shelf import SHIPPED
from training import cards, data
from training.cards import readme_scores

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_tree_is_the_one_on_disk() -> None:
    block = README.split("## The house")[1].split("## Add a task")[0]
    said = set(re.findall(r"^    ([\w.]+/?) ", block, re.MULTILINE))
    own = {"__pycache__", "data", "venv"}  # and hidden ones: caches, editors
    there = {p.name + "/" for p in ROOT.iterdir() if p.is_dir() and p.name not in own and p.name[0] != "."}
    assert said == there | {"app.py"}


def test_the_scores_are_those_of_the_reports() -> None:
    block = README.split("held by tests/test_readme.py -->\n")[1].split("<!-- /scores -->")[0]
    assert block == readme_scores(SHIPPED)


def test_one_command_writes_the_scores_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = README.split("held by tests/test_readme.py -->\n")[1].split("<!-- /scores -->")[0]
    monkeypatch.setattr(cards, "readme_scores", {SHIPPED: block}.__getitem__)
    stale = tmp_path / "README.md"
    stale.write_text(README.replace("0.783 [0.757", "0.999 [0.757", 1))
    assert stale.read_text() != README
    assert cards.main([str(stale)]) == 0 and stale.read_text() == README
    stale.write_text("# Another project\n")
    assert cards.main([str(stale)]) == 2 and stale.read_text() == "# Another project\n"


def test_the_task_that_may_be_added_is_one(tmp_path: Path) -> None:
    """What stands under "Add a task" runs as it stands, and its rows are read as it says."""
    block = README.split("## Add a task")[1].split("`folder` lies below")[0]
    code = "\n".join(line[4:] for line in block.splitlines() if line.startswith("    ") or not line)
    names: dict[str, Any] = {}
    exec(compile(code.replace('"…"', '"waits"'), "README.md", "exec"), names)
    task = names["TASK"]
    (tmp_path / "waits").mkdir()
    (tmp_path / "waits" / "waits").write_text("text,label\nAn hour and more.,long\nAt once.,short\n")
    (tmp_path / "waits" / "waits").rename(tmp_path / "waits" / "waits.csv")
    found = replace(task.dataset("waits"), files={"train": "waits.csv"})
    assert [row.label for row in data.load(found, "train", tmp_path)] == ["long", "short"]
    assert task.segments(task.samples[0]) == ("waits",)
    assert match(task, ["text", "when"], {}) == {"text": "text"}


def test_the_front_matter_is_what_a_space_reads() -> None:
    front = yaml.safe_load(README.split("---")[1])
    assert front["sdk"] == "gradio" and front["app_file"] == "app.py" and front["python_version"] == "3.12"
    assert len(front["short_description"]) <= 60
    assert front["hf_oauth"] is True and "mcp-server" in front["tags"]


def test_a_visitor_who_signs_in_is_asked_for_what_is_needed_and_no_more() -> None:
    """For a job, for the bucket its files lie in, and for a remote model; nothing that opens what they have already."""
    front = yaml.safe_load(README.split("---")[1])
    assert sorted(front["hf_oauth_scopes"]) == ["contribute-repos", "inference-api", "jobs"]


def test_the_picture_is_there() -> None:
    for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / name).is_file()


def test_every_requirement_has_a_bound_and_a_reason() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / file).read_text().splitlines():
            if line and not line.startswith(("#", "-r")):
                assert re.match(r"^[\w.\[\],-]+(>=[\w.]+,<=?[\w.]+|==[\w.]+)\s+# \S", line), line


def test_ci_runs_the_readmes_test_command() -> None:
    ci = (ROOT / ".ci" / "run").read_text()
    assert "pip install -r requirements-dev.txt && pytest" in README
    assert "-r requirements-dev.txt" in ci and "\npytest || code=$?\n" in ci and "venv" in ci
