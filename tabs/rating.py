"""The page on which people rate answers: two answers to one question, blind and in random order, side by side.

A rating is kept when its Save button is pressed, and nothing else is. Who rated is a random id of their page, with a
name they may type. Knows nothing of models: it is handed functions that answer. All texts are shown in plain boxes.
"""

import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from tabs import rating_results
from tabs.errors import shown
from tabs.who import Gate
from tasks.ratings import CHOICES, MOST_QUESTION, STEPS, Pair, hidden, pair, rater_name, rating
from tasks.spec import UserError, check_text
from training.ratings import FILE, Ratings

Answerers = Callable[[], Mapping[str, Callable[[str], str]]]
"""Tells who may answer now: names, each with a function from a question to an answer."""
Grade = Callable[[str], float]

ANY = "any"
"""Leaves open which answerer is taken."""
KEPT = (
    f"A rating is stored when you press Save, in `{FILE.as_posix()}` below this app's home: the question, both "
    "answers, your marks and comment, and a random id of this page with the name you typed. Nothing else is kept."
)
FEW = (
    "Two answers need two answerers, and fewer are ready here. Pairs that were made elsewhere can be rated all the "
    "same: open a file of them below."
)
FILE_HELP = (
    "A .csv or .jsonl file with the columns question, answer_a, answer_b, name_a and name_b. It is read for you alone "
    "and deleted within the hour."
)
_PLAIN: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


@dataclass(frozen=True)
class Mine:
    """What one visitor's page holds: the pair they look at, the pairs to come, and their random id."""

    rater: str
    pair: Pair | None = None
    queue: tuple[Pair, ...] = ()


class _Parts(NamedTuple):
    """The components of the page."""

    few: gr.Markdown
    row: gr.Row
    question: gr.Textbox
    first: gr.Dropdown
    second: gr.Dropdown
    show: gr.Button
    file: gr.File
    next_one: gr.Button
    asked: gr.Textbox
    answers: tuple[gr.Textbox, gr.Textbox]
    form: gr.Column
    marks: tuple[gr.Radio, ...]
    preference: gr.Radio
    comment: gr.Textbox
    rater: gr.Textbox
    save: gr.Button
    revealed: gr.Dataframe
    mine: gr.State


def build(home: Path, gate: Gate, answerers: Answerers, grade: Grade, tab: gr.Tab) -> None:
    """Lay out the page in `tab` and wire its events; who may answer is asked again whenever the tab is opened."""
    kept = Ratings(home)
    page = _Page(kept, answerers, grade)
    parts = _lay_out(list(answerers()))
    tab.select(page.on_rating_offers, None, [parts.few, parts.row, parts.first, parts.second], **_PLAIN)
    seen = [parts.mine, parts.asked, *parts.answers, parts.form, *parts.marks, parts.preference, parts.comment]
    outputs = [*seen, parts.next_one, parts.revealed]
    lane = {"concurrency_limit": 2, "concurrency_id": "rating", "api_visibility": "private"}
    parts.show.click(shown(page.on_show_pair), [parts.question, parts.first, parts.second, parts.mine], outputs, **lane)
    parts.file.upload(shown(page.on_pairs_file), [parts.file, parts.mine], outputs, **_PLAIN)
    parts.next_one.click(shown(page.on_next_pair), [parts.mine], outputs, **_PLAIN)
    given = [parts.mine, *parts.marks, parts.preference, parts.comment, parts.rater]
    parts.save.click(shown(page.on_save_rating), given, outputs, **_PLAIN)
    rating_results.build(kept, gate)


def _lay_out(names: list[str]) -> _Parts:
    enough = len(names) > 1
    gr.Markdown(
        "Two answers to one question, in random order; who gave which is told after you have rated them. " + KEPT
    )
    few = gr.Markdown(FEW, visible=not enough, elem_id="rate-empty")
    with gr.Row(visible=enough) as row:
        question = gr.Textbox(
            label="Question", lines=2, max_lines=6, max_length=MOST_QUESTION, scale=5, elem_id="rate-question"
        )
        first = gr.Dropdown([ANY, *names], value=ANY, label="One answer by", min_width=150, elem_id="rate-first")
        second = gr.Dropdown([ANY, *names], value=ANY, label="The other by", min_width=150, elem_id="rate-second")
        show = gr.Button("Show two answers", variant="primary", scale=1, min_width=160, elem_id="rate-show")
    with gr.Accordion("Pairs made elsewhere", open=not enough):
        gr.Markdown(FILE_HELP)
        file = gr.File(label="Pairs of answers", file_types=[".csv", ".jsonl"], type="filepath", elem_id="rate-file")
        next_one = gr.Button("Next pair", visible=False, elem_id="rate-next")
    with gr.Column(visible=False) as form:
        asked = gr.Textbox(label="Question asked", interactive=False, lines=1, max_lines=6, elem_id="rate-asked")
        with gr.Row(equal_height=True):
            answers = (_answer("A"), _answer("B"))
        marks = _marks()
        preference = gr.Radio(list(CHOICES), label="Which do you prefer?", elem_id="rate-preference")
        comment = gr.Textbox(label="Comment (may be left empty)", lines=2, max_lines=6, elem_id="rate-comment")
        with gr.Row():
            rater = gr.Textbox(
                label="Your name or a pseudonym (may be left empty)", max_lines=1, scale=3, elem_id="rate-rater"
            )
            save = gr.Button("Save this rating", variant="primary", scale=1, elem_id="rate-save")
    revealed = gr.Dataframe(
        headers=["answer", "given by", "school grade to read it"],
        datatype="str",
        interactive=False,
        visible=False,
        label="Saved. These were by",
        elem_id="rate-revealed",
    )
    return _Parts(
        few=few,
        row=row,
        question=question,
        first=first,
        second=second,
        show=show,
        file=file,
        next_one=next_one,
        asked=asked,
        answers=answers,
        form=form,
        marks=marks,
        preference=preference,
        comment=comment,
        rater=rater,
        save=save,
        revealed=revealed,
        mine=gr.State(None, time_to_live=3600),
    )


