"""What the stream carries: lengths, cosines, sinks and norms, worked out by hand or by torch."""

import numpy as np
import pytest
import torch

from vit_viz.analysis.stream import (
    contributions,
    histogram,
    most_active,
    norm_steps,
    self_similarity,
    sinks,
)


def test_contributions_by_hand():
    resid = np.array([[[3.0, 4.0]], [[0.0, 5.0]]])  # L = 1, T = 1, D = 2
    attn_out, mlp_out = np.array([[[3.0, -4.0]]]), np.array([[[-6.0, 5.0]]])
    found = contributions(resid, attn_out, mlp_out)
    np.testing.assert_allclose(found.resid, [[5], [5]])
    np.testing.assert_allclose(found.middle, [[6]])
    np.testing.assert_allclose(found.attn, [[5]])
    np.testing.assert_allclose(found.mlp, [[np.sqrt(61)]])
    np.testing.assert_allclose(found.attn_cos, [[(9 - 16) / 25]])
    np.testing.assert_allclose(found.mlp_cos, [[-36 / (6 * np.sqrt(61))]])  # with (6, 0), after attention


def test_contributions_of_a_trace_are_torchs(bundled_trace):
    found = contributions(bundled_trace.resid, bundled_trace.attn_out, bundled_trace.mlp_out)
    resid, attn, mlp = (
        torch.from_numpy(table.copy()).double()
        for table in (bundled_trace.resid, bundled_trace.attn_out, bundled_trace.mlp_out)
    )
    np.testing.assert_allclose(found.resid, resid.norm(dim=-1), rtol=1e-6)
    np.testing.assert_allclose(found.attn, attn.norm(dim=-1), rtol=1e-6)
    expected = torch.cosine_similarity(mlp, resid[:-1] + attn, dim=-1)
    np.testing.assert_allclose(found.mlp_cos, expected, atol=1e-6)


def test_a_part_of_nothing_has_no_direction():
    found = contributions(np.ones((2, 1, 3)), np.zeros((1, 1, 3)), np.zeros((1, 1, 3)))
    assert found.attn_cos == 0
    assert found.mlp_cos == 0


def test_sinks_are_patches_far_above_the_median():
    lengths = np.array([[50.0, 1, 1, 1, 3.1], [50, 1, 1, 1, 2.9]])
    np.testing.assert_array_equal(sinks(lengths, 1), [[False] * 4 + [True], [False] * 5])
    assert sinks(lengths, 1, ratio=2.5)[1, 4]


def test_self_similarity_by_hand():
    found = self_similarity(np.array([[1.0, 0], [0, 2], [-3, 0]]))
    np.testing.assert_allclose(found, [[1, 0, -1], [0, 1, 0], [-1, 0, 1]], atol=1e-12)


def test_norm_steps_of_a_plain_layer_norm():
    rows = np.random.default_rng(0).normal(2, 5, (4, 64))
    after = torch.layer_norm(torch.from_numpy(rows), (64,), eps=0.0).numpy()
    found = norm_steps(rows, after)
    np.testing.assert_allclose(found.mean_before, rows.mean(1))
    np.testing.assert_allclose(found.std_before, rows.std(1))
    np.testing.assert_allclose(found.mean_after, 0, atol=1e-12)
    np.testing.assert_allclose(found.std_after, 1)


def test_most_active_by_value_and_of_a_gated_mlp_by_size():
    np.testing.assert_array_equal(most_active(np.array([0.5, -3, 2, 2]), 3), [2, 3, 0])
    np.testing.assert_array_equal(most_active(np.array([0.5, -3, 2, 2]), 3, gated=True), [1, 2, 3])


def test_histogram_by_hand():
    found = histogram(np.array([0.0, 1, 2, 4]), np.array([4.0, 4]), bins=4)
    np.testing.assert_allclose(found.edges, [0, 1, 2, 3, 4])
    np.testing.assert_allclose(found.shares, [[0.25, 0.25, 0.25, 0.25], [0, 0, 0, 1]])
    assert histogram(np.zeros(3), bins=2).shares.sum() == pytest.approx(1)
