"""Figures of the page Encoder block. They follow layer and token, so they are Altair's: drawn in place."""

from collections.abc import Sequence

import altair as alt
import numpy as np

from vit_viz.analysis.stream import Histogram, NormSteps, length, self_similarity

MLP = "#b3a000"
GREY = "#8c8c8c"
BEFORE, AFTER = "before", "after"  # the norm
HEIGHT = 260
SIMILARITY = ["#0072B2", "#f4f2ec", "#D55E00"]


def activation_histogram(found: Histogram, names: Sequence[str]) -> alt.Chart:
    """Shares of one token's hidden numbers by value, before and after the activation."""
    rows = [
        {"from": float(low), "to": float(high), "share": float(share), "what": name}
        for name, shares in zip(names, found.shares, strict=True)
        for low, high, share in zip(found.edges, found.edges[1:], shares, strict=False)
    ]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(opacity=0.55, binSpacing=0)
        .encode(
            x=alt.X("from:Q", bin="binned", title="value", axis=alt.Axis(format="~g")),
            x2="to:Q",
            y=alt.Y("share:Q", stack=None, title="share of the units", axis=alt.Axis(format="%")),
            color=alt.Color(
                "what:N",
                title=None,
                scale=alt.Scale(domain=list(names), range=[GREY, MLP]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                "what:N",
                alt.Tooltip("from:Q", format=".2f"),
                alt.Tooltip("to:Q", format=".2f"),
                alt.Tooltip("share:Q", format=".1%"),
            ],
        )
        .properties(height=HEIGHT + 40)
    )


def unit_bars(
    units: np.ndarray, before: np.ndarray, after: np.ndarray, went_in: str
) -> alt.LayerChart | alt.FacetChart:
    """The most active hidden units, counted from 1: their activation as a bar, what went in as a line across it."""
    rows = [
        {"unit": f"unit {unit + 1}", "before": float(before[unit]), "after": float(after[unit])}
        for unit in units
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("unit:N", sort=None, title=None, axis=alt.Axis(labelOverlap=False, labelFlush=False)),
        tooltip=["unit:N", alt.Tooltip("before:Q", format=".3f"), alt.Tooltip("after:Q", format=".3f")],
    )
    title = [
        "activation",
        f"(line: {went_in})",
    ]  # on a narrow screen the axis is shorter than this on one line
    axis = alt.Axis(titleAnchor="end")
    bars = base.mark_bar(color=MLP, size=15).encode(x=alt.X("after:Q", title=title, axis=axis))
    lines = base.mark_tick(color=GREY, size=19, thickness=2).encode(
        x=alt.X("before:Q", title=title, axis=axis)
    )
    return alt.layer(bars, lines).properties(height=HEIGHT + 40)


def norm_scatter(steps: NormSteps, names: Sequence[str], token: int) -> alt.LayerChart | alt.FacetChart:
    """Mean and deviation of each token's row before and after a norm; the picked token ringed."""
    rows = [
        {"token": name, "mean": float(mean), "std": float(std), "what": what, "picked": index == token}
        for what, means, stds in (
            (BEFORE, steps.mean_before, steps.std_before),
            (AFTER, steps.mean_after, steps.std_after),
        )
        for index, (name, mean, std) in enumerate(zip(names, means, stds, strict=True))
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("mean:Q", title="mean of the row", scale=alt.Scale(zero=True)),
        y=alt.Y("std:Q", title="standard deviation", scale=alt.Scale(zero=True)),
        tooltip=[
            "token:N",
            "what:N",
            alt.Tooltip("mean:Q", format=".3f"),
            alt.Tooltip("std:Q", format=".3f"),
        ],
    )
    dots = base.mark_circle(size=26, opacity=0.6).encode(
        color=alt.Color(
            "what:N",
            title=None,
            scale=alt.Scale(domain=[BEFORE, AFTER], range=[GREY, "#009E73"]),
            legend=alt.Legend(orient="top"),
        )
    )
    legend = alt.Legend(orient="bottom", symbolFillColor="transparent", symbolStrokeWidth=2)
    only = alt.Scale(domain=[names[token]], range=["#E69F00"])
    ring = (
        base.transform_filter("datum.picked")
        .mark_point(size=110, strokeWidth=2)
        .encode(stroke=alt.Stroke("token:N", title=None, scale=only, legend=legend))
    )
    return alt.layer(dots, ring).properties(height=HEIGHT + 60)  # two rows of legends are taken from it


def depth_similarity(resid: np.ndarray) -> alt.Chart:
    """resid (L + 1, D) of one token: cosine with itself at every two depths; 0 is the encoder's input.

    What is pointed at says which product and lengths its cosine comes from.
    """
    products, lengths = resid.astype(np.float64) @ resid.T, length(resid)
    rows = [
        {
            "a": row,
            "b": col,
            "cosine": float(value),
            "product": float(products[row, col]),
            "lengths": f"{lengths[row]:.3g} · {lengths[col]:.3g}",
        }
        for row, values in enumerate(self_similarity(resid))
        for col, value in enumerate(values)
    ]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_rect()
        .encode(
            x=alt.X("b:O", title="after layer (0 is the input)", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("a:O", title="after layer", axis=alt.Axis(labelFlush=False)),
            color=alt.Color(
                "cosine:Q",
                title="cosine",
                scale=alt.Scale(domain=[-1, 0, 1], range=SIMILARITY, interpolate="rgb"),
            ),
            tooltip=[
                alt.Tooltip("a:O", title="after layer"),
                alt.Tooltip("b:O", title="and after"),
                alt.Tooltip("product:Q", format=".3~g", title="dot product"),
                alt.Tooltip("lengths:N", title="/ (length · length)"),
                alt.Tooltip("cosine:Q", format=".3f", title="= cosine"),
            ],
        )
        .properties(height=380)
    )
