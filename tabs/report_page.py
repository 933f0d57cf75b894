"""A judged run as one HTML file that needs no network: tables, figures that can be zoomed, config and facts.

Every text is escaped, and a policy inside the page keeps it from fetching anything. Knows nothing of Gradio.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
from plotly import io, offline

from tabs import curves, run_view
from tabs.judgement import CAPTIONS, Judgement, Table

if TYPE_CHECKING:
    from training.runs import Run

_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
_STYLE = """
:root {color-scheme: light dark}
body {font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem}
body, table {overflow-wrap: anywhere}
table {border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; font-size: .92rem}
th, td {text-align: left; padding: .3rem .6rem; border-bottom: 1px solid rgba(125,133,144,.35); vertical-align: top}
pre {white-space: pre-wrap; font-size: .85rem; padding: 1rem; border: 1px solid rgba(125,133,144,.35)}
h1 {font-size: 1.6rem} h2 {font-size: 1.2rem; margin-top: 2rem}
.wide {overflow-x: auto}
.sides {display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem; margin-bottom: 1.5rem}
.sides h3 {font-size: .85rem; margin: 0; opacity: .75} .sides p, section > p {white-space: pre-wrap; margin: .3rem 0}
.js-plotly-plot text[style*="rgb(125, 133, 14"] {fill: CanvasText !important}
.small {opacity: .75; font-size: .9rem}
"""


def page(
    run: "Run", told: Judgement, series: curves.Series, caution: str, answers: Sequence[Sequence[str]] = ()
) -> str:
    """Return the page of a scored run.

    `series` are its curves, `caution` says what its task is not for, `answers` are its written ones, a line each as
    `training.answered.COLUMNS` names it.
    """
    title = run.title or run.id
    named: curves.Named = [(title, series)]
    figures = {CAPTIONS[name]: figure for name, figure in told.figures.items()}
    figures |= {
        "Loss while it learned": curves.losses(named, 0.6, False),
        "Measured on validation rows while it learned": curves.measures(named, run_view.MEASURES),
    }
    known = (told.verdicts, told.leaks, told.classes, told.written, told.matrix)
    tables = [table for table in known if table is not None]
    truth = run_view.truth(run.facts)
    if truth:
        tables.append(
            Table("What it was estimated to take, and what it took", ("what", "estimated", "measured"), truth)
        )
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p><strong>{escape(told.score)}</strong></p><p>{escape(told.text)}</p>",
        _list("Not measured", told.missing),
        *map(_table, tables),
        _answers(answers),
        *(f"<h2>{escape(caption)}</h2>{_figure(figure)}" for caption, figure in figures.items()),
        _table(Table("The run", ("what", "value"), _facts(run))),
        f"<h2>Config</h2><pre>{escape(run.config.dump())}</pre>",
        f"<h2>Not for</h2><p>{escape(caution)}</p>",
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
        f"<script>{offline.get_plotlyjs()}</script></head><body>{''.join(parts)}</body></html>"
    )


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in table.headers)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    rows = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<h2>{escape(table.title)}</h2><div class="wide">{rows}</div>'


def _answers(answers: Sequence[Sequence[str]]) -> str:
    """Lay each question over the answers to it, side by side where there is room."""
    if not answers:
        return ""
    out = []
    for question, right, tuned, untuned, score, base_score in answers:
        sides = (("right answer", right), (f"this run, ROUGE-L {score}", tuned))
        sides += ((f"its base, untuned, ROUGE-L {base_score}", untuned),)
        boxes = "".join(f"<div><h3>{escape(name)}</h3><p>{escape(text)}</p></div>" for name, text in sides)
        out.append(f'<section><p><strong>{escape(question)}</strong></p><div class="sides">{boxes}</div></section>')
    return f"<h2>Written answers, side by side</h2>{''.join(out)}"


def _list(title: str, items: Sequence[str]) -> str:
    if not items:
        return ""
    return f'<h2>{escape(title)}</h2><ul class="small">{"".join(f"<li>{escape(item)}</li>" for item in items)}</ul>'


def _figure(figure: go.Figure) -> str:
    # Plotly writes its JSON with every "<" escaped; text that it would read as markup was made inert when drawn.
    return io.to_html(
        figure,
        full_html=False,
        include_plotlyjs=False,
        config={"displaylogo": False, "responsive": True},
        default_height=f"{figure.layout.height or 320}px",
    )


def _facts(run: "Run") -> list[list[str]]:
    facts: Mapping[str, Any] = run.facts
    plain = {
        "run": run.id,
        "task": run.config.task,
        "base": run.config.base,
        "state": f"{run.state}. {run.cause}".strip(),
        "learned from": ", ".join(map(str, facts.get("datasets", ()))),
        "split": facts.get("split_id", ""),
        "training rows": facts.get("train_rows", ""),
        "extra rows": facts.get("extra_rows", ""),
        "validation rows": facts.get("validation_rows", ""),
        "best epoch": facts.get("best_epoch", ""),
        "warned of": "; ".join(run.alerts),
        "notes": run.notes,
    }
    return [[name, str(value)] for name, value in plain.items() if value != ""]
