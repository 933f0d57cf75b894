"""The chat's page: it streams, takes back, retries and edits; a failure never bricks it; nothing is drawn as markup."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace

import pytest

from tabs.chat import _api, _Page
from tabs.chat_view import MOST_CHARS, as_dict, sources, standing, suggestions, turns
from tasks.emergency import emergency
from tasks.evidence import Found
from tasks.reply import NOTHING, Quote, Reply
from tasks.spec import Turn, UserError

GARLIC = Found("g", "Garlic helps.", 0.9, title="Garlic <b>[x](y)", organisation="NIH", url="https://nih.gov/g")
ASKED: list[tuple[str, Sequence[Turn]]] = []


def answer(question: str, history: Sequence[Turn]) -> Iterator[Reply]:
    ASKED.append((question, history))
    yield Reply(question)
    if "garlic" in question.lower():
        yield Reply(question, quotes=(Quote("Garlic helps.", 1, 0.6),), sources=(GARLIC,), referral="Ask.", done=True)
    else:
        yield Reply(question, emergency(question), near=(GARLIC,), referral="Ask.", done=True)


PAGE = _Page(answer, lambda text: 4.4)


def last(steps: Iterator[tuple]) -> tuple:
    *_, end = steps
    return end


def test_a_question_is_answered_step_by_step() -> None:
    """The question stands there at once, the answer grows under it, and the box is empty again."""
    first, *_, end = PAGE.on_ask("Does garlic help?", [])
    assert first[0] == [{"role": "user", "content": "Does garlic help?"}]
    messages, box, stand, shelf, *_ = end
    assert messages[1]["content"] == "“Garlic helps.” [1]\n\nAsk." and box == ""
    assert "grade 4" in stand and "60%" in stand and "🟢" in stand
    assert "<b>" not in shelf.replace(r"\<b\>", "") and "(https://nih.gov/g)" in shelf


def test_an_empty_question_leaves_the_conversation_as_it_was() -> None:
    """And the page usable: what was typed stays in the box."""
    before = [{"role": "user", "content": "x?"}]
    for bad in ("", "   ", "x" * (MOST_CHARS + 1)):
        messages, box, *_ = last(PAGE.on_ask(bad, before))
        assert messages == before and box == bad


def test_history_goes_along_and_is_checked() -> None:
    said = [
        {"role": "user", "content": [{"type": "text", "text": "Garlic?"}]},
        {"role": "assistant", "content": "Yes."},
    ]
    last(PAGE.on_ask("And for children?", said))
    assert ASKED[-1][1] == [Turn("user", "Garlic?"), Turn("assistant", "Yes.")]
    for bad in ([{"role": "system", "content": "x"}], [{"content": "x"}], ["x"], [{"role": "user", "content": 3}]):
        with pytest.raises(UserError):
            turns(bad)
    assert turns("nonsense") == []


def test_undo_retry_and_edit() -> None:
    """Undo gives the question back, retry asks it again, an edit forgets what came after."""
    messages = last(PAGE.on_ask("Does garlic help?", []))[0]
    assert PAGE.on_undo(messages) == ([], "Does garlic help?")
    assert PAGE.on_undo([]) == ([], "")
    again = last(PAGE.on_retry(messages, SimpleNamespace(index=1)))
    assert again[0] == messages
    edited = last(PAGE.on_edit(messages, SimpleNamespace(index=0, value="What is gout?")))
    assert edited[0][0]["content"] == "What is gout?" and NOTHING in edited[0][1]["content"]


def test_simpler_puts_plain_words_beside_and_says_when_there_are_none() -> None:
    said = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "Hypertension harms."}]
    assert "[high blood pressure]" in PAGE.on_simpler(said)[-1]["content"]
    assert "no word" in PAGE.on_simpler([{"role": "assistant", "content": "Nothing hard."}])[-1]["content"]
    assert PAGE.on_simpler([]) == []


def test_the_transcript_is_written_when_asked_only(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    PAGE.on_transcript([{"role": "user", "content": "Garlic?"}, {"role": "assistant", "content": "Yes."}])
    (written,) = tmp_path.rglob("*.txt")
    assert written.read_text() == "You: Garlic?\n\nCareTune: Yes.\n"
    with pytest.raises(UserError):
        PAGE.on_transcript([])


def test_what_may_come_next_is_about_what_was_found() -> None:
    found = Reply("Does garlic help?", sources=(GARLIC,), quotes=(Quote("Garlic helps.", 1, 0.6),), done=True)
    assert suggestions("Does garlic help?", found)[0] == "What are the risks of garlic?"
    assert suggestions("x", Reply("x", near=(GARLIC,), done=True)) == []
    assert suggestions("garlic", Reply("garlic", emergency("I can't breathe"), sources=(GARLIC,), done=True)) == []


def test_where_nothing_answers_what_is_near_is_offered() -> None:
    *_, end = answer("What is gout?", ())
    assert "What lies nearest" in sources(end) and "No source here" in standing(end, lambda text: 0.0)
    data = as_dict(end)
    assert data["near"][0]["id"] == "g" and data["confidence"] == 0 and data["colour"] == "red"


def test_the_endpoint_streams_text_and_data() -> None:
    """Its limits are the page's."""
    steps = list(_api(answer)("Does garlic help?", []))
    assert steps[-1][0].startswith("“Garlic helps.” [1]") and steps[-1][1]["done"] and len(steps) == 2
    with pytest.raises(UserError):
        list(_api(answer)("", []))
