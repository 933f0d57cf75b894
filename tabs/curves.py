"""Figures of how training went: losses, step size, gradient, and how the task's own measure rose.

Knows nothing of Gradio, of runs or of files: it is handed numbers by step. A number that is none leaves a gap.
"""

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from tabs.plots import inert, plain

Series = Mapping[str, Mapping[float, float]]
"""Values by step, for each measured name."""
Named = Sequence[tuple[str, Series]]

COLOURS = ("#2a8c82", "#c2513d", "#6a62b7", "#c08a2d", "#3b78b5", "#a6497f", "#5f8f3e", "#7d8590")
MOST = 1500
"""Points drawn of one line; more cannot be told apart on a screen and only cost time."""
HEIGHT = 270
_STAGE = re.compile(r"stage_(\d+)_loss")


def smooth(values: np.ndarray, weight: float) -> np.ndarray:
    """Return the running mean that gives the past a share of `weight`, free of a bias towards the start; gaps stay."""
    out, mean, seen = np.full(len(values), math.nan), 0.0, 0.0
    for i, value in enumerate(values):
        if math.isfinite(value):
            mean, seen = weight * mean + (1 - weight) * value, weight * seen + 1 - weight
            out[i] = mean / seen
    return out


def losses(runs: Named, smoothing: float, log: bool) -> go.Figure:
    """Draw training loss (thin, and smoothed), validation loss (dots), and of one run the stages before."""
    figure = go.Figure()
    for (name, series), colour in zip(runs, _colours(len(runs)), strict=True):
        steps, values = _line(series.get("loss", {}))
        several = f"{inert(name)}: " if len(runs) > 1 else ""
        if smoothing:
            _add(figure, steps, values, f"{several}each step", colour, faint=True)
        _add(figure, steps, smooth(values, smoothing), f"{several}training", colour)
        _add(
            figure,
            *_line(series.get("validation_loss", {})),
            f"{several}validation",
            colour if several else COLOURS[1],
            dots=True,
        )
        for found in filter(None, map(_STAGE.fullmatch, series)) if not several else ():
            steps, values = _line(series[found[0]])  # each stage counts its steps from 0
            colour = COLOURS[(1 + int(found[1])) % len(COLOURS)]
            _add(figure, steps, smooth(values, smoothing), f"stage {found[1]}", colour)
    figure.update_yaxes(type="log" if log else "linear")
    return _titled(figure, "Loss", True)


def one(runs: Named, name: str, title: str, dots: bool = False, log: bool = False) -> go.Figure:
    """Draw one measured name, a line per run."""
    figure = go.Figure()
    for (run, series), colour in zip(runs, _colours(len(runs)), strict=True):
        _add(figure, *_line(series.get(name, {})), inert(run), colour, dots=dots)
    figure.update_yaxes(type="log" if log else "linear", exponentformat="power")
    return _titled(figure, title, False)


def measures(runs: Named, names: Mapping[str, str]) -> go.Figure:
    """Draw what the task is measured by on validation rows; `names` maps a measured name to what it is called."""
    figure = go.Figure()
    colours = _colours(len(runs))
    for i, (run, series) in enumerate(runs):
        for j, (name, called) in enumerate(names.items()):
            if name not in series or (len(runs) > 1 and j):
                continue  # several runs are compared on the first measure alone
            label = inert(run) if len(runs) > 1 else called
            _add(figure, *_line(series[name]), label, colours[i] if len(runs) > 1 else COLOURS[j], dots=True)
    title = f"Validation: {next(iter(names.values()), '')}" if len(runs) > 1 else "Validation"
    return _titled(figure, title, len(runs) == 1)


def _colours(n: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(n)]


def _line(points: Mapping[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return steps and values in order, thinned to what a screen can show; the last point always stays."""
    steps = np.array(sorted(points), dtype=float)
    values = np.array([points[step] for step in sorted(points)], dtype=float)
    values[~np.isfinite(values)] = math.nan
    if len(steps) > MOST:
        kept = np.unique(np.linspace(0, len(steps) - 1, MOST).astype(int))
        steps, values = steps[kept], values[kept]
    return steps, values


def _add(
    figure: go.Figure,
    steps: np.ndarray,
    values: np.ndarray,
    name: str,
    colour: str,
    faint: bool = False,
    dots: bool = False,
) -> None:
    if len(steps):
        figure.add_scatter(
            x=steps,
            y=values,
            name=name,
            mode="lines+markers" if dots or len(steps) == 1 else "lines",
            line={"color": colour, "width": 1 if faint else 2, "dash": "dot" if dots else "solid"},
            opacity=0.3 if faint else 1,
            hovertemplate="step %{x}: %{y:.4g}<extra></extra>",
            showlegend=not faint,
        )


def _titled(figure: go.Figure, title: str, legend: bool) -> go.Figure:
    plain(figure, HEIGHT)
    figure.update_layout(
        title={"text": title, "font": {"size": 14}, "x": 0.02, "y": 0.97},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right", "font": {"size": 11}},
        showlegend=legend,
        uirevision="kept",  # a redraw leaves the reader's zoom alone
        margin={"l": 10, "r": 10, "t": 44, "b": 10},
    )
    figure.update_xaxes(title={"text": "step", "font": {"size": 11}}, rangemode="tozero")
    if not figure.data:
        figure.add_annotation(text="nothing measured yet", showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper")
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
    return figure
