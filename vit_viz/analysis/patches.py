"""Numbers about the picture's patches. Axes: N patches, P patch_size in pixels."""

from typing import NamedTuple

import numpy as np


def contrast(patches: np.ndarray) -> np.ndarray:
    """patches (N, P, P, 3) uint8 → (N,) how far each patch's pixels are from its mean colour, 0 to 127.5.

    The root mean square of the three channels' standard deviations: one colour throughout is 0.
    """
    return np.sqrt(patches.var(axis=(1, 2)).mean(axis=-1))


def kept_share(resized: tuple[int, int], crop_box: tuple[int, int, int, int]) -> float:
    """Share of the resized photo (width, height) that its crop keeps, 0 to 1."""
    (width, height), (left, top, right, bottom) = resized, crop_box
    inside = (min(right, width) - max(left, 0)) * (min(bottom, height) - max(top, 0))
    return inside / (width * height)


def middle_of(grid: tuple[int, int]) -> int:
    """The patch in the middle of the grid (rows, cols), in reading order."""
    rows, cols = grid
    return rows // 2 * cols + cols // 2


def picked_patch(token: int, num_prefix_tokens: int, grid: tuple[int, int]) -> int:
    """The patch of a token of the sequence, from 0; the middle one for a prefix token, which is no patch."""
    return token - num_prefix_tokens if token >= num_prefix_tokens else middle_of(grid)


class Cost(NamedTuple):
    """What cutting into patches of `patch_size` pixels costs: tokens, and entries of one attention matrix."""

    patch_size: int
    num_tokens: int
    attn_entries: int


def costs(height: int, width: int, patch_sizes: tuple[int, ...], num_prefix_tokens: int) -> list[Cost]:
    """Costs for a picture of height × width pixels; patch size 1 is every pixel."""
    counts = [(height // size) * (width // size) + num_prefix_tokens for size in patch_sizes]
    return [Cost(size, count, count**2) for size, count in zip(patch_sizes, counts, strict=True)]


def rearranged(patches: np.ndarray, grid: tuple[int, int], order: np.ndarray) -> np.ndarray:
    """patches (N, P, P, 3) → picture (rows · P, cols · P, 3) with patch order[n] in place n."""
    height, width, channels = patches.shape[1:]
    cells = patches[order].reshape(*grid, height, width, channels)
    return cells.transpose(0, 2, 1, 3, 4).reshape(grid[0] * height, grid[1] * width, channels)
