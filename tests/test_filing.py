"""Files by whoever was chosen, as the page has them scored: a small server and a tiny base stand in."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from conftest import running
from fake_server import KEY, Do, refuses, remote, said
from gradio.utils import get_function_description
from test_readers import names, service
from tiny import forget, registered

import app
import tasks
from models.filing import Files
from tabs import many, notes_file, sentiment_file
from tasks.spec import Task, UserError
from tasks.written import HERE

REVIEW, NOTE = tasks.get("drug_reviews"), tasks.get("clinical_notes")
NOTES = [
    "Mr. John Smith (MRN 4455667), seen 12/03/2021, phone 555-123-4567, has chest pain and a fracture.",
    "Mrs. Zebulina Quist of 12 Elm Street denies cough. Seen by Dr. Harrowgate.",
]


@pytest.fixture(scope="module", autouse=True)
def bases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    registered("llama", tmp_path_factory.mktemp("bases"))
    yield
    forget()


def desk(task: Task, home: Path, setting: str = "", remotes: str = "") -> many.Desk:
    readers = service(home, setting, remotes).readers
    page: Any = sentiment_file if task is REVIEW else notes_file
    summary: Any = sentiment_file.Groups if task is REVIEW else many.Counted
    offers: Callable[[], Any] = lambda: readers.offers(task)  # noqa: E731
    return many.Desk(task, Files(readers, task), summary, "x", "", page.CHARTS, offers)


def listed(server: Any, *script: Do) -> str:
    one = remote(server, *script).endpoint
    return json.dumps([{"name": "Ours", "base_url": one.base_url, "model": "m", "key_env": "A_KEY"}])


def written(folder: Path, texts: list[str], column: str = "review") -> str:
    path = folder / "in.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["id", column], *([str(i), text] for i, text in enumerate(texts))])
    return str(path)


def pressed(one: many.Desk, path: str, by: str) -> tuple[list[str], list[dict[str, str]], tuple[Any, ...]]:
    """Press the button: what was said one after the other, the rows of the file, and all that was drawn at last."""
    steps = list(many._run(one)(None, path, by, *[""] * len(one.task.slots)))
    with open(steps[-1][1].value["path"], newline="", encoding="utf-8-sig") as file:
        return [step[0] for step in steps], list(csv.DictReader(file)), steps[-1]


def by_text(**acts: Do) -> Do:
    """Return an endpoint that does what the first of these words in its question says, else the last thing."""

    def act(call: Any) -> None:
        text = call.asked["messages"][-1]["content"]
        next((do for word, do in acts.items() if word in text), list(acts.values())[-1])(call)

    return act


def test_rows_are_counted_before_one_is_sent_and_come_back_in_order(tmp_path, server) -> None:
    """Four are on their way at a time; the page says how many there are before the first goes."""
    act = by_text(awful=said("x", [("A", -0.1)]), great=said("x", [("C", -0.1)]))
    one = desk(REVIEW, tmp_path, remotes=listed(server, act))
    path = written(tmp_path, ["awful" if i % 3 else "great" for i in range(12)])
    told = "12 rows in this file: each is one call to Ours (remote)."
    assert many._foretold(one)(path, "remote:Ours").replace("\\", "") == told
    assert many._foretold(one)(path, HERE) == many._foretold(one)(None, "remote:Ours") == "" and server.seen == []
    said_, rows, last = pressed(one, path, "remote:Ours")
    assert said_[0].replace("\\", "") == told and said_[-1] == "**12 reviews scored**."
    assert [row["id"] for row in rows] == [str(i) for i in range(12)] and len(server.seen) == 12
    assert [row["label"] for row in rows] == ["negative" if i % 3 else "positive" for i in range(12)]
    assert {row["intensity"] for row in rows} == {row["rating_expected"] for row in rows} == {""}
    assert last[2].visible and not last[3].visible  # nothing is ranked by ratings that nobody told


def test_notes_leave_masked_and_come_back_as_they_were(tmp_path, server) -> None:
    values = list(NOTE.heads[0].values)
    one = desk(NOTE, tmp_path, remotes=listed(server, said(json.dumps({"labels": values[:2]}))))
    _, rows, _ = pressed(one, written(tmp_path, NOTES, "text"), "remote:Ours")
    sent = json.dumps([seen for _, _, seen in server.seen])
    assert len(server.seen) == 2 and "chest pain and a fracture" in sent and "cough" in sent
    secrets = ("John", "Smith", "4455667", "12/03/2021", "555-123", "Zebulina", "Quist", "Elm", "Harrowgate")
    assert not any(word in sent for word in secrets)
    assert [row["text"] for row in rows] == NOTES
    assert all(set(row["labels"].split("; ")) == set(values[:2]) for row in rows)
    assert {row[f"p_{value}"] for row in rows for value in values} == {""}  # names are no probabilities


def test_who_fails_in_the_midst_costs_no_row_that_was_answered(tmp_path, server) -> None:
    act = by_text(number5=refuses(401), number=said("A", [("A", -0.1)]))
    one = desk(REVIEW, tmp_path, remotes=listed(server, act))
    told, rows, last = pressed(one, written(tmp_path, [f"number{i}" for i in range(9)]), "remote:Ours")
    assert told[-1].startswith("**5 reviews scored**.\n\n⚠ Ours does not accept the key it was given")
    assert "come back as they were" in told[-1] and KEY not in told[-1]
    assert [row["id"] for row in rows] == [str(i) for i in range(9)]
    assert [row["label"] for row in rows] == ["negative"] * 5 + [""] * 4
    assert last[-1].visible is False  # no row of these is at fault


def test_who_answers_nothing_leaves_no_file(tmp_path, server) -> None:
    one = desk(REVIEW, tmp_path, remotes=listed(server, refuses(401)))
    with pytest.raises(UserError, match="Ours does not accept the key"):
        pressed(one, written(tmp_path, ["good", "bad"]), "remote:Ours")
    with pytest.raises(UserError, match="There is no answerer of that name"):
        pressed(one, written(tmp_path, ["good", "bad"]), "remote:http://169.254.169.254/v1")


def test_a_visitor_cannot_have_a_book_of_rows_paid_for(tmp_path, server, monkeypatch) -> None:
    monkeypatch.setenv("CARETUNE_FILE_ROWS", "5")
    one = desk(REVIEW, tmp_path, "tiny-llama", listed(server, said("A", [("A", -0.1)])))
    path = written(tmp_path, ["good"] * 6)
    for by in ("remote:Ours", "base:tiny-llama"):
        assert "more than 5 rows" in many._foretold(one)(path, by)
        with pytest.raises(UserError, match="more than 5 rows"):
            pressed(one, path, by)
    assert server.seen == [] and len(pressed(one, path, HERE)[1]) == 6


def test_a_file_has_its_time_and_what_was_read_by_then_is_handed_out(tmp_path, monkeypatch) -> None:
    """The clock is looked at when the file begins and before each four rows; the third four find it past the end."""
    monkeypatch.setattr("models.score.CHUNK", 4)
    monkeypatch.setenv("CARETUNE_FILE_SECONDS", "90")
    times = iter([0.0, 1.0, 89.0, 90.0])
    one = desk(REVIEW, tmp_path)
    one = replace(one, files=Files(one.files.readers, REVIEW, clock=lambda: next(times)))
    told, rows, _ = pressed(one, written(tmp_path, ["good"] * 12), HERE)
    assert (
        told[-1].startswith("**8 reviews scored**.")
        and "The limit of 2 minutes for a file was reached; please upload" in told[-1]
    )
    assert [bool(row["label"]) for row in rows] == [True] * 8 + [False] * 4


@pytest.mark.parametrize(
    ("space", "setting", "limited"), [("me/app", "", True), ("", "", False), ("me/app", "0", False)]
)
def test_only_on_a_space_is_a_file_given_a_time(tmp_path, monkeypatch, space: str, setting: str, limited: bool) -> None:
    for name, value in (("SPACE_ID", space), ("CARETUNE_FILE_SECONDS", setting)):
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
    times = iter([0.0, 10.0**9])
    files = Files(desk(REVIEW, tmp_path).files.readers, REVIEW, clock=lambda: next(times))
    assert ("The limit of 10 minutes for a file was reached" in files._time()()) is limited


@pytest.mark.parametrize("task", [REVIEW, NOTE])
def test_a_base_as_it_came_scores_a_file(task: Task, tmp_path) -> None:
    one = desk(task, tmp_path, "tiny-llama")
    texts = ["It made me dizzy.", "", "It cured me."]
    told, rows, _ = pressed(one, written(tmp_path, texts, next(iter(task.columns.values()))[0]), "base:tiny-llama")
    assert told[-1].startswith(f"**2 {task.unit} scored**; 1 could not be scored (they are listed)")
    shares = [[float(row[f"p_{label}"]) for label in task.labels] for row in (rows[0], rows[2])]
    assert all(0 <= share <= 1 for row in shares for share in row)
    assert {row[f"p_{task.labels[0]}"] for row in rows[1:2]} == {""}


def test_the_endpoint_names_who_answers_and_hands_on_the_visitors_token(tmp_path, server, monkeypatch) -> None:
    monkeypatch.setenv("CARETUNE_ENDPOINTS", listed(server, said("A", [("A", -0.1)])))
    demo, _, _ = app.build(tmp_path)
    (found,) = [fn for fn in demo.fns.values() if fn.api_name == "sentiment_file"]
    path = written(tmp_path, ["good", "bad"])
    scored, summary = found.fn(path, "", "", "", "remote:Ours", None)
    assert summary["scored"] == 2 and summary["failed"] == "" and Path(scored).exists() and len(server.seen) == 2
    with pytest.raises(gr.Error, match="There is no answerer of that name"):
        found.fn(path, "", "", "", "remote:Theirs", None)


def test_a_tool_is_told_how_a_file_reaches_it(tmp_path) -> None:
    demo, _, _ = app.build(tmp_path)
    (found,) = [fn for fn in demo.fns.values() if fn.api_name == "sentiment_file"]
    _, arguments, _ = get_function_description(found.fn)
    assert "a data: URL (data:text/csv;base64,...); addresses and paths are refused" in arguments["file"]


@pytest.mark.parametrize(
    ("header", "named", "read"),
    [
        (["benefits", "side_effects", "my_text"], ("", "", "my_text"), ("benefits", "side_effects", "my_text")),
        (["benefits", "side_effects", "review"], ("", "", "benefits"), ("", "side_effects", "benefits")),
        (["benefits", "benefit", "review"], ("", "", "benefits"), ("benefit", "", "benefits")),
        (["one", "two", "three"], ("", "two", ""), ("", "two", "")),
        (["benefits", "review", "three"], ("", "", ""), ("", "", "")),
    ],
    ids=["gaps filled", "not used twice", "the next by name", "none by name", "none named"],
)
def test_the_columns_that_were_not_named_are_found_by_name(
    tmp_path, header: list[str], named: tuple[str, ...], read: tuple[str, ...]
) -> None:
    (tmp_path / "in.csv").write_text(f"{','.join(header)}\ngood,dizzy,fine\n")
    assert tuple(sentiment_file._filled(desk(REVIEW, tmp_path), str(tmp_path / "in.csv"), named)) == read


def test_the_endpoint_reads_what_was_named_and_what_has_a_known_name(tmp_path, server, monkeypatch) -> None:
    monkeypatch.setenv("CARETUNE_ENDPOINTS", listed(server, said("A", [("A", -0.1)])))
    demo, _, _ = app.build(tmp_path)
    (found,) = [fn for fn in demo.fns.values() if fn.api_name == "sentiment_file"]
    (tmp_path / "in.csv").write_text("benefits,side_effects,my_text\nhealed,dizzy,fine\n")
    found.fn(str(tmp_path / "in.csv"), "", "", "my_text", "remote:Ours", None)
    sent = server.seen[0][2]["messages"][-1]["content"]
    assert all(word in sent for word in ("healed", "dizzy", "fine"))


def test_names_alone_leave_the_probabilities_empty(tmp_path, server) -> None:
    one = desk(REVIEW, tmp_path, remotes=listed(server, names('{"label": "negative"}')))
    _, rows, _ = pressed(one, written(tmp_path, ["bad"]), "remote:Ours")
    assert rows[0]["label"] == "negative" and rows[0]["p_negative"] == rows[0]["p_positive"] == ""


def test_a_file_is_read_by_another_in_the_browser(chromium, server, tmp_path) -> None:
    """Chosen, told what it takes, stopped by a fault in its midst: what was answered is there to be had."""
    act = by_text(number7=refuses(401), number=said("A", [("A", -0.1)]))
    path = written(tmp_path, [f"number{i}" for i in range(9)])
    with running(tmp_path, CARETUNE_ENDPOINTS=listed(server, act), A_KEY=KEY) as started:
        page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(120_000)
        page.goto(started.url)
        page.get_by_role("tab", name="Many reviews").click()
        page.locator("#reviews-file input[type=file]").set_input_files(path)
        page.get_by_text("Columns found by name").wait_for()
        page.locator("#reviews-who input").click()
        page.get_by_role("option", name="Ours (remote)").click()
        page.get_by_text("9 rows in this file: each is one call to Ours (remote).").wait_for()
        assert "Your review is sent there" in page.locator("#reviews-known").inner_text() and server.seen == []
        page.locator("#reviews-go").click()
        page.locator("#reviews-result").wait_for()
        said_ = page.locator("#reviews-progress").inner_text()
        assert "7 reviews scored" in said_ and "Ours does not accept the key" in said_ and KEY not in page.content()
        assert page.locator("#claims-who").count() == 0
        page.context.close()
    assert KEY not in started.log and "number" not in started.log
