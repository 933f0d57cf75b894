"""Two answers to one question beside each other, each with its marks and its colour: a part of the QA chat tab.

Knows nothing of models or of search: it is handed who may answer and what compares two of them.
"""

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from tabs import marks_view
from tabs.answerer import choices, key_of
from tabs.chat_view import MOST_CHARS, Answerers, Grade, as_dict, sources, standing, turned
from tabs.errors import Edge, shown
from tasks.reply import Reply
from tasks.spec import check_text
from tasks.written import QUOTING

Side = list[Any]
_PLAIN: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}


def build(answerers: Answerers, grade: Grade) -> list[gr.Dropdown]:
    """Lay out the part and wire its events; return where the two are chosen. The endpoint is /compare."""
    offered = choices(answerers.offers)
    box = gr.Textbox(label="One question", lines=1, max_lines=4, elem_id="compare-text")
    sides: list[Side] = []
    chosen = []
    with gr.Row(equal_height=False):
        for place, value in (("first", QUOTING), ("second", offered[-1][1])):
            with gr.Column(min_width=300):
                chosen.append(gr.Dropdown(offered, value=value, label="Who answers", elem_id=f"compare-{place}"))
                sides.append(_side(place))
    with gr.Row():
        go = gr.Button("Compare", variant="primary", elem_id="compare-go")
        stop = gr.Button("Stop", variant="stop", visible=False, elem_id="compare-stop")
    page = _Page(answerers, grade)
    outputs = [*sides[0], *sides[1], go, stop]
    lane = {"concurrency_limit": 4, "concurrency_id": "compare", "api_visibility": "private"}
    running = [
        event(page.on_compare, [box, *chosen], outputs, show_progress="hidden", **lane)
        for event in (go.click, box.submit)
    ]
    stop.click(lambda: (gr.Button(visible=True), gr.Button(visible=False)), None, [go, stop], cancels=running, **_PLAIN)
    gr.api(
        shown(_api(answerers)),
        api_name="compare",
        api_description="Two answers to one question, every written sentence checked against the sources.",
        concurrency_limit=4,
        concurrency_id="compare",
    )
    return chosen


def _side(place: str) -> Side:
    stand = gr.Markdown(elem_id=f"compare-{place}-standing")
    view = marks_view.view("Answer", f"compare-{place}-view", visible=True)
    return [stand, view, gr.Markdown(elem_id=f"compare-{place}-sources")]


class _Page:
    """The handlers; they hold no question and no answer."""

    def __init__(self, answerers: Answerers, grade: Grade) -> None:
        self.answerers, self.grade = answerers, grade

    def on_compare(
        self, text: str, first: str, second: str, token: gr.OAuthToken | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """Draw both answers as they grow; a failure is told and leaves the page usable."""
        pair: tuple[Reply | None, Reply | None] = (None, None)
        yield self._drawn(pair, busy=True)
        try:
            with Edge():
                question = check_text(text, MOST_CHARS, "question")
                for pair in self.answerers.compare(question, first, second, key_of(token)):
                    yield self._drawn(pair)
        except gr.Error as error:
            gr.Warning(str(error.message), title="Please check")
        yield self._drawn(pair, busy=False)

    def _drawn(self, pair: tuple[Reply | None, Reply | None], busy: bool | None = None) -> tuple[Any, ...]:
        drawn: list[Any] = []
        for reply in pair:
            stand, shelf = (standing(reply, self.grade), sources(reply)) if reply else ("", "")
            drawn += [stand, marks_view.whole(reply), shelf]
        return (*drawn, *turned(busy))


def _api(answerers: Answerers) -> Callable[..., Any]:
    def compare(question: str, first: str, second: str, token: gr.OAuthToken | None = None) -> dict:
        """Ask two answerers the same health question and compare what they say.

        Args:
            question: The question, in English.
            first: Who answers first: "sources" for quotations, or the key of a generator offered here.
            second: Who answers second.
            token: Filled in from a visitor's sign-in; programs do not send it.

        Returns:
            question, first and second; of each: text, answerer, sentences with what was found of them, sources,
            confidence, colour, done. It is sent again as the answers grow; the last one is whole.
        """
        asked = check_text(question, MOST_CHARS, "question")
        for one, other in answerers.compare(asked, first, second, key_of(token)):
            yield {"question": asked, "first": _told(one), "second": _told(other)}

    return compare


def _told(reply: Reply | None) -> dict[str, Any] | None:
    return {"text": reply.text, **as_dict(reply)} if reply else None
