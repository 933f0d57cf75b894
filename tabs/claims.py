"""The Claim check tab: a claim in; a verdict, its trust score in parts, and the evidence out.

Knows nothing of models or of search: it is handed the function that checks. Evidence is shown as text, never as markup;
only its title, escaped, and its address stand in a link.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import gradio as gr

from tabs.answerer import Offers, drawn, escaped, key_of, who_answers
from tabs.errors import shown
from tasks.evidence import Checked, Evidence, Found
from tasks.spec import Task, check_text
from tasks.verdict import FALSE, MISLEADING, TRUE, UNKNOWN
from tasks.written import HERE

Check = Callable[[str, str, str | None], Iterator[str | Checked]]
"""A claim, the key of who answers and a signed-in visitor's token in; words while it waits, then what was found."""

MOST_CHARS = 4_000
CARDS, SHELF = 6, 16
"""Passages that are shown, and the most where several claims rest on more; the structured answer holds all."""
SPEAKS = 0.5
SAID = {
    TRUE: ("✔", "The evidence found speaks for it"),
    FALSE: ("✘", "The evidence found speaks against it"),
    MISLEADING: ("◐", "Misleading as it stands"),
    UNKNOWN: ("○", "Not enough evidence"),
}
COLOURS = {"supports": "#2f7d6b", "refutes": "#a8506f"}
NONE, WITHHELD = "No verdict is given here", "please read it yourself"
FLAG = "A person should review this one: the score is low."
PARTS = {
    "retrieval": "How near the deciding passage lies to the claim",
    "entailment": "How clearly it supports or contradicts the claim",
    "agreement": "How little other passages contradict it",
    "source": "How strong its kind of source is",
}
UNGRADED = "No trust score: this model gives no probabilities."


def source_line(found: Found) -> str:
    """Return a source as a line of Markdown: organisation, title and year; a link only where there is an address."""
    name = escaped(", ".join(part for part in (found.organisation, found.title) if part) or found.id)
    address = urlsplit(found.url)
    if address.scheme in ("https", "http") and address.netloc and not set(found.url) & set("()<>[]\\ \n\"'`"):
        name = f"[{name}]({found.url})"
    return " · ".join(part for part in (name, str(found.year or "undated"), escaped(found.kind)) if part)


def stance_word(evidence: Evidence) -> str:
    """Return what a passage does to a claim, in one word or two; only a side that is likelier than not is named."""
    stance = evidence.stance
    if stance.says < SPEAKS:
        return "says little"
    if max(stance.supports, stance.refutes) < SPEAKS:  # it speaks of the matter, on neither side more likely than not
        return "unclear"
    return "supports" if stance.supports >= stance.refutes else "refutes"


def marked(evidence: Evidence) -> list[tuple[str, str | None]]:
    """Return a passage cut around the sentence that says what it says of the claim."""
    text, sentence = evidence.found.text, evidence.sentence
    word = stance_word(evidence)
    at = text.find(sentence) if sentence and word in COLOURS else -1
    if at < 0:
        return [(text, None)]
    parts = [(text[:at], None), (sentence, word), (text[at + len(sentence) :], None)]
    return [part for part in parts if part[0]]


def verdict_text(checked: Checked) -> str:
    """Say the verdict in words that are ours alone."""
    verdict = checked.verdict
    sign, words = SAID[verdict.label]
    lines = [f"### {sign} {NONE if verdict.withheld else words}"]
    if verdict.why != f"{words}.":  # of a single claim it is the headline
        lines.append(verdict.why)
    if verdict.parts:
        lines.append(f"**Trust score {verdict.trust} of 100** ({verdict.colour})")
    if not checked.graded:
        lines.append(UNGRADED)
    elif verdict.parts and verdict.colour == "red":
        lines.append(FLAG)
    if verdict.label == UNKNOWN and not verdict.withheld:
        nothing = "" if verdict.decided_by else " That nothing was found does not make it false."
        lines.append(f"What lies nearest is shown below.{nothing}")
    lines += [f"⚠ {escaped(note)}" for note in checked.notes]
    return "\n\n".join(lines)


