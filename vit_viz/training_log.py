"""What was written down while the bundled model was trained (assets/model/training_log.csv)."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

FILE = Path(__file__).parents[1] / "assets" / "model" / "training_log.csv"


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingCurve:
    """The bundled model's training, as logged; nothing smoothed.

    views, loss      (n,) pictures seen so far, and the loss of that step
    top1_views, top1 (m,) pictures seen, and top-1 on kept-out photos (0 to 1), where it was measured
    """

    views: np.ndarray
    loss: np.ndarray
    top1_views: np.ndarray
    top1: np.ndarray


@cache
def training_curve() -> TrainingCurve:
    """The log that comes with the bundled model."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    stepped = [row for row in rows if row["loss"]]
    measured = [row for row in rows if row["kept_out_top1"]]
    return TrainingCurve(
        views=_column(stepped, "views"),
        loss=_column(stepped, "loss"),
        top1_views=_column(measured, "views"),
        top1=_column(measured, "kept_out_top1"),
    )


def _column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    values = np.array([float(row[name]) for row in rows], np.float32)
    values.flags.writeable = False
    return values
