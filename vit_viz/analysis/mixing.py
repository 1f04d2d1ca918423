"""From weights to a head's output: the heads side by side, the scale, and what each head has a share of.

Axes: H num_heads, T tokens, K head_dim. `attn` is [query, key].
"""

import numpy as np


def concat_heads(attn: np.ndarray, v: np.ndarray) -> np.ndarray:
    """attn (H, Q, T) of some queries or all, v (H, T, K) → (Q, H·K) the heads' outputs, head 0 first."""
    outputs = attn @ v
    H, Q, K = outputs.shape
    return outputs.transpose(1, 0, 2).reshape(Q, H * K)


def softmax(scores: np.ndarray) -> np.ndarray:
    """scores (..., T) → (..., T) float64 weights that sum to 1."""
    exponentials = np.exp(scores.astype(np.float64) - scores.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


def unscaled_weights(scores: np.ndarray, head_dim: int) -> np.ndarray:
    """scores (..., T) = q·k / √K → (..., T) the weights if nothing were divided by √K."""
    return softmax(scores.astype(np.float64) * np.sqrt(head_dim))


def keys_for(weights: np.ndarray, share: float) -> int:
    """How many keys, the strongest first, hold that share of the weights (T,)."""
    held = np.cumsum(np.sort(weights.astype(np.float64))[::-1])
    return min(len(weights), int(np.searchsorted(held, share * held[-1])) + 1)


def head_shares(concat: np.ndarray, num_heads: int) -> np.ndarray:
    """concat (..., H·K) → (..., H) each head's share of the row's squared length."""
    squares = (concat.astype(np.float64) ** 2).reshape(*concat.shape[:-1], num_heads, -1).sum(-1)
    return squares / squares.sum(-1, keepdims=True)
