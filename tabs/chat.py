"""The QA chat tab: a question in; quoted, cited sentences out, their sources beside them, or a generator's, checked.

The conversation lives in the page alone: each call brings it along, nothing keeps it. Messages are drawn as plain text.
Knows nothing of models or of search: it is handed who may answer.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import gradio as gr

from tabs import compare, marks_view, temporary
from tabs.answerer import about, choices, key_of
from tabs.chat_view import (
    MOST_CHARS,
    SUGGESTIONS,
    WAITS,
    Answerers,
    Grade,
    as_dict,
    plain,
    sources,
    standing,
    suggestions,
    text_of,
    turned,
    turns,
    waits,
)
from tabs.errors import Edge, shown
from tasks.plain_words import explained
from tasks.reply import Reply
from tasks.spec import Task, UserError, check_text
from tasks.written import QUOTING

WELCOME = (
    "Ask about a medicine, a condition or a treatment. The answer is quoted from the sources beside it; where they are "
    "silent, it says so."
)
NOT_SIMPLER = "I have no simpler words for this answer; the sources are quoted as they stand."
Messages = list[dict[str, Any]]


def build(task: Task, answerers: Answerers, grade: Grade, examples: Sequence[str]) -> None:
    """Lay out the tab and wire its events; the endpoints are /ask and /compare."""
    with gr.Row(equal_height=False):
        with gr.Column(scale=7, min_width=320):
            parts = _lay_out(answerers, examples)
        with gr.Column(scale=5, min_width=280):
            stand = gr.Markdown(f"_{task.caution}_", elem_id="chat-standing")
            view = marks_view.view("The answer, sentence by sentence", "chat-marks")
            table = marks_view.table("chat-checked")
            shelf = gr.Markdown(elem_id="chat-sources")
    with gr.Accordion("Compare two answers to one question", open=False, elem_id="compare"):
        chosen = compare.build(answerers, grade)
    page = _Page(answerers, grade)
    _wire(page, parts, [stand, shelf, view, table], f"_{task.caution}_")
    # On load: who may answer changes while the app runs, when an adapter goes live.
    gr.on(None, page.on_offers, None, [parts.who, *chosen], **_PLAIN)
    gr.api(
        shown(_api(answerers)),
        api_name="ask",
        concurrency_limit=16,
        concurrency_id="chat",
    )


class _Parts(NamedTuple):
    """The components of the conversation's side of the tab."""

    chat: gr.Chatbot
    box: gr.Textbox
    send: gr.Button
    stop: gr.Button
    next_ones: list[gr.Button]
    simpler: gr.Button
    download: gr.Button
    clear: gr.Button
    file: gr.File
    who: gr.Dropdown
    known: gr.Markdown


def _lay_out(answerers: Answerers, examples: Sequence[str]) -> _Parts:
    who = gr.Dropdown(choices(answerers.offers), value=QUOTING, label="Who answers", elem_id="chat-who")
    known = gr.Markdown(about(answerers.offers, QUOTING), elem_id="chat-known", elem_classes="source")
    chat = gr.Chatbot(
        [],
        show_label=False,
        height=460,
        placeholder=WELCOME,
        buttons=["copy", "copy_all"],
        render_markdown=False,
        sanitize_html=True,
        allow_tags=False,
        editable="user",
        elem_id="chat",
    )
    with gr.Row(elem_classes="ask"):
        box = gr.Textbox(
            label="Your question",  # read out, not shown
            show_label=False,
            placeholder="Your question",
            lines=1,
            max_lines=6,
            scale=6,
            elem_id="chat-text",
        )
        send = gr.Button("Ask", variant="primary", scale=1, min_width=80, elem_id="chat-go")
        stop = gr.Button("Stop", variant="stop", visible=False, scale=1, min_width=80, elem_id="chat-stop")
    with gr.Row():
        next_ones = [gr.Button(visible=False, size="sm", elem_id=f"chat-next-{i}") for i in range(SUGGESTIONS)]
    with gr.Row():
        simpler = gr.Button("Simpler, please", size="sm", elem_id="chat-simpler")
        download = gr.Button("Download", size="sm", elem_id="chat-download")
        clear = gr.Button("Clear", size="sm", elem_id="chat-clear")
    gr.Examples([[e] for e in examples], [box], label="Try one", cache_examples=False, api_visibility="private")
    file = gr.File(label="Your conversation; deleted here within the hour", visible=False, elem_id="chat-file")
    return _Parts(chat, box, send, stop, next_ones, simpler, download, clear, file, who, known)


