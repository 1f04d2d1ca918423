"""What was written down while the bundled model was trained (assets/model/training_log.csv)."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

FILE = Path(__file__).parents[2] / "assets" / "model" / "training_log.csv"
GOALS = ("hidden", "soft", "head", "hard")


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingCurve:
    """The bundled model's training, as logged; nothing smoothed.

    views, loss      (n,) pictures seen so far in this run, and the loss of that step
    goals            by name (n,): what the loss adds up, each before it is weighted
    sizes            (n,) side in pixels of the pictures at that step
    top1_views, top1 (m,) pictures seen, and top-1 on kept-out photos (0 to 1), where it was measured
    """

    views: np.ndarray
    loss: np.ndarray
    goals: dict[str, np.ndarray]
    sizes: np.ndarray
    top1_views: np.ndarray
    top1: np.ndarray


@cache
def training_curve() -> TrainingCurve:
    """The log that comes with the bundled model."""
    rows = logged_rows()
    stepped = [row for row in rows if row["loss"]]
    measured = [row for row in rows if row["kept_out_top1"]]
    return TrainingCurve(
        views=_column(stepped, "views"),
        loss=_column(stepped, "loss"),
        goals={name: _column(stepped, name) for name in GOALS if all(row[name] for row in stepped)},
        sizes=_column(stepped, "size"),
        top1_views=_column(measured, "views"),
        top1=_column(measured, "kept_out_top1"),
    )


def logged_rows() -> list[dict[str, str]]:
    """The log's lines as they stand in the file, by column."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    values = np.array([float(row[name]) for row in rows], np.float32)
    values.flags.writeable = False
    return values
