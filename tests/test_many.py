"""The part of a page that scores files: what stands there between one file and the next, and what comes back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from gradio.route_utils import delete_files_created_by_app
from test_score import Fake, write

import tasks
from models.score import Progress, score_file
from tabs import many, sentiment_file
from tasks.spec import UserError
from tasks.written import HERE

TASK = tasks.get("drug_reviews")


class Files:
    """A desk's files, two of three rows scored."""

    def columns(self, path: Path) -> list[str]:
        return ["review"]

    def match(self, columns: list[str]) -> dict[str, str]:
        return {"comments": "review"}

    def foretold(self, path: Path, by: str) -> str:
        return ""

    def score(self, source: Path, target: Path, *given: Any, **named: Any) -> Iterator[Progress]:
        target.write_text("review,label\nx,negative\n")
        for rows in (1, 2):
            yield Progress(rows=rows, scored=rows)
        yield Progress(rows=3, scored=2, skipped=1, done=True, counts={"negative": 2})


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> many.Desk:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return many.Desk(TASK, Files(), sentiment_file.Groups, "reviews", "", sentiment_file.CHARTS)


def hidden(updates: tuple[Any, ...]) -> bool:
    return len(updates) == 5 and all(one.visible is False for one in updates)


def test_the_next_file_takes_the_last_ones_results_away(desk: many.Desk, tmp_path: Path) -> None:
    """As soon as it is dropped, whatever it holds, and again when it is scored."""
    with gr.Blocks() as demo:
        many.build(desk)
    clears = [fn for fn in demo.fns.values() if {"reviews-result", "reviews-bad"} <= names(fn) and not fn.inputs]
    assert len(clears) == 1 and [what for _, what in clears[0].targets] == ["change"]
    line, *rest = clears[0].fn()
    assert line == "" and hidden(tuple(rest))
    (tmp_path / "b.csv").write_text("review\nx\n")
    first, second, last = many._run(desk)(None, str(tmp_path / "b.csv"), HERE, "", "", "review")
    assert hidden(first[1:]) and not any(isinstance(one, gr.File | gr.Plot) for one in second[1:])
    assert last[0] == "**2 reviews scored**; 1 could not be scored (they are listed)." and last[1].visible


def names(fn: Any) -> set[str]:
    return {one.elem_id for one in fn.outputs}


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Ward 7 (May).csv", "Ward_7_May-scored.csv"),
        ("été.TSV", "été-scored.tsv"),
        ("....csv", "file-scored.csv"),
        (f"{'x' * 90}.jsonl", f"{'x' * 40}-scored.jsonl"),
        ("a'b;$(c).parquet", "a_b_c-scored.parquet"),
    ],
)
def test_a_scored_file_is_named_after_the_one_it_was(source: str, target: str) -> None:
    assert many.named_after(Path(source)) == target


class Slow(Files):
    """A desk's files that are really scored."""

    def score(self, source: Path, target: Path, *given: Any, **named: Any) -> Iterator[Progress]:
        return score_file(Fake(), source, target, {"comments": "review"}, **named)


@pytest.mark.parametrize("linked", [True, False], ids=["a link", "a copy"])
def test_a_file_is_scored_to_its_end_though_its_upload_is_deleted_meanwhile(
    desk: many.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    """Gradio unlinks what was uploaded an hour ago, read or not. Nothing but the scored file is left of it."""
    if not linked:
        monkeypatch.setattr("os.link", refused)
    source = write(tmp_path / "a.csv", 1300)
    with gr.Blocks(delete_cache=(600, 3600)) as demo:
        demo.upload_file_set.add(str(source))
    steps = many.scored(replace(desk, files=Slow()), str(source), ["", "", "review"])
    next(steps)
    delete_files_created_by_app(demo, age=None)
    assert not source.exists()
    *_, (last, target, _) = steps
    assert last.done and last.scored == 1300 and target.read_text(encoding="utf-8-sig").count("\n") == 1301
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [target]


def test_what_is_broken_off_leaves_no_upload_behind(desk: many.Desk, tmp_path: Path) -> None:
    source = write(tmp_path / "a.csv", 1300)
    steps = many.scored(replace(desk, files=Slow()), str(source), ["", "", "review"])
    next(steps)
    source.unlink()
    steps.close()
    assert list(tmp_path.rglob("*.csv")) == []


def test_a_file_that_was_deleted_while_it_waited_is_asked_for_again(desk: many.Desk, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="please upload it again"):
        next(many.scored(desk, str(tmp_path / "a.csv"), []))


def refused(*given: Any) -> None:
    raise PermissionError("no links on this disk")
