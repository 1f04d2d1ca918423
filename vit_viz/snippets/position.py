"""From patch rows to the encoder's input, and two fixed kinds of positions."""

# ruff: noqa: D103 - a snippet is shown whole; its page explains it

import torch
from torch import Tensor, nn


def encoder_input(module: nn.Module, patches: Tensor) -> Tensor:
    # patches (N, D) are the embedded patches; CLS is one more row, learnt and the same for every photo
    tokens = torch.cat([module.cls_token[0], patches])  # (N + 1, D)
    return tokens + module.pos_embed[0]  # (N + 1, D): one learnt row of positions per token


def encoder_input_of_rows(module: nn.Module, prefix: Tensor, patches: Tensor, positions: Tensor) -> Tensor:
    # prefix (R, D): learnt rows, before the embedded patches (N, D); positions (T, D), 0 where a token has none
    tokens = torch.cat([prefix, patches])  # (T, D), T = R + N
    return module.norm_pre(tokens + positions)  # (T, D); norm_pre is a norm in CLIP, nothing in most


def sines(places: Tensor, D: int) -> Tensor:
    # places (N,) → (N, D): a clock with D / 2 hands, each slower than the one before
    speeds = 10_000 ** (-torch.arange(0, D, 2, device=places.device) / D)
    angles = places[:, None] * speeds  # (N, D / 2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


def turned(q: Tensor, angles: Tensor) -> Tensor:
    # q (N, K): every two numbers are a point in a plane; angles (N, K / 2) grow with row and column
    x, y = q[:, 0::2], q[:, 1::2]
    turned = [x * angles.cos() - y * angles.sin(), y * angles.cos() + x * angles.sin()]
    # turned(q) · turned(k) knows of two places only the rows and columns between them
    return torch.stack(turned, dim=-1).flatten(1)  # (N, K)


def turned_in_halves(q: Tensor, angles: Tensor) -> Tensor:
    # q (N, K): numbers i and i + K / 2 are a point in a plane; angles (N, K / 2) grow with row and column
    x, y = q.chunk(2, dim=1)
    turned = [x * angles.cos() - y * angles.sin(), y * angles.cos() + x * angles.sin()]
    # turned(q) · turned(k) knows of two places only the rows and columns between them
    return torch.cat(turned, dim=1)  # (N, K)
