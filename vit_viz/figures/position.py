"""Figures of the page CLS and position. They change with a button, so they are Altair's: drawn in place."""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np

PLOT, ENTRY = 270, 18  # pixels, of the plot with its axis titles and of one line of the legend below it
CHANGES = ("#56B4E9", "#8c8c8c")
CLASSES = ("#E69F00", "#009E73", "#0072B2", "#D55E00", "#999999")


def shift_probabilities(
    probs: np.ndarray, names: Sequence[str], patch: int
) -> alt.LayerChart | alt.FacetChart:
    """probs (S, C') of some classes by the photo's shift in pixels, 0 first; a rule at each whole patch."""
    rows = [
        {"shift": shift, "class": name, "probability": float(value)}
        for shift, row in enumerate(probs)
        for name, value in zip(names, row, strict=True)
    ]
    lines = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(point={"size": 28}, strokeWidth=1.5)
        .encode(
            x=_shift_axis(len(probs)),
            y=alt.Y("probability:Q", title="probability", axis=alt.Axis(format="%")),
            color=_colours("class:N", names, CLASSES),
            tooltip=["class:N", "shift:Q", alt.Tooltip("probability:Q", format=".2%")],
        )
    )
    return alt.layer(_whole_patches(len(probs), patch), lines).properties(height=PLOT + ENTRY * len(names))


def shift_changes(changes: Mapping[str, np.ndarray], patch: int) -> alt.LayerChart | alt.FacetChart:
    """How far the answer moves by the photo's shift in pixels: a line (S,) for each name, shares of a whole."""
    rows = [
        {"shift": shift, "of": name, "change": float(value)}
        for name, values in changes.items()
        for shift, value in enumerate(values)
    ]
    count = max(map(len, changes.values()))
    lines = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(point={"size": 28}, strokeWidth=1.5)
        .encode(
            x=_shift_axis(count),
            y=alt.Y("change:Q", title="relative change", axis=alt.Axis(format="%")),
            color=_colours("of:N", list(changes), CHANGES),
            tooltip=["of:N", "shift:Q", alt.Tooltip("change:Q", format=".2%")],
        )
    )
    return alt.layer(_whole_patches(count, patch), lines).properties(height=PLOT + ENTRY * len(changes))


def _colours(field: str, names: Sequence[str], colours: Sequence[str]) -> alt.Color:
    # the legends stand below, so that plots side by side begin on one line; a phone is one name wide
    return alt.Color(
        field,
        title=None,
        scale=alt.Scale(domain=list(names), range=list(colours[: len(names)])),
        legend=alt.Legend(orient="bottom", columns=1, labelLimit=250),
    )


def _shift_axis(count: int) -> alt.X:
    return alt.X(
        "shift:Q",
        title="shift to the right, pixels",
        scale=alt.Scale(domain=[0, max(1, count - 1)], nice=False),
        axis=alt.Axis(tickMinStep=1, format="d"),
    )


def _whole_patches(count: int, patch: int) -> alt.Chart:
    """A rule where the shift is a whole number of patches: there the same patches stand in other places."""
    rows = [{"shift": shift} for shift in range(0, count, patch)]
    rules = alt.Chart(alt.Data(values=rows)).mark_rule(strokeDash=[3, 3], color="#999999")
    return rules.encode(x=_shift_axis(count))
