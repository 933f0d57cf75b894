"""The Clinical notes tab: a note in; the masked text, its categories, their sentences and nearby titles out.

Knows nothing of models: it is handed the functions that read. The note a person pasted is not kept; what is shown was
made from its masked form, and none of it is rendered as HTML or Markdown.
"""

import codecs
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from tabs import plots
from tabs.answerer import Offers, drawn, escaped, key_of, who_answers
from tabs.errors import shown
from tasks import deidentify as masks
from tasks.deidentify import Deidentified
from tasks.findings import Span
from tasks.note_reading import Carried, NoteReading, as_dict
from tasks.spec import Task, UserError, check_text
from tasks.written import HERE

Read = Callable[[str, str, str | None], Iterator[str | NoteReading]]
"""A note, the key of who answers and a signed-in visitor's token in; words while it waits, then ever fuller answers."""

MOST_SHOWN = 12_000
"""Characters of a masked note that are drawn; a book would stall the browser. The download holds all of it."""
COLOURS = {"masked": "#8d7bb8", "denied in the note": "#9aa0a6", "about a relative": "#b3a58b"}
TONES = ("#2f7d6b", "#b0762b", "#3f6fa8", "#a8506f", "#6b7d2f")
KINDS = {"negated": "denied in the note", "family": "about a relative"}
TAKEN = (".txt", ".md", ".text")
BOTH = "There is a note in the box and a file as well. Please clear the box or remove the file, so that one is read."


def text_of(typed: str, path: str | None, most: int) -> str:
    """Return what was pasted, or what a text file holds.

    Raises:
        UserError: if neither can be read, or both are there: they may be of two patients, and one would go unread.
    """
    if not path:
        return check_text(typed or "", most, "note")
    if typed and typed.strip():
        raise UserError(BOTH)
    file = Path(path)
    if file.suffix.lower() not in TAKEN:
        kinds = ", ".join(TAKEN)
        raise UserError(
            f"This box takes plain text ({kinds}); for PDF or Word, copy the text out and paste it. For many notes "
            "use the tab beside this one with a CSV, TSV, JSON-lines or Parquet file."
        )
    raw = file.read_bytes()
    for encoding in _encodings(raw):
        try:
            return check_text(raw.decode(encoding), most, "note")
        except UnicodeDecodeError:
            continue
    raise UserError("This file is no plain text in UTF-8, UTF-16 or Windows-1252.")


def _encodings(raw: bytes) -> tuple[str, ...]:
    """Return what a text file may be written in; nearly any bytes are UTF-16, so that has to show itself."""
    if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return ("utf-16",)
    if raw.count(0) * 4 > len(raw):  # every second byte of English in UTF-16
        return ("utf-16-le" if raw[1::2].count(0) > raw[::2].count(0) else "utf-16-be",)
    return ("utf-8-sig", "cp1252")


def masked_line(masked: Deidentified) -> str:
    """Say what was masked, in words that are ours alone."""
    if not masked.counts:
        return (
            "Nothing was recognised as a name, date or number that identifies someone. Please check the text yourself."
        )
    parts = ", ".join(f"{count} {kind.lower()}" for kind, count in sorted(masked.counts.items()))
    return f"Masked: {parts}. The masking can miss things; read the text before you share it."


def marked(reading: NoteReading) -> tuple[list[tuple[str, str | None]], dict[str, str]]:
    """Return the masked text cut where something is to be seen, and the colour of each kind of mark."""
    text = reading.masked.text[:MOST_SHOWN]
    marks: dict[int, tuple[int, str]] = {}
    # A sentence that spoke for several has the colour of the one of which it is the larger part.
    spoke = ((one.share, one, label) for label in reversed(reading.shown) for one in reading.carried.get(label, ()))
    for _, carried, label in sorted(spoke, key=lambda row: row[0]):
        marks |= {start: (end, label) for start, end in _around(carried, reading.set_aside)}
    for span in reading.set_aside:
        marks.setdefault(span.start, (span.end, KINDS[span.kind]))
    out: list[tuple[str, str | None]] = []
    at = 0
    for start in sorted(marks):
        end, label = marks[start]
        if start < at or end > len(text):
            continue
        out += [(text[at:start], None), (text[start:end], label)]
        at = end
    out.append((text[at:], None))
    drawn = {label for _, label in out}
    spoken = {label: tone for label, tone in zip(reading.shown, TONES, strict=False) if label in drawn}
    colours = dict(COLOURS) | spoken
    return [part for part in out if part[0]], colours


