"""What all ratings of answers amount to, and all of them as a file: for whoever runs the app, and nobody else."""

from typing import Any

import gradio as gr

from tabs import temporary
from tabs.errors import shown
from tabs.rating_view import agreed_rows, answerer_rows, contest_rows, said_of
from tabs.who import Gate
from tasks.spec import UserError
from training.ratings import Ratings

TABLES = (
    (
        "Marks, with 95 % intervals over questions",
        ("answerer", "questions", "factuality", "clarity", "school grade"),
    ),
    (
        "Preference, with the share among ratings that preferred one and its 95 % interval over questions",
        ("first", "second", "first preferred", "second preferred", "no difference", "share of first"),
    ),
    (
        "Agreement of raters on what at least two of them rated",
        ("on", "rated by several", "Krippendorff's alpha", "Cohen's kappa, mean of raters sharing 5 or more"),
    ),
)
"""What each table shows, and its columns."""
REFUSED = (
    "Only whoever runs this app may see what others rated: the owner and trainers of a Space signed in, elsewhere the "
    "address with the token that the terminal printed at start."
)


def build(kept: Ratings, gate: Gate) -> None:
    """Lay out the part and wire its events."""
    with gr.Accordion("Results (for whoever runs this app)", open=False):
        go = gr.Button("Show results and export", elem_id="rate-results")
        said = gr.Markdown(elem_id="rate-said")
        tables = [
            gr.Dataframe(
                headers=list(headers),
                datatype="str",
                interactive=False,
                wrap=True,
                visible=False,
                label=label,
                elem_id=f"rate-table-{i}",
            )
            for i, (label, headers) in enumerate(TABLES)
        ]
        file = gr.File(label="All ratings (CSV); deleted here within the hour", visible=False, elem_id="rate-csv")

    def on_rating_results(request: gr.Request, profile: gr.OAuthProfile | None) -> tuple[Any, ...]:
        if gate.refusal(request, profile):
            raise UserError(REFUSED)
        return results(kept)

    go.click(shown(on_rating_results), None, [said, *tables, file], api_visibility="private")


def results(kept: Ratings) -> tuple[Any, ...]:
    """Return the updates of the part: a sentence, three tables, the file.

    Raises:
        UserError: if nothing has been rated.
    """
    from training.ratings import export
    from training.ratings_report import summary

    found = kept.all()
    if not found:
        raise UserError("Nothing has been rated yet.")
    told = summary(found)
    rows = (answerer_rows(told), contest_rows(told), agreed_rows(told))
    return (
        said_of(told),
        *(gr.Dataframe(table, visible=True) for table in rows),
        gr.File(str(export(found, temporary.folder() / "ratings.csv")), visible=True),
    )
