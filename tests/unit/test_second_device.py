"""What runs on a graphics card, on a second device that computes: nothing mixes devices, numbers stay the same."""

import copy
import weakref
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from helpers import photo, redrawn_model
from torch import nn

from tests.second_device import second_device
from vit_viz import Model, ablate, attention_distance, mask, parity, relevance, trace
from vit_viz.analysis.curves import random_order
from vit_viz.experiments import (
    ablation,
    arrangements,
    blocks,
    embedding,
    faithfulness,
    finetune,
    journey,
    lens,
    mlp,
    patch_maps,
    positions,
    projections,
    value_norms,
)
from vit_viz.experiments.head_step import head_gain
from vit_viz.experiments.masking import reads_patches
from vit_viz.experiments.relevance import class_gradients
from vit_viz.families import Layer, forward
from vit_viz.snippets.distance import mean_attention_distance
from vit_viz.snippets.position import sines
from vit_viz.snippets.rollout import attention_rollout
from vit_viz.snippets.training import one_step_on_the_head

KINDS = {
    "CLS": ("vit_tiny_patch16_224", 64),
    "two heads": ("deit_tiny_distilled_patch16_224", 64),
    "LayerScale": ("deit3_small_patch16_224", 64),
    "rotary, registers": ("vit_small_patch16_dinov3", 64),
    "rotary, learnt": ("vit_small_patch16_rope_mixed_ape_224", 64),
    "rotary and absolute": ("eva02_tiny_patch14_224", 56),
    "averages its patches": ("vit_medium_patch16_gap_240", 64),
    "attention pooling": ("vit_base_patch16_siglip_224", 64),
    "hybrid": ("vit_tiny_r_s16_p8_224", 64),
    "norms after": ("vit_base_patch16_rpn_224", 64),
    "norm in the MLP": ("vitamin_small_224", 64),
}


def small(kind: str) -> Model:
    name, size = KINDS[kind]
    return redrawn_model(name, depth=2, img_size=size)


def on(device: torch.device, model: Model) -> Model:
    """A copy of the model there."""
    module = copy.deepcopy(model.module).to(device)
    return replace(model, module=module, info=replace(model.info, device=device))


def assert_same(found: Any, expected: Any) -> None:
    """Arrays equal to rounding, whatever holds them."""
    assert type(found) is type(expected)
    if is_dataclass(expected):
        for field in fields(expected):
            assert_same(getattr(found, field.name), getattr(expected, field.name))
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            assert_same(found[key], expected[key])
    elif isinstance(expected, (list, tuple)):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, (np.ndarray, float)):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * max(1.0, np.abs(expected).max()))
    else:
        assert found == expected


def everything(model: Model) -> dict[str, Any]:
    """Every number that the app and the package ask a model for."""
    picture = photo()
    seen = trace(model, picture)
    order = random_order(model.info.num_patches, seed=0)
    first = None if seen.logits is None else 0
    found = {
        "trace": [seen.tokens, seen.features, *seen.resid, *seen.q, *seen.attn, *seen.mlp_out],
        "ablate": ablate(model, picture, [(0, 1)]),
        "ablated layer": ablation.ablated_layer(model, seen, 1),
        "mask": mask(model, picture, [0, 5]) if reads_patches(model.info) else None,
        "distance": attention_distance(model, [picture, photo(1)]),
        "shuffled": arrangements.shuffled(model, seen.prepared, order),
        "norms": blocks.norm_pairs(model, seen, 1),
        "embedding": embedding.patch_projection(model, seen),
        "filters": embedding.rgb_filters(model),
        "features": list(finetune.features_of(model, [picture])),
        "journey": journey.base_data(model, seen, first),
        "journey, attention": journey.layer_data(model, seen, 1),
        "normed tokens": lens.normed_tokens(model, seen),
        "mlp": mlp.mlp_steps(model, seen, 1),
        "maps": patch_maps.patch_maps(model, seen, first),
        "rollouts": list(patch_maps.rollout_maps(model, [seen.prepared])),
        "projections": projections.projections(model, seen, 1),
        "value norms": value_norms.weighted_value_norms(model, seen, 1, [0, 3]),
    }
    for removal in faithfulness.REMOVALS:
        for target in {first, None}:
            values = faithfulness.curve(model, seen.prepared, order, target, removal=removal, steps=2)
            found[f"{removal}, {target}"] = values
    if first is not None:
        found |= {
            "lens": lens.logit_lens(model, seen, [0, 1]),
            "relevance": relevance(model, picture, 0),
            "gradients": class_gradients(model, picture, 0),
            "head gain": head_gain(model, seen),
        }
    if "rotary" in model.info.pos_kind:
        found["turned"] = positions.rotated_copies(model, seen, 1, 0, seen.num_prefix_tokens)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_mixes_devices(kind):
    model = small(kind)
    expected = everything(model)
    with second_device() as device:
        there = on(device, model)
        found = everything(there)
        assert parity(there, trace(there, photo())) < 1e-5
    assert_same(found, expected)


def test_a_trace_keeps_no_layer_on_the_device(monkeypatch):
    made, alive = [], []

    def watched(*args):
        for step in forward(*args):
            alive.append(sum(attn() is not None for attn in made))
            if isinstance(step, Layer):
                made.append(weakref.ref(step.attn))
            yield step

    monkeypatch.setattr("vit_viz.tracing.forward", watched)
    model = redrawn_model("vit_tiny_patch16_224", depth=5, img_size=32)
    with second_device() as device:
        found = trace(on(device, model), photo())
    assert found.depth == len(made) == 5
    assert max(alive) <= 1


def test_snippets_take_tensors_of_any_device():
    """What a page shows to be copied computes where the reader's tensors are."""
    draw = torch.Generator().manual_seed(0)
    attn, x, places = torch.rand(2, 3, 5, 5, generator=draw), torch.rand(6, generator=draw), torch.arange(4.0)
    head = nn.Linear(6, 3)

    def found(device: torch.device | str) -> list[np.ndarray]:
        step = one_step_on_the_head(copy.deepcopy(head).to(device), x.to(device), 1, 0.1)
        results = [attention_rollout(attn.to(device)), sines(places.to(device), 6), *step]
        results.append(mean_attention_distance(attn[0].to(device), 2, 2, 16, 1))
        return [result.detach().cpu().numpy() for result in results]

    expected = found("cpu")
    with second_device() as device:
        assert_same(found(device), expected)


def test_the_second_device_is_one():
    with second_device() as device:
        there, layer = torch.arange(6.0).to(device), nn.Linear(6, 2).to(device)
        assert there.device == layer(there).device == device
        assert torch.zeros(2, device=device).add_(1).sum().item() == 2
        with pytest.raises(RuntimeError, match=r"aten::add.Tensor was given tensors of two devices"):
            there + torch.ones(6)
        with pytest.raises(RuntimeError):
            there.numpy()
        with pytest.raises(TypeError, match="float64"):
            there.double()
        layer(there).square().sum().backward()
        assert layer.weight.grad.device == device
    np.testing.assert_array_equal(there.cpu().numpy(), np.arange(6.0))
