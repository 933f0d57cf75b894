"""Figures from plain data. Knows nothing of Gradio, of runs or of files."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

COLOURS = {"negative": "#c2513d", "neutral": "#9a8f7a", "positive": "#3d7f8c"}
_FONT = {"family": "system-ui, sans-serif", "size": 13, "color": "#7d8590"}


def distribution(counts: Mapping[str, int], rows: int | None = None) -> go.Figure:
    """Draw how many rows got each label, and which share of `rows` (of all counts, where a row has one label)."""
    total = rows or sum(counts.values()) or 1
    figure = go.Figure(
        go.Bar(
            x=list(counts.values()),
            y=list(counts),
            orientation="h",
            marker_color=[COLOURS.get(label, "#7d8590") for label in counts],
            # White reads on red and blue, and not on the greys.
            insidetextfont={"color": ["#fff" if label in ("negative", "positive") else "#111" for label in counts]},
            outsidetextfont={"color": "#7d8590"},
            text=[f"{n:,} ({n / total:.0%})" for n in counts.values()],
            textposition="auto",
            hoverinfo="skip",
        )
    )
    if max(counts.values(), default=0) < 5:  # there are no half rows
        figure.update_xaxes(dtick=1)
    return plain(figure, 60 + 45 * len(counts))


def worst(rows: Sequence[tuple[str, float, int]]) -> go.Figure:
    """Draw the groups rated worst: (name, mean expected rating, number of reviews), worst first."""
    # Plotly reads a little HTML in labels; a name is shortened and shown as it stands.
    names = [inert(name) for name, _, _ in rows]
    figure = go.Figure(
        go.Bar(
            x=[rating for _, rating, _ in rows],
            y=[f"{name} ({n})" for name, (_, _, n) in zip(names, rows, strict=True)],
            orientation="h",
            marker_color=COLOURS["negative"],
            text=[f"{rating:.1f}" for _, rating, _ in rows],
            hoverinfo="skip",
        )
    )
    figure.update_xaxes(range=[1, 10], title="mean expected rating (reviews behind the name)")
    figure.update_yaxes(autorange="reversed")
    return plain(figure, 110 + 28 * len(rows))


def tone(rows: Sequence[tuple[str, str, float]]) -> go.Figure:
    """Draw the tone of each turn, one line per speaker: (speaker, label, signed strength in [-1, 1])."""
    figure = go.Figure()
    for speaker in dict.fromkeys(name for name, _, _ in rows):
        mine = [(i + 1, label, strength) for i, (name, label, strength) in enumerate(rows) if name == speaker]
        figure.add_scatter(
            x=[i for i, _, _ in mine],
            y=[strength for _, _, strength in mine],
            text=[label for _, label, _ in mine],
            mode="lines+markers",
            name=inert(speaker),
            hovertemplate="turn %{x}: %{text}<extra></extra>",
        )
    figure.update_xaxes(title="turn", dtick=1)
    figure.update_yaxes(range=[-1.05, 1.05], tickvals=[-1, 0, 1], ticktext=["negative", "neutral", "positive"])
    return plain(figure, 260)


def inert(name: str) -> str:
    """Return a name shortened and with no sign that Plotly would read as markup."""
    name = name if len(name) <= 40 else f"{name[:39]}…"
    return name.replace("<", "‹").replace(">", "›").replace("$", "＄")


def plain(figure: go.Figure, height: int) -> go.Figure:
    """Give a figure the look of all of ours; return it."""
    # Transparent, with a grey that reads on white and on black: the page may be light or dark.
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 48, "b": 10},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font=_FONT,
    )
    figure.update_xaxes(automargin=True, gridcolor="rgba(125,133,144,0.25)", zeroline=False)
    figure.update_yaxes(automargin=True, gridcolor="rgba(125,133,144,0.25)", zeroline=False)
    return figure


def categories(scores: Mapping[str, float], claimed: Sequence[str], most: int = 10) -> go.Figure:
    """Draw the likeliest categories, those claimed in full colour."""
    best = sorted(scores, key=lambda label: -scores[label])[: max(most, len(claimed))]
    figure = go.Figure(
        go.Bar(
            x=[scores[label] for label in best],
            y=best,
            orientation="h",
            marker_color=[COLOURS["positive"] if label in claimed else "rgba(125,133,144,0.45)" for label in best],
            text=[f"{scores[label]:.0%}" for label in best],
            textposition="outside",  # on a grey bar no colour can be read on light and dark alike
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    said = "calibrated probability<br>named where coloured"
    figure.update_xaxes(range=[0, 1.1], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".0%", title=said)
    figure.update_yaxes(autorange="reversed")
    return plain(figure, 110 + 26 * len(best))
