"""Ratings by people: blind and in random order, kept on their word alone, summed up with intervals, exported safely."""

import csv
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest
from callers import caller

from tabs import rating as page_module
from tabs.rating import ANY, KEPT, _Page
from tabs.rating_view import agreed_rows, answerer_rows, contest_rows
from tabs.who import Gate
from tasks.ratings import CHOICES, MOST_ANSWER, MOST_COMMENT, SAME, Pair, hidden, pair, rater_name, rating
from tasks.spec import UserError
from training.ratings import MOST_PAIRS, Ratings, export, pairs_of
from training.ratings_report import summary

ANSWERERS = {"base": lambda q: f"base on {q}", "tuned": lambda q: f"tuned on {q}", "retrieval": lambda q: f"quoted {q}"}
PAIR = Pair("Does garlic help?", "Yes, a little.", "No.", "base", "tuned")


def said(found: Pair = PAIR, marks=(4, 2, 5, 3), preference="A", rater="r1", comment="") -> object:
    return rating(found, marks, preference, comment, rater, (5.0, 8.0), "2026-01-01T00:00:00+00:00")


def pages(tmp_path, answerers=ANSWERERS) -> _Page:
    return _Page(Ratings(tmp_path), lambda: answerers, lambda text: float(len(text)))


def test_the_order_is_random_and_a_pair_has_one_id() -> None:
    orders = {hidden(PAIR, random.Random(seed)).name_a for seed in range(20)}
    assert orders == {"base", "tuned"}
    assert PAIR.turned().id == PAIR.id and PAIR.turned().turned() == PAIR
    assert replace(PAIR, answer_a="Yes.").id != PAIR.id


@pytest.mark.parametrize(
    "change",
    [
        {"question": ""},
        {"answer_b": "x" * (MOST_ANSWER + 1)},
        {"name_a": "tuned"},
        {"name_b": None},
        {"answer_a": 3},
    ],
)
def test_what_is_no_pair_is_refused(change: dict) -> None:
    cells = {"question": "q?", "answer_a": "a", "answer_b": "b", "name_a": "base", "name_b": "tuned"}
    assert pair(cells).name_b == "tuned"
    with pytest.raises(UserError):
        pair(cells | change)


def test_every_question_of_the_form_is_asked() -> None:
    for marks in ((4, 2, 5), (4, 2, 5, None), (4, 2, 5, 6), (4, 2, 5, True), ("4", 2, 5, 3)):
        with pytest.raises(UserError, match="from 1 to 5"):
            said(marks=marks)
    with pytest.raises(UserError, match="prefer"):
        said(preference=None)
    with pytest.raises(UserError, match="comment"):
        said(comment="x" * (MOST_COMMENT + 1))
    assert said(preference=SAME).preferred == "" and said(preference="B").preferred == "tuned"
    assert rater_name("  Dr.\u200b Who ", "r") == "Dr. Who (r)" and rater_name("", "r") == rater_name(None, "r") == "r"


def test_one_persons_later_rating_takes_the_place_of_the_earlier(tmp_path) -> None:
    kept = Ratings(tmp_path)
    for one in (said(), said(rater="r2"), said(preference="B")):
        kept.save(one)
    with kept.path.open("a") as file:
        file.write('{"pair": "cut off')
    found = kept.all()
    assert [(one.rater, one.preference) for one in found] == [("r2", "A"), ("r1", "B")]
    assert Ratings(tmp_path / "none").all() == []


