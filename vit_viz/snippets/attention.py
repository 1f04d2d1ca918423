"""Attention of one layer, and of one head."""

# ruff: noqa: D103 - a snippet is shown whole; its page explains it

import torch
from einops import rearrange
from torch import Tensor, nn


def attention_of_one_layer(block: nn.Module, z: Tensor, H: int) -> Tensor:
    # z (T, D) is the residual stream before the block
    qkv = block.attn.qkv(block.norm1(z))
    q, k, _v = rearrange(qkv, "t (three h k) -> three h t k", three=3, h=H)
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    return torch.softmax(scores, dim=-1)  # (H, T, T), every row sums to 1


def attention_of_one_head(block: nn.Module, z: Tensor, H: int, head: int) -> Tensor:
    # z (T, D) is the residual stream before the block
    qkv = block.attn.qkv(block.norm1(z))
    q, k, v = rearrange(qkv, "t (three h k) -> three h t k", three=3, h=H)[:, head]  # (T, K) each
    scores = q @ k.T / q.shape[-1] ** 0.5  # (T, T)
    weights = torch.softmax(scores, dim=-1)  # every row sums to 1
    return weights @ v  # (T, K): for each token a mix of all values


def attention_of_queries_and_keys(q: Tensor, k: Tensor) -> Tensor:
    # q, k (H, T, K) of one layer as they meet: after this model's own norms, biases and turns by position
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    return torch.softmax(scores, dim=-1)  # (H, T, T), every row sums to 1


def mix_of_one_head(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    # q, k, v (T, K) of one head as they meet: after this model's own norms, biases and turns by position
    scores = q @ k.T / q.shape[-1] ** 0.5  # (T, T)
    weights = torch.softmax(scores, dim=-1)  # every row sums to 1
    return weights @ v  # (T, K): for each token a mix of all values