def _wire(page: "_Page", parts: _Parts, side: list[Any], caution: str) -> None:
    chat, box, who = parts.chat, parts.box, parts.who
    outputs = [chat, box, *side, parts.send, parts.stop, *parts.next_ones]
    lane = {"concurrency_limit": 16, "concurrency_id": "chat", "api_visibility": "private", "show_progress": "hidden"}
    running = [
        parts.send.click(page.on_ask, [box, chat, who], outputs, **lane),
        box.submit(page.on_ask, [box, chat, who], outputs, **lane),
        *(button.click(page.on_ask, [button, chat, who], outputs, **lane) for button in parts.next_ones),
        chat.retry(page.on_retry, [chat, who], outputs, **lane),
        chat.edit(page.on_edit, [chat, who], outputs, **lane),
    ]
    idle = (gr.update(visible=True), gr.update(visible=False))
    parts.stop.click(lambda: idle, None, [parts.send, parts.stop], cancels=running, **_PLAIN)
    chat.undo(page.on_undo, [chat], [chat, box], **_PLAIN)
    hidden = tuple(gr.update(visible=False) for _ in range(SUGGESTIONS))
    blank = (gr.update(value=[], visible=False),) * 2
    for event in (parts.clear.click, chat.clear):
        gone = ([], "", caution, "", *blank, *idle, *hidden, gr.update(value=None, visible=False))
        event(lambda gone=gone: gone, None, [*outputs, parts.file], cancels=running, **_PLAIN)
    who.change(page.on_who, [who], [parts.known], **_PLAIN)
    parts.simpler.click(page.on_simpler, [chat], [chat], **_PLAIN)
    parts.download.click(shown(page.on_transcript), [chat], [parts.file], **_PLAIN)


_PLAIN: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}


