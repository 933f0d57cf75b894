"""CareTune: health text read by small models one can train, measure and promote. Wires the rooms together."""

import os
from pathlib import Path

HOME = Path(os.environ.get("CARETUNE_HOME", "data"))
# Read by Gradio when it is imported, so they stand above it.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("GRADIO_TEMP_DIR", str((HOME / "uploads").resolve()))

import logging
import sys
import threading

import gradio as gr
import spaces
from starlette.middleware import Middleware

import tasks
from models import zero
from models.answerers import Answerers
from models.checker import Checker
from models.filing import Files
from models.finding import Finder
from models.language import notes
from models.live import Live
from models.readers import Readers
from models.service import Service
from models.shelf import Shelf
from tabs import (
    answerer,
    chat,
    claims,
    claims_answer,
    claims_file,
    notes_file,
    rating,
    safety,
    sentiment,
    sentiment_file,
    temporary,
    train,
)
from tabs import notes as notes_tab
from tabs.train_desk import Desk
from tabs.who import Door, Gate
from tasks.spec import Task

# System fonts: nothing is fetched, and the page looks at home on every machine.
THEME = gr.themes.Soft(
    primary_hue="teal",
    font=["system-ui", "-apple-system", "Segoe UI", "sans-serif"],
    font_mono=["ui-monospace", "Menlo", "monospace"],
).set(
    # Soft's own colours stand at 2.5:1 on their ground; text needs 4.5:1 to be read by everyone (WCAG 2.2, 1.4.3).
    body_text_color_subdued="*neutral_500",
    block_title_text_color="*primary_700",
    block_label_text_color="*primary_700",
    block_label_background_fill_dark="*primary_700",
    button_primary_background_fill="*primary_700",
    button_primary_background_fill_dark="*primary_700",
    button_primary_background_fill_hover="*primary_800",
    button_primary_background_fill_hover_dark="*primary_800",
    button_secondary_background_fill_hover_dark="*primary_700",
    checkbox_label_background_fill_selected="*primary_700",
    checkbox_label_background_fill_selected_dark="*primary_700",
    color_accent="*primary_700",
    checkbox_border_color="*neutral_500",
    checkbox_border_color_dark="*neutral_400",
    checkbox_border_width_dark="1px",
    link_text_color_dark="#a5b4fc",
    link_text_color_hover_dark="#c7d2fe",
    link_text_color_visited_dark="#c4b5fd",
    link_text_color_active_dark="#c7d2fe",
)
CSS = """
.source {opacity: .85; font-size: .85em}
footer {opacity: 1}
.label-wrap {text-align: left}
.js-plotly-plot text[style*="rgb(125, 133, 144)"] {fill: var(--body-text-color-subdued) !important}
.js-plotly-plot text[style*="rgb(125, 133, 145)"] {fill: var(--body-text-color) !important}
body:not(.dark) .cm-line span {filter: brightness(.6)}
.dark .cm-line span {filter: brightness(1.7)}
.textfield {word-break: normal !important; overflow-wrap: anywhere}
.ask {align-items: center}
.dark {--color-accent: var(--primary-400)}
.dark .textfield span, .dark .category-label, .dark .legend-item {color: #fff}
@media (max-width: 900px) {.cell-wrap, .cell-wrap *, th .header-content {font-size: 12px; hyphens: auto}}
"""


CLAIMS = (
    "Vitamin C prevents COVID-19.",
    "Garlic can completely cure high blood pressure, so you don't need medications.",
    "Low-dose aspirin is sometimes recommended in pregnancy to prevent preeclampsia in women at high risk.",
    "Antibiotics cure the common cold.",
)
QUESTIONS = (
    "Can I take ibuprofen if I'm already on aspirin for heart disease?",
    "Can garlic cure high blood pressure?",
    "Is aspirin recommended in pregnancy?",
)


