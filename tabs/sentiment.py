"""The Sentiment tab: one review in, its tone, strength and aspects out, and the words that carried it.

Knows nothing of models: it is handed the functions that read. Nothing a person typed is rendered as HTML or Markdown.
"""

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import plotly.graph_objects as go

from tabs import plots
from tabs.errors import shown
from tasks.drug_reviews import INTENSITY
from tasks.reviews import ReviewReading, understand
from tasks.spec import Example, Task, check_text

Read = Callable[[Example], ReviewReading]
Explain = Callable[[Example, str], list[tuple[str, float]]]

_ASPECTS = ["what is said", "about", "tone", "sure"]


def example_of(text: str, benefits: str, side_effects: str, comments: str) -> Example:
    """Turn what was typed into an Example; raise UserError where nothing was, or too much."""
    typed = {"benefits": benefits, "side effects": side_effects, "comments": comments}
    filled = {name: check_text(value, what=name) for name, value in typed.items() if value and value.strip()}
    return understand("" if filled and not (text and text.strip()) else check_text(text, what="review"), filled)


def as_dict(reading: ReviewReading) -> dict[str, Any]:
    """Return a reading as plain data, for the API."""
    prediction = reading.prediction
    return {
        "label": prediction.best,
        "abstained": prediction.abstained,
        "probabilities": {label: round(share, 4) for label, share in prediction.scores.items()},
        "two_best": list(reading.two_best),
        "intensity": reading.intensity,
        "expected_rating": round(reading.rating, 2),
        "aspects": reading.aspects,
        "clauses": [
            {"text": c.text, "aspects": list(c.aspects), "polarity": c.polarity, "probability": round(c.share, 4)}
            for c in reading.clauses
        ],
        "flags": list(reading.flags),
        "tone": [{"speaker": turn.role, "label": label, "probability": round(p, 4)} for turn, label, p in reading.tone],
        "source": prediction.source,
    }


def verdict(reading: ReviewReading) -> str:
    """Say the answer in words that are ours alone: none of them was typed by the visitor."""
    prediction = reading.prediction
    if prediction.abstained:
        first, second = reading.two_best
        head = f"**Not sure.** It reads as {first} or {second}; too close to call."
    else:
        head = f"**{prediction.best.capitalize()}.**"
    step = INTENSITY.index(reading.intensity)
    scale = " ".join("●" if i == step else "○" for i in range(len(INTENSITY)))
    lines = [head, f"Strength: {scale} {reading.intensity} (expected rating {reading.rating:.1f} of 10)"]
    if reading.flags:
        lines.append(f"Flags: {', '.join(reading.flags)}")
    if reading.cut:
        lines.append("Only the first clauses of this long text were read for aspects.")
    return "  \n".join(lines)


def timeline(reading: ReviewReading) -> go.Figure | None:
    """Draw the tone of a conversation, or nothing where the text is none."""
    sign = {"negative": -1, "neutral": 0, "positive": 1}
    return (
        plots.tone([(turn.role, label, sign[label] * p) for turn, label, p in reading.tone]) if reading.tone else None
    )


def build(task: Task, read: Read, explain: Explain) -> None:
    """Lay out the tab and wire its events; the endpoint is /sentiment."""
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            text = gr.Textbox(
                label="Review or comment", lines=6, max_lines=16, placeholder=task.intro, elem_id="review-text"
            )
            with gr.Accordion("Or fill the three fields", open=False):
                fields = [gr.Textbox(label=name, lines=2) for name in ("Benefits", "Side effects", "Comments")]
            with gr.Row():
                go_ = gr.Button("Read it", variant="primary", elem_id="review-go")
                clear = gr.Button("Clear")
            rows = [[e.text, *(e.fields.get(s, "") for s in task.slots)] for e in task.samples]
            gr.Examples(rows, [text, *fields], label="Examples", cache_examples=False, api_visibility="private")
        with gr.Column(scale=6, min_width=320):
            label = gr.Label(label="Tone, with probabilities", num_top_classes=3, elem_id="review-label")
            said = gr.Markdown(f"_{task.caution}_", elem_id="review-said")
            aspects = gr.Dataframe(
                headers=_ASPECTS,
                datatype="str",
                label="What each clause speaks of",
                interactive=False,
                wrap=True,
                column_widths=["52%", "20%", "14%", "14%"],
                visible=False,
                elem_id="review-aspects",
            )
            tone = gr.Plot(label="Tone, turn by turn", visible=False, elem_id="review-tone")
            words = gr.HighlightedText(
                label="Words that spoke for it (and against it)",
                visible=False,
                show_legend=False,
                elem_id="review-words",
            )
            source = gr.Markdown(elem_id="review-source", elem_classes="source")
    state = gr.State(None)
    outputs = [label, said, aspects, tone, source, words, state]

    def respond(text: str, *typed: str) -> tuple[Any, ...]:
        example = example_of(text, *typed)
        reading = read(example)
        table = [[c.text, ", ".join(c.aspects) or "–", c.polarity, f"{c.share:.0%}"] for c in reading.clauses]
        figure = timeline(reading)
        return (
            dict(reading.prediction.scores),
            verdict(reading),
            gr.Dataframe(table, visible=bool(table)),
            gr.Plot(figure, visible=figure is not None),
            f"Answered by {reading.prediction.source}. {task.caution}",
            gr.HighlightedText(visible=False),
            reading.prediction.best,
        )

    def highlight(best: str | None, text: str, *typed: str) -> Iterator[Any]:
        if best:
            yield gr.HighlightedText(explain(example_of(text, *typed), best), visible=True)

    asked = gr.on(
        [go_.click, text.submit],
        shown(respond),
        [text, *fields],
        outputs,
        api_visibility="private",
        concurrency_limit=16,
        concurrency_id="sentiment",
    )
    asked.success(
        shown(highlight),
        [state, text, *fields],
        words,
        api_visibility="private",
        concurrency_limit=2,
        show_progress="hidden",
    )
    clear.click(
        lambda: ("", "", "", "", None, f"_{task.caution}_", *_blank()),
        None,
        [text, *fields, *outputs],
        api_visibility="private",
        queue=False,
    )
    gr.api(
        api(read), api_name="sentiment", api_description=task.intro, concurrency_limit=16, concurrency_id="sentiment"
    )


def _blank() -> tuple[Any, ...]:
    hidden = (gr.Dataframe([], visible=False), gr.Plot(None, visible=False), "")
    return (*hidden, gr.HighlightedText([], visible=False), None)


def api(read: Read) -> Callable[..., dict]:
    """Return the function behind /sentiment."""

    def sentiment(text: str, benefits: str = "", side_effects: str = "", comments: str = "") -> dict:
        """Read the tone of one English drug review or patient comment.

        Args:
            text: The review as one text; may be empty where the fields are given.
            benefits: What the writer says the treatment did for them.
            side_effects: What the writer says of side effects.
            comments: What else the writer says.

        Returns:
            label, probabilities, abstained, intensity, expected_rating, aspects, clauses, flags, tone, source.
        """
        return as_dict(read(example_of(text, benefits, side_effects, comments)))

    return shown(sentiment)
