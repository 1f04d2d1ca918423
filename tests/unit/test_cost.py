"""Cost and parameters, against torch's own counter of operations and the shapes of timm's modules."""

import pytest
import timm
import torch
from helpers import redrawn_model
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from vit_viz.analysis.cost import Sizes, attention_flops, forward_flops
from vit_viz.experiments.variants import PUBLISHED, sizes_of, variants


def counted(module: torch.nn.Module, height: int) -> int:
    # the fused kernel for CPUs is not known to the counter of every release
    plain = sdpa_kernel(SDPBackend.MATH)
    with FlopCounterMode(display=False) as counter, torch.inference_mode(), plain:
        module(torch.empty(1, 3, height, height, device=next(module.parameters()).device))
    return counter.get_total_flops()


@pytest.mark.parametrize("index", range(len(PUBLISHED)))
def test_variants_cost_what_torch_counts(index):
    variant = variants()[index]
    with torch.device("meta"):
        module = timm.create_model(variant.name, num_classes=1000)
    assert forward_flops(variant.sizes, variant.side) == counted(module, variant.side)


@pytest.mark.parametrize("side", [112, 384])
def test_other_resolutions_cost_what_torch_counts(side):
    with torch.device("meta"):
        module = timm.create_model("vit_tiny_patch16_224", img_size=side)
    assert forward_flops(variants()[0].sizes, side) == counted(module, side)


def test_loaded_models_with_registers_or_gates(bundled):
    assert forward_flops(sizes_of(bundled), 224) == counted(bundled.module, 224)
    gated = redrawn_model("eva02_tiny_patch14_224", depth=2, img_size=56)
    assert sizes_of(gated).gated
    assert forward_flops(sizes_of(gated), 56) == counted(gated.module, 56)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("deit_tiny_distilled_patch16_224", {"img_size": 64}),  # two classifiers
        ("vit_base_patch16_siglip_224", {"img_size": 64}),  # a query that pools the patches
        ("vit_so150m_patch16_reg4_map_256", {"img_size": 64}),  # … and leaves registers out
        ("vit_pe_core_tiny_patch16_384", {"img_size": 64}),  # … and takes in CLS
    ],
)
def test_every_kind_of_reading_is_counted(name, options):
    model = redrawn_model(name, depth=1, **options)
    assert forward_flops(sizes_of(model), 64) == counted(model.module, 64)


def test_by_hand():
    sizes = Sizes(depth=1, embed_dim=2, mlp_dim=4, patch_size=1, num_prefix_tokens=1, num_classes=3)
    assert sizes.num_tokens(2) == 5
    assert attention_flops(sizes, 2) == 2 * 2 * 25 * 2
    # embedding 4 · 3 · 2 products, projections 5 · 16, MLP 5 · 16, head 2 · 3; twice each, and attention
    assert forward_flops(sizes, 2) == 2 * (24 + 80 + 80 + 6) + 200


def test_parameters_are_near_the_papers():
    for variant in variants():
        assert variant.num_params / 1e6 == pytest.approx(variant.paper, rel=0.16)
    assert variants()[3].num_params == 304_326_632  # the paper says 307 M of ViT-L
