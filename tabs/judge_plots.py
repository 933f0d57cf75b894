"""Figures of a judged run from plain numbers. Knows nothing of Gradio, of runs or of files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from tabs.curves import COLOURS as LINES
from tabs.plots import COLOURS, inert, plain

if TYPE_CHECKING:
    from training.judge import Curve

_CELL, _FULL = "rgb(125,133,145)", 0.93
"""Words on a cell take the page's own colour, which knows whether it is dark; on a full cell white reads better."""
_INK, _LINE = COLOURS["positive"], "rgba(125,133,144,0.7)"


def matrix(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> go.Figure:
    """Draw counts [right][said], coloured by their share of the row."""
    shares = [[n / (sum(row) or 1) for n in row] for row in counts]
    names = [inert(label) for label in labels]
    text = [
        [f"{n}<br>{share:.0%}" for n, share in zip(row, part, strict=True)]
        for row, part in zip(counts, shares, strict=True)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=names,
            y=names,
            colorscale=[[0, "rgba(61,127,140,0.06)"], [1, _INK]],
            zmin=0,
            zmax=1,
            showscale=False,
            hoverinfo="skip",
        )
    )
    _written(figure, names, names, text, shares)
    figure.update_xaxes(title="said", side="bottom")
    figure.update_yaxes(title="right", autorange="reversed")
    return plain(figure, 130 + 62 * len(names))


def _written(
    figure: go.Figure,
    x: Sequence[str],
    y: Sequence[str],
    text: Sequence[Sequence[str]],
    shares: Sequence[Sequence[float]],
) -> None:
    """Write on every cell of a heat map; Plotly itself takes the page to be white, and would write grey on black."""
    for row, words, part in zip(y, text, shares, strict=True):
        for column, said, share in zip(x, words, part, strict=True):
            colour = "#fff" if share > _FULL else _CELL
            figure.add_annotation(x=column, y=row, text=said, showarrow=False, font={"color": colour})


def reliability(bins: Sequence[tuple[float, float, int]], error: float) -> go.Figure:
    """Draw how often an answer of a given confidence is right: (mean confidence, share right, rows)."""
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": _LINE}, name="as said", hoverinfo="skip"
    )
    figure.add_scatter(
        x=[b[0] for b in bins],
        y=[b[1] for b in bins],
        text=[f"{b[2]:,} rows" for b in bins],
        mode="lines+markers",
        marker={"size": [6 + min(18, b[2] ** 0.5) for b in bins]},
        line={"color": _INK},
        name="measured",
        hovertemplate="said %{x:.0%}, right %{y:.0%}, %{text}<extra></extra>",
    )
    # The error stands on the axis: above the plot it would lie under the plot's name.
    figure.update_xaxes(title=f"confidence<br>(ECE {error:.3f}; dotted: as said)", range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(title="right", range=[0, 1.04], tickformat=".0%")
    figure.update_layout(showlegend=False)
    return plain(figure, 320)


def coverage(points: Sequence[tuple[float, float]]) -> go.Figure:
    """Draw how right the answers are when only the surest share is answered."""
    figure = go.Figure(
        go.Scatter(
            x=[p[0] for p in points],
            y=[p[1] for p in points],
            mode="lines",
            line={"color": _INK},
            hovertemplate="%{x:.0%} answered, %{y:.1%} right<extra></extra>",
        )
    )
    figure.update_xaxes(title="share answered, surest first", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(title="right", range=[0, 1.02], tickformat=".0%")
    return plain(figure, 320)


def precision_recall(found: Sequence["Curve"], shown: int = 6) -> go.Figure:
    """Draw precision at each share of a label's rows found; of many labels the commonest, the others by their name."""
    figure = go.Figure()
    common = {curve.label for curve in sorted(found, key=lambda curve: -curve.rows)[:shown]}
    for i, curve in enumerate(found):
        figure.add_scatter(
            x=curve.recall,
            y=curve.precision,
            mode="lines",
            line={"color": LINES[i % len(LINES)], "shape": "hv"},
            name=f"{inert(curve.label)} (AP {curve.average:.2f}, {curve.rows:,} rows)",
            visible=True if curve.label in common else "legendonly",
            hovertemplate="%{x:.0%} found, %{y:.0%} of those right<extra></extra>",
        )
    figure.update_xaxes(title="recall", range=[0, 1.01], tickformat=".0%")
    figure.update_yaxes(title="precision", range=[0, 1.02], tickformat=".0%")
    plain(figure, 340 + 18 * len(found))
    figure.update_layout(legend={"orientation": "h", "y": -0.25, "x": 0, "yanchor": "top"})
    return figure


def alike(names: Sequence[str], shares: Sequence[Sequence[float]]) -> go.Figure:
    """Draw the share of rows that each two models answer alike."""
    called = [f"{i + 1}. {inert(name)}" for i, name in enumerate(names)]
    numbers = [str(i + 1) for i in range(len(called))]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=numbers,
            y=called,
            colorscale=[[0, "rgba(61,127,140,0.06)"], [1, _INK]],
            zmin=0,
            zmax=1,
            showscale=False,
            hoverinfo="skip",
        )
    )
    figure.update_xaxes(type="category")
    _written(figure, numbers, called, [[f"{share:.0%}" for share in row] for row in shares], shares)
    figure.update_yaxes(autorange="reversed")
    return plain(figure, 110 + 46 * len(called))


def slices(rows: Sequence[tuple[str, int, float, float, float]]) -> go.Figure:
    """Draw the share answered rightly in parts of the rows: (name, n, share, low, high)."""
    figure = go.Figure(
        go.Scatter(
            x=[r[2] for r in rows],
            y=[inert(f"{r[0]} ({r[1]:,}{', few' if r[1] < 30 else ''})") for r in rows],
            mode="markers",
            marker={"color": _INK, "size": 9},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [r[4] - r[2] for r in rows],
                "arrayminus": [r[2] - r[3] for r in rows],
                "color": _LINE,
            },
            hovertemplate="%{x:.1%} right<extra></extra>",
        )
    )
    figure.update_xaxes(title="right, with 95 % interval<br>(few: under 30 rows)", range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(autorange="reversed")
    return plain(figure, 120 + 30 * len(rows))
