"""The part of a page that scores files: what stands there between one file and the next, and what comes back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

import tasks
from models.score import Progress
from tabs import many, sentiment_file
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
    assert last[0] == "**2 reviews scored**; 1 could not be scored (listed below)." and last[1].visible


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
