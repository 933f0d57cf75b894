"""The chat's page: it streams, takes back, retries and edits; a failure never bricks it; nothing is drawn as markup."""

import re
from collections.abc import Iterator, Sequence
from types import SimpleNamespace

import gradio as gr
import pytest

from tabs import compare, marks_view
from tabs.answerer import about, choices
from tabs.chat import _api, _Page
from tabs.chat_view import MOST_CHARS, as_dict, plain, sources, standing, suggestions, text_of, turns, waits
from tasks.dialogue import rewritten
from tasks.emergency import emergency
from tasks.evidence import Found
from tasks.health_claims import REFUTES, SUPPORTS
from tasks.marks import Marked
from tasks.reply import NOTHING, Quote, Reply
from tasks.spec import Prediction, Turn, UserError
from tasks.written import QUOTING, Offer, Written

GARLIC = Found("g", "Garlic helps.", 0.9, title="Garlic <b>[x](y)", organisation="NIH", url="https://nih.gov/g")
ASKED: list[tuple[str, Sequence[Turn]]] = []


def answer(question: str, history: Sequence[Turn]) -> Iterator[Reply]:
    ASKED.append((question, history))
    yield Reply(question)
    if "garlic" in question.lower():
        yield Reply(question, quotes=(Quote("Garlic helps.", 1, 0.6),), sources=(GARLIC,), referral="Ask.", done=True)
    else:
        yield Reply(question, emergency(question), near=(GARLIC,), referral="Ask.", done=True)


GOOD = Marked("Garlic helps [1]. ", SUPPORTS, 0.9, 0.9, 1, "Garlic helps.")
BAD = Marked("It <b>cures</b> all.", REFUTES, 0.8, 0.1, 1, "Garlic helps.")


def written(question: str) -> Iterator[Written]:
    start = Written(question, by="Tiny", sources=(GARLIC,), status="Reading …")
    yield start
    yield Written(question, by="Tiny", sources=(GARLIC,), marks=(GOOD,), rest="It <b>cures")
    yield Written(question, by="Tiny", sources=(GARLIC,), marks=(GOOD, BAD), referral="Ask.", done=True)


class Answerers:
    """Quotes, writes, fails in words or fails without any."""

    offers = (Offer(QUOTING, "Sources", "Quoted."), Offer("tiny", "Tiny", "Costs [a](b) *lot*."))

    def ask(
        self, question: str, history: Sequence[Turn], by: str = QUOTING, token: str | None = None
    ) -> Iterator[Reply]:
        if by == QUOTING:
            yield from answer(question, history)
        elif by == "tiny":
            yield from written(question)
        elif by == "broken":
            yield Written(question, rest="Some")
            raise ZeroDivisionError("secret")
        else:
            raise UserError("There is no answerer of that name.")

    def compare(
        self, question: str, first: str, second: str, token: str | None = None
    ) -> Iterator[tuple[Reply | None, Reply | None]]:
        *_, one = self.ask(question, (), first)
        yield one, None
        for other in self.ask(question, (), second):
            yield one, other


PAGE = _Page(Answerers(), lambda text: 4.4)


def last(steps: Iterator[tuple]) -> tuple:
    *_, end = steps
    return end


def test_a_question_is_answered_step_by_step() -> None:
    """The question stands there at once, the answer grows under it; the box is emptied once, for the next question."""
    first, *between, end = PAGE.on_ask("Does garlic help?", [], QUOTING)
    assert first[0] == [{"role": "user", "content": "Does garlic help?"}] and first[1] == ""
    assert between and all(step[1] == gr.skip() for step in (*between, end)), "what is typed meanwhile would be lost"
    messages, _, stand, shelf, *_ = end
    assert messages[1]["content"] == "“Garlic helps.” [1]\n\nAsk."
    assert "grade 4" in stand and "60%" in stand and "🟢" in stand
    assert "<b>" not in shelf.replace(r"\<b\>", "") and "(https://nih.gov/g)" in shelf


