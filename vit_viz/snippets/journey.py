"""The whole way, from pixels to probabilities."""

# ruff: noqa: D103 - a snippet is shown whole; its page explains it

import torch
from einops import rearrange
from torch import Tensor, nn


def from_pixels_to_probabilities(vit: nn.Module, pixels: Tensor, P: int) -> Tensor:
    # pixels (3, height, width), of a plain ViT: CLS token, learnt positions, norms before attention and MLP
    patches = rearrange(pixels, "c (rows h) (cols w) -> (rows cols) (c h w)", h=P, w=P)  # (N, P·P·3)
    E = vit.patch_embed.proj
    embedded = patches @ E.weight.flatten(1).T + E.bias  # (N, D)
    z = torch.cat([vit.cls_token[0], embedded]) + vit.pos_embed[0]  # (T, D), T = N + 1
    for block in vit.blocks:
        z = z + block.ls1(block.attn(block.norm1(z)[None])[0])  # tokens look at each other
        z = z + block.ls2(block.mlp(block.norm2(z)))  # each token for itself
    return vit.head(vit.norm(z)[0]).softmax(dim=-1)  # (C,), read from CLS


def from_pixels_to_answer(vit: nn.Module, pixels: Tensor) -> Tensor:
    # pixels (3, height, width), of any model here
    z = vit.forward_features(pixels[None])  # (1, T, D): embedding, positions, all blocks, the final norm
    return vit.forward_head(z)[0]  # (C,) logits, or the features of a model without classifier
