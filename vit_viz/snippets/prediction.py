"""From the last layer's stream to probabilities."""

# ruff: noqa: D103 - a snippet is shown whole; its page explains it

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize


def answer_of_the_stream(module: nn.Module, z: Tensor, temperature: float = 1.0) -> Tensor:
    # z (T, D) is the residual stream after the last block; after an earlier one this is the logit lens
    cls = module.norm(z)[0]
    logits = module.head(cls)  # (C,)
    return torch.softmax(logits / temperature, dim=-1)  # sums to 1


def answer_of_the_pooled_stream(module: nn.Module, z: Tensor, temperature: float = 1.0) -> Tensor:
    # z (T, D) is the residual stream after the last block; this model does not simply read CLS
    logits = module.forward_head(module.norm(z)[None])[0]  # (C,): its own pooling, then its classifier
    return torch.softmax(logits / temperature, dim=-1)  # sums to 1


def likeness_to_a_patch(module: nn.Module, z: Tensor, R: int, patch: int) -> Tensor:
    # z (T, D) is the residual stream after the last block, its first R tokens are no patches
    rows = normalize(module.norm(z)[R:], dim=-1)
    return rows @ rows[patch]  # (N,) cosines, 1 for the patch itself
