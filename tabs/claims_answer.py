"""The second half of Claim check: which sentences of an answer its context bears out.

Knows nothing of models: it is handed the function that checks. What people paste is shown as text, never as markup.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import gradio as gr

from tabs.answerer import Offers, drawn, escaped, key_of, who_answers
from tabs.errors import shown
from tasks.evidence import Faithfulness, Sentence
from tasks.health_claims import REFUTES, SILENT, SUPPORTS
from tasks.marks import SHOWN
from tasks.spec import Task, check_text
from tasks.written import HERE

CheckAnswer = Callable[[str, str, str, str, str | None], Iterator[str | Faithfulness]]
"""Question (may be empty), context (empty: search for one), answer, the key of who answers and a signed-in visitor's
token in; words while it waits, then what the answer's sentences rest on."""

COLOURS = {"supported": "#2f7d6b", "contradicted": "#a8506f", "not in the sources": "#b0762b"}
SAMPLE = (
    "What is metformin for?",
    "Metformin lowers blood sugar in people with type 2 diabetes. Nausea and diarrhoea are common when it is started. "
    "It is not used for type 1 diabetes.",
    "Metformin lowers blood sugar in type 2 diabetes. It is used for type 1 diabetes. It also cures migraine.",
)


_BY = {True: "the context", False: "the evidence found"}


def summary(found: Faithfulness) -> str:
    """Say what was found in words that are ours alone."""
    count = len(found.sentences)
    kept = sum(s.stance == SUPPORTS for s in found.sentences)
    against = sum(s.stance == REFUTES for s in found.sentences)
    lines = [
        f"### {kept} of {count} {'sentence is' if count == 1 else 'sentences are'} supported",
        f"**Faithfulness {found.supported:.0%}** · hallucination rate {found.hallucinated:.0%}",
    ]
    if against:
        goes = ("speaks" if against == 1 else "speak") if found.given else ("goes" if against == 1 else "go")
        lines.append(f"{against} {goes} against {_BY[found.given]}: look at those first.")
    if kept + against < count:
        silent = "the context is silent on" if found.given else "no verdict is given on"
        lines.append(f"A sentence {silent} may still be right; it cannot be checked here.")
    lines += [f"⚠ {escaped(note)}" for note in found.notes]
    return "\n\n".join(lines)


def as_dict(found: Faithfulness) -> dict[str, Any]:
    """Return everything that was found as plain data."""
    return {
        "faithfulness": round(found.supported, 4),
        "hallucination_rate": round(found.hallucinated, 4),
        "sentences": [
            {
                "text": s.text,
                "stance": SHOWN[s.stance],
                "scores": {SHOWN[k]: round(v, 4) for k, v in s.scores.items()} if found.graded else None,
                "because": s.because,
            }
            for s in found.sentences
        ],
        "graded": found.graded,
        "source": found.source,
        "notes": list(found.notes),
    }


def build(task: Task, check: CheckAnswer, offers: Offers) -> None:
    """Lay out the tab and wire its events; the endpoint is /check_answer."""
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            question, context, reply, who, go, clear = _form(offers)
        with gr.Column(scale=7, min_width=320):
            outputs = _answer(task)
    asked = [question, context, reply]
    checked = _checked(task, check)

    def respond(
        about: str, given: str, text: str, who: str, token: gr.OAuthToken | None = None
    ) -> Iterator[tuple[Any, ...]]:
        steps = partial(checked, about, given, text, who, key_of(token))
        yield from drawn(steps, lambda found: _drawn(task, found), ("", *_hidden()))

    def check_answer(
        answer: str, context: str = "", question: str = "", answerer: str = HERE, token: gr.OAuthToken | None = None
    ) -> dict:
        """Check which sentences of an answer its context supports, contradicts, or does not speak of.

        Args:
            answer: The answer, a few sentences of English.
            context: What it should rest on; left empty, the built-in evidence is searched with question and answer.
            question: What was asked; may be left empty.
            answerer: Who says what the context means: "adapter", or the key of another who is offered here.
            token: Filled in from a visitor's sign-in; programs do not send it.

        Returns:
            faithfulness, hallucination_rate, sentences (text, stance, scores, because), graded, source, notes (what
            else a reader must know, such as that the text is not English).
        """
        *_, found = checked(question, context, answer, answerer, key_of(token))
        return as_dict(found)

    lane = {"concurrency_limit": 2, "concurrency_id": "claim"}
    go.click(shown(respond), [*asked, who], outputs, api_visibility="private", show_progress="minimal", **lane)
    blank = ("", "", "", f"_{task.caution}_", *_hidden())
    clear.click(lambda: blank, None, [*asked, *outputs], api_visibility="private", queue=False)
    gr.api(shown(check_answer), api_name="check_answer", **lane)