def _around(carried: Carried, aside: Sequence[Span]) -> list[tuple[int, int]]:
    """Return the parts of a sentence beside what it denies, which keeps its own colour."""
    out, at = [], carried.start
    for span in aside:
        if span.start < carried.end and span.end > at:
            out.append((at, span.start))
            at = span.end
    return [(start, end) for start, end in [*out, (at, carried.end)] if start < end]


def verdict(reading: NoteReading) -> str:
    """Say the answer in words that are ours alone."""
    if reading.prediction is None:
        return "Reading …"
    lines = [f"⚠ {note}" for note in reading.notes]  # first: what follows may mean nothing
    if not reading.done:
        lines.append(f"Read so far: {reading.read:.0%} of the note. What follows can still change.")
    if reading.said:
        scores = reading.prediction.scores
        graded = reading.prediction.graded
        said = ", ".join(f"**{label}** {scores[label]:.0%}" if graded else f"**{label}**" for label in reading.said)
        lines.append(f"### {len(reading.said)} {'category' if len(reading.said) == 1 else 'categories'}\n{said}")
    else:
        nearest = "; the chart shows what came nearest" if reading.prediction.graded else ""
        lines.append(f"### Not sure\nNo category is likely enough to be named{nearest}.")
    # Those beyond the ones that are explained were not looked for, nor any by who reads the note whole.
    whole = [label for label in reading.said if label in reading.carried and not reading.carried[label]]
    lines += (
        [f"No single sentence stands behind {', '.join(whole)}: the note as a whole spoke for it."] if whole else []
    )
    lines += [f"_{reading.unsaid}_"] if reading.unsaid else []
    return "\n\n".join(lines)


def build(task: Task, read: Read, offers: Offers) -> None:
    """Lay out the tab and wire its events; the endpoints are /clinical_note and /deidentify."""
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            note = gr.Textbox(label="Note", lines=12, max_lines=24, placeholder=task.intro, elem_id="note-text")
            file = gr.File(label="Or a text file (.txt)", type="filepath", height=110, elem_id="note-file")
            who = who_answers(offers, "note")
            with gr.Row():
                go = gr.Button("Analyse", variant="primary", elem_id="note-go")
                clear = gr.Button("Clear")
            gr.Examples(
                [[example.text] for example in task.samples],
                [note],
                label="Try one (invented)",
                example_labels=[" ".join(e.text.split()[:9]) + " …" for e in task.samples],
                cache_examples=False,
                api_visibility="private",
            )
        with gr.Column(scale=7, min_width=320):
            outputs = _answer(task)
    asked = [note, file]
    go.click(
        shown(_respond(task, read)),
        [*asked, who],
        outputs,
        api_visibility="private",
        concurrency_limit=2,
        concurrency_id="note",
        show_progress="minimal",
    )
    clear.click(lambda: ("", None, *_blank(task)), None, [*asked, *outputs], api_visibility="private", queue=False)
    gr.api(
        shown(_api_note(task, read)),
        api_name="clinical_note",
        concurrency_limit=2,
        concurrency_id="note",
    )
    gr.api(
        shown(_api_mask(task)),
        api_name="deidentify",
        api_description="Mask names, dates, ages over 89, phones, addresses, numbers, e-mails and URLs in a note.",
        concurrency_limit=4,
    )


