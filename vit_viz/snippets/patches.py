"""From pixels to one row per patch."""

# ruff: noqa: D103 - a snippet is shown whole; its page explains it

from einops import rearrange
from torch import Tensor, nn


def cut_into_patches(pixels: Tensor, P: int) -> Tensor:
    # pixels (3, height, width) → one row of P · P · 3 numbers per patch
    return rearrange(pixels, "c (rows h) (cols w) -> (rows cols) (c h w)", h=P, w=P)


def read_by_a_cnn(patch_embed: nn.Module, pixels: Tensor) -> Tensor:
    # pixels (3, height, width) are not cut: a CNN reads them whole, and tokens are made of the cells of its map
    maps = patch_embed.backbone(pixels[None])  # (1, C, rows, cols): C features at each place
    return rearrange(maps[0], "c rows cols -> (rows cols) c")  # one row of C features per cell
