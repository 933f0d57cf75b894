"""The Sentiment tab: one review in, its tone, strength and aspects out, and the words that carried it.

Knows nothing of models: it is handed the functions that read. Nothing a person typed is rendered as HTML or Markdown.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import gradio as gr
import plotly.graph_objects as go

from tabs import plots
from tabs.answerer import Offers, drawn, escaped, key_of, who_answers
from tabs.errors import shown
from tasks.drug_reviews import INTENSITY
from tasks.placeholders import ONLY_PLACEHOLDER, only_placeholder
from tasks.reviews import UNCLEAR, ClauseReading, ReviewReading, understand
from tasks.spec import Example, Task, UserError, check_text
from tasks.written import HERE

Read = Callable[[Example, str, str | None], Iterator[str | ReviewReading]]
"""A review, the key of who answers and a signed-in visitor's token in; words while it waits, then what is said."""
Explain = Callable[[Example, str, str], list[tuple[str, float]]]
"""A review, its label and the key of who answered in; its words with their shares, none where they cannot be had."""

WEAK, STRONG = 0.2, 0.6
"""Shares of the weightiest word's weight from which a word is marked, and marked strongly."""
MARKS = {"strongly for": "#2f7d6b", "for": "#8cc7b5", "against": "#e3b08f", "strongly against": "#c2513d"}

WORDS = "Words that pointed to {}, or away from it"
_ASPECTS = ["what is said", "about", "tone"]


def example_of(text: str, benefits: str, side_effects: str, comments: str) -> Example:
    """Turn what was typed into an Example; raise UserError where nothing was, or too much."""
    typed = {"benefits": benefits, "side effects": side_effects, "comments": comments}
    filled = {name: check_text(value, what=name) for name, value in typed.items() if value and value.strip()}
    whole = "" if filled and not (text and text.strip()) else check_text(text, what="review")
    if set(filled) <= {"comments"} and only_placeholder(f"{whole} {filled.get('comments', '')}"):
        raise UserError(ONLY_PLACEHOLDER)
    return understand(whole, filled)


def as_dict(reading: ReviewReading) -> dict[str, Any]:
    """Return a reading as plain data, for the API."""
    prediction = reading.prediction
    return {
        "label": reading.leading,
        "abstained": prediction.abstained,
        "probabilities": {k: round(v, 4) for k, v in prediction.scores.items()} if prediction.graded else None,
        "two_best": list(reading.two_best),
        "intensity": reading.intensity,
        "expected_rating": None if reading.rating is None else round(reading.rating, 2),
        "aspects": reading.aspects,
        "aspect_probabilities": {aspect: round(share, 4) for aspect, share in reading.aspect_shares.items()},
        "clauses": [
            {
                "text": c.text,
                "aspects": list(c.aspects),
                "polarity": c.polarity,
                "leans": c.leans,
                "probability": round(c.share, 4),
            }
            for c in reading.clauses
        ],
        "flags": list(reading.flags),
        "notes": [reading.concern, *reading.notes] if reading.concern else list(reading.notes),
        "tone": [{"speaker": turn.role, "label": label, "probability": round(p, 4)} for turn, label, p in reading.tone],
        "unsaid": reading.unsaid,
        "source": prediction.source,
    }


def verdict(reading: ReviewReading) -> str:
    """Say the answer in words that are ours alone: none of them was typed by the visitor."""
    prediction = reading.prediction
    if prediction.abstained:
        first, second = reading.two_best
        head = f"### Not sure\nMost likely {first}, possibly {second}; not certain enough to say."
    else:
        head = f"### {prediction.best.capitalize()}"
    lines = [*([f"**{reading.concern}**"] if reading.concern else []), head, *_sooner(reading)]
    if reading.intensity is not None:
        step = INTENSITY.index(reading.intensity)
        scale = " ".join("●" if i == step else "○" for i in range(len(INTENSITY)))
        lines.append(f"Strength: {scale} {reading.intensity} (expected rating {reading.rating:.1f} of 10)")
    lines += [f"_{reading.unsaid}_"] if reading.unsaid else []
    if reading.flags:
        lines.append(f"Flags: {', '.join(reading.flags)}")
    lines += [f"⚠ {note}" for note in reading.notes]
    return "\n\n".join(lines)


