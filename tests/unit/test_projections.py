"""Both ends of a layer's attention, for every family and option: what is computed here leads to the trace."""

import numpy as np
import pytest
import timm
import torch
from helpers import photo, redraw, redrawn_model, relative
from test_families import EVA_OPTIONS, small_eva
from torch import nn

from vit_viz import Model, trace
from vit_viz.components.payload import unpack
from vit_viz.components.qkv_routes import projections_payload
from vit_viz.experiments import projections as module
from vit_viz.experiments.projections import (
    attention_kind,
    layer_norm_input,
    output_projection,
    projections,
)
from vit_viz.families import family_of
from vit_viz.models import as_model

TOLERANCE = 1e-5
NAMES = {
    "vit_tiny_patch16_224": {"LayerNorm"},
    "vit_base_patch16_rpn_224": {"norm_after"},
    "vit_small_patch14_reg4_dinov2": {"LayerNorm", "layer_scale"},
    "vit_base_patch16_siglip_224": {"LayerNorm"},
    "eva02_tiny_patch14_224": {"LayerNorm", "rotary"},
    "eva02_base_patch16_clip_224": {"LayerNorm", "rotary", "norm_inside"},
    "beit3_base_patch16_224": {"LayerNorm", "norm_inside"},
    "vit_small_patch16_rope_mixed_224": {"LayerNorm", "rotary", "layer_scale"},
    "aimv2_large_patch14_224": {"RMSNorm"},
    "vit_small_patch16_dinov3": {"LayerNorm", "rotary", "layer_scale"},
}


def check(model: Model) -> None:
    """v of the normalised input is the trace's v; the projected heads, after what follows, its attn_out."""
    got = trace(model, photo())
    family = family_of(model.module)
    for layer in range(got.depth):
        block = model.module.blocks[layer]
        normed, projected = layer_norm_input(model, got, layer), output_projection(model, got, layer)
        assert normed.shape == projected.shape == got.resid[layer].shape
        with torch.inference_mode():
            _, _, v = family.qkv(block.attn, torch.from_numpy(normed.copy())[None], None)
            after = family.block_parts(block).after_attn(torch.from_numpy(projected.copy())[None])
        assert relative(v[0].numpy(), got.v[layer]) < TOLERANCE
        assert relative(after[0].numpy(), got.attn_out[layer]) < TOLERANCE


def kinds(model: Model) -> set[str]:
    kind = vars(attention_kind(model, 1)).items()
    return {value if name == "norm" else name for name, value in kind if value}


@pytest.mark.parametrize("name", NAMES)
def test_architectures(name: str):
    model = redrawn_model(name, depth=2)
    assert kinds(model) == NAMES[name]
    check(model)


@pytest.mark.parametrize("options", EVA_OPTIONS.values(), ids=EVA_OPTIONS)
def test_eva_options(options):
    check(as_model(redraw(small_eva(**options)), name="small", device="cpu"))


def test_q_and_k_norms_gates_and_norms_after_are_told():
    def small(**options) -> Model:
        return as_model(small_eva(**options), name="small", device="cpu")

    assert kinds(small(qk_norm=True)) == {"LayerNorm", "qk_norm", "rotary"}
    assert kinds(small(use_post_norm=True)) == {"norm_after", "rotary"}


def test_gates():
    module = timm.create_model("test_vit")
    for block in module.blocks:
        block.attn.gate = nn.Linear(module.embed_dim, module.embed_dim)
    model = as_model(redraw(module), name="gated", device="cpu")
    assert "gated" in kinds(model)
    check(model)


def test_bundled_model_adds_up(bundled, bundled_trace):
    """Without LayerScale the projected heads are what attention adds to the stream."""
    found = projections(bundled, bundled_trace, 3)
    if not attention_kind(bundled, 3).layer_scale:
        assert relative(found.projected, bundled_trace.attn_out[3]) < TOLERANCE
    for array in (found.normed, found.concat, found.projected):
        assert not array.flags.writeable
    assert found.nbytes == found.normed.nbytes + found.concat.nbytes + found.projected.nbytes


def test_check_sees_a_wrong_order_of_heads(monkeypatch):
    whole = module.project_heads
    monkeypatch.setattr(module, "project_heads", lambda attn, heads, h: whole(attn, heads.flip(1), h))
    with pytest.raises(AssertionError):
        check(redrawn_model("vit_tiny_patch16_224", depth=1))


def test_payload_holds_the_arrays(bundled, bundled_trace):
    found = projections(bundled, bundled_trace, 0)
    arrays, _ = unpack(projections_payload(found))
    for name in ("normed", "concat", "projected"):
        np.testing.assert_array_equal(arrays[name], getattr(found, name))
