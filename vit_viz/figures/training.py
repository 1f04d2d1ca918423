"""Charts of the Training page (Altair: they update in place)."""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np

ORANGE, GREY, BLUE = "#E69F00", "#9a9a9a", "#0072B2"


def log_chart(
    views: np.ndarray, values: np.ndarray, *, title: str, format: str, color: str, end: int
) -> alt.Chart:
    """One logged quantity by the number of views, up to `end`; a dot per line of the log, nothing smoothed."""
    rows = [{"views": int(at), "value": float(value)} for at, value in zip(views, values, strict=True)]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=1.2, color=color, point=alt.OverlayMarkDef(size=14, color=color))
        .encode(
            x=_views_axis(end),
            y=alt.Y(
                "value:Q", title=title, scale=alt.Scale(zero=True), axis=alt.Axis(format=format, tickCount=5)
            ),
            tooltip=[
                alt.Tooltip("views:Q", title="views", format=","),
                alt.Tooltip("value:Q", title=title, format=".3f"),
            ],
        )
        .properties(height=240)
    )


# column of the log, what it is called, colour
GOALS = (
    ("hidden", "hidden states", GREY),
    ("soft", "soft answers", BLUE),
    ("hard", "labels", "#D55E00"),
    ("head", "head", "#CC79A7"),
)


def goals_chart(views: np.ndarray, loss: np.ndarray, goals: Mapping[str, np.ndarray]) -> alt.Chart:
    """The loss by the number of views, and what it adds up, each before it is weighted; nothing smoothed."""
    named = [(name, goals[column], color) for column, name, color in GOALS if column in goals]
    lines = [("the loss", loss, ORANGE), *named]
    rows = [
        {"views": int(at), "value": round(float(value), 4), "goal": name}
        for name, values, _color in lines
        for at, value in zip(views, values, strict=True)
    ]
    scale = alt.Scale(domain=[name for name, *_ in lines], range=[color for *_, color in lines])
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=1)
        .encode(
            x=_views_axis(int(views[-1])),
            y=alt.Y("value:Q", title="loss", scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=5)),
            color=alt.Color(
                "goal:N",
                title=None,
                scale=scale,
                legend=alt.Legend(orient="top", columns=3, symbolStrokeWidth=2),
            ),
            tooltip=["goal:N", alt.Tooltip("views:Q", format=","), alt.Tooltip("value:Q", format=".3f")],
        )
        .properties(height=280)
    )


def _views_axis(end: int) -> alt.X:
    axis = alt.Axis(format="~s", tickCount=5, grid=False)
    return alt.X(
        "views:Q", title="views in this stage", axis=axis, scale=alt.Scale(domain=[0, end], nice=False)
    )


def loss_chart(loss: np.ndarray, held_out: np.ndarray | None) -> alt.Chart:
    """Loss by step: on the photos the head is trained on, and on those that its judges never saw."""
    curves = {"its own photos": loss} | ({} if held_out is None else {"photos it never saw": held_out})
    rows = [
        {"step": step, "loss": float(value), "photos": name}
        for name, values in curves.items()
        for step, value in enumerate(values)
    ]
    top = max(float(values.max()) for values in curves.values())
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("step:Q", title="step", axis=alt.Axis(tickCount=5, grid=False)),
            y=alt.Y(
                "loss:Q", title="mean loss", scale=alt.Scale(domain=[0, top]), axis=alt.Axis(tickCount=5)
            ),
            color=alt.Color(
                "photos:N",
                title=None,
                legend=alt.Legend(orient="top"),
                scale=alt.Scale(domain=["its own photos", "photos it never saw"], range=[ORANGE, BLUE]),
            ),
            tooltip=["photos:N", "step:Q", alt.Tooltip("loss:Q", format=".4f")],
        )
        .properties(height=260)
    )


def confusion_chart(table: np.ndarray, names: Sequence[str]) -> alt.LayerChart:
    """Counts (C, C) [true class, guessed class]; right guesses lie on the diagonal."""
    rows = [
        {"true": names[i], "guessed": names[j], "photos": int(table[i, j])}
        for i in range(len(names))
        for j in range(len(names))
    ]
    top = max(1, int(table.max()))
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("guessed:N", title="guessed", sort=list(names), axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("true:N", title="true class", sort=list(names)),
        tooltip=["true:N", "guessed:N", "photos:Q"],
    )
    cells = base.mark_rect().encode(
        color=alt.Color("photos:Q", legend=None, scale=alt.Scale(domain=[0, top], range=["#f2e3cf", ORANGE]))
    )
    figures = base.mark_text(fontSize=14, color="#15161a").encode(text="photos:Q")
    return alt.LayerChart(layer=[cells, figures]).properties(height=260)