def _sooner(reading: ReviewReading) -> list[str]:
    """Say why a label was chosen that is not the likeliest of those shown; nothing where it is."""
    best, likeliest = reading.prediction.best, reading.two_best[0]
    if reading.prediction.abstained or best == likeliest:
        return []
    return [
        f"{likeliest.capitalize()} has the highest probability below. {best.capitalize()} is named a little sooner, "
        "because such reviews are rare and most would be missed otherwise."
    ]


def marked(words: Sequence[tuple[str, float]]) -> list[tuple[str, str | None]]:
    """Return the words with how they spoke, runs of the same kind joined, so that the text reads as a text."""
    out: list[tuple[str, str | None]] = []
    for text, weight in words:
        kind = None
        if abs(weight) >= WEAK:
            kind = ("strongly " if abs(weight) >= STRONG else "") + ("for" if weight > 0 else "against")
        if out and out[-1][1] == kind:
            out[-1] = (out[-1][0] + text, kind)
        else:
            out.append((text, kind))
    return out


def timeline(reading: ReviewReading) -> go.Figure | None:
    """Draw the tone of a conversation, or nothing where the text is none."""
    sign = {"negative": -1, "neutral": 0, "positive": 1, UNCLEAR: 0}
    return (
        plots.tone([(turn.role, label, sign[label] * p) for turn, label, p in reading.tone]) if reading.tone else None
    )


def build(task: Task, read: Read, explain: Explain, offers: Offers) -> None:
    """Lay out the tab and wire its events; the endpoint is /sentiment."""
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            typed, who, go_, clear = _question(task, offers)
        with gr.Column(scale=6, min_width=320):
            outputs, words = _answer(task)
    best, turn = gr.State(None), gr.State([0])

    def respond(
        text: str, good: str, bad: str, more: str, by: str, turn: list[int], token: gr.OAuthToken | None = None
    ) -> Iterator[tuple[Any, ...]]:
        turn[0] += 1  # the same list all through a visit

        def draw(reading: ReviewReading) -> tuple[Any, ...]:
            words = gr.HighlightedText(visible=False)
            return *_drawn(reading, task.caution), words, (reading.leading, by, turn[0])

        steps = partial(_read, read, (text, good, bad, more), by, key_of(token))
        yield from drawn(steps, draw, _blank(task.caution))

    def highlight(asked: tuple[str, str, int] | None, turn: list[int], *values: str) -> Any:
        if asked is None:
            return gr.skip()
        label, by, mine = asked
        words = marked(explain(example_of(*values), label, by))
        if not words or mine != turn[0]:  # a long review takes seconds: another may have been asked about since
            return gr.skip()
        return gr.HighlightedText(words, label=WORDS.format(label), visible=True)

    def cleared(turn: list[int]) -> tuple[Any, ...]:
        turn[0] += 1
        return ("", "", "", "", *_blank(task.caution))

    asked = gr.on(
        [go_.click, typed[0].submit],
        shown(respond),
        [*typed, who, turn],
        [*outputs, words, best],
        api_visibility="private",
        concurrency_limit=16,
        concurrency_id="sentiment",
    )
    asked.success(
        shown(highlight),
        [best, turn, *typed],
        words,
        api_visibility="private",
        concurrency_limit=2,
        show_progress="hidden",
        trigger_mode="multiple",  # the next review's words do not wait for those of the one before
    )
    clear.click(cleared, turn, [*typed, *outputs, words, best], api_visibility="private", queue=False)
    gr.api(api(read), api_name="sentiment", concurrency_limit=16, concurrency_id="sentiment")


def _read(read: Read, typed: tuple[str, str, str, str], by: str, token: str | None) -> Iterator[str | ReviewReading]:
    yield from read(example_of(*typed), by, token)


