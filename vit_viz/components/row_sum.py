"""Rows of numbers one below the other, of which the last is the sum; point at one number to see it added up."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vit_viz.components.mounted import component

_sum = component("row_sum", js="position/row_sum.js", css="position/row_sum.css")

DIGITS = 7  # what a float32 holds


class Row(NamedTuple):
    """One row: "+" or "=" before it, its title, the concept it is drawn as (cls, position, stream), (D,) values."""

    sign: str
    title: str
    tone: str
    values: np.ndarray


def row_sum(rows: Sequence[Row], *, summary: str, key: str) -> None:
    """Draw the rows in one colour scale; `summary` is said while no number is pointed at."""
    _sum(
        key=key,
        data={
            "rows": [row._asdict() | {"values": _numbers(row.values)} for row in rows],
            "top": float(max(np.abs(row.values).max() for row in rows)),
            "summary": summary,
        },
    )


def _numbers(values: np.ndarray) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]
