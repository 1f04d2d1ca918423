"""Filters as small pictures: principal components, and apart from them raw filters; two models side by side."""

import base64
from collections.abc import Callable, Sequence

import numpy as np

from vit_viz.analysis.embedding import FilterSet
from vit_viz.components.mounted import component

_gallery = component("filter_gallery", js="embedding/filter_gallery.js", css="embedding/filter_gallery.css")


def filter_gallery(
    sets: Sequence[FilterSet],
    *,
    dimension: int | None,
    key: str,
    on_pick: Callable[[int], None],
) -> None:
    """Draw the first set; of a second one the reader may ask by a switch.

    `dimension` is the raw filter in use, None where raw filters are no output dimensions;
    `on_pick` gets the dimension of a clicked one.
    """

    _gallery(
        key=key,
        data={"sets": [_facts(one) for one in sets], "dimension": dimension},
        on={"dimension": on_pick},
    )


def _facts(one: FilterSet) -> dict:
    _, height, width, _ = one.components.shape
    return {
        "title": one.title,
        "height": height,
        "width": width,
        "components": _base64(one.components),
        "shares": [float(share) for share in one.shares],
        "raw": _base64(one.raw),
        "dimensions": [int(index) for index in one.dimensions],
    }


def _base64(pictures: np.ndarray) -> str:
    return base64.b64encode(pictures.tobytes()).decode()