def test_an_empty_question_leaves_the_conversation_as_it_was() -> None:
    """And the page usable: what was typed stays in the box, and what is known of the last answer beside it."""
    before = [{"role": "user", "content": "x?"}]
    for bad in ("", "   ", "x" * (MOST_CHARS + 1)):
        messages, box, stand, shelf, *rest = left = last(PAGE.on_ask(bad, before, QUOTING))
        assert messages == before and box == bad and stand == shelf == gr.skip()
        ask, stop = [one for one in rest if isinstance(one, gr.Button)]
        assert ask.visible and not stop.visible and len(left) == len(last(PAGE.on_ask("Garlic?", [], QUOTING)))


def test_history_goes_along_and_is_checked() -> None:
    said = [
        {"role": "user", "content": [{"type": "text", "text": "Garlic?"}]},
        {"role": "assistant", "content": "Yes."},
    ]
    last(PAGE.on_ask("And for children?", said, QUOTING))
    assert ASKED[-1][1] == [Turn("user", "Garlic?"), Turn("assistant", "Yes.")]
    for bad in ([{"role": "system", "content": "x"}], [{"content": "x"}], ["x"], [{"role": "user", "content": 3}]):
        with pytest.raises(UserError):
            turns(bad)
    assert turns("nonsense") == []


def test_undo_retry_and_edit() -> None:
    """Undo gives the question back, retry asks it again, an edit forgets what came after."""
    messages = last(PAGE.on_ask("Does garlic help?", [], QUOTING))[0]
    assert PAGE.on_undo(messages) == ([], "Does garlic help?")
    assert PAGE.on_undo([]) == ([], "")
    again = last(PAGE.on_retry(messages, QUOTING, SimpleNamespace(index=1)))
    assert again[0] == messages
    edited = last(PAGE.on_edit(messages, QUOTING, SimpleNamespace(index=0, value="What is gout?")))
    assert edited[0][0]["content"] == "What is gout?" and NOTHING in edited[0][1]["content"]


def test_simpler_puts_plain_words_beside_and_says_when_there_are_none() -> None:
    said = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "Hypertension harms."}]
    assert "[high blood pressure]" in PAGE.on_simpler(said)[-1]["content"]
    twice = PAGE.on_simpler(PAGE.on_simpler(said))
    assert twice == PAGE.on_simpler(said) and "]" not in twice[-1]["content"].replace("pressure]", "")
    none = PAGE.on_simpler([{"role": "assistant", "content": "Nothing hard."}])
    assert PAGE.on_simpler(none) == none
    assert "no simpler words" in PAGE.on_simpler([{"role": "assistant", "content": "Nothing hard."}])[-1]["content"]
    assert PAGE.on_simpler([]) == []


def test_what_stood_there_until_stop_is_no_answer() -> None:
    """Neither to who answers next nor in the page or its transcript."""
    _, looking, *_ = PAGE.on_ask("Does garlic help?", [], "tiny")
    stopped = looking[0]
    assert text_of(stopped[-1]) == "Reading …" and waits(stopped[-1]) and waits(plain(stopped)[-1])
    assert waits({"role": "assistant", "content": [{"type": "text", "text": stopped[-1]["content"]}]})
    with pytest.raises(UserError):
        PAGE.on_transcript(stopped[1:])
    end = last(PAGE.on_ask("And for children?", stopped, QUOTING))[0]
    assert ASKED[-1][1] == [Turn("user", "Does garlic help?")]
    assert [message["role"] for message in end] == ["user", "user", "assistant"] and not any(map(waits, end))


def test_a_long_answer_does_not_hide_what_was_asked_before() -> None:
    """With a copy in plain words behind it, too: a follow-up is still about the same."""
    long = "Hypertension harms. " * 130
    before = [{"role": "user", "content": "Is ibuprofen safe?"}, {"role": "assistant", "content": long}]
    before = PAGE.on_simpler(before)
    assert len(before) == 3 and "[high blood pressure]" in before[2]["content"]
    last(PAGE.on_ask("And for children?", before, QUOTING))
    assert "ibuprofen" in rewritten(*ASKED[-1])


