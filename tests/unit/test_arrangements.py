"""Shuffled and shifted photos: permutation equivariance as a number, and what a shift is."""

import numpy as np
import pytest
import torch
from helpers import redrawn_model, timm_answer

from vit_viz import trace
from vit_viz.analysis.curves import random_order
from vit_viz.analysis.patches import rearranged
from vit_viz.experiments.answers import Answer
from vit_viz.experiments.arrangements import (
    feature_distance,
    relative_change,
    shifted,
    shifted_photo,
    shuffled,
)

ROUNDING = 1e-5
MODELS = {
    "absolute": ("deit3_small_patch16_224", 64),
    "rotary": ("vit_small_patch16_dinov3", 64),
    "absolute and rotary": ("eva02_tiny_patch14_224", 56),
    "averages its patches": ("vit_medium_patch16_gap_240", 64),
    "attention pooling": ("vit_base_patch16_siglip_224", 64),
}


def check(found):
    assert relative_change(found.moved_along, found.in_order) <= ROUNDING
    assert relative_change(found.without_shuffled, found.without) <= ROUNDING
    assert relative_change(found.left_behind, found.in_order) > 1000 * ROUNDING


@pytest.mark.parametrize("kind", MODELS)
def test_order_does_not_matter_and_places_do(kind, sample):
    name, size = MODELS[kind]
    model = redrawn_model(name, depth=2, img_size=size)
    photo = trace(model, sample).prepared
    check(shuffled(model, photo, random_order(model.info.num_patches, seed=3)))


def test_the_bundled_model_on_a_photo(bundled, bundled_trace):
    found = shuffled(bundled, bundled_trace.prepared, random_order(196, seed=1))
    check(found)
    np.testing.assert_array_equal(found.in_order.logits, bundled_trace.logits)
    assert found.in_order.probs.sum() == pytest.approx(1)


def test_patches_left_behind_are_a_photo_cut_up(bundled, bundled_trace):
    """The same answer as timm's for a photo whose patches were moved as pixels."""
    order = random_order(196, seed=2)
    found = shuffled(bundled, bundled_trace.prepared, order)
    pixels = bundled_trace.pixels.reshape(3, 14, 16, 14, 16).transpose(1, 3, 2, 4, 0).reshape(196, 16, 16, 3)
    moved = rearranged(pixels, (14, 14), order).transpose(2, 0, 1)
    with torch.inference_mode():
        expected = bundled.module(torch.from_numpy(np.ascontiguousarray(moved))[None])[0].numpy()
    np.testing.assert_allclose(found.left_behind.logits, expected, atol=1e-4)


def test_rearranged_by_hand():
    patches = np.arange(6).reshape(6, 1, 1, 1)  # a grid of 2 × 3 pixels
    found = rearranged(patches, (2, 3), np.array([5, 0, 1, 2, 3, 4]))
    np.testing.assert_array_equal(found[..., 0], [[5, 0, 1], [2, 3, 4]])


def test_shift_moves_pixels_to_the_right_and_round(bundled_trace):
    moved = shifted_photo(bundled_trace.prepared, 3)
    np.testing.assert_array_equal(moved.image[:, 3:], bundled_trace.image[:, :-3])
    np.testing.assert_array_equal(moved.image[:, :3], bundled_trace.image[:, -3:])
    np.testing.assert_array_equal(moved.pixels[:, :, 3:], bundled_trace.pixels[:, :, :-3])


def test_shifted_answers_are_timms(bundled, bundled_trace):
    answers = list(shifted(bundled, bundled_trace.prepared, range(0, 17, 8)))
    np.testing.assert_array_equal(answers[0].logits, bundled_trace.logits)
    moved = trace(bundled, shifted_photo(bundled_trace.prepared, 8))
    np.testing.assert_allclose(answers[1].logits, timm_answer(bundled.module, moved), atol=1e-4)
    assert feature_distance(answers[1], answers[0]) > 0.01


def test_a_shift_by_a_whole_patch_moves_whole_patches(bundled_trace):
    before = bundled_trace.patches.reshape(14, 14, 16, 16, 3)
    after = (
        shifted_photo(bundled_trace.prepared, 16).image.reshape(14, 16, 14, 16, 3).transpose(0, 2, 1, 3, 4)
    )
    np.testing.assert_array_equal(after, np.roll(before, 1, axis=1))


def test_measures_by_hand():
    one = Answer(features=np.array([3.0, 4.0]), logits=np.array([2.0, -4.0]))
    other = Answer(features=np.array([3.0, 3.0]), logits=np.array([1.0, -4.0]))
    assert relative_change(other, one) == 0.25
    assert feature_distance(other, one) == 0.2
    headless = Answer(features=np.array([3.0, 3.0]), logits=None)
    assert relative_change(headless, Answer(features=np.array([3.0, 4.0]), logits=None)) == 0.25
    assert headless.probs is None
