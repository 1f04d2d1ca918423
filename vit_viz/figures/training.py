"""Charts of the Training page (Altair: they update in place)."""

from collections.abc import Sequence

import altair as alt
import numpy as np

ORANGE, GREY, BLUE = "#E69F00", "#9a9a9a", "#0072B2"


def log_chart(views: np.ndarray, values: np.ndarray, *, title: str, format: str, color: str) -> alt.Chart:
    """One logged quantity by the number of photos seen; a dot per line of the log, nothing smoothed."""
    rows = [{"views": int(at), "value": float(value)} for at, value in zip(views, values, strict=True)]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=1.2, color=color, point=alt.OverlayMarkDef(size=14, color=color))
        .encode(
            x=alt.X("views:Q", title="photos seen", axis=alt.Axis(format="~s", tickCount=5, grid=False)),
            y=alt.Y(
                "value:Q", title=title, scale=alt.Scale(zero=True), axis=alt.Axis(format=format, tickCount=5)
            ),
            tooltip=[
                alt.Tooltip("views:Q", title="photos seen", format=","),
                alt.Tooltip("value:Q", title=title, format=".3f"),
            ],
        )
        .properties(height=240)
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
