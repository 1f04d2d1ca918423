"""What a block is built of, for several kinds of blocks, and what its norms are given and give."""

import numpy as np
import pytest
import torch
from helpers import redrawn_model

from vit_viz import trace
from vit_viz.experiments.blocks import block_kind, norm_pairs

# of attention, of the MLP, of the block
KINDS = {
    "deit3_small_patch16_224": (
        {"layer_scale": True},
        {"gated": False},
        {"mlp_scale": True, "norm": "LayerNorm"},
    ),
    "vit_base_patch16_rpn_224": ({"norm_after": True, "layer_scale": False}, {}, {"mlp_scale": False}),
    "eva02_tiny_patch14_224": (
        {"layer_scale": False},
        {"gated": True, "activation": "SiLU", "biased": True},
        {},
    ),
    "aimv2_large_patch14_224": ({}, {"gated": True, "biased": False}, {"norm": "RMSNorm"}),
    "vit_small_patch16_224": (
        {},
        {"gated": False, "biased": True, "width": 1536, "activation": "GELU"},
        {"dropout": 0.0},
    ),
}


@pytest.fixture(scope="module", params=KINDS)
def case(request, sample):
    model = redrawn_model(request.param, depth=2, img_size=56 if "14" in request.param else 64)
    return model, trace(model, sample), KINDS[request.param]


def test_kind(case):
    model, _, expected = case
    kind = block_kind(model, 1)
    found = tuple(
        {name: getattr(part, name) for name in names}
        for part, names in zip((kind.attention, kind.mlp, kind), expected, strict=True)
    )
    assert found == expected


def test_norms_are_the_blocks_own(case):
    """By hooks on the model's own forward, which the library itself never uses."""
    model, found, _ = case
    block, seen = model.module.blocks[1], {}
    hooks = [
        getattr(block, name).register_forward_hook(
            lambda _, given, out, name=name: seen.update({name: (given[0][0].numpy(), out[0].numpy())})
        )
        for name in ("norm1", "norm2")
    ]
    with torch.inference_mode():
        model.module(torch.from_numpy(found.pixels.copy())[None])
    for hook in hooks:
        hook.remove()
    pairs = norm_pairs(model, found, 1)
    for mine, theirs in zip(
        (pairs.attn_in, pairs.attn_out, pairs.mlp_in, pairs.mlp_out),
        (*seen["norm1"], *seen["norm2"]),
        strict=True,
    ):
        np.testing.assert_allclose(mine, theirs, atol=1e-4 * np.abs(theirs).max())


def test_dropout_is_read_off_the_model():
    model = redrawn_model("vit_tiny_patch16_224", depth=1, img_size=64, proj_drop_rate=0.1)
    assert block_kind(model, 0).dropout == 0.1