def _question(task: Task, offers: Offers) -> tuple[list[gr.Textbox], gr.Dropdown, gr.Button, gr.Button]:
    """Lay out what a person fills in; return the four boxes, who answers, and the two buttons."""
    text = gr.Textbox(label="Review or comment", lines=6, max_lines=16, placeholder=task.intro, elem_id="review-text")
    with gr.Accordion("Or fill the three fields", open=False) as parts:
        fields = [gr.Textbox(label=name, lines=2) for name in ("Benefits", "Side effects", "Comments")]
    who = who_answers(offers, "review")
    with gr.Row():
        go_ = gr.Button("Analyse", variant="primary", elem_id="review-go")
        clear = gr.Button("Clear")
    tried = gr.Examples(
        [[e.text, *(e.fields.get(s, "") for s in task.slots)] for e in task.samples],
        [text, *fields],
        label="Try one",
        example_labels=[_short(e) for e in task.samples],
        cache_examples=False,
        api_visibility="private",
    )
    # A sample in three parts must not look as if nothing had been filled in.
    tried.load_input_event.then(
        lambda *said: gr.Accordion(open=any(said)), fields, parts, api_visibility="private", queue=False
    )
    return [text, *fields], who, go_, clear


def _answer(task: Task) -> tuple[list[Any], gr.HighlightedText]:
    """Lay out what is said back; return the components in the order of `_drawn`, and the marked words."""
    said = gr.Markdown(f"_{task.caution}_", elem_id="review-said")
    label = gr.Label(
        label="Probabilities", num_top_classes=3, show_heading=False, visible=False, elem_id="review-label"
    )
    aspects = gr.Dataframe(
        headers=_ASPECTS,
        datatype="str",
        label="What each part of the review is about",
        interactive=False,
        wrap=True,
        column_widths=["44%", "30%", "26%"],
        visible=False,
        elem_id="review-aspects",
    )
    tone = gr.Plot(label="Tone, turn by turn", visible=False, elem_id="review-tone")
    words = gr.HighlightedText(
        label=WORDS.format("the label"),
        visible=False,
        show_legend=True,
        color_map=MARKS,
        elem_id="review-words",
    )
    source = gr.Markdown(elem_id="review-source", elem_classes="source")
    return [said, label, aspects, tone, source], words


def _drawn(reading: ReviewReading, caution: str) -> tuple[Any, ...]:
    """Return a reading as updates of verdict, probabilities, aspects, timeline and source."""
    table = [[c.text, ", ".join(c.aspects) or "–", _polarity(c)] for c in reading.clauses]
    figure = timeline(reading)
    return (
        verdict(reading),
        gr.Label(dict(reading.prediction.scores), visible=reading.prediction.graded),
        gr.Dataframe(table, visible=bool(table)),
        gr.Plot(figure, visible=figure is not None),
        f"Answered by {escaped(reading.prediction.source)}. {caution}",
    )


def _polarity(clause: ClauseReading) -> str:
    if clause.polarity == UNCLEAR:
        return f"{UNCLEAR}, perhaps {clause.leans} ({clause.share:.0%})"
    return f"{clause.polarity} {clause.share:.0%}"


def _blank(caution: str) -> tuple[Any, ...]:
    """Return the updates of an empty answer: the five of `_drawn`, the marked words, and no label."""
    hidden = (gr.Label(None, visible=False), gr.Dataframe([], visible=False), gr.Plot(None, visible=False), "")
    return (f"_{caution}_", *hidden, gr.HighlightedText([], visible=False), None)


def _short(example: Example) -> str:
    words = example.all_text.split()
    return " ".join(words[:9]) + (" …" if len(words) > 9 else "")


def api(read: Read) -> Callable[..., dict]:
    """Return the function behind /sentiment."""

    def sentiment(
        text: str,
        benefits: str = "",
        side_effects: str = "",
        comments: str = "",
        answerer: str = HERE,
        token: gr.OAuthToken | None = None,
    ) -> dict:
        """Read the tone of one English drug review or patient comment.

        Args:
            text: The review as one text; may be empty where the fields are given.
            benefits: What the writer says the treatment did for them.
            side_effects: What the writer says of side effects.
            comments: What else the writer says.
            answerer: Who reads it: "adapter", or the key of another who is offered here.
            token: Filled in from a visitor's sign-in; programs do not send it.

        Returns:
            label, abstained, probabilities, two_best, intensity, expected_rating, aspects, aspect_probabilities,
            clauses, flags, notes, tone, unsaid, source. Where abstained, label is the first of two_best, only a guess.
            A polarity or tone too close to call is "unclear"; a clause still says where it leans. What whoever
            answers cannot give is null or empty, and unsaid says so.
        """
        *_, found = read(example_of(text, benefits, side_effects, comments), answerer, key_of(token))
        return as_dict(found)

    return shown(sentiment)
