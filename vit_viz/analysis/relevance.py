"""From gradients to maps: what a class's logit says about the patches.

Chefer, Gur & Wolf 2021, "Generic Attention-model Explainability", equations 5 and 6.

Axes: L depth, H num_heads, T tokens = R prefix tokens + N patches. `attn` is [query, key].
"""

import numpy as np


def accumulated_relevance(attn: np.ndarray, attn_grad: np.ndarray) -> np.ndarray:
    """attn and the logit's gradient by it (L, H, T, T) → (T, T) relevance R, float64.

    Ā = mean over heads of the positive part of gradient × attention; R ← R + Ā R, from R = I.
    """
    total = np.eye(attn.shape[-1])
    for weights, gradient in zip(attn, attn_grad, strict=True):
        total = total + np.maximum(gradient * weights, 0).mean(axis=0, dtype=np.float64) @ total
    return total


def patch_relevance(relevance: np.ndarray, read: list[int], num_prefix_tokens: int) -> np.ndarray:
    """R (T, T) → (N,): what reaches the tokens `read`, of each patch, without what those have of themselves."""
    return (relevance - np.eye(len(relevance)))[read, num_prefix_tokens:].mean(axis=0)


def input_saliency(pixels_grad: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """The logit's gradient by the pixels (3, height, width) → (N,): mean size per patch and channel.

    Simonyan et al. 2014, "Deep Inside Convolutional Networks", with the mean in place of their maximum.
    """
    channels, height, width = pixels_grad.shape
    cells = np.abs(pixels_grad).reshape(channels, grid[0], height // grid[0], grid[1], width // grid[1])
    return cells.mean(axis=(0, 2, 4), dtype=np.float64).reshape(-1)
