"""What the dots of attention distance are sent: figures of every set, and the lines to compare them with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vit_viz.analysis.distance import (
    MEASURES,
    PUBLISHED_BAND,
    PUBLISHED_SOURCE,
    PUBLISHED_TITLE,
    AttentionDistance,
    uniform_distance,
)
from vit_viz.tracing import Trace

# the published band holds for pictures of this size only: distances in pixels grow with the picture
PUBLISHED_SIZE = (224, 224)
HEADROOM = 1.25


@dataclass(frozen=True, kw_only=True, eq=False)
class DotSet:
    """What the reader can choose to see: one photo or an average, and maybe another model beside.

    `title` stands at the choice, `note` below the picture; `beside` is (title, figures).
    """

    name: str
    title: str
    note: str
    figures: AttentionDistance
    beside: tuple[str, AttentionDistance] | None = None


def explorer_data(trace: Trace, sets: Sequence[DotSet]) -> dict[str, Any]:
    """The dots of every set, the lines to compare with, and where the axis ends, in pixels."""
    place = (trace.grid, trace.patch_size, trace.num_prefix_tokens)
    uniform = {
        "distance": uniform_distance(*place, renormalised=False),
        "renormalised": uniform_distance(*place, renormalised=True),
    }
    drawn = [
        figures for dots in sets for figures in (dots.figures, *([dots.beside[1]] if dots.beside else []))
    ]
    tops = [HEADROOM * uniform["renormalised"], *(float(figures.mean[:2].max()) for figures in drawn)]
    return {
        "sets": [_set(dots) for dots in sets],
        "uniform": uniform,
        "published": _published() if trace.image.shape[:2] == PUBLISHED_SIZE else None,
        "top": max(tops),
    }


def _set(dots: DotSet) -> dict[str, Any]:
    other = dots.beside
    beside = None if other is None else {"title": other[0]} | _figures(other[1])
    return {"name": dots.name, "title": dots.title, "note": dots.note, "beside": beside} | _figures(
        dots.figures
    )


def _figures(figures: AttentionDistance) -> dict[str, Any]:
    depth, num_heads = figures.distance.shape
    errors = figures.standard_error
    return {
        "depth": depth,
        "num_heads": num_heads,
        "values": _named(figures.mean),
        "errors": None if errors is None else _named(errors),
    }


def _named(measures: np.ndarray) -> dict[str, list[list[float]]]:
    return {name: measures[index].tolist() for index, name in enumerate(MEASURES)}


def _published() -> dict[str, Any]:
    return {
        "title": PUBLISHED_TITLE,
        "source": PUBLISHED_SOURCE,
        "band": [list(bounds) for bounds in PUBLISHED_BAND],
    }