class _Page:
    """The handlers of one tab. They hold no conversation: each call brings its own."""

    def __init__(self, answerers: Answerers, grade: Grade) -> None:
        self.answerers, self.grade = answerers, grade

    def on_offers(self) -> list[gr.Dropdown]:
        """Return who may be chosen now, for each of the three places."""
        return [gr.Dropdown(choices=choices(self.answerers.offers)) for _ in range(3)]

    def on_who(self, key: str) -> str:
        """Say what to know of whoever was chosen, before anything is sent to them."""
        return about(self.answerers.offers, key)

    def on_ask(
        self, text: str, messages: Messages, who: str, token: gr.OAuthToken | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """Answer a question as the sources are read; a failure is said in the conversation, which stays usable."""
        yield from self._answered(text, list(messages or []), who, token)

    def on_retry(
        self, messages: Messages, who: str, event: gr.RetryData, token: gr.OAuthToken | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """Answer the question again to which the message belongs."""
        place = int(event.index if isinstance(event.index, int) else event.index[0])
        asked = [i for i, message in enumerate(messages[: place + 1]) if message["role"] == "user"]
        if asked:
            question = turns([messages[asked[-1]]])[0].content
            yield from self._answered(question, list(messages[: asked[-1]]), who, token)

    def on_edit(
        self, messages: Messages, who: str, event: gr.EditData, token: gr.OAuthToken | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """Answer an edited question; what came after it is gone."""
        place = int(event.index if isinstance(event.index, int) else event.index[0])
        yield from self._answered(str(event.value), list(messages[:place]), who, token)

    def on_undo(self, messages: Messages) -> tuple[Messages, str]:
        """Take back the last question and its answer; the question stands in the box again."""
        asked = [i for i, message in enumerate(messages) if message["role"] == "user"]
        if not asked:
            return messages, ""
        return messages[: asked[-1]], turns([messages[asked[-1]]])[0].content

    def on_simpler(self, messages: Messages) -> Messages:
        """Say the last answer again with plain words beside the medical ones."""
        said = [t for t in turns(messages) if t.role == "assistant"]
        if not said:
            return messages
        easier = explained(said[-1].content)
        if easier == said[-1].content:
            easier = easier if len(said) > 1 and explained(said[-2].content) == easier else NOT_SIMPLER
        return plain(messages if easier == said[-1].content else _with(messages, easier))

    def on_transcript(self, messages: Messages) -> gr.File:
        """Return the conversation as a text file. It is written because somebody asked, and swept with the uploads."""
        said = [m for m in messages or [] if not waits(m)]
        lines = [f"{'You' if m['role'] == 'user' else 'CareTune'}: {text_of(m)}" for m in said]
        if not lines:
            raise UserError("There is no conversation yet.")
        path = temporary.written("conversation.txt", "\n\n".join(lines) + "\n")
        return gr.File(str(path), visible=True)

    def _answered(
        self, text: str, before: Messages, who: str, token: gr.OAuthToken | None
    ) -> Iterator[tuple[Any, ...]]:
        try:
            question = check_text(text, MOST_CHARS, "question")
            past = turns(before)
        except UserError as error:
            gr.Warning(str(error), title="Please check")
            yield self._left(before, text)
            return
        shown_so_far: Messages = [*(m for m in before if not waits(m)), {"role": "user", "content": question}]
        yield self._drawn(shown_so_far, None, (), box="", busy=True)
        reply, said = None, ""
        try:
            with Edge():
                for reply in self.answerers.ask(question, past, who or QUOTING, key_of(token)):
                    said = reply.text
                    yield self._drawn(_with(shown_so_far, said or WAITS + reply.waiting), reply, ())
        except gr.Error as error:  # an error that left this function would leave the page without its button
            told = "\n\n".join(filter(None, [said, str(error.message)]))
            yield self._drawn(_with(shown_so_far, told), None, (), busy=False)
            return
        if reply is not None:
            yield self._drawn(_with(shown_so_far, said), reply, suggestions(question, reply), busy=False)

    def _drawn(
        self,
        messages: Messages,
        reply: Reply | None,
        after: Sequence[str],
        box: str | None = None,
        busy: bool | None = None,
    ) -> tuple[Any, ...]:
        """Return all outputs. Without `box` it keeps what stands in it: the next question may be typed meanwhile."""
        stand, shelf = (standing(reply, self.grade), sources(reply)) if reply else ("", "")
        buttons = [gr.Button(q, visible=True) for q in after]
        buttons += [gr.Button(visible=False) for _ in range(SUGGESTIONS - len(buttons))]
        typed = gr.skip() if box is None else box
        said = (plain(messages), typed, stand, shelf, *marks_view.shown_marks(reply))
        return (*said, *turned(busy), *buttons)

    @staticmethod
    def _left(messages: Messages, box: str) -> tuple[Any, ...]:
        """Return all outputs as they are: the last answer keeps its sources when a question cannot be read."""
        kept = gr.skip()
        return (plain(messages), box, kept, kept, kept, kept, *turned(False), *[kept] * SUGGESTIONS)


def _with(messages: Messages, said: str) -> Messages:
    return [*messages, {"role": "assistant", "content": said}]


def _api(answerers: Answerers) -> Callable[..., Any]:
    def ask(
        message: str,
        history: list[dict] = [],  # noqa: B006  (Gradio reads the default; nothing writes to it)
        answerer: str = QUOTING,
        token: gr.OAuthToken | None = None,
    ) -> tuple[str, dict]:  # type: ignore[misc]
        """Ask a health question in English; the answer is quoted from sources, streamed as it grows.

        Args:
            message: The question.
            history: Earlier messages, each with role (user or assistant) and content; used for follow-up questions.
            answerer: Who answers: "sources" for quotations, or the key of a generator that is offered here.
            token: Filled in from a visitor's sign-in; programs do not send it.

        Returns:
            text (quotations with numbers of their sources) and a dictionary: quotes, sources, near, decision,
            compared_with, confidence, colour, referral, emergency, done; of a generator also answerer, why, failed,
            sentences.
        """
        asked = check_text(message, MOST_CHARS, "question")
        for reply in answerers.ask(asked, turns(history or []), answerer or QUOTING, key_of(token)):
            yield reply.text, as_dict(reply)

    return ask
