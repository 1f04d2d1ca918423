"""What only the browser computes, computed once more: its numbers are compared with these.

Axes: T tokens = R prefix tokens + N patches in reading order, K head_dim, C classes. `attn` is [query, key].
"""

from typing import NamedTuple

import numpy as np

from vit_viz.analysis.attention import patch_distances
from vit_viz.analysis.mixing import softmax


def row_distance(
    attn: np.ndarray, grid: tuple[int, int], patch_size: tuple[int, int], num_prefix_tokens: int
) -> np.ndarray:
    """attn (..., T, T) → (..., N) attention distance in pixels of each patch's row.

    The paper's definition (Dosovitskiy et al. 2021, Fig. 7): prefix rows and columns are dropped and
    the rest is not renormalised. The mean over N is the head's mean attention distance.
    """
    patches = attn[..., num_prefix_tokens:, num_prefix_tokens:]
    return (patches * patch_distances(grid, patch_size)).sum(-1)


class WeightTerms(NamedTuple):
    """How one attention weight comes about, in float64.

    products     (K,)  q · k term by term
    dot                their sum
    score              dot / √K
    denominator        Σ e^score over the query's row
    weight             e^score / denominator
    """

    products: np.ndarray
    dot: float
    score: float
    denominator: float
    weight: float


def weight_terms(q: np.ndarray, k: np.ndarray, query: int, key: int) -> WeightTerms:
    """q and k (T, K) of one head → the arithmetic behind attn[query, key]."""
    q_row, keys = q[query].astype(np.float64), k.astype(np.float64)
    products = q_row * keys[key]
    scores = keys @ q_row / np.sqrt(q.shape[-1])
    exponentials = np.exp(scores)
    total = exponentials.sum()
    return WeightTerms(
        products, float(products.sum()), float(scores[key]), float(total), float(exponentials[key] / total)
    )


class SumTerms(NamedTuple):
    """How one number of a head's output comes about, in float64.

    terms  (T,)  weight × value, one per key
    total        their sum
    """

    terms: np.ndarray
    total: float


def sum_terms(weights: np.ndarray, v: np.ndarray, index: int) -> SumTerms:
    """weights (T,) of one query, v (T, K) → the terms behind number `index` of its output."""
    terms = weights.astype(np.float64) * v[:, index]
    return SumTerms(terms, float(terms.sum()))


def logit_gradient(logits: np.ndarray, label: int) -> np.ndarray:
    """logits (C,) → (C,) gradient of the cross-entropy by them: p − 1 for the label, p for every other."""
    gradient = softmax(logits)
    gradient[label] -= 1
    return gradient


def logits_after_step(
    logits: np.ndarray, label: int, learning_rate: float, gain: float, *, of: np.ndarray | None = None
) -> np.ndarray:
    """(C,) logits after one step of gradient descent on the head for a photo with these logits, exactly.

    A linear head has z = W x + b, so the step W − η g xᵀ, b − η g moves z by −η g (|x|² + 1), with g the
    gradient by the logits. `gain` is that |x|² + 1; for another photo with features x' and logits `of` it is
    x · x' + 1.
    """
    moved = logits if of is None else of
    return moved.astype(np.float64) - learning_rate * gain * logit_gradient(logits, label)
