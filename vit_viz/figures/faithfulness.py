"""Deletion and insertion curves of several maps, with random orders as a band.

A Vega-Lite specification: it updates in place like Altair's, which needs 60 ms to write the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vit_viz.analysis.curves import counts

GREY = "#808080"


@dataclass(frozen=True, kw_only=True, eq=False)
class Line:
    """One map's curve (S + 1,) with its title and colour; `dashed` for what is a control."""

    title: str
    color: str
    values: np.ndarray
    dashed: bool = False


def curves_figure(
    lines: Sequence[Line], band: Sequence[np.ndarray], *, num_patches: int, x: list[str], y: str, top: float
) -> dict[str, Any]:
    """Lines over the share of patches; `band` are the curves of random orders; y runs from 0 to `top`."""
    axes = {
        "x": {
            "field": "share",
            "type": "quantitative",
            "title": x,
            "axis": {"format": "%", "tickCount": 5, "grid": False},
            "scale": {"domain": [0, 1], "nice": False},
        },
        "y": {
            "type": "quantitative",
            "title": y,
            "axis": {"format": "%" if y.startswith("p(") else ".2f", "tickCount": 5},
            "scale": {"domain": [0, top], "nice": False},
        },
    }
    layers = [_band(band, num_patches, axes)] if band else []
    return {"height": 300, "layer": [*layers, _lines(lines, num_patches, axes)]}


def _band(band: Sequence[np.ndarray], num_patches: int, axes: dict[str, Any]) -> dict[str, Any]:
    least, most = np.min(band, axis=0), np.max(band, axis=0)
    rows = [
        {"share": at, "least": low, "most": high, "curve": f"{len(band)} random orders"}
        for at, low, high in zip(_shares(least, num_patches), least.tolist(), most.tolist(), strict=True)
    ]
    return {
        "data": {"values": rows},
        "mark": {"type": "area", "color": GREY, "opacity": 0.3},
        "encoding": {
            "x": axes["x"],
            "y": axes["y"] | {"field": "least"},
            "y2": {"field": "most"},
            "tooltip": _tooltip("least", "most"),
        },
    }


def _lines(lines: Sequence[Line], num_patches: int, axes: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {"share": at, "value": value, "curve": line.title}
        for line in lines
        for at, value in zip(_shares(line.values, num_patches), line.values.tolist(), strict=True)
    ]
    titles = [line.title for line in lines]
    dashes = [[5, 4] if line.dashed else [1, 0] for line in lines]
    return {
        "data": {"values": rows},
        "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 60, "opacity": 0}},
        "encoding": {
            "x": axes["x"],
            "y": axes["y"] | {"field": "value"},
            "color": _by_curve(titles, [line.color for line in lines]),
            "strokeDash": _by_curve(titles, dashes),
            "tooltip": _tooltip("value"),
        },
    }


def _shares(values: np.ndarray, num_patches: int) -> list[float]:
    return (counts(num_patches, len(values) - 1) / num_patches).tolist()


def _by_curve(titles: list[str], looks: list) -> dict[str, Any]:
    scale = {"domain": titles, "range": looks}
    return {"field": "curve", "type": "nominal", "legend": None, "scale": scale}


def _tooltip(*numbers: str) -> list[dict[str, str]]:
    return [
        {"field": "curve", "type": "nominal"},
        {"field": "share", "type": "quantitative", "format": ".0%"},
        *({"field": name, "type": "quantitative", "format": ".4f"} for name in numbers),
    ]