def _marks() -> tuple[gr.Radio, ...]:
    """Lay out the marks: factuality of A and B, then clarity of A and B."""
    marks = []
    for what, ask in (("factuality", "How right is"), ("clarity", "How clear is")):
        with gr.Row():
            marks += [
                gr.Radio(list(STEPS), label=f"{ask} answer {a}? (1 worst, 5 best)", elem_id=f"rate-{what}-{a}")
                for a in "AB"
            ]
    return tuple(marks)


def _answer(letter: str) -> gr.Textbox:
    return gr.Textbox(
        label=f"Answer {letter}", interactive=False, lines=6, max_lines=24, elem_id=f"rate-answer-{letter}"
    )


class _Page:
    """The handlers of the page. They hold no visitor's state: each call brings its own."""

    def __init__(self, kept: Ratings, answerers: Answerers, grade: Grade) -> None:
        self.kept, self.answerers, self.grade = kept, answerers, grade
        self._dice = random.SystemRandom()

    def on_rating_offers(self) -> tuple[Any, ...]:
        """Return who may answer now."""
        names = list(self.answerers())
        enough = len(names) > 1
        lists = [gr.Dropdown([ANY, *names]) for _ in range(2)]
        return gr.Markdown(visible=not enough), gr.Row(visible=enough), *lists

    def on_show_pair(self, question: str, first: str, second: str, mine: Mine | None) -> tuple[Any, ...]:
        """Have two answerers answer, and show the answers in random order."""
        asked = check_text(question, MOST_QUESTION, "question")
        offered = self.answerers()
        one, other = self._two(list(offered), first, second)
        texts = [offered[name](asked) for name in (one, other)]
        for name, text in zip((one, other), texts, strict=True):
            if not text.strip():
                raise UserError(f"{name} gave no answer to this; ask something else.")
        found = pair({"question": asked, "answer_a": texts[0], "answer_b": texts[1], "name_a": one, "name_b": other})
        return self._shown(replace(mine or _new(), pair=hidden(found, self._dice)))

    def on_pairs_file(self, path: str | None, mine: Mine | None) -> tuple[Any, ...]:
        """Read a file of pairs and show the first of them."""
        if not path:
            raise UserError("Please choose a file first.")
        from training.ratings import pairs_of

        found = [hidden(one.of_file(), self._dice) for one in pairs_of(Path(path))]
        return self._shown(replace(mine or _new(), pair=found[0], queue=tuple(found[1:])))

    def on_next_pair(self, mine: Mine | None) -> tuple[Any, ...]:
        """Show the next pair of the file; the one before is left as it was."""
        if mine is None or not mine.queue:
            raise UserError("There is no further pair; choose a file or ask a question.")
        return self._shown(replace(mine, pair=mine.queue[0], queue=mine.queue[1:]))

    def on_save_rating(self, mine: Mine | None, *said: Any) -> tuple[Any, ...]:
        """Keep the rating, say who gave which answer, and make room for the next pair."""
        if mine is None or mine.pair is None:
            raise UserError("There is nothing to rate yet, or it is saved already: show two answers first.")
        *marks, preference, comment, name = said
        found = mine.pair
        grades = [self.grade(text) for text in (found.answer_a, found.answer_b)]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.kept.save(rating(found, marks, preference, comment, rater_name(name, mine.rater), grades, now))
        rows = [
            [letter, who, f"{max(level, 0):.0f}"]
            for letter, who, level in zip("AB", (found.name_a, found.name_b), grades, strict=True)
        ]
        left = replace(mine, pair=None)
        return (
            left,
            *[gr.skip()] * 3,
            gr.Column(visible=False),
            *_blank(),
            gr.Button(visible=bool(left.queue)),
            gr.Dataframe(rows, visible=True),
        )

    def _two(self, names: list[str], first: str, second: str) -> tuple[str, str]:
        if len(names) < 2:
            raise UserError("There are not two answerers here; rate pairs from a file instead.")
        chosen = [name for name in (first, second) if name in names]
        if len(chosen) == 2 and chosen[0] == chosen[1]:
            raise UserError("Choose two different answerers.")
        rest = [name for name in names if name not in chosen]
        one, other = [*chosen, *self._dice.sample(rest, 2 - len(chosen))]
        return one, other

    def _shown(self, mine: Mine) -> tuple[Any, ...]:
        """Return the updates that show the pair of a page and empty the form."""
        assert mine.pair is not None
        return (
            mine,
            mine.pair.question,
            mine.pair.answer_a,
            mine.pair.answer_b,
            gr.Column(visible=True),
            *_blank(),
            gr.Button(visible=bool(mine.queue)),
            gr.Dataframe(visible=False),
        )


def _blank() -> tuple[Any, ...]:
    """Return an empty form: four marks, the preference, the comment."""
    return (*[None] * 5, "")


def _new() -> Mine:
    return Mine(f"rater-{secrets.token_hex(4)}")
