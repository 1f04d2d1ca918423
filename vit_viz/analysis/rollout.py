"""Attention rollout: how much of each input patch reaches a token through all layers, residuals included.

Abnar & Zuidema 2020, "Quantifying Attention Flow in Transformers", section 3.

Axes: L depth, H num_heads, T tokens = R prefix tokens + N patches. `attn` is [query, key].
"""

from collections.abc import Callable, Sequence

import numpy as np

FUSIONS: dict[str, Callable[..., np.ndarray]] = {"mean": np.mean, "max": np.max, "min": np.min}


def rollout(
    attn: np.ndarray,
    *,
    num_prefix_tokens: int,
    fusion: str = "mean",
    residual_share: float = 0.5,
    discard: float = 0.0,
    start: int = 0,
) -> np.ndarray:
    """attn (L, H, T, T) → (L - start, T, T): R after layer `start`, after the next …; the last is the rollout.

    R = Ã_l … Ã_start with the newer layer on the left, so rows are tokens after layer l, columns tokens
    before layer `start`; every row sums to 1. R[-1][0, num_prefix_tokens:] is CLS's map of the patches.

    fusion          how the heads of a layer become one matrix: mean, max or min
    residual_share  what a token keeps of itself in each layer, 0 to 1; the paper's is 0.5
    discard         share of the patches, the weakest of each query's row, that is set to 0 before
    start           first layer that counts, from 0

    Raises ValueError for attention of another shape, and for a number or a fusion that there is not.
    """
    attn = np.asarray(attn)
    _check(attn, num_prefix_tokens=num_prefix_tokens, start=start)
    steps = transitions(
        weakest_dropped(fused(attn[start:], fusion), discard, num_prefix_tokens), residual_share
    )
    for layer in range(1, len(steps)):
        steps[layer] = steps[layer] @ steps[layer - 1]  # from Ã to R, in place
    return steps


def fused(attn: np.ndarray, fusion: str = "mean") -> np.ndarray:
    """attn (L, H, T, T) → (L, T, T): the heads of each layer as one matrix."""
    if fusion not in FUSIONS:
        raise ValueError(f"There is no fusion {fusion!r}; there are {', '.join(FUSIONS)}.")
    return FUSIONS[fusion](attn, axis=1)


def weakest_dropped(attn: np.ndarray, discard: float, num_prefix_tokens: int) -> np.ndarray:
    """attn (..., T, T) of fused heads → the same, the weakest ⌊discard · N⌋ patches of each row set to 0.

    Prefix columns always stay. Weights equal to the weakest kept one stay too, so that the order of the
    patches makes no difference.
    """
    if not 0 <= discard < 1:
        raise ValueError(f"The share to discard is {discard}; it must be at least 0 and less than 1.")
    patches = attn[..., num_prefix_tokens:]
    # a hair more than the product: 0.29 · 100 is 28.999999999999996
    count = int(discard * patches.shape[-1] + 1e-9)
    if count == 0:
        return attn
    weakest_kept = np.partition(patches, count, axis=-1)[..., count : count + 1]
    kept = attn.copy()
    kept[..., num_prefix_tokens:][patches < weakest_kept] = 0
    return kept


def transitions(attn: np.ndarray, residual_share: float = 0.5) -> np.ndarray:
    """attn (..., T, T) of fused heads → Ã: mixed with the residual's identity, rows summing to 1, float64.

    A row of nothing but zeros (min fusion can leave one) keeps to itself.
    """
    if not 0 <= residual_share <= 1:
        raise ValueError(f"The residual's share is {residual_share}; it must lie between 0 and 1.")
    mixed = attn * np.float64(1 - residual_share)
    diagonal = np.einsum("...ii->...i", mixed)  # a view: writing to it writes to the matrix
    diagonal += residual_share
    sums = mixed.sum(axis=-1, keepdims=True)
    diagonal[sums[..., 0] == 0] = 1
    mixed /= np.where(sums == 0, 1, sums)
    return mixed


def rollout_rows(steps: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """steps Ã (L, T, T), weights (T,) over tokens → (L, T): their mean row of R after each layer.

    Read off the left end a vector at a time, so the whole products are never made; weights of one 1 and
    otherwise 0 give one token's row.
    """
    rows = np.empty(steps.shape[:2])
    for layer in range(len(steps)):
        row = weights
        for step in steps[: layer + 1][::-1]:
            row = row @ step
        rows[layer] = row
    return rows


def row_sums(steps: np.ndarray) -> np.ndarray:
    """steps Ã (L, T, T) → (L, T): what each row of R sums to after each layer; 1 where all is right."""
    sums = np.empty(steps.shape[:2])
    current = np.ones(steps.shape[-1])
    for layer, step in enumerate(steps):
        current = sums[layer] = step @ current
    return sums


def copied_transitions(attn: np.ndarray, discard: float, residual_share: float = 0.5) -> np.ndarray:
    """attn (L, T, T) of fused heads → Ã as a widely copied script makes it, with its two mistakes.

    The weakest are searched in the whole matrix, prefix columns included (all but the very first entry),
    instead of in each row; and the row sums lie along the wrong axis, so columns are divided by them.
    """
    matrices = attn.astype(np.float64)
    flat = matrices.reshape(len(attn), -1)
    count = int(discard * flat.shape[1] + 1e-9)
    weakest = np.argsort(flat, axis=1, kind="stable")[:, :count]
    kept_first = flat[:, 0].copy()
    np.put_along_axis(flat, weakest, 0, axis=1)
    flat[:, 0] = kept_first
    mixed = (1 - residual_share) * matrices + residual_share * np.eye(attn.shape[-1])
    sums = mixed.sum(axis=-1)
    return mixed / np.where(sums == 0, 1, sums)[:, None, :]


def _check(attn: np.ndarray, *, num_prefix_tokens: int, start: int) -> None:
    if attn.ndim != 4 or attn.shape[2] != attn.shape[3]:
        raise ValueError(f"Rollout takes attention (L, H, T, T), such as trace.attn; this is {attn.shape}.")
    depth, _, T, _ = attn.shape
    if not 0 <= num_prefix_tokens <= T:
        raise ValueError(f"There cannot be {num_prefix_tokens} prefix tokens among {T}; give 0 to {T}.")
    if not 0 <= start < depth:
        raise ValueError(f"There is no layer {start} to start from; there are 0 to {depth - 1}.")


def read_weights(read: Sequence[int], num_tokens: int) -> np.ndarray:
    """(T,) the same share for each token that is read, together 1."""
    weights = np.zeros(num_tokens)
    weights[list(read)] = 1 / len(read)
    return weights