def _answer(task: Task) -> list[Any]:
    """Lay out what is said back, in the order of `_drawn`."""
    said = gr.Markdown(f"_{task.caution}_", elem_id="note-said")
    chart = gr.Plot(label="Categories", visible=False, elem_id="note-chart")
    masked = gr.Markdown(elem_id="note-masked")
    text = gr.HighlightedText(
        label="Note with identifiers masked; the sentences behind each category are coloured",
        visible=False,
        show_legend=True,
        elem_id="note-view",
    )
    titles = gr.Dataframe(
        headers=["code", "title", "category", "similarity"],
        datatype="str",
        label="Closest ICD-9-CM titles: suggestions for a clinician, not a diagnosis",
        interactive=False,
        wrap=True,
        column_widths=["19%", "37%", "26%", "18%"],
        visible=False,
        elem_id="note-titles",
    )
    with gr.Accordion("As data", open=False):
        data = gr.JSON(label="Structured answer", elem_id="note-json")
    source = gr.Markdown(elem_id="note-source", elem_classes="source")
    return [said, chart, masked, text, titles, data, source]


def _respond(task: Task, read: Read) -> Callable[..., Iterator[tuple[Any, ...]]]:
    """Return the handler that streams an answer as it grows."""

    def respond(
        typed: str, path: str | None, who: str, token: gr.OAuthToken | None = None
    ) -> Iterator[tuple[Any, ...]]:
        def steps() -> Iterator[str | NoteReading]:
            yield from read(text_of(typed, path, task.max_chars), who, key_of(token))

        yield from drawn(steps, lambda reading: _drawn(task, reading), _blank(task))

    return respond


def _drawn(task: Task, reading: NoteReading) -> tuple[Any, ...]:
    """Return a reading as updates of the outputs."""
    parts, colours = marked(reading)
    more = len(reading.masked.text) - MOST_SHOWN
    line = masked_line(reading.masked)
    if more > 0:
        line += f" The first {MOST_SHOWN:,} characters are shown; all {len(reading.masked.text):,} were read."
    titles = [[s.code, s.title, s.category, f"{s.closeness:.2f}"] for s in reading.suggestions]
    scores = reading.prediction.scores if reading.prediction and reading.prediction.graded else {}
    return (
        verdict(reading),
        gr.Plot(plots.categories(scores, reading.said) if scores else None, visible=bool(scores)),
        line,
        gr.HighlightedText(parts, color_map=colours, visible=True),
        gr.Dataframe(titles, visible=bool(titles)),
        as_dict(reading) if reading.done else gr.skip(),
        f"Answered by {escaped(reading.prediction.source)}. {task.caution}" if reading.prediction else "",
    )


def _blank(task: Task) -> tuple[Any, ...]:
    hidden = (gr.HighlightedText([], visible=False), gr.Dataframe([], visible=False), None, "")
    return (f"_{task.caution}_", gr.Plot(None, visible=False), "", *hidden)


def _api_note(task: Task, read: Read) -> Callable[..., dict]:
    def clinical_note(text: str, answerer: str = HERE, token: gr.OAuthToken | None = None) -> dict:
        """Mask one English clinical note and sort it into ICD-9 categories, with reasons.

        Args:
            text: The note.
            answerer: Who sorts the masked note: "adapter", or the key of another who is offered here.
            token: Filled in from a visitor's sign-in; programs do not send it.

        Returns:
            deidentified, masked, categories (probability, null where whoever answered gives none; claimed, sentences),
            suggestions, set_aside, notes, unsaid, source.
        """
        *_, last = read(check_text(text, task.max_chars, "note"), answerer, key_of(token))
        return as_dict(last)

    return clinical_note


def _api_mask(task: Task) -> Callable[..., dict]:
    def deidentify(text: str) -> dict:
        """Mask what identifies a person in a clinical note.

        Args:
            text: The note.

        Returns:
            text (masked) and counts by kind.
        """
        masked = masks.deidentify(check_text(text, task.max_chars, "note"))
        return {"text": masked.text, "counts": dict(masked.counts)}

    return deidentify
