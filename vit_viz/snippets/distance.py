"""Mean attention distance of one layer's heads."""

# ruff: noqa: D103 - a snippet is shown whole; its page explains it

import torch
from torch import Tensor


def mean_attention_distance(attn: Tensor, rows: int, cols: int, P: int, R: int) -> Tensor:
    # attn (H, T, T) of one layer; the R prefix tokens have no place on the photo
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(cols), indexing="ij")
    places = torch.stack([y.flatten(), x.flatten()], dim=1).to(attn)  # (N, 2), on attn's device
    pixels = P * (places[:, None] - places).norm(dim=-1)  # (N, N), 0 from a patch to itself
    per_query = (attn[:, R:, R:] * pixels).sum(-1)  # (H, N): not renormalised, as in the paper
    return per_query.mean(-1)  # (H,) pixels
