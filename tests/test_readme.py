"""Documents that cannot lie: the tree against the disk, the scores against the reports."""

import re
from pathlib import Path

import yaml

from models.shelf import SHIPPED
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


def test_the_front_matter_is_what_a_space_reads() -> None:
    front = yaml.safe_load(README.split("---")[1])
    assert front["sdk"] == "gradio" and front["app_file"] == "app.py" and front["python_version"] == "3.12"
    assert len(front["short_description"]) <= 60
    assert front["hf_oauth"] is True and "mcp-server" in front["tags"]


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
