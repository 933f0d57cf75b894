"""The QA chat tab: a question in; quoted, cited sentences out, their sources beside them.

The conversation lives in the page alone: each call brings it along, nothing keeps it. Messages are drawn as plain text.
Knows nothing of models or of search: it is handed the function that replies.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from tabs.chat_view import MOST_CHARS, SUGGESTIONS, Grade, as_dict, sources, standing, suggestions, text_of, turns
from tabs.errors import shown
from tasks.plain_words import explained
from tasks.reply import Reply
from tasks.spec import Task, Turn, UserError, check_text

Answer = Callable[[str, Sequence[Turn]], Iterator[Reply]]

WELCOME = (
    "Ask about a medicine, a condition or a treatment. The answer is quoted from the sources beside it; where they are "
    "silent, it says so."
)
Messages = list[dict[str, Any]]


def build(task: Task, answer: Answer, grade: Grade, examples: Sequence[str]) -> None:
    """Lay out the tab and wire its events; the endpoint is /ask."""
    with gr.Row(equal_height=False):
        with gr.Column(scale=7, min_width=320):
            parts = _lay_out(examples)
        with gr.Column(scale=5, min_width=280):
            stand = gr.Markdown(f"_{task.caution}_", elem_id="chat-standing")
            shelf = gr.Markdown(elem_id="chat-sources")
    _wire(_Page(answer, grade), parts, [stand, shelf], f"_{task.caution}_")
    gr.api(
        shown(_api(answer)),
        api_name="ask",
        api_description=task.intro,
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


def _lay_out(examples: Sequence[str]) -> _Parts:
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
    with gr.Row():
        box = gr.Textbox(
            show_label=False, placeholder="Your question", lines=1, max_lines=6, scale=6, elem_id="chat-text"
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
    return _Parts(chat, box, send, stop, next_ones, simpler, download, clear, file)


def _wire(page: "_Page", parts: _Parts, side: list[gr.Markdown], caution: str) -> None:
    chat, box = parts.chat, parts.box
    outputs = [chat, box, *side, parts.send, parts.stop, *parts.next_ones]
    lane = {"concurrency_limit": 16, "concurrency_id": "chat", "api_visibility": "private", "show_progress": "hidden"}
    running = [
        parts.send.click(page.on_ask, [box, chat], outputs, **lane),
        box.submit(page.on_ask, [box, chat], outputs, **lane),
        *(button.click(page.on_ask, [button, chat], outputs, **lane) for button in parts.next_ones),
        chat.retry(page.on_retry, [chat], outputs, **lane),
        chat.edit(page.on_edit, [chat], outputs, **lane),
    ]
    idle = (gr.update(visible=True), gr.update(visible=False))
    parts.stop.click(lambda: idle, None, [parts.send, parts.stop], cancels=running, **_PLAIN)
    chat.undo(page.on_undo, [chat], [chat, box], **_PLAIN)
    hidden = tuple(gr.update(visible=False) for _ in range(SUGGESTIONS))
    for event in (parts.clear.click, chat.clear):
        gone = ([], "", caution, "", *idle, *hidden, gr.update(value=None, visible=False))
        event(lambda gone=gone: gone, None, [*outputs, parts.file], cancels=running, **_PLAIN)
    parts.simpler.click(page.on_simpler, [chat], [chat], **_PLAIN)
    parts.download.click(shown(page.on_transcript), [chat], [parts.file], **_PLAIN)


_PLAIN: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}


class _Page:
    """The handlers of one tab. They hold no conversation: each call brings its own."""

    def __init__(self, answer: Answer, grade: Grade) -> None:
        self.answer, self.grade = answer, grade

    def on_ask(self, text: str, messages: Messages) -> Iterator[tuple[Any, ...]]:
        """Answer a question as the sources are read; a failure is said in the conversation, which stays usable."""
        yield from self._answered(text, list(messages or []))

    def on_retry(self, messages: Messages, event: gr.RetryData) -> Iterator[tuple[Any, ...]]:
        """Answer the question again to which the message belongs."""
        yield from self._again(messages, int(event.index if isinstance(event.index, int) else event.index[0]))

    def on_edit(self, messages: Messages, event: gr.EditData) -> Iterator[tuple[Any, ...]]:
        """Answer an edited question; what came after it is gone."""
        place = int(event.index if isinstance(event.index, int) else event.index[0])
        yield from self._answered(str(event.value), list(messages[:place]))

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
            easier = (
                "There is no word in that answer for which I have a plainer one; the sources are quoted as they stand."
            )
        return [*messages, {"role": "assistant", "content": easier}]

    def on_transcript(self, messages: Messages) -> gr.File:
        """Return the conversation as a text file. It is written because somebody asked, and swept with the uploads."""
        lines = [f"{'You' if t['role'] == 'user' else 'CareTune'}: {text_of(t)}" for t in messages or []]
        if not lines:
            raise UserError("There is no conversation yet.")
        path = Path(tempfile.mkdtemp(dir=os.environ.get("GRADIO_TEMP_DIR"))) / "conversation.txt"
        path.write_text("\n\n".join(lines) + "\n", encoding="utf-8")
        return gr.File(str(path), visible=True)

    def _again(self, messages: Messages, place: int) -> Iterator[tuple[Any, ...]]:
        asked = [i for i, message in enumerate(messages[: place + 1]) if message["role"] == "user"]
        if asked:
            yield from self._answered(turns([messages[asked[-1]]])[0].content, list(messages[: asked[-1]]))

    def _answered(self, text: str, before: Messages) -> Iterator[tuple[Any, ...]]:
        try:
            question = check_text(text, MOST_CHARS, "question")
            past = turns(before)
        except UserError as error:
            gr.Warning(str(error), title="Please check")
            yield self._drawn(before, text, None, (), busy=False)
            return
        shown_so_far: Messages = [*before, {"role": "user", "content": question}]
        yield self._drawn(shown_so_far, "", None, (), busy=True)
        reply = None
        for reply in self.answer(question, past):
            said = reply.text or "Looking in the sources …"
            yield self._drawn([*shown_so_far, {"role": "assistant", "content": said}], "", reply, (), busy=True)
        if reply is not None:
            done = [*shown_so_far, {"role": "assistant", "content": reply.text}]
            yield self._drawn(done, "", reply, suggestions(question, reply), busy=False)

    def _drawn(
        self, messages: Messages, box: str, reply: Reply | None, after: Sequence[str], busy: bool
    ) -> tuple[Any, ...]:
        stand, shelf = (standing(reply, self.grade), sources(reply)) if reply else ("", "")
        buttons = [gr.Button(q, visible=True) for q in after]
        buttons += [gr.Button(visible=False) for _ in range(SUGGESTIONS - len(buttons))]
        return (messages, box, stand, shelf, gr.Button(visible=not busy), gr.Button(visible=busy), *buttons)


def _api(answer: Answer) -> Callable[..., Any]:
    def ask(message: str, history: list[dict] = []) -> tuple[str, dict]:  # type: ignore[misc] # noqa: B006
        """Ask a health question in English; the answer is quoted from sources, streamed as it grows.

        Args:
            message: The question.
            history: Earlier messages, each with role (user or assistant) and content; used for follow-up questions.

        Returns:
            text (quotations with numbers of their sources) and a dictionary: quotes, sources, near, decision,
            confidence, colour, referral, emergency, done.
        """
        for reply in answer(check_text(message, MOST_CHARS, "question"), turns(history or [])):
            yield reply.text, as_dict(reply)

    return ask