def as_dict(checked: Checked) -> dict[str, Any]:
    """Return everything that was found as plain data."""
    return {
        "verdict": checked.verdict.label,
        "trust": checked.verdict.trust if checked.graded else None,
        "colour": checked.verdict.colour if checked.graded else None,
        "parts": dict(checked.verdict.parts),
        "why": checked.verdict.why,
        "claims": [
            {
                "claim": judged.claim,
                "verdict": judged.verdict.label,
                "trust": judged.verdict.trust if checked.graded else None,
                "parts": dict(judged.verdict.parts),
                "why": judged.verdict.why,
                "withheld": judged.verdict.withheld,
                "decided_by": list(judged.verdict.decided_by),
                "evidence": [_evidence(evidence) for evidence in judged.evidence],
            }
            for judged in checked.claims
        ],
        "graded": checked.graded,
        "source": checked.source,
        "notes": list(checked.notes),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    found, stance = evidence.found, evidence.stance
    return {
        "id": found.id,
        "title": found.title,
        "organisation": found.organisation,
        "year": found.year,
        "url": found.url,
        "kind": found.kind,
        "text": found.text,
        "limits": found.limits,
        "sentence": evidence.sentence,
        "near": round(stance.near, 4),
        "supports": round(stance.supports, 4),
        "refutes": round(stance.refutes, 4),
        "compared_with": stance.like,
    }


def build(task: Task, check: Check, offers: Offers, examples: Sequence[str]) -> None:
    """Lay out the tab and wire its events; the endpoint is /check_claim."""
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            claim = gr.Textbox(
                label="Claim, or an answer that makes several",
                lines=4,
                max_lines=12,
                placeholder="Write it as a statement: Garlic lowers blood pressure.",
                elem_id="claim-text",
            )
            who = who_answers(offers, "claim")
            with gr.Row():
                go = gr.Button("Check it", variant="primary", elem_id="claim-go")
                clear = gr.Button("Clear")
            gr.Examples(
                [[example] for example in examples],
                [claim],
                label="Try one",
                cache_examples=False,
                api_visibility="private",
            )
        with gr.Column(scale=7, min_width=320):
            outputs = _answer(task)

    def respond(text: str, who: str, token: gr.OAuthToken | None = None) -> Iterator[tuple[Any, ...]]:
        def steps() -> Iterator[str | Checked]:
            yield from check(check_text(text, MOST_CHARS, "claim"), who, key_of(token))

        yield from drawn(steps, lambda found: _drawn(task, found), _blank(task))

    for event in (go.click, claim.submit):
        event(
            shown(respond),
            [claim, who],
            outputs,
            api_visibility="private",
            concurrency_limit=2,
            concurrency_id="claim",
            show_progress="minimal",
        )
    clear.click(lambda: ("", *_blank(task)), None, [claim, *outputs], api_visibility="private", queue=False)

    gr.api(
        shown(_api(check)),
        api_name="check_claim",
        concurrency_limit=2,
        concurrency_id="claim",
    )


def _answer(task: Task) -> list[Any]:
    """Lay out what is said back, in the order of `_drawn`."""
    said = gr.Markdown(f"_{task.caution}_", elem_id="claim-said")
    parts = gr.Label(label="What makes up the trust score", show_heading=False, visible=False, elem_id="claim-parts")
    claims = gr.Dataframe(
        headers=["#", "claim", "verdict", "trust"],
        datatype="str",
        label="Claim by claim",
        interactive=False,
        wrap=True,
        max_height=1000,  # eight claims in a narrow window
        column_widths=["9%", "49%", "26%", "16%"],
        visible=False,
        elem_id="claim-each",
    )
    shelf: list[Any] = []
    for place in range(SHELF):
        shelf.append(gr.HighlightedText(visible=False, color_map=COLOURS, elem_id=f"claim-card-{place}"))
        shelf.append(gr.Markdown(visible=False, elem_classes="source"))
    with gr.Accordion("As data", open=False):
        data = gr.JSON(label="Structured answer", elem_id="claim-json")
    source = gr.Markdown(elem_id="claim-source", elem_classes="source")
    return [said, parts, claims, *shelf, data, source]


def _drawn(task: Task, checked: Checked) -> tuple[Any, ...]:
    """Return what was found as updates of the outputs."""
    rows = [
        [number, judged.claim, judged.verdict.label, str(judged.verdict.trust) if judged.verdict.parts else "–"]
        for number, judged in enumerate(checked.claims, 1)
    ]
    drawn: list[Any] = []
    several = len(checked.claims) > 1
    for judged, evidence in checked.first(CARDS, SHELF):
        stance, told = evidence.stance, marked(evidence)
        word = stance_word(evidence)
        sure = max(stance.supports, stance.refutes) if word in COLOURS else 1 - stance.says
        about = f"claim {checked.claims.index(judged) + 1}: " if several else ""
        label = f"{about}{word} ({sure:.0%})" if checked.graded and word != "unclear" else f"{about}{word}"
        if judged.verdict.withheld:  # which side it is on is what is not to be relied on here
            told, label = [(evidence.found.text, None)], f"{about}{WITHHELD}"
        drawn.append(gr.HighlightedText(told, label=label, visible=True))
        drawn.append(gr.Markdown(_below(evidence, judged.verdict.withheld), visible=True))
    for _ in range(SHELF - len(drawn) // 2):
        drawn += [gr.HighlightedText([], visible=False), gr.Markdown("", visible=False)]
    parts = {PARTS[name]: share for name, share in checked.verdict.parts.items()}
    return (
        verdict_text(checked),
        gr.Label(parts or None, visible=bool(parts)),
        gr.Dataframe(rows, visible=several),
        *drawn,
        as_dict(checked),
        f"Answered by {escaped(checked.source)}. {task.caution}" if checked.source else "",
    )


def _below(evidence: Evidence, withheld: bool) -> str:
    """Return what stands below a passage: source, limits, and the known claim that the claim was compared with."""
    lines = [source_line(evidence.found), escaped(evidence.found.limits)]
    if evidence.stance.like and not withheld and stance_word(evidence) in COLOURS:
        lines.append(f"Compared with: {escaped(evidence.stance.like)}.")
    return "  \n".join(line for line in lines if line)


def _blank(task: Task) -> tuple[Any, ...]:
    hidden: list[Any] = []
    for _ in range(SHELF):
        hidden += [gr.HighlightedText([], visible=False), gr.Markdown("", visible=False)]
    return (
        f"_{task.caution}_",
        gr.Label(None, visible=False),
        gr.Dataframe([], visible=False),
        *hidden,
        None,
        "",
    )


def _api(check: Check) -> Callable[..., dict]:
    def check_claim(text: str, answerer: str = HERE, token: gr.OAuthToken | None = None) -> dict:
        """Check an English health claim against evidence that is searched for here; give a verdict and its sources.

        Args:
            text: One claim, or a short text that makes several.
            answerer: Who says what each passage means: "adapter", or the key of another who is offered here.
            token: Filled in from a visitor's sign-in; programs do not send it.

        Returns:
            verdict (true, false, misleading, not enough evidence), trust (0 to 100; null where whoever answered gives
            no probabilities) with its parts, colour, why, claims (each with its verdict, whether that is withheld where
            it could hurt, and evidence: source, stance, deciding sentence), graded, source, notes (what else a reader
            must know, such as that the text is not English).
        """
        *_, found = check(check_text(text, MOST_CHARS, "claim"), answerer, key_of(token))
        return as_dict(found)

    return check_claim