def test_the_transcript_is_written_when_asked_only(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    PAGE.on_transcript([{"role": "user", "content": "Garlic?"}, {"role": "assistant", "content": "Yes."}])
    (written,) = tmp_path.rglob("*.txt")
    assert written.read_text() == "You: Garlic?\n\nCareTune: Yes.\n"
    with pytest.raises(UserError):
        PAGE.on_transcript([])


def test_what_may_come_next_is_about_what_was_found() -> None:
    more = ("Garlic and cholesterol", "Garlic supplements", "Garlic breath", "Garlic in pregnancy")
    found = Reply("Does garlic help?", sources=(GARLIC,), further=more, done=True)
    asked = [f"{topic}: what is known?" for topic in more[:3]]
    assert suggestions("Does garlic help?", found) == asked and suggestions(asked[0], found)[0] == asked[1]
    assert suggestions("x", Reply("x", near=(GARLIC,), done=True)) == []
    assert suggestions("garlic", Reply("garlic", emergency("I can't breathe"), further=more, done=True)) == []


@pytest.mark.parametrize(
    ("label", "line"),
    [
        ("no", "Read as yes or no: what is quoted says no (70%). Other studies may say otherwise."),
        (None, "Read as yes or no: not sure enough to say."),
    ],
)
def test_yes_or_no_is_said_where_the_reader_is_sure(label: str | None, line: str) -> None:
    read = Prediction(label, "no", {"yes": 0.2, "no": 0.7, "maybe": 0.1})
    quoted = Reply("Is it?", quotes=(Quote("Garlic helps.", 1, 0.6),), sources=(GARLIC,), decision=read, done=True)
    assert line in standing(quoted, lambda text: 0.0)
    assert as_dict(quoted)["decision"] == {"label": label, "scores": read.scores}
    assert "yes or no" not in standing(Reply("Is it?", done=True), lambda text: 0.0)


def test_where_nothing_answers_what_is_near_is_offered() -> None:
    *_, end = answer("What is gout?", ())
    assert "What lies nearest" in sources(end) and "No source here" in standing(end, lambda text: 0.0)
    data = as_dict(end)
    assert data["near"][0]["id"] == "g" and data["confidence"] == 0 and data["colour"] == "red"


def test_the_endpoint_streams_text_and_data() -> None:
    """Its limits are the page's."""
    steps = list(_api(Answerers())("Does garlic help?", []))
    assert steps[-1][0].startswith("“Garlic helps.” [1]") and steps[-1][1]["done"] and len(steps) == 2
    with pytest.raises(UserError):
        list(_api(Answerers())("", []))


def test_a_generator_streams_and_its_sentences_are_drawn_as_checked() -> None:
    """Plain text in the conversation, a label in words at what is contradicted, the evidence in a table."""
    steps = list(PAGE.on_ask("Does garlic help?", [], "tiny"))
    assert [text_of(step[0][-1]) for step in steps[1:3]] == ["Reading …", "Garlic helps [1]. It <b>cures"]
    messages, _, stand, shelf, view, table, *_ = steps[-1]
    assert "all. ⟦Contradicted by [1], 80% likely: “Garlic helps.”⟧\n\nAsk." in messages[-1]["content"]
    assert "🔴 1 sentence is contradicted" in stand and "Written by Tiny" in stand and "nih.gov" in shelf
    assert [piece["class_or_confidence"] for piece in view.value] == ["supported", "contradicted"]
    assert table.value["data"][1] == ["It <b>cures</b> all.", "contradicted", "80%", "[1] Garlic helps."]
    assert not last(PAGE.on_ask("Does garlic help?", [], QUOTING))[4].visible


def test_no_text_is_drawn_as_markup() -> None:
    """Neither a person's nor a model's; what comes back from the page is what was said."""
    said = "Is <b>this</b> <img src=x> safe at <5 mg, p < 0.05? </div><!-- x"
    asked = last(PAGE.on_ask(said, [], "tiny"))[0]
    assert not any(re.search(r"<[A-Za-z/!?]", message["content"]) for message in asked)
    assert text_of(asked[0]) == said and "<5 mg, p < 0.05" in asked[0]["content"]
    assert PAGE.on_undo(asked) == ([], said) and turns(asked)[0].content == said
    again = last(PAGE.on_ask("And?", asked, "tiny"))[0]
    assert again[:2] == asked  # drawn twice is drawn once
    easier = PAGE.on_simpler([{"role": "assistant", "content": "<i>Hypertension"}])[-1]
    assert not re.search(r"<[A-Za-z/!?]", easier["content"])


def test_a_failure_of_any_kind_is_a_sentence_and_the_page_stays_usable() -> None:
    """What was written stays; what the error says does not reach the page."""
    for who, said in (("nobody", "There is no answerer of that name."), ("broken", "Some\n\nSomething went wrong")):
        end = last(PAGE.on_ask("Does garlic help?", [], who))
        assert end[0][-1]["content"].startswith(said) and "secret" not in end[0][-1]["content"]
        assert end[6].visible and not end[7].visible  # Ask is there again, Stop is gone


def test_a_step_that_arrives_after_stop_does_not_bring_stop_back() -> None:
    """Only the first and the last step of an answer turn the two buttons."""
    for first, *middle, end in (
        [step[6:8] for step in PAGE.on_ask("Does garlic help?", [], "tiny")],
        [step[6:8] for step in compare._Page(Answerers(), lambda text: 4.4).on_compare("Why?", QUOTING, "tiny")],
    ):
        assert [button.visible for button in (*first, *end)] == [False, True, True, False]
        assert middle and all("visible" not in button for step in middle for button in step)


def test_what_to_know_of_an_answerer_is_said_before_it_is_asked() -> None:
    assert choices(Answerers().offers) == [("Sources", QUOTING), ("Tiny", "tiny")]
    assert about(Answerers().offers, "tiny") == r"_Costs \[a\]\(b\) \*lot\*\._" and about(Answerers().offers, "x") == ""
    assert PAGE.on_who("tiny") == about(Answerers().offers, "tiny") and len(PAGE.on_offers()) == 3


def test_the_endpoint_takes_an_answerer() -> None:
    text, data = list(_api(Answerers())("Does garlic help?", [], "tiny"))[-1]
    assert data["answerer"] == "Tiny" and data["colour"] == "red" and text.endswith("Ask.")
    assert [row["found"] for row in data["sentences"]] == ["supported", "contradicted"]
    with pytest.raises(UserError, match="no answerer of that name"):
        list(_api(Answerers())("Does garlic help?", [], "https://example.org/v1"))


def test_two_answers_grow_beside_each_other() -> None:
    page = compare._Page(Answerers(), lambda text: 4.4)
    first, *middle, end = page.on_compare("Does garlic help?", QUOTING, "tiny")
    assert first[1] == first[4] == [] and not first[6].visible and first[7].visible
    assert middle[0][1][0][0].startswith("“Garlic helps.”") and middle[1][4] == [("Reading …", None)]
    assert [label for _, label in end[4]] == ["supported", "contradicted", None] and "🔴" in end[3] and "🟢" in end[0]
    assert "".join(text for text, _ in end[4]).startswith("Garlic helps [1]. It <b>cures</b> all. ⟦Contradicted by")
    assert end[6].visible and not end[7].visible
    for bad in (("", QUOTING, "tiny"), ("Does it?", "nobody", "tiny"), ("Does it?", "broken", "tiny")):
        assert last(page.on_compare(*bad))[6].visible


def test_compared_answers_come_as_data() -> None:
    steps = list(compare._api(Answerers())("Does garlic help?", "tiny", QUOTING))
    assert steps[0]["second"] is None and steps[-1]["question"] == "Does garlic help?"
    assert steps[-1]["first"]["sentences"][1]["because"] == "Garlic helps."
    assert steps[-1]["second"]["quotes"] and steps[-1]["second"]["done"]
    with pytest.raises(UserError):
        list(compare._api(Answerers())(" ", "tiny", QUOTING))


def test_danger_and_failure_stand_around_the_marks() -> None:
    reply = Written(
        "q",
        emergency("I can't breathe now"),
        marks=(GOOD,),
        rest="More",
        failed="It broke.",
        referral="Ask.",
        done=True,
    )
    drawn = marks_view.whole(reply)
    assert "".join(text for text, _ in drawn) == reply.text
    assert [label for _, label in drawn] == [None, "supported", None, None] and "It broke." in drawn[3][0]
    assert marks_view.whole(None) == [] and marks_view.whole(Written("q")) == [("Looking in the sources …", None)]