def test_no_more_is_taken_when_the_file_is_full(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("training.ratings.MOST_BYTES", 300)
    kept = Ratings(tmp_path)
    kept.save(said())
    with pytest.raises(UserError, match="No more ratings"):
        kept.save(said(rater="r2"))


def test_the_export_runs_nothing_in_a_spreadsheet(tmp_path) -> None:
    path = export([said(comment="=HYPERLINK(1)")], tmp_path / "out.csv")
    (row,) = csv.DictReader(path.open(newline="", encoding="utf-8-sig"))
    assert row["preference"] == "A" and row["grade_b"] == "8.0" and row["factuality_a"] == "4"
    assert not row["comment"].startswith("=") and "HYPERLINK" in row["comment"]


def test_pairs_are_read_from_a_file_and_faults_named_by_line(tmp_path) -> None:
    cells = {"question": "q?", "answer_a": "a", "answer_b": "b", "name_a": "one", "name_b": "two"}
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps(cells) + "\n" + json.dumps(cells | {"answer_b": " "}) + "\n")
    with pytest.raises(UserError, match="Line 2"):
        pairs_of(path)
    path.write_text((json.dumps(cells) + "\n") * (MOST_PAIRS + 1))
    with pytest.raises(UserError, match="more than"):
        pairs_of(path)
    table = tmp_path / "pairs.csv"
    table.write_text("question,answer_a,answer_b,name_a,name_b\nq?,a,b,one,two\n")
    assert pairs_of(table) == [Pair("q?", "a", "b", "one", "two")]


def test_means_and_shares_are_grouped_by_question() -> None:
    """Ten ratings of one answer are no ten answers: the interval hangs on the questions."""
    one = [said(rater=f"r{i}") for i in range(10)]
    alone = summary(one)
    base, tuned = alone.answerers
    assert (base.name, base.factuality.value, base.factuality.interval) == ("base", 4.0, None)
    assert (tuned.clarity.value, tuned.grade, tuned.questions) == (3.0, 8.0, 1)
    assert (alone.contests[0].wins, alone.contests[0].share) == (10, 1.0)
    assert alone.contests[0].interval is None and contest_rows(alone)[0][5] == "100%"
    # Two questions, marks 5 and 1, however often rated: the mean of a redraw is 1, 3 or 5.
    apart = [
        said(replace(PAIR, question=q), (m, m, m, m), SAME, f"r{i}")
        for q, m in (("x?", 5), ("y?", 1))
        for i in range(8)
    ]
    found = summary(apart)
    assert found.answerers[0].factuality.value == 3.0 and found.answerers[0].factuality.interval == (1.0, 5.0)
    assert found.contests[0].share is None and found.contests[0].same == 16 and found.contests[0].interval is None
    # The same two, each with one winner: the share of a redraw is 1, one half or 0, however many rated.
    split = [replace(one, preference="A" if one.question == "x?" else "B") for one in apart]
    contest = summary(split).contests[0]
    assert (contest.share, contest.interval) == (0.5, (0.0, 1.0))
    unanimous = summary([replace(one, preference="A") for one in apart]).contests[0]
    assert unanimous.share == 1.0
    assert unanimous.interval == pytest.approx((0.3424, 1.0), abs=1e-3)  # Wilson's for two questions of two


def test_agreement_does_not_hang_on_which_answer_was_shown_first() -> None:
    pairs = [replace(PAIR, question=f"q{i}?") for i in range(6)]
    marks = [(5, 1, 5, 1), (4, 2, 4, 2), (1, 5, 1, 5), (2, 4, 2, 4), (4, 1, 4, 1), (2, 4, 2, 4)]
    choices = ["A", "A", "B", "B", "A", "B"]
    ratings = [said(p, m, c, "r1") for p, m, c in zip(pairs, marks, choices, strict=True)]
    turned = {"A": "B", "B": "A"}
    ratings += [
        said(p.turned(), (m[1], m[0], m[3], m[2]), turned[c], "r2")
        for p, m, c in zip(pairs, marks, choices, strict=True)
    ]
    factuality, clarity, preference = summary(ratings).agreed
    assert (factuality.n, preference.n) == (12, 6)
    assert factuality.alpha == clarity.alpha == preference.alpha == preference.kappa == 1.0
    against = [r if r.rater == "r1" else replace(r, preference=turned[r.preference]) for r in ratings]
    assert summary(against).agreed[2].alpha < 0 and summary(against).agreed[2].kappa == -1.0
    nobody = summary([said()]).agreed[0]
    assert (nobody.n, nobody.alpha, nobody.kappa) == (0, None, None)
    told = summary(ratings)
    assert agreed_rows(told)[2] == ["preference", "6", "1.00", "1.00"]
    assert contest_rows(told)[0][:5] == ["base", "tuned", "6", "6", "0"] and "50%" in contest_rows(told)[0][5]
    assert answerer_rows(told)[0][2].startswith("3.00 [")


