"""The code shown to the reader computes what the trace holds."""

import numpy as np
import torch

from vit_viz.snippets.attention import attention_of_one_head, attention_of_one_layer
from vit_viz.snippets.patches import cut_into_patches


def test_patches_are_the_traces_patches(bundled, bundled_trace):
    pixels = torch.from_numpy(bundled_trace.pixels.copy())
    rows = cut_into_patches(pixels, 16)
    config = bundled.info.data_config
    normalised = (bundled_trace.patches / 255 - np.array(config["mean"])) / np.array(config["std"])
    channel_first = normalised.transpose(0, 3, 1, 2).reshape(196, 768)
    np.testing.assert_allclose(rows.numpy(), channel_first, atol=1e-5)


def test_patch_rows_are_in_the_order_of_the_projections_weights(bundled, bundled_trace):
    rows = cut_into_patches(torch.from_numpy(bundled_trace.pixels.copy()), 16)
    projection = bundled.module.patch_embed.proj
    embedded = rows @ projection.weight.flatten(1).T + projection.bias
    np.testing.assert_allclose(embedded.numpy(), bundled_trace.tokens[1:], atol=1e-4)


def test_attention_is_the_traces_attention(bundled, bundled_trace):
    for layer, block in enumerate(bundled.module.blocks):
        z = torch.from_numpy(bundled_trace.resid[layer].copy())
        with torch.inference_mode():
            attn = attention_of_one_layer(block, z, bundled.info.num_heads)
        np.testing.assert_allclose(attn.numpy(), bundled_trace.attn[layer], atol=1e-5)


def test_one_heads_output_is_the_traces(bundled, bundled_trace):
    H = bundled.info.num_heads
    for layer, head in [(0, 0), (3, 2), (bundled.info.depth - 1, H - 1)]:
        block, z = bundled.module.blocks[layer], torch.from_numpy(bundled_trace.resid[layer].copy())
        with torch.inference_mode():
            out = attention_of_one_head(block, z, H, head)
        np.testing.assert_allclose(out.numpy(), bundled_trace.head_out(layer, head), atol=1e-5)
