"""What the chat shows and hands out: a reply in words, its sources, what may be asked next, and the same as data.

Knows nothing of events: plain functions from a reply to what is drawn.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import gradio as gr

from tabs.answerer import escaped
from tabs.claims import source_line
from tabs.marks_view import as_rows
from tasks.evidence import Found
from tasks.reply import GREEN, Reply
from tasks.spec import Prediction, Turn, UserError
from tasks.written import QUOTING, Offer, Written

Grade = Callable[[str], float]
"""The school grade (Flesch-Kincaid, United States) from which a text is easily read."""


class Answerers(Protocol):
    """Who may answer, and what makes them."""

    @property
    def offers(self) -> Sequence[Offer]:
        """Return who may answer now; the first is always there."""
        ...

    def ask(
        self, question: str, history: Sequence[Turn], by: str = QUOTING, token: str | None = None
    ) -> Iterator[Reply]:
        """Yield the reply of whoever has that key, as it grows; `token` is the signed-in visitor's own."""
        ...

    def compare(
        self, question: str, first: str, second: str, token: str | None = None
    ) -> Iterator[tuple[Reply | None, Reply | None]]:
        """Yield the newest replies of two to one question."""
        ...


MOST_CHARS = 2_000
MOST_TURNS = 200
SUGGESTIONS = 3
_APART = "\u200b"
"""A space of no width: after it, letters behind a "<" begin no tag. Whatever people hand in is cleaned of it."""
WAITS = "\u2063"
"""Opens a message that only says what is being done: nothing is to be seen of it, and no answerer is told of it."""
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
COLOURS = {"green": "🟢", "yellow": "🟡", "red": "🔴"}


def turns(messages: Sequence[Mapping[str, Any]]) -> list[Turn]:
    """Return the messages of a page or of a caller as turns, without those that only said what was being done.

    How many of them are read is for the answerer to say: what a question is about may stand before a long answer.

    Raises:
        UserError: if they are no list of {role, content}.
    """
    out = []
    for message in messages[-MOST_TURNS:] if isinstance(messages, list) else ():
        content = text_of(message) if isinstance(message, Mapping) else None
        if not isinstance(content, str) or message.get("role") not in ("user", "assistant"):
            raise UserError("The history must be a list of messages, each with a role and a content.")
        if not waits(message):
            most = MOST_CHARS if message["role"] == "user" else 4 * MOST_CHARS
            out.append(Turn(message["role"], content[:most]))
    return out


def text_of(message: Mapping[str, Any]) -> Any:
    """Return the text of a message, which a page sends as a string or as a list of parts."""
    content = _sent(message)
    return content.removeprefix(WAITS).replace(f"<{_APART}", "<") if isinstance(content, str) else content


def waits(message: Mapping[str, Any]) -> bool:
    """Whether a message is what stood there until an answer began: it stays where somebody pressed Stop before."""
    return message.get("role") == "assistant" and str(_sent(message)).startswith(WAITS)


def _sent(message: Mapping[str, Any]) -> Any:
    content = message.get("content")
    if isinstance(content, list):
        content = " ".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return content


