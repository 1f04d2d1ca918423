"""The areas below the test's curves, as a table that is also the legend of its charts."""

import html
from collections.abc import Mapping

import numpy as np

from vit_viz.analysis.curves import area, counts
from vit_viz.figures.faithfulness import GREY
from vit_viz.ui.results.rollouts import RANDOM_ORDERS
from vit_viz.ui.words.numbers import decimal
from vit_viz.ui.words.rollout import TITLES, Areas, RandomAreas

COLORS = {
    "relevance": "#E69F00",
    "rollout": "#CC79A7",
    "values": "#009E73",
    "attention": "#D55E00",
    "gradient": "#56B4E9",
    "own": "#CC79A7",
    "untrained": "#808080",
}
DASHED = ("own", "untrained")
# (name of the map, insertion) → (S + 1,)
Curves = Mapping[tuple[str, bool], np.ndarray]


def areas_of(curves: Curves, num_patches: int) -> dict[str, Areas]:
    """Areas of the maps of which both curves are there; of random orders together, once all have been run."""
    both = [name for name, insertion in curves if insertion and (name, False) in curves]
    found = {
        name: Areas(
            deletion=area(curves[name, False], num_patches), insertion=area(curves[name, True], num_patches)
        )
        for name in both
    }
    chance = [found.pop(name) for name in both if name.startswith("random")]
    if len(chance) == RANDOM_ORDERS:
        found["random"] = RandomAreas.of(chance)
    return found


def curve_points(curves: Curves, num_patches: int) -> list[tuple[str, str, int, float]]:
    """Every point: map, which way, how many patches were taken away or put back, what the model answered."""
    return [
        (name, "insertion" if insertion else "deletion", int(count), float(value))
        for (name, insertion), values in curves.items()
        for count, value in zip(counts(num_patches, len(values) - 1), values, strict=True)
    ]


def areas_table(areas: Mapping[str, Areas], likenesses: Mapping[str, float]) -> str:
    """Areas below the curves, as HTML that is also the charts' legend."""
    head = ["Map", "Deletion area<br>(less is better)", "Insertion area<br>(more is better)"]
    head += ["Correlation with the<br>untrained model's"] if likenesses else []
    cells = "".join(f'<th style="{_HEAD}">{title}</th>' for title in head)
    rows = "".join(_row(name, found, likenesses) for name, found in areas.items())
    return f'<div style="overflow-x:auto"><table style="{_TABLE}"><tr>{cells}</tr>{rows}</table></div>'


_TABLE = "border-collapse:collapse;font-size:.875rem;text-align:left;line-height:1.9;white-space:nowrap"
_HEAD = "padding:0 2.5rem .25rem 0;line-height:1.3;vertical-align:bottom"
_NUMBER = "font-family:monospace;padding-right:2.5rem"


def _row(name: str, areas: Areas, likenesses: Mapping[str, float]) -> str:
    numbers = [areas.deletion_text, areas.insertion_text]
    if likenesses:
        numbers.append(decimal(likenesses[name]) if name in likenesses else "–")
    cells = "".join(f'<td style="{_NUMBER}">{number}</td>' for number in numbers)
    title = f"{_swatch(name)}{html.escape(TITLES[name])}"
    return f'<tr><td style="padding-right:2.5rem">{title}</td>{cells}</tr>'


def _swatch(name: str) -> str:
    look = (
        f"height:8px;background:{GREY};opacity:.5"
        if name == "random"
        else (f"border-top:2px {'dashed' if name in DASHED else 'solid'} {COLORS[name]}")
    )
    look += ";forced-color-adjust:none"
    return f'<span style="display:inline-block;width:22px;margin-right:10px;vertical-align:middle;{look}"></span>'
