"""What only trainers may read stays theirs where a program calls a page's handlers that never opened the page."""

import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from callers import caller
from judged import examples, judged

from models.shelf import Shelf
from tabs import judge_answers, judge_rows, train
from tabs.train_desk import Desk
from tabs.who import Gate
from training import answered, evaluate
from training.answered import Answers

LOG = "a line of the log"
WRITTEN = "what the run wrote"
TEXTS = judge_rows.texts


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The tab beside a judged run on somebody's own rows, with every event open to a client."""
    desk = Desk(tmp_path_factory.mktemp("home"), None, Gate(token="right"))
    desk.shelf = Shelf(desk.home / "shelf")
    run = judged(desk.store, [1, 2])
    one = {name: (0.5,) for name in answered.MEASURES}
    Answers(("0" * 16,), dict.fromkeys(answered.WHO, (WRITTEN,)), dict.fromkeys(answered.WHO, one)).write(run.folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge_rows, "private", lambda run: True)
        patch.setattr(judge_answers, "private", lambda run: True)
        patch.setattr(judge_rows, "texts", lambda run: examples())
        patch.setattr(answered, "known", lambda task, config: {})
        with gr.Blocks(analytics_enabled=False) as demo, gr.Tabs() as tabs, gr.Tab(train.TITLE, id="train"):
            train.build(desk, demo, tabs)
        for fn in demo.fns.values():
            fn.api_visibility = "public"
        _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, run_history=False)
        yield SimpleNamespace(url=url, demo=demo, run=run)
        demo.close()


def called(served: SimpleNamespace, name: str, *values: Any, **headers: str) -> Any:
    """Return what a new session is told by the handler of that qualified name."""
    (index, *_) = [i for i, fn in served.demo.fns.items() if getattr(fn.fn, "__qualname__", "") == name]
    return caller(served.url, **headers).predict(served.run.id, *values, fn_index=index)


TRAINER = {"x_caretune_token": "right"}


@pytest.mark.parametrize(
    ("name", "values", "secret"),
    [
        ("_wire_run.<locals>.anew", ([], 0.5, False), LOG),
        ("cell.<locals>.listed", ("any", "any", "surest first"), "=row 4"),
        ("build.<locals>.listed", (), WRITTEN),
    ],
)
def test_a_look_tells_a_trainer_and_no_visitor(served, name: str, values: tuple, secret: str) -> None:
    assert secret in str(called(served, name, *values, **TRAINER))
    for headers in ({}, {"x_caretune_token": "wrong"}):
        told = str(called(served, name, *values, **headers))
        assert secret not in told and "trainers" in told


def test_the_parcel_of_a_visitor_holds_no_log_and_no_text(served) -> None:
    def packed(with_texts: bool, **headers: str) -> dict[str, str]:
        made = called(served, "files.<locals>.make", with_texts, **headers)
        (path,) = [path for path in (made["value"] if isinstance(made, dict) else made) if path.endswith(".zip")]
        with zipfile.ZipFile(Path(path)) as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}

    ours, theirs = packed(True, **TRAINER), packed(False)
    assert LOG in ours["log.txt"] and WRITTEN in ours["answers.csv"] and "=row 4" in ours["predictions.csv"]
    assert "log.txt" not in theirs and not any(secret in str(theirs) for secret in (LOG, WRITTEN, "=row 4"))
    with pytest.raises(Exception, match="shown to trainers only"):
        packed(True)


def test_words_of_other_rows_never_stand_beside_an_answer(served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that moved since the run was scored have other words in the same places."""
    monkeypatch.setattr(judge_rows, "texts", TEXTS)
    asked = partial(called, served, "cell.<locals>.listed", "any", "any", "surest first", **TRAINER)
    for rows, same in ((examples(), True), ([*examples()[1:], examples()[0]], False)):
        monkeypatch.setattr(evaluate, "row_sets", lambda task, config, rows=rows: ([], {"test": rows}, []))
        told = str(asked())
        assert ("=row" in told, "not on this machine" in told) == (same, not same)
