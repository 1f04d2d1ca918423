"""Figures of the Training page. They change with a training, not with a slider, so they are Plotly's."""

from collections.abc import Mapping, Sequence
from html import escape
from textwrap import wrap

import numpy as np
import plotly.graph_objects as go

# dragging scrolls the page, also on a phone; the bar that comes on hover zooms and saves
CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"]}
HEIGHT = 300
LABEL = 12  # letters in a line of a class's name
COLOURS = 4  # of the theme: chartCategoricalColors in .streamlit/config.toml

# column of the log and what it is called wherever a reader meets it, the largest first
GOAL_NAMES = {"hard": "labels", "soft": "soft answers", "hidden": "hidden states", "head": "head"}


def goals_figure(views: np.ndarray, loss: np.ndarray, goals: Mapping[str, np.ndarray]) -> go.Figure:
    """The loss by the number of views, and what it adds up, each before it is weighted; nothing smoothed."""
    lines = {"the loss": loss} | {
        name: goals[column] for column, name in GOAL_NAMES.items() if column in goals
    }
    figure = _lines(views, lines, hover="%{y:.3f}")
    return _with_axes(figure, x="views in this stage", y="loss", end=int(views[-1]))


def log_figure(views: np.ndarray, values: np.ndarray, *, title: str, end: int) -> go.Figure:
    """One logged share by the number of views, up to `end`; a dot per line of the log, nothing smoothed."""
    figure = _lines(views, {title: values}, hover="%{y:.1%}", mode="lines+markers")
    figure.update_yaxes(tickformat=".0%")
    return _with_axes(figure, x="views in this stage", y=title, end=end)


def loss_figure(loss: np.ndarray, held_out: np.ndarray | None) -> go.Figure:
    """Loss by step: on the photos the head is trained on, and on those that its judges never saw."""
    lines = {"its own photos": loss} | ({} if held_out is None else {"photos it never saw": held_out})
    figure = _lines(np.arange(len(loss)), lines, hover="%{y:.4f}")
    return _with_axes(figure, x="step", y="mean loss", end=len(loss) - 1)


def confusion_figure(table: np.ndarray, names: Sequence[str]) -> go.Figure:
    """Counts (C, C) [true class, guessed class]; right guesses lie on the diagonal."""
    places = list(range(len(names)))
    cells = go.Heatmap(
        z=table,
        x=places,
        y=places,
        customdata=[[(escape(true), escape(guessed)) for guessed in names] for true in names],
        zmin=0,
        zmax=max(1, int(table.max())),
        colorscale=["#f2e3cf", "#E69F00"],
        showscale=False,
        xgap=2,
        ygap=2,
        texttemplate="%{z}",
        textfont={"size": 14, "color": "#15161a"},
        hovertemplate="true: %{customdata[0]}<br>guessed: %{customdata[1]}<br>photos: %{z}<extra></extra>",
    )
    # two classes may bear one name: an axis of names would lay them on each other
    lines = ["<br>".join(map(escape, wrap(name, LABEL))) for name in names]
    named = {"tickmode": "array", "tickvals": places, "ticktext": lines, "showgrid": False}
    figure = go.Figure(cells)
    figure.update_xaxes(named | {"title": "guessed", "side": "top"})
    figure.update_yaxes(named | {"title": "true class", "autorange": "reversed"})
    return figure.update_layout(height=HEIGHT, margin={"t": 60, "b": 0, "l": 0, "r": 0}, dragmode=False)


def _lines(x: np.ndarray, lines: Mapping[str, np.ndarray], *, hover: str, mode: str = "lines") -> go.Figure:
    """Named lines, each in the next of the theme's colours, which stand for no concept; then dotted ones."""
    figure = go.Figure()
    for number, (name, values) in enumerate(lines.items()):
        style = {"width": 1.4, "dash": "solid" if number < COLOURS else "dot"}
        figure.add_scatter(
            x=x, y=values, name=name, mode=mode, line=style, hovertemplate=hover, cliponaxis=False
        )
    return figure


def _with_axes(figure: go.Figure, *, x: str, y: str, end: int) -> go.Figure:
    """From 0 on both axes, so that half the height is half the value."""
    figure.update_xaxes(title=x, range=[0, end], showgrid=False)
    figure.update_yaxes(title=y, rangemode="tozero", nticks=6)
    return figure.update_layout(
        height=HEIGHT,
        margin={"t": 32, "b": 0, "l": 0, "r": 6},  # above: Plotly's tools; at the right: half of the last dot
        dragmode=False,
        hovermode="x unified",
        # below, where Plotly's tools never lie over it: on a phone it has three lines
        legend={"orientation": "h", "y": -0.28, "yanchor": "top", "x": 0},
    )