def test_raters_who_share_a_row_or_two_have_no_kappa() -> None:
    """Of one shared row kappa is nothing or 0; two raters who share ten weigh more than two who share six."""

    def both(start: int, raters: tuple[str, str], agreeing: int, n: int) -> list[object]:
        rows = [replace(PAIR, question=f"q{i}?") for i in range(start, start + n)]
        first = ["AB"[(start + i) % 2] for i in range(n)]
        second = [c if i < agreeing else {"A": "B", "B": "A"}[c] for i, c in enumerate(first)]
        return [
            said(row, preference=c, rater=rater)
            for rater, choices in zip(raters, (first, second), strict=True)
            for row, c in zip(rows, choices, strict=True)
        ]

    ones = [one for i in range(10) for one in both(i, (f"r{i}", f"s{i}"), int(i < 9), 1)]
    told = summary(ones)
    assert told.agreed[2].alpha == pytest.approx(0.81, abs=0.02) and told.agreed[2].kappa is None
    assert agreed_rows(told)[2][3] == "not enough" and agreed_rows(summary([said()]))[2][3] == "–"
    unequal = both(20, ("a", "b"), 10, 10) + both(40, ("c", "d"), 0, 6) + ones
    assert summary(unequal).agreed[2].kappa == pytest.approx((10 * 1 + 6 * -1) / 16)


def test_a_visitor_sees_no_name_before_saving_and_saves_once(tmp_path) -> None:
    page = pages(tmp_path)
    shown = page.on_show_pair("Does garlic help?", "tuned", ANY, None)
    mine, question, a, b = shown[:4]
    assert question == "Does garlic help?" and {a, b} == {mine.pair.answer_a, mine.pair.answer_b}
    assert "tuned" in (mine.pair.name_a, mine.pair.name_b)
    assert not page.kept.path.exists()  # nothing is kept yet
    with pytest.raises(UserError):
        page.on_save_rating(mine, 4, 4, None, 4, "A", "", "")
    assert not page.kept.path.exists()
    after = page.on_save_rating(mine, 4, 5, 3, 2, "B", "fine", "")
    (kept,) = page.kept.all()
    assert kept.rater == mine.rater and kept.name_a == mine.pair.name_a and kept.grade_a == len(a)
    assert [row[1] for row in after[-1].value["data"]] == [mine.pair.name_a, mine.pair.name_b]
    with pytest.raises(UserError, match="saved already"):
        page.on_save_rating(after[0], 4, 5, 3, 2, "B", "fine", "")


def test_two_visitors_have_ids_and_pairs_of_their_own(tmp_path) -> None:
    page = pages(tmp_path)
    first, second = (page.on_show_pair(q, ANY, ANY, None)[0] for q in ("one?", "two?"))
    assert first.rater != second.rater and (first.pair.question, second.pair.question) == ("one?", "two?")


def test_answerers_are_checked(tmp_path) -> None:
    page = pages(tmp_path, {**ANSWERERS, "mute": lambda q: " "})
    with pytest.raises(UserError, match="different"):
        page.on_show_pair("q?", "base", "base", None)
    with pytest.raises(UserError, match="mute gave no answer"):
        page.on_show_pair("q?", "base", "mute", None)
    with pytest.raises(UserError, match="not two answerers"):
        pages(tmp_path, {"base": str}).on_show_pair("q?", ANY, ANY, None)


