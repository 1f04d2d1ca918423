"""Attention rollout."""

# ruff: noqa: D103 - a snippet is shown whole; its page explains it

import torch
from torch import Tensor


def attention_rollout(attn: Tensor, residual_share: float = 0.5) -> Tensor:
    # attn (L, H, T, T) softmax weights [query, key] of every layer
    identity = torch.eye(attn.shape[-1], device=attn.device)
    R = identity
    for A in attn:
        step = residual_share * identity + (1 - residual_share) * A.mean(dim=0)
        step = step / step.sum(dim=-1, keepdim=True)  # keepdim: each row by its own sum
        R = step @ R  # the newer layer on the left
    return R  # (T, T), every row sums to 1; with one CLS token R[0, 1:] is its map of the patches
