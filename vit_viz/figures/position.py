"""Figures of the page CLS and position. They change with a button, so they are Altair's: drawn in place."""

from collections.abc import Sequence

import altair as alt
import numpy as np

HEIGHT = 240
DISTANCE = "#56B4E9"
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
            color=alt.Color(
                "class:N",
                title=None,
                scale=alt.Scale(domain=list(names), range=list(CLASSES[: len(names)])),
                legend=alt.Legend(orient="top", columns=2),
            ),
            tooltip=["class:N", "shift:Q", alt.Tooltip("probability:Q", format=".2%")],
        )
    )
    return alt.layer(_whole_patches(len(probs), patch), lines).properties(height=HEIGHT)


def shift_distances(distances: np.ndarray, patch: int) -> alt.LayerChart | alt.FacetChart:
    """distances (S,) of the features by the photo's shift in pixels, relative to the features' length."""
    rows = [{"shift": shift, "distance": float(value)} for shift, value in enumerate(distances)]
    line = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(point={"size": 28, "color": DISTANCE}, strokeWidth=1.5, color=DISTANCE)
        .encode(
            x=_shift_axis(len(distances)),
            y=alt.Y("distance:Q", title="features' distance", axis=alt.Axis(format="%")),
            tooltip=["shift:Q", alt.Tooltip("distance:Q", format=".2%")],
        )
    )
    return alt.layer(_whole_patches(len(distances), patch), line).properties(height=HEIGHT)


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
