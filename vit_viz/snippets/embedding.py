"""From rows of pixels, or of a CNN's features, to rows of the model's width."""

# ruff: noqa: D103 - a snippet is shown whole; its page explains it

from einops import rearrange
from torch import Tensor, nn


def embed_both_ways(patch_embed: nn.Module, pixels: Tensor, P: int) -> tuple[Tensor, Tensor]:
    # pixels (3, height, width), normalised
    filters, bias = patch_embed.proj.weight, patch_embed.proj.bias  # (D, 3, P, P); (D,), or None without
    rows = rearrange(pixels, "c (rows h) (cols w) -> (rows cols) (c h w)", h=P, w=P)  # (N, 3·P·P)
    as_linear_layer = nn.functional.linear(rows, filters.flatten(1), bias)  # rows @ filters.T + bias, (N, D)
    maps = nn.functional.conv2d(pixels[None], filters, bias, stride=P)[0]  # (D, rows, cols)
    as_convolution = rearrange(maps, "d rows cols -> (rows cols) d")  # (N, D), the same numbers
    return as_linear_layer, as_convolution


def embed_a_cnns_features(patch_embed: nn.Module, pixels: Tensor) -> tuple[Tensor, Tensor]:
    # pixels (3, height, width), normalised: a CNN reads them first
    maps = patch_embed.backbone(pixels[None])  # (1, C, rows', cols')
    filters, bias = patch_embed.proj.weight, patch_embed.proj.bias  # (D, C, p, p) and (D,); p is mostly 1
    p = filters.shape[-1]
    rows = rearrange(maps[0], "c (rows h) (cols w) -> (rows cols) (c h w)", h=p, w=p)  # (N, C·p·p)
    as_linear_layer = nn.functional.linear(rows, filters.flatten(1), bias)  # rows @ filters.T + bias, (N, D)
    as_convolution = rearrange(patch_embed.proj(maps)[0], "d rows cols -> (rows cols) d")  # the same numbers
    return as_linear_layer, as_convolution
