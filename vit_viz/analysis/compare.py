"""Where the same place is in another model: tokens by relative position, layers and heads by relative depth.

Axes: T tokens = R prefix tokens + N patches in reading order.
"""

from collections.abc import Sequence

import numpy as np


def same_index(index: int, count: int, other_count: int) -> int:
    """The layer or head at the same relative place: first to first, last to last."""
    if count == 1:
        return 0
    return int(np.floor(index * (other_count - 1) / (count - 1) + 0.5))


def same_token(
    token: int,
    prefix_names: Sequence[str],
    grid: tuple[int, int],
    other_prefix_names: Sequence[str],
    other_grid: tuple[int, int],
) -> int | None:
    """The prefix token of the same name, or the patch under the middle of this one; None where there is none."""
    R = len(prefix_names)
    if token < R:
        names = list(other_prefix_names)
        return names.index(prefix_names[token]) if prefix_names[token] in names else None
    row, col = divmod(token - R, grid[1])
    y, x = int((row + 0.5) / grid[0] * other_grid[0]), int((col + 0.5) / grid[1] * other_grid[1])
    return len(other_prefix_names) + y * other_grid[1] + x


def mass_of_strongest(row: np.ndarray, count: int) -> float:
    """row (T,) of weights → what its strongest `count` tokens hold together, 0 to 1."""
    return float(np.sort(row.astype(np.float64))[::-1][:count].sum())
