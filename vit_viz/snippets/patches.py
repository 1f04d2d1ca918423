"""From pixels to one row per patch."""

# ruff: noqa: D103 - a snippet is shown whole; its page explains it

from einops import rearrange
from torch import Tensor


def cut_into_patches(pixels: Tensor, P: int) -> Tensor:
    # pixels (3, height, width) → one row of P · P · 3 numbers per patch
    return rearrange(pixels, "c (rows h) (cols w) -> (rows cols) (c h w)", h=P, w=P)
