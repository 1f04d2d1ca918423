"""Positions compared: how alike each two are, learnt ones beside fixed sines.

Axes: N patches in reading order, D embed_dim. A grid is (rows, cols) in patches.
"""

from typing import NamedTuple

import numpy as np

# towards which the sines slow down, in units of 2π places (Vaswani et al. 2017, section 3.5)
WAVELENGTH = 10_000


def cosine_similarity(rows: np.ndarray) -> np.ndarray:
    """rows (N, D) → (N, N) cosine between every two, −1 to 1; a row of zeros is like nothing, 0."""
    rows = rows.astype(np.float64)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return np.clip(unit @ unit.T, -1, 1)


def sines(places: np.ndarray, width: int) -> np.ndarray:
    """places (N,) → (N, width) sine and cosine in turn, each pair slower than the one before.

    Vaswani et al. 2017: sin(place / 10000^(2i / width)) and the cosine of the same.
    """
    pairs = (width + 1) // 2
    angles = places[:, None] / WAVELENGTH ** (np.arange(pairs) / pairs)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(len(places), -1)[:, :width]


def sines_1d(grid: tuple[int, int], width: int) -> np.ndarray:
    """(N, width) fixed positions that count the patches in reading order, as those of words in a sentence."""
    return sines(np.arange(grid[0] * grid[1]), width)


def sines_2d(grid: tuple[int, int], width: int) -> np.ndarray:
    """(N, width) fixed positions of which one half tells the row and the other the column (Chen et al. 2021)."""
    rows, cols = np.divmod(np.arange(grid[0] * grid[1]), grid[1])
    half = width // 2
    return np.concatenate([sines(rows, half), sines(cols, width - half)], axis=-1)


def pair_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson correlation of two (N, N) similarities over all pairs of different positions, −1 to 1."""
    pairs = np.triu_indices(len(a), 1)
    return float(np.corrcoef(a[pairs], b[pairs])[0, 1])


class Falloff(NamedTuple):
    """How alike positions are by their distance on the grid.

    steps       (S,)  distance in patches, along a row or a column: 0, 1, 2, …
    along_row   (S,)  mean similarity of two positions of one row that far apart; NaN beyond the grid
    along_col   (S,)  likewise of one column
    """

    steps: np.ndarray
    along_row: np.ndarray
    along_col: np.ndarray


def falloff(similarity: np.ndarray, grid: tuple[int, int]) -> Falloff:
    """similarity (N, N) of positions on the grid → its mean by distance along rows and columns."""
    rows, cols = grid
    cells = similarity.reshape(rows, cols, rows, cols)
    steps = np.arange(max(grid))
    same_row = np.einsum("rarb->ab", cells) / rows
    same_col = np.einsum("acbc->ab", cells) / cols
    return Falloff(steps, _by_distance(same_row, len(steps)), _by_distance(same_col, len(steps)))


def _by_distance(table: np.ndarray, count: int) -> np.ndarray:
    """table (n, n) → (count,) mean of each diagonal; NaN where there is none."""
    means = np.full(count, np.nan)
    for step in range(len(table)):
        means[step] = np.diagonal(table, step).mean()
    return means
