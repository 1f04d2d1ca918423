"""What the residual stream carries, and what attention and MLP add to it.

Axes: L depth, T tokens = R prefix tokens + N patches, D embed_dim.
"""

from typing import NamedTuple

import numpy as np

SINK_RATIO = 3.0  # of the patches' median length: longer than this we call an attention sink


class Contributions(NamedTuple):
    """Lengths and directions along the stream, float64.

    | field     | shape      | what it is                                                        |
    |-----------|------------|-------------------------------------------------------------------|
    | resid     | (L + 1, T) | length of the stream: the encoder's input, then after each block  |
    | middle    | (L, T)     | length of the stream between attention and MLP                    |
    | attn      | (L, T)     | length of what attention adds                                     |
    | mlp       | (L, T)     | length of what the MLP adds                                       |
    | attn_cos  | (L, T)     | cosine of attention's part with the stream it is added to         |
    | mlp_cos   | (L, T)     | cosine of the MLP's part with the stream it is added to           |
    """

    resid: np.ndarray
    middle: np.ndarray
    attn: np.ndarray
    mlp: np.ndarray
    attn_cos: np.ndarray
    mlp_cos: np.ndarray


def contributions(resid: np.ndarray, attn_out: np.ndarray, mlp_out: np.ndarray) -> Contributions:
    """resid (L + 1, T, D), attn_out and mlp_out (L, T, D) → lengths, and cosines with the stream."""
    before, middle = resid[:-1], resid[:-1] + attn_out
    return Contributions(
        resid=length(resid),
        middle=length(middle),
        attn=length(attn_out),
        mlp=length(mlp_out),
        attn_cos=cosine(attn_out, before),
        mlp_cos=cosine(mlp_out, middle),
    )


def length(rows: np.ndarray) -> np.ndarray:
    """rows (..., D) → (...) Euclidean length."""
    return np.sqrt(np.einsum("...d,...d->...", rows, rows, dtype=np.float64))


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a and b (..., D) → (...) cosine, −1 to 1; 0 where one of them is zero."""
    dots = np.einsum("...d,...d->...", a, b, dtype=np.float64)
    lengths = length(a) * length(b)
    return np.clip(np.divide(dots, lengths, out=np.zeros_like(dots), where=lengths > 0), -1, 1)


def self_similarity(resid: np.ndarray) -> np.ndarray:
    """resid (L + 1, D) of one token → (L + 1, L + 1) cosine of the token with itself at every two depths."""
    return cosine(resid[:, None], resid[None])


def sinks(resid_lengths: np.ndarray, num_prefix_tokens: int, ratio: float = SINK_RATIO) -> np.ndarray:
    """resid_lengths (L + 1, T) → (L + 1, T) bool: patches whose row is `ratio` times the median patch's.

    Darcet et al. 2024 find such tokens in large models: they hold no patch but notes of the whole picture.
    """
    patches = resid_lengths[:, num_prefix_tokens:]
    found = np.zeros(resid_lengths.shape, bool)
    found[:, num_prefix_tokens:] = patches > ratio * np.median(patches, axis=1, keepdims=True)
    return found


class NormSteps(NamedTuple):
    """Mean and standard deviation over a token's D numbers, (T,) each: as they come, and after the norm.

    Between the two stands what a LayerNorm does before its learnt gain and bias: mean 0, deviation 1.
    """

    mean_before: np.ndarray
    std_before: np.ndarray
    mean_after: np.ndarray
    std_after: np.ndarray


def norm_steps(before: np.ndarray, after: np.ndarray) -> NormSteps:
    """before and after (T, D) → the statistics of each token's row."""
    return NormSteps(
        *(
            measure(rows.astype(np.float64), axis=-1)
            for rows in (before, after)
            for measure in (np.mean, np.std)
        )
    )


def most_active(hidden: np.ndarray, count: int, *, gated: bool = False) -> np.ndarray:
    """hidden (M,) → (count,) units by falling activation; of equal ones the earlier first.

    Of a gated MLP by size: its hidden numbers speak on either side of zero, while GELU's least, −0.17, is silence.
    """
    return np.argsort(-np.abs(hidden) if gated else -hidden, kind="stable")[:count]


class Histogram(NamedTuple):
    """Shares of values per bin; `edges` (bins + 1,), `shares` (kinds, bins), each kind summing to 1."""

    edges: np.ndarray
    shares: np.ndarray


def histogram(*kinds: np.ndarray, bins: int = 48) -> Histogram:
    """Several arrays of values over the same bins, from the smallest value of all to the largest."""
    low = float(min(values.min() for values in kinds))
    high = float(max(values.max() for values in kinds))
    edges = np.linspace(low, high if high > low else low + 1, bins + 1)
    return Histogram(edges, np.stack([np.histogram(values, edges)[0] / values.size for values in kinds]))
