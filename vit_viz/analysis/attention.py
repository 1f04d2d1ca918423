"""Reading attention: how spread out a row is, where its mass lies, how far it looks.

Axes: T tokens = R prefix tokens + N patches in reading order, K head_dim. `attn` is [query, key].
"""

from typing import NamedTuple

import numpy as np


def entropy(attn: np.ndarray) -> np.ndarray:
    """attn (..., T) → (...) entropy of each row in nats: 0 looks at one token, ln T at all alike."""
    weights = attn.astype(np.float64)
    return -(weights * np.log(weights, out=np.zeros_like(weights), where=weights > 0)).sum(-1)


def num_looked_at(weights: np.ndarray) -> np.ndarray:
    """weights (..., N) → (...) over how many tokens a row is spread: e^entropy of its shares; 0 without weight.

    A row with the same weight on n tokens and none on the others gives n.
    """
    total = weights.sum(-1, keepdims=True, dtype=np.float64)
    shares = np.divide(weights, total, out=np.zeros(weights.shape), where=total > 0)
    return np.where(total[..., 0] > 0, np.exp(entropy(shares)), 0)


def dividing_head(rows: np.ndarray, num_prefix_tokens: int) -> tuple[int, int]:
    """rows (L, H, T) of one query → (layer, head) whose row comes nearest to parting the picture in two.

    The weight on the patches times p (1 − p), p the share of the patches that it is spread over: largest for
    a row that lies on half of the patches, 0 for one that looks at no patch or at all alike. Of equal heads
    the first.
    """
    patches = rows[..., num_prefix_tokens:]
    share = num_looked_at(patches) / patches.shape[-1]
    parting = patches.sum(-1, dtype=np.float64) * share * (1 - share)
    layer, head = np.unravel_index(parting.argmax(), parting.shape)
    return int(layer), int(head)


def prefix_mass(attn: np.ndarray, num_prefix_tokens: int) -> np.ndarray:
    """attn (..., T) → (...) share of each row that lies on the prefix tokens (CLS, registers), 0 to 1."""
    return attn[..., :num_prefix_tokens].sum(-1, dtype=np.float64)


def patch_distances(grid: tuple[int, int], patch_size: tuple[int, int]) -> np.ndarray:
    """(N, N) distance in pixels between the centres of every two patches; 0 from a patch to itself."""
    rows, cols = np.divmod(np.arange(grid[0] * grid[1]), grid[1])
    y, x = rows * patch_size[0], cols * patch_size[1]
    return np.hypot(y[:, None] - y, x[:, None] - x)


def strongest(weights: np.ndarray, count: int = 5) -> np.ndarray:
    """weights (T,) → (count,) tokens by falling weight; of equal weights the earlier token first."""
    return np.argsort(-weights, kind="stable")[:count]


class QuantisedRows(NamedTuple):
    """Attention for painting: weight on a patch ≈ (codes / 255)² · scale.

    codes   (..., N)  uint8, 255 at the row's largest weight on a patch
    scale   (...)     float32, that weight
    prefix  (..., R)  float32, the weights on the prefix tokens: one of them may hold nearly the whole row
    """

    codes: np.ndarray
    scale: np.ndarray
    prefix: np.ndarray


def quantise_rows(attn: np.ndarray, num_prefix_tokens: int) -> QuantisedRows:
    """attn (..., T) → one byte a weight on a patch, by its root: within 0.4 % of the row's scale, small ones finer.

    A weight of a thousandth of the row's largest is still within 7 %, so that steps of its logarithm, and columns,
    which cross the scales of many rows, can be painted too.
    """
    patches = attn[..., num_prefix_tokens:]
    scale = patches.max(-1)
    factor = np.divide(1, scale, out=np.zeros_like(scale), where=scale > 0)
    codes = np.sqrt(patches * factor[..., None])
    codes *= 255
    return QuantisedRows(np.rint(codes, out=codes).astype(np.uint8), scale, attn[..., :num_prefix_tokens])