def test_who_may_answer_is_asked_again_when_the_tab_is_opened(tmp_path) -> None:
    there = {"base": str}
    page = _Page(Ratings(tmp_path), lambda: there, len)
    few, row, *_ = page.on_rating_offers()
    assert few.visible and not row.visible
    there["tuned"] = str.upper
    few, row, first, _ = page.on_rating_offers()
    assert row.visible and not few.visible and [name for name, _ in first.choices] == [ANY, "base", "tuned"]
    assert {*page.on_show_pair("q?", ANY, ANY, None)[2:4]} == {"q?", "Q?"}


def test_a_file_is_rated_pair_by_pair(tmp_path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("question,answer_a,answer_b,name_a,name_b\nq1?,a,b,one,two\nq2?,a,b,one,two\n")
    page = pages(tmp_path, {})
    mine, *_ = page.on_pairs_file(str(path), None)
    assert mine.pair.question == "q1?" and len(mine.queue) == 1
    after, *_ = page.on_save_rating(mine, 1, 2, 3, 4, CHOICES[2], "", "Ann")
    mine, question, *_ = page.on_next_pair(after)
    assert question == "q2?" and mine.queue == ()
    with pytest.raises(UserError, match="no further"):
        page.on_next_pair(mine)
    (kept,) = page.kept.all()
    assert {kept.name_a, kept.name_b} == {"one (from a file)", "two (from a file)"}


def test_nobody_takes_the_place_of_another_rater_or_of_an_answerer(tmp_path) -> None:
    """Whoever types another's name rates beside them, and a file's names are the file's."""
    path = tmp_path / "pairs.csv"
    path.write_text("question,answer_a,answer_b,name_a,name_b\nq?,a,b,base,tuned\n")
    page = pages(tmp_path)
    for _ in range(2):  # two pages
        page.on_save_rating(page.on_pairs_file(str(path), None)[0], 1, 2, 3, 4, "A", "", "Ann")
    first, second = page.kept.all()
    assert first.pair == second.pair and first.rater != second.rater
    assert {one.name for one in summary([first, second]).answerers}.isdisjoint(ANSWERERS)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The page alone, with every event open to a client."""
    home = tmp_path_factory.mktemp("home")
    gate = Gate(token="right")
    with gr.Blocks(analytics_enabled=False) as demo, gr.Tab("Rate answers") as tab:
        page_module.build(home, gate, lambda: ANSWERERS, lambda text: 6.0, tab)
    for fn in demo.fns.values():
        fn.api_visibility = "public"
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, run_history=False)
    yield SimpleNamespace(url=url, home=home, demo=demo)
    demo.close()


def test_two_clients_rate_and_only_the_host_reads(served) -> None:
    """Each client has its own state; the results are refused without the token and given with it."""
    names = [fn.api_name for fn in served.demo.fns.values()]
    assert len(set(names)) == len(names) and all(name.startswith("on_") for name in names)
    one, two = (caller(served.url) for _ in range(2))
    first = one.predict("Does garlic help?", ANY, ANY, api_name="/on_show_pair")
    two.predict("Is aspirin safe?", ANY, ANY, api_name="/on_show_pair")
    assert first[0] == "Does garlic help?"
    one.predict(5, 4, 3, 2, "A", "", "", api_name="/on_save_rating")
    (kept,) = Ratings(served.home).all()
    assert kept.question == "Does garlic help?" and kept.rater.startswith("rater-")
    with pytest.raises(Exception, match="Only whoever runs this app"):
        one.predict(api_name="/on_rating_results")
    host = caller(served.url, x_caretune_token="right")
    said, *_, file = host.predict(api_name="/on_rating_results")
    assert "1 ratings" in said
    path = file["value"] if isinstance(file, dict) else file
    (row,) = csv.DictReader(Path(path).read_text().splitlines())
    assert row["question"] == "Does garlic help?"
    assert "Nothing else is kept" in KEPT