def _form(offers: Offers) -> tuple[gr.Textbox, gr.Textbox, gr.Textbox, gr.Dropdown, gr.Button, gr.Button]:
    question = gr.Textbox(label="Question", lines=1, placeholder="May be left empty", elem_id="answer-question")
    context = gr.Textbox(
        label="Context",
        lines=5,
        max_lines=16,
        placeholder="What the answer should rest on. Left empty, the evidence here is searched.",
        elem_id="answer-context",
    )
    reply = gr.Textbox(label="Answer to check", lines=5, max_lines=16, elem_id="answer-text")
    who = who_answers(offers, "answer")
    with gr.Row():
        go = gr.Button("Check it", variant="primary", elem_id="answer-go")
        clear = gr.Button("Clear")
    gr.Examples(
        [list(SAMPLE)],
        [question, context, reply],
        label="Try one",
        example_labels=["Metformin: three sentences"],
        cache_examples=False,
        api_visibility="private",
    )
    return question, context, reply, who, go, clear


def _answer(task: Task) -> list[Any]:
    """Lay out what is said back, in the order of `_drawn`."""
    said = gr.Markdown(f"_{task.caution}_", elem_id="answer-said")
    view = gr.HighlightedText(
        label="The answer, sentence by sentence",
        color_map=COLOURS,
        visible=False,
        show_legend=True,
        elem_id="answer-view",
    )
    table = gr.Dataframe(
        headers=["sentence", "found", "how sure", "nearest in the context"],
        datatype="str",
        interactive=False,
        wrap=True,
        column_widths=["38%", "17%", "10%", "35%"],
        visible=False,
        elem_id="answer-table",
    )
    return [said, view, table, gr.Markdown(elem_classes="source")]


def _checked(task: Task, check: CheckAnswer) -> CheckAnswer:
    """Return the check behind the limits that hold for page and endpoint alike."""

    def checked(about: str, given: str, text: str, by: str, token: str | None) -> Iterator[str | Faithfulness]:
        yield from check(
            check_text(about, 1_000, "question") if about and about.strip() else "",
            check_text(given, task.max_chars, "context") if given and given.strip() else "",
            check_text(text, task.max_chars, "answer"),
            by,
            token,
        )

    return checked


def _hidden() -> tuple[Any, ...]:
    return gr.HighlightedText([], visible=False), gr.Dataframe([], visible=False), ""


def _told(found: Faithfulness, said: Sentence) -> bool:
    """Return whether there is a share to show: of what no evidence decided there is none."""
    return found.graded and (found.given or said.stance != SILENT)


def _drawn(task: Task, found: Faithfulness) -> tuple[Any, ...]:
    """Return what was found as updates of the outputs."""
    rows = [
        [s.text, SHOWN[s.stance], f"{s.scores[s.stance]:.0%}" if _told(found, s) else "not said", s.because]
        for s in found.sentences
    ]
    parts = [piece for s in found.sentences for piece in ((s.text, SHOWN[s.stance]), (" ", None))]
    return (
        summary(found),
        gr.HighlightedText(parts, visible=True),
        gr.Dataframe(rows, visible=True),
        f"Answered by {escaped(found.source)}. {task.caution}",
    )
