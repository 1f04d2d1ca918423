"""Attention measures against values worked out by hand and the published reference values."""

import numpy as np
import pytest
from oracles import row_distance, weight_terms

from vit_viz.analysis.attention import entropy, patch_distances, prefix_mass, quantise_rows, strongest


def uniform(num_tokens: int) -> np.ndarray:
    return np.full((num_tokens, num_tokens), 1 / num_tokens, np.float32)


def test_entropy_by_hand():
    rows = np.array([[1, 0, 0, 0], [0.25] * 4, [0.5, 0.5, 0, 0]], np.float32)
    assert entropy(rows) == pytest.approx([0, np.log(4), np.log(2)])


def test_prefix_mass_counts_only_the_prefix():
    rows = np.array([[0.5, 0.25, 0.125, 0.125]], np.float32)
    assert [prefix_mass(rows, count)[0] for count in (0, 1, 2)] == [0, 0.5, 0.75]


def test_distances_of_a_grid_that_is_not_square():
    distances = patch_distances((2, 3), (16, 8))
    # patch 0 to its neighbour on the right, the one below, and the far corner
    assert distances[0, [0, 1, 3, 5]] == pytest.approx([0, 8, 16, np.hypot(16, 16)])
    assert (distances == distances.T).all()


@pytest.mark.parametrize(
    ("grid", "patch", "pixels"),
    [((14, 14), 16, 116.492), ((7, 7), 32, 115.503), ((24, 24), 16, 200.048), ((28, 28), 8, 116.722)],
)
def test_uniform_attention_has_the_reference_distance(grid, patch, pixels):
    attn = uniform(grid[0] * grid[1])
    assert row_distance(attn, grid, (patch, patch), 0).mean() == pytest.approx(pixels, abs=6e-4)


def test_distance_is_not_renormalised_after_dropping_the_prefix():
    assert row_distance(uniform(197), (14, 14), (16, 16), 1).mean() == pytest.approx(115.901, abs=6e-4)


def test_distance_reads_rows_not_columns():
    attn = np.zeros((4, 4), np.float32)
    attn[:, 0] = 1  # every query of a 1 × 4 grid looks at the first patch
    assert row_distance(attn, (1, 4), (10, 10), 0) == pytest.approx([0, 10, 20, 30])


def test_strongest_takes_the_earlier_of_equal_weights():
    assert strongest(np.array([0.1, 0.4, 0.1, 0.4]), 3).tolist() == [1, 3, 0]


def test_quantised_rows_keep_their_order_and_scale(bundled_trace):
    attn, prefix = bundled_trace.attn, bundled_trace.num_prefix_tokens
    patches = attn[..., prefix:]
    codes, scale, on_prefix = quantise_rows(attn, prefix)
    assert codes.dtype == np.uint8
    assert scale.dtype == np.float32
    np.testing.assert_array_equal(scale, patches.max(-1))
    np.testing.assert_array_equal(on_prefix, attn[..., :prefix])
    assert (codes.max(-1) == 255).all()
    # half a step of the root, at the weight: twice its size of the largest, less of small ones
    share = patches / scale[..., None]
    assert (np.abs((codes / 255.0) ** 2 - share) <= (np.sqrt(share) + 0.25 / 255) / 255 + 1e-6).all()
    assert (
        patches[codes == 255] >= 0.995 * np.broadcast_to(scale[..., None], patches.shape)[codes == 255]
    ).all()


def test_what_a_prefix_token_takes_leaves_the_patches_their_steps():
    """A row that gives CLS nearly everything is told apart as finely as any."""
    patches = np.linspace(0, 1, 40, dtype=np.float32) / 1e4
    row = np.concatenate([[1 - patches.sum()], patches]).astype(np.float32)
    assert len(set(quantise_rows(row, 1).codes.tolist())) == 40


def test_quantising_a_row_of_nothing():
    codes, scale, prefix = quantise_rows(np.zeros((1, 3), np.float32), 0)
    assert codes.tolist() == [[0, 0, 0]]
    assert scale.tolist() == [0]
    assert prefix.shape == (1, 0)


def test_weight_terms_by_hand():
    q = np.array([[2, 0, 0, 0], [1, 1, 0, 0]], np.float32)
    k = np.array([[1, 0, 0, 0], [0, 3, 0, 0]], np.float32)
    terms = weight_terms(q, k, 1, 1)
    assert terms.products.tolist() == [0, 3, 0, 0]
    assert (terms.dot, terms.score) == (3, 1.5)
    assert terms.denominator == pytest.approx(np.exp(0.5) + np.exp(1.5))
    assert terms.weight == pytest.approx(np.exp(1.5) / (np.exp(0.5) + np.exp(1.5)))


def test_weight_terms_end_in_the_matrix_cell(bundled_trace):
    for layer, head, query, key in [(0, 0, 0, 0), (3, 2, 40, 41), (bundled_trace.depth - 1, 5, 196, 1)]:
        terms = weight_terms(bundled_trace.q[layer, head], bundled_trace.k[layer, head], query, key)
        assert terms.score == pytest.approx(bundled_trace.scores(layer, head)[query, key], rel=1e-4, abs=1e-5)
        assert terms.weight == pytest.approx(bundled_trace.attn[layer, head, query, key], rel=1e-4)
