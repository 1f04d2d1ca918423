"""Patches left out: against the model on what is left, worked out with timm's own modules."""

import numpy as np
import pytest
import torch
from helpers import photo, redrawn_model, relative

from vit_viz import mask, trace

EVA, REGISTERS, SIGLIP = (
    "eva02_tiny_patch14_224",
    "vit_small_patch14_reg4_dinov2",
    "vit_base_patch16_siglip_224",
)


@torch.inference_mode()
def on_tokens(module, z: torch.Tensor) -> np.ndarray:
    return module.forward_head(module.norm(module.blocks(z)))[0].numpy()


def test_masking_nothing_changes_nothing(bundled):
    effect = mask(bundled, photo(), ())
    assert effect.turn == 0.0
    assert not effect.delta.any()
    assert relative(effect.after.logits, trace(bundled, photo()).logits) < 1e-5


def test_masking_all_is_the_model_on_cls_only(bundled):
    effect = mask(bundled, photo(), range(bundled.info.num_patches))
    module = bundled.module
    expected = on_tokens(module, module.cls_token + module.pos_embed[:, :1])
    assert relative(effect.after.logits, expected) < 1e-5
    assert np.abs(effect.delta).max() > 0.01


def test_registers_stay_when_all_patches_go():
    model = redrawn_model(REGISTERS, depth=2, img_size=56)
    module = model.module
    effect = mask(model, photo(), range(model.info.num_patches))
    # DINOv2 with registers: these prefix tokens have no position of their own
    expected = on_tokens(module, torch.cat([module.cls_token, module.reg_token], dim=1))
    assert relative(effect.after.features, expected) < 1e-5


def test_the_patches_that_stay_keep_their_positions(bundled):
    masked = set(range(0, 196, 3))
    kept = [patch for patch in range(196) if patch not in masked]
    module, found = bundled.module, trace(bundled, photo())
    rows = torch.from_numpy((found.tokens + found.pos)[[0, *(patch + 1 for patch in kept)]])[None]
    effect = mask(bundled, found.prepared, masked)
    assert relative(effect.after.logits, on_tokens(module, rows)) < 1e-5


@pytest.mark.parametrize("name", [EVA, SIGLIP])
def test_a_model_that_reads_its_patches_needs_one(name):
    model = redrawn_model(name, depth=1, img_size=56 if name == EVA else 64)
    N = model.info.num_patches
    with pytest.raises(ValueError, match=f"one of the {N} must stay"):
        mask(model, photo(), range(N))
    assert np.isfinite(mask(model, photo(), range(N - 1)).turn)


def test_a_patch_that_is_not_there_is_refused(bundled):
    with pytest.raises(IndexError, match="0 to 195"):
        mask(bundled, photo(), [196])


def test_patches_are_numbers_of_any_kind(bundled):
    """A tensor's numbers are equal to nothing as members of a set: they masked no patch, and said so of none."""
    expected = mask(bundled, photo(), [3, 4]).after.logits
    for patches in (torch.tensor([3, 4]), np.array([3, 4]), (4, 3, 3)):
        assert np.array_equal(mask(bundled, photo(), patches).after.logits, expected)


@pytest.mark.parametrize("patches", [[1.5], [True], np.arange(196) < 5, torch.arange(196) < 5, ["3"]])
def test_what_numbers_no_patch_is_refused(bundled, patches):
    with pytest.raises(IndexError, match=r"There is no patch .*; they are 0 to 195"):
        mask(bundled, photo(), patches)
