"""Sentences as a generator writes them, what is noted beside each, and the colour that follows from it."""

import pytest

from tasks.health_claims import REFUTES, SILENT, SUPPORTS
from tasks.marks import DECLINED, Marked, coloured, expected, pieces, stance, statement, unmarked
from tasks.reply import NOTHING
from tasks.spec import Turn
from tasks.written import Written, past

TEXT = (
    "Garlic lowers it. [1] Take 5 mg e.g. Daily, not vitamin C. Then:\n1. Stop it! Why? **Yes.** <b>Or</b> so.\n"
    "- No (see U.S. Food) [2].\n\n"
)


def test_pieces_make_the_text_again_and_stay_as_it_grows() -> None:
    """However it is cut: what was checked once is never another sentence later."""
    for size in range(len(TEXT)):
        now, later = pieces(TEXT[:size]), pieces(TEXT[: size + 1])
        assert "".join(now) == TEXT[:size]
        assert later[: len(now) - 1] == now[:-1]
    assert pieces("") == []


def test_a_title_cuts_no_piece() -> None:
    assert len(pieces("St. John's wort interacts, says Prof. Lee.")) == 1


def test_what_is_checked_is_what_is_stated() -> None:
    said = ["Garlic lowers it.", "Take 5 mg e.g. Daily, not vitamin C.", "", "Stop it!", "", "Yes.", "<b>Or</b> so."]
    assert [statement(piece) for piece in pieces(TEXT)] == [*said, "No (see U.S. Food)."]
    assert statement(DECLINED) == statement("  [3] ") == statement("") == ""


def test_notes_say_what_was_found_and_come_off_again() -> None:
    """A contradicted sentence is labelled in words, with its evidence; a history is read without that."""
    wrong = Marked("It cures. ", REFUTES, 0.91, 0.02, 2, "It does not cure.")
    unknown = Marked("Whales sing [3].", SILENT, 0.8, 0.1)
    good = Marked("It may help [1].\n", SUPPORTS, 0.9, 0.9, 1, "It may help.")
    assert wrong.noted == "It cures. ⟦Contradicted by [2], 91% likely: “It does not cure.”⟧ "
    assert unknown.noted == "Whales sing [3]. ⟦not in the sources, 80% likely⟧"
    assert good.noted == good.text
    assert unmarked(wrong.noted + unknown.noted) == "It cures. Whales sing."
    turns = [Turn("user", "Does [1] help?"), Turn("assistant", wrong.noted)]
    assert past(turns) == [turns[0], Turn("assistant", "It cures. ")]


def test_a_generator_reads_questions_with_one_answer_each() -> None:
    """A copy in plain words, a question that was stopped and an answer to nothing would break its chat template."""
    asked, said, again = Turn("user", "Is it safe?"), Turn("assistant", "Yes."), Turn("assistant", "Yes, plainly.")
    stopped, later, told = Turn("user", "Stopped?"), Turn("user", "And now?"), Turn("assistant", "No.")
    assert past([said, asked, said, again, stopped, later, told, stopped]) == [asked, said, later, told]
    assert past([stopped]) == past([said]) == past([]) == []


@pytest.mark.parametrize(
    ("scores", "said"),
    [((0.5, 0.1, 0.4), (SUPPORTS, 0.5)), ((0.1, 0.6, 0.3), (REFUTES, 0.6)), ((0.45, 0.35, 0.2), (SILENT, 0.55))],
)
def test_a_side_is_taken_only_where_it_is_likelier_than_not(scores: tuple, said: tuple) -> None:
    side, likely = stance(dict(zip((SUPPORTS, REFUTES, SILENT), scores, strict=True)))
    assert (side, likely) == (said[0], pytest.approx(said[1]))


def sentence(side: str, score: float) -> Marked:
    return Marked("Said.", side, score, score if side == SUPPORTS else 1 - score, 1, "x")


@pytest.mark.parametrize(
    ("marks", "colour", "why"),
    [
        ([], "red", "No sentence"),
        ([Marked("Why?")], "red", "No sentence"),
        ([sentence(SUPPORTS, 0.9), sentence(SUPPORTS, 0.8), Marked("Why?")], "green", "2 of 2 sentences supported"),
        ([sentence(SUPPORTS, 0.59)], "yellow", "1 of 1 sentence supported"),
        ([sentence(SUPPORTS, 0.9), sentence(SILENT, 0.9)], "yellow", "1 of 2 sentences supported"),
        ([sentence(SILENT, 0.9)], "red", "mostly not in the sources"),
        ([sentence(SILENT, 0.55)], "red", "0 of 1 sentence supported by the sources, 45% sure"),
        ([sentence(SUPPORTS, 0.99)] * 5 + [sentence(REFUTES, 0.75)], "red", "1 sentence is contradicted"),
        ([sentence(SUPPORTS, 0.99)] * 5 + [sentence(REFUTES, 0.7)], "yellow", "5 of 6"),
        ([sentence(REFUTES, 0.8), sentence(REFUTES, 0.9)], "red", "2 sentences are contradicted"),
    ],
)
def test_the_colour_follows_the_sentences(marks: list[Marked], colour: str, why: str) -> None:
    found, reason = coloured(marks)
    assert found == colour and why in reason


def test_a_written_reply_tells_all_of_itself() -> None:
    good = sentence(SUPPORTS, 0.9)
    grown = Written("q", marks=(good,), rest=" More", status="Reading")
    assert (grown.words, grown.confidence, grown.text) == ("Said. More", expected([good]), "Said. More")
    assert Written("q", status="Reading …").waiting == "Reading …" and "sources" in Written("q").waiting
    failed = Written("q", marks=(good,), failed="It broke.", referral="Ask.", done=True)
    assert failed.text == "Said.\n\nIt broke.\n\nAsk." and failed.why.endswith("(unfinished)")
    nothing = Written("q", done=True)
    assert nothing.text == NOTHING and nothing.colour == "red" and nothing.why == "No answer was written"


@pytest.mark.parametrize("text", ["a" + " " * 100_000 + "b", "⟦" * 100_000, "a [1" + " " * 100_000 + "b"])
def test_an_answer_of_blanks_or_open_brackets_is_left_as_it_is(text: str) -> None:
    assert unmarked(text) == text
