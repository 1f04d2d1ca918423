"""Positions: similarity, fixed sines, interpolation and rotation, each against a value worked out another way."""

import numpy as np
import pytest
import torch
from helpers import redrawn_model
from torch import nn

from vit_viz import trace
from vit_viz.analysis.positions import (
    cosine_similarity,
    falloff,
    pair_correlation,
    sines,
    sines_1d,
    sines_2d,
)
from vit_viz.experiments.positions import resampled, rotated_copies

ROTARY = {
    "eva02_tiny_patch14_224": 56,
    "vit_small_patch16_dinov3": 64,
    "vit_small_patch16_rope_mixed_224": 64,
    "vit_base_patch16_rope_reg1_gap_256": 64,
}


@pytest.fixture(scope="module", params=ROTARY)
def rotary(request, sample):
    model = redrawn_model(request.param, depth=2, img_size=ROTARY[request.param])
    return model, trace(model, sample)


def test_cosine_by_hand():
    found = cosine_similarity(np.array([[3.0, 4.0], [4.0, 3.0], [-6.0, -8.0], [0.0, 0.0]]))
    expected = [[1, 0.96, -1, 0], [0.96, 1, -0.96, 0], [-1, -0.96, 1, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_learnt_positions_are_most_like_themselves(bundled_trace):
    found = cosine_similarity(bundled_trace.pos[1:])
    assert found.shape == (196, 196)
    np.testing.assert_allclose(np.diagonal(found), 1, atol=1e-12)
    np.testing.assert_array_equal(found, found.T)
    normal = nn.functional.normalize(torch.from_numpy(bundled_trace.pos[1:].copy()).double(), dim=1)
    np.testing.assert_allclose(found, (normal @ normal.T).numpy(), atol=1e-9)


def test_sines_by_hand():
    found = sines(np.array([0, 3]), 4)
    np.testing.assert_allclose(found, [[0, 1, 0, 1], [np.sin(3), np.cos(3), np.sin(0.03), np.cos(0.03)]])


@pytest.mark.parametrize("width", [191, 192])
def test_fixed_positions_have_the_models_width(width):
    assert sines_1d((3, 5), width).shape == sines_2d((3, 5), width).shape == (15, width)


def test_sines_2d_tell_row_and_column_apart():
    found = sines_2d((3, 5), 8).reshape(3, 5, 8)
    np.testing.assert_array_equal(found[1, :, :4], np.broadcast_to(found[1, 0, :4], (5, 4)))
    np.testing.assert_array_equal(found[:, 2, 4:], np.broadcast_to(found[0, 2, 4:], (3, 4)))
    np.testing.assert_allclose(found[2, 4, :4], sines(np.array([2]), 4)[0])
    np.testing.assert_allclose(found[2, 4, 4:], sines(np.array([4]), 4)[0])


def test_sines_1d_count_on_over_the_line_end():
    table = cosine_similarity(sines_1d((2, 3), 16))
    assert table[2, 3] == pytest.approx(table[0, 1])  # last of the first row beside first of the second


def test_correlation_leaves_out_the_diagonal():
    a, b = np.eye(3), np.eye(3)
    a[np.triu_indices(3, 1)], b[np.triu_indices(3, 1)] = (1, 2, 3), (-1, -2, -3)
    assert pair_correlation(a, b) == pytest.approx(-1)


def test_falloff_by_hand():
    rows, cols = np.divmod(np.arange(6), 3)  # 2 × 3
    table = 100 - 10 * np.abs(rows[:, None] - rows) - np.abs(cols[:, None] - cols) ** 2.0
    found = falloff(table, (2, 3))
    np.testing.assert_array_equal(found.steps, [0, 1, 2])
    np.testing.assert_allclose(found.along_row, [100, 99, 96])
    np.testing.assert_allclose(found.along_col, [100, 90, np.nan])


def test_interpolation_is_what_the_model_does_at_that_size(bundled_trace):
    from vit_viz import load_model

    larger = load_model(device="cpu", img_size=(224, 336)).module.pos_embed[0, 1:]
    found = resampled(bundled_trace.pos[1:], (14, 14), (14, 21))
    np.testing.assert_allclose(found, larger.numpy(), atol=1e-6)
    np.testing.assert_array_equal(resampled(bundled_trace.pos[1:], (14, 14), (14, 14)), bundled_trace.pos[1:])


def test_rotated_copy_in_its_own_place_is_the_traces_query(rotary):
    model, found = rotary
    R = found.num_prefix_tokens
    for layer, head, patch in [(0, 0, 0), (1, 2, found.grid[1] + 2)]:
        copies = rotated_copies(model, found, layer, head, R + patch)
        np.testing.assert_allclose(copies[patch], found.q[layer, head, R + patch], atol=1e-5)


def test_rotation_depends_on_the_distance_only(rotary):
    model, found = rotary
    rows, cols = found.grid
    table = cosine_similarity(rotated_copies(model, found, 1, 1, found.num_prefix_tokens + 1))
    cells = table.reshape(rows, cols, rows, cols)
    for down, right in [(0, 1), (1, 0), (2, 1)]:
        same = [cells[r, c, r + down, c + right] for r in range(rows - down) for c in range(cols - right)]
        np.testing.assert_allclose(same, same[0], atol=1e-4)
    assert cells[0, 0, 1, 1] < 1 - 1e-6