def plain(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return messages whose text no page takes for markup; `text_of` gives the text back as it was.

    Gradio's chat draws HTML (cleaned of scripts, not of pictures from elsewhere) even where it draws no Markdown.
    """
    said = [WAITS * waits(m) + _TAG.sub(f"<{_APART}", str(text_of(m))) for m in messages]
    return [{"role": m["role"], "content": text} for m, text in zip(messages, said, strict=True)]


def turned(busy: bool | None) -> tuple[Any, Any]:
    """Return how Ask and Stop stand while somebody answers, and while nobody does; None leaves them as they are.

    Only the first and the last step turn them: a step that is under way when Stop is pressed still arrives after it.
    """
    if busy is None:
        return gr.skip(), gr.skip()
    return gr.Button(visible=not busy), gr.Button(visible=busy)


def sources(reply: Reply) -> str:
    """Return the sources of a reply as Markdown, numbered as in its text."""
    if reply.sources:
        return "\n\n".join(_source(place, found) for place, found in enumerate(reply.sources, 1))
    if reply.near:
        near = "\n\n".join(f"* {source_line(found)}" for found in reply.near)
        return f"_Nothing here answers it. What lies nearest:_\n\n{near}"
    return ""


def _source(place: int, found: Found) -> str:
    limits = f"  \n_{escaped(found.limits)}_" if found.limits else ""
    return f"**{place}.** {source_line(found)}{limits}"


def standing(reply: Reply, grade: Grade) -> str:
    """Say how far an answer can be relied on, and why it has its colour."""
    if not reply.done or reply.courtesy:
        return ""
    if reply.danger and not _words(reply):  # what was not found is of no matter now
        return f"### ⚠ {reply.danger.kind.capitalize()}: read the answer first"
    lines = [f"### {COLOURS[reply.colour]} {_why(reply)}"]
    if reply.danger:
        lines.append(f"Recognised first: {reply.danger.kind}.")
    if isinstance(reply, Written):
        lines.append(f"Written by {escaped(reply.by)}; each sentence was checked here against the sources below.")
    else:
        lines += _beside(reply)
    if text := _words(reply):
        lines.append(f"Reading level: about US school grade {max(grade(text), 0):.0f} (Flesch–Kincaid).")
    if reply.decision:
        lines.append(_decided(reply.decision, reply))
    if reply.asked and "(" in reply.asked:
        lines.append(f"Searched for: {escaped(reply.asked)}")
    return "\n\n".join(lines)


def _words(reply: Reply) -> str:
    """Return what an answer says of the matter, in a source's words or a generator's."""
    said = reply.words if isinstance(reply, Written) else " ".join(quote.text for quote in reply.quotes)
    return said.strip()


def _beside(reply: Reply) -> list[str]:
    said = reply.beside.items()
    return [f"Source {number} is about {' and '.join(who)}, which you did not ask about." for number, who in said]


def _decided(decision: Prediction, reply: Reply) -> str:
    if decision.label is None:
        return "Read as yes or no: not sure enough to say."
    share = decision.scores[decision.label]
    if reply.settled:
        beside = f"Compared with: {escaped(reply.compared)}." if reply.compared else "It says so in these very words."
        return f"Yes or no: source 1 says {decision.label} ({share:.0%}). {beside}"
    return f"Read as yes or no: what is quoted says {decision.label} ({share:.0%}). Other studies may say otherwise."


def _why(reply: Reply) -> str:
    if isinstance(reply, Written):
        return reply.why
    if not reply.quotes:
        return "No source here answers it"
    count = len(reply.sources)
    places = "one source" if count == 1 else f"{count} sources"
    sure = f"{reply.confidence:.0%} likely to answer"
    if reply.unsettled and reply.confidence >= GREEN:
        return f"{places} about this, and none that says yes or no outright: read the source"
    return f"{places}, {sure}" if reply.confidence >= GREEN else f"{places}, only {sure}: read the source"


def suggestions(question: str, reply: Reply) -> list[str]:
    """Return questions that may come next: on topics of what was found near by, so that there is an answer to them."""
    if reply.danger:
        return []
    asked = [f"{topic}: what is known?" for topic in reply.further]
    return [q for q in asked if q.lower() != question.strip().lower()][:SUGGESTIONS]


def as_dict(reply: Reply) -> dict[str, Any]:
    """Return a reply as plain data."""
    return {
        "asked": reply.asked,
        "emergency": reply.danger.kind if reply.danger else None,
        "quotes": [{"text": q.text, "source": q.source, "score": round(q.score, 4)} for q in reply.quotes],
        "sources": [_card(found) for found in reply.sources],
        "near": [_card(found) for found in reply.near],
        "decision": {"label": reply.decision.label, "scores": dict(reply.decision.scores)} if reply.decision else None,
        "compared_with": reply.compared,
        "confidence": round(reply.confidence, 4),
        "colour": reply.colour,
        "referral": reply.referral,
        "done": reply.done,
    } | (_written(reply) if isinstance(reply, Written) else {})


def _written(reply: Written) -> dict[str, Any]:
    return {"answerer": reply.by, "why": reply.why, "failed": reply.failed, "sentences": as_rows(reply)}


def _card(found: Found) -> dict[str, Any]:
    names = ("id", "title", "organisation", "year", "url", "kind", "limits", "text")
    return {name: getattr(found, name) for name in names}