def school_grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of a text."""
    import textstat

    return float(textstat.flesch_kincaid_grade(text))


@spaces.GPU(duration=10)
def accelerator() -> str:
    """Return the name of the GPU this Space lends, or say that there is none.

    The embedded base answers from the CPU in milliseconds, faster than a GPU is lent; nothing visitors ask needs one.
    """
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else "none (CPU)"


def build(home: Path) -> tuple[gr.Blocks, Live, Desk]:
    """Return the app, the models behind it and the runs that make them; nothing is loaded yet."""
    live = Live(Shelf(home / "shelf"))
    desk = Desk(home, live.shelf, Gate.from_environment())
    review = tasks.get("drug_reviews")
    note = tasks.get("clinical_notes")
    checker = Checker(live, Finder())
    live.beforehand.append(checker.warm)
    answerers = Answerers(checker)
    readers = Readers(live)
    service = Service(live, checker, readers, notes)

    def offers(task: Task) -> answerer.Offers:
        return lambda: readers.offers(task)

    with gr.Blocks(title="CareTune", analytics_enabled=False, delete_cache=(600, 3600)) as demo:
        gr.Markdown(
            "# CareTune\nSmall language models for health text, trained and measured in the open. "
            "For learning and sorting, never a diagnosis. What you paste is not kept."
        )
        with gr.Tabs() as tabs:
            with gr.Tab("Sentiment", id="sentiment"), gr.Tabs():
                with gr.Tab("One review", id="one"):
                    sentiment.build(review, service.review, service.words, offers(review))
                with gr.Tab("Many reviews", id="many"):
                    sentiment_file.build(review, Files(readers, review), offers(review))
            with gr.Tab("Clinical notes", id="notes"), gr.Tabs():
                with gr.Tab("One note", id="note"):
                    notes_tab.build(note, service.note, offers(note))
                with gr.Tab("Many notes", id="many-notes"):
                    notes_file.build(note, Files(readers, note), offers(note))
            with gr.Tab("QA chat", id="chat"), gr.Tabs():
                with gr.Tab("Chat", id="talk"):
                    chat.build(checker.questions, answerers, school_grade, QUESTIONS)
                with gr.Tab("Rate answers", id="rate") as rate:
                    rating.build(home, desk.gate, answerers.plain, school_grade, rate)
            with gr.Tab("Claim check", id="claims"), gr.Tabs():
                with gr.Tab("A claim", id="claim"):
                    claims.build(checker.claims, service.claim, offers(checker.claims), CLAIMS)
                with gr.Tab("An answer", id="answer"):
                    claims_answer.build(checker.claims, service.answer, offers(checker.claims))
                with gr.Tab("Many claims", id="many-claims"):
                    claims_file.build(checker.claims, Files(readers, checker.claims))
            with gr.Tab(train.TITLE, id="train"):
                train.build(desk, demo, tabs)
        gr.api(accelerator, api_name="accelerator")
    demo.queue(max_size=64, default_concurrency_limit=1)
    return demo, live, desk


def main() -> None:
    """Start the app; the models are read in the background while the first page is already served."""
    logging.basicConfig(level=logging.INFO)
    safety.hush()
    safety.forget()
    safety.only_uploads()
    logging.getLogger("httpx").setLevel(logging.WARNING)
    uploads = Path(os.environ["GRADIO_TEMP_DIR"])
    uploads.mkdir(parents=True, exist_ok=True)
    demo, live, desk = build(HOME)
    temporary.start_sweeper(uploads)
    if zero.on_zero():  # before the launch, in this thread: only so are weights where a lent GPU finds them quickly
        from models.lent import place

        place([(task, Path(found.folder)) for task in tasks.ALL if (found := live.shelf.current(task)) is not None])
    explained = [tasks.get("drug_reviews")]
    desk.gate.write(HOME)
    settings = safety.launch_settings(HOME)
    settings["app_kwargs"]["middleware"].append(Middleware(Door, gate=desk.gate))
    demo.launch(theme=THEME, css=CSS + train.CSS, mcp_server=True, prevent_thread_lock=True, **settings)
    # Only now: Gradio asks its own page for an answer within seconds, which a machine busy reading torch may miss.
    threading.Thread(target=live.warm, args=(tasks.ALL, explained), name="warm", daemon=True).start()
    desk.start()
    if not desk.gate.space:
        sys.stdout.write(f"To train from the browser, open {demo.local_url}?token={desk.gate.token}\n")
        sys.stdout.flush()
    demo.block_thread()


if __name__ == "__main__":
    main()
