"""Figures of a judged run from plain numbers. Knows nothing of Gradio, of runs or of files."""

from collections.abc import Sequence

import plotly.graph_objects as go

from tabs.plots import COLOURS, inert, plain

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
            text=text,
            texttemplate="%{text}",
            colorscale=[[0, "rgba(61,127,140,0.06)"], [1, _INK]],
            zmin=0,
            zmax=1,
            showscale=False,
            hoverinfo="skip",
        )
    )
    figure.update_xaxes(title="said", side="bottom")
    figure.update_yaxes(title="right", autorange="reversed")
    return plain(figure, 130 + 62 * len(names))


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
        name=f"measured (ECE {error:.3f})",
        hovertemplate="said %{x:.0%}, right %{y:.0%}, %{text}<extra></extra>",
    )
    figure.update_xaxes(title="confidence", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(title="right", range=[0, 1], tickformat=".0%")
    return _legend(plain(figure, 320))


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
    figure.update_yaxes(title="right", tickformat=".0%")
    return plain(figure, 320)


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
    figure.update_xaxes(title="right, with 95 % interval", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(autorange="reversed")
    return plain(figure, 120 + 30 * len(rows))


def _legend(figure: go.Figure) -> go.Figure:
    figure.update_layout(legend={"orientation": "h", "y": 1.15, "x": 0})
    return figure
