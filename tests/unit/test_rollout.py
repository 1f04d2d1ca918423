"""Attention rollout against hand values, a naive implementation, and the bugs that are widely copied."""

import numpy as np
import pytest

from vit_viz.analysis.rollout import (
    FUSIONS,
    copied_transitions,
    fused,
    rollout,
    rollout_rows,
    row_sums,
    transitions,
    weakest_dropped,
)

R = 2
RANDOM = np.random.default_rng(7)


def softmax_attention(L: int = 3, H: int = 4, T: int = 9) -> np.ndarray:
    """Rows that sum to 1, sharp enough that heads differ."""
    weights = np.exp(3 * RANDOM.standard_normal((L, H, T, T)))
    return (weights / weights.sum(-1, keepdims=True)).astype(np.float32)


ATTN = softmax_attention()


def naive(attn, prefix, *, fusion="mean", residual_share=0.5, discard=0.0, start=0) -> list[np.ndarray]:
    """The definition, one number at a time, in Python's own arithmetic."""
    L, H, T, _ = attn.shape
    total = [[float(i == j) for j in range(T)] for i in range(T)]
    products = []
    for layer in range(start, L):
        step = []
        for query in range(T):
            row = []
            for key in range(T):
                heads = [float(attn[layer, head, query, key]) for head in range(H)]
                row.append({"mean": sum(heads) / H, "max": max(heads), "min": min(heads)}[fusion])
            weakest_first = sorted(range(prefix, T), key=lambda key, row=row: row[key])
            for key in weakest_first[: int(discard * (T - prefix) + 1e-9)]:
                row[key] = 0.0
            row = [(1 - residual_share) * w + residual_share * (key == query) for key, w in enumerate(row)]
            step.append([w / sum(row) for w in row])
        total = [
            [sum(step[i][k] * total[k][j] for k in range(T)) for j in range(T)] for i in range(T)
        ]  # the newer layer on the left
        products.append(np.array(total))
    return products


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize(
    "options",
    [{}, {"residual_share": 0.2}, {"residual_share": 0.0}, {"discard": 0.6}, {"start": 1}],
    ids=str,
)
def test_agrees_with_a_naive_loop(fusion, options):
    options = options | {"fusion": fusion}
    found = rollout(ATTN, num_prefix_tokens=R, **options)
    np.testing.assert_allclose(found, naive(ATTN, R, **options), atol=1e-6)


def test_uniform_attention_of_twelve_layers():
    """CLS to CLS 0.00532, CLS to each patch 0.00507 (197 tokens)."""
    uniform = rollout(np.full((12, 3, 197, 197), 1 / 197), num_prefix_tokens=1)[-1]
    assert uniform[0, 0] == pytest.approx(0.00532, abs=5e-6)
    assert uniform[0, 1] == pytest.approx(0.00507, abs=5e-6)


def test_attention_to_itself_alone_stays_where_it_is():
    alone = np.tile(np.eye(5), (3, 2, 1, 1))
    np.testing.assert_array_equal(rollout(alone, num_prefix_tokens=1)[-1], np.eye(5))


def test_share_that_only_ever_took_the_residual():
    """Each layer sends all attention one token on: only the residual is still at home after L layers, 0.5^L."""
    onward = np.roll(np.eye(9), 1, axis=1)[None, None].repeat(4, axis=0)
    shares = rollout(onward, num_prefix_tokens=0)[:, 0, 0]
    np.testing.assert_allclose(shares, [0.5, 0.25, 0.125, 0.0625])


def test_newer_layers_multiply_on_the_left():
    """Layer 1 moves token 1 to 0, layer 2 moves 0 to 1: from CLS, half of layer 2 goes on to 0."""
    first, second = np.eye(2), np.eye(2)
    first[1], second[0] = (1, 0), (0, 1)
    found = rollout(np.stack([first, second])[:, None], num_prefix_tokens=1)[-1]
    assert found[0].tolist() == [0.75, 0.25]


@pytest.mark.parametrize("fusion", FUSIONS)
def test_rows_sum_to_one(fusion):
    """A row sum without keepdim divides columns by it: with max fusion rows then no longer sum to 1."""
    for discard in (0.0, 0.5):
        sums = rollout(ATTN, num_prefix_tokens=R, fusion=fusion, discard=discard).sum(-1)
        np.testing.assert_allclose(sums, 1, atol=1e-12)


def test_discard_counts_within_each_row():
    """A threshold over the whole matrix would empty quiet rows and spare loud ones."""
    attn = ATTN[0].mean(0)
    attn[3] /= 1000
    dropped = weakest_dropped(attn, 0.5, R)
    assert (dropped[:, R:] == 0).sum(axis=1).tolist() == [3] * 9
    for before, after in zip(attn, dropped, strict=True):
        kept = after > 0
        assert before[R:][~kept[R:]].max() < before[R:][kept[R:]].min()


def test_discard_never_touches_prefix_columns():
    attn = ATTN[0].mean(0)
    attn[:, :R] = 1e-6
    np.testing.assert_array_equal(weakest_dropped(attn, 0.9, R)[:, :R], attn[:, :R])


def test_discard_treats_every_matrix_alike():
    """Known from others: only the first of a batch loses its weakest."""
    stack = ATTN.mean(1)
    together = weakest_dropped(stack, 0.5, R)
    for single, dropped in zip(stack, together, strict=True):
        np.testing.assert_array_equal(weakest_dropped(single, 0.5, R), dropped)


def test_discard_counts_a_share_that_has_no_exact_float():
    row = np.arange(1.0, 101)[None]
    assert (weakest_dropped(row, 0.29, 0) == 0).sum() == 29


def test_equal_weights_are_kept_together():
    even = np.full((4, 4), 0.25)
    np.testing.assert_array_equal(weakest_dropped(even, 0.5, 1), even)


def test_discarding_comes_before_the_rows_are_made_to_sum_to_one():
    attn = np.array([[[[0.1, 0.6, 0.3], [0.2, 0.7, 0.1], [0.2, 0.2, 0.6]]]])
    found = rollout(attn, num_prefix_tokens=1, residual_share=0.0, discard=0.5)[-1]
    np.testing.assert_allclose(found[0], [0.1 / 0.7, 0.6 / 0.7, 0])


def test_permuting_patches_permutes_the_rollout():
    order = np.array([0, 1, *(R + RANDOM.permutation(7))])
    moved = ATTN[:, :, order][:, :, :, order]
    for options in ({}, {"fusion": "max", "discard": 0.4}):
        before = rollout(ATTN, num_prefix_tokens=R, **options)
        after = rollout(moved, num_prefix_tokens=R, **options)
        np.testing.assert_allclose(after, before[:, order][:, :, order], atol=1e-6)


def test_rows_read_without_the_products_are_the_products_rows():
    steps = transitions(fused(ATTN))
    whole = rollout(ATTN, num_prefix_tokens=R)
    for token in (0, 5, 8):
        np.testing.assert_allclose(rollout_rows(steps, np.eye(9)[token]), whole[:, token], atol=1e-12)
    patches = np.array([0, 0, *[1 / 7] * 7])
    np.testing.assert_allclose(rollout_rows(steps, patches), whole[:, R:].mean(1), atol=1e-12)


def test_row_sums_are_those_of_the_product():
    copied = copied_transitions(fused(ATTN, "max"), 0.3)
    product = copied[2] @ copied[1] @ copied[0]
    np.testing.assert_allclose(row_sums(copied)[-1], product.sum(-1))
    assert np.ptp(row_sums(copied)[-1]) > 0.05
    np.testing.assert_allclose(row_sums(transitions(fused(ATTN, "max"))), 1)


def test_the_copied_script_agrees_where_its_mistakes_do_not_matter():
    """Mean fusion, nothing discarded: every row already sums to 1."""
    attn = fused(ATTN.astype(np.float64))
    np.testing.assert_allclose(copied_transitions(attn, 0.0), transitions(attn), atol=1e-6)


def test_the_copied_scripts_mistakes_by_hand():
    attn = np.array([[[0.1, 0.6, 0.3], [0.05, 0.75, 0.2], [0.2, 0.2, 0.6]]])
    # the weakest 3 of 9 are 0.05, 0.1 and the first 0.2; 0.1 stays as the matrix's first entry
    mixed = np.array([[0.55, 0.3, 0.15], [0, 0.875, 0], [0.1, 0.1, 0.8]])
    found = copied_transitions(attn, 0.4)[0]
    np.testing.assert_allclose(found, mixed / mixed.sum(1)[None])


def test_later_start_leaves_the_first_layers_out():
    np.testing.assert_array_equal(
        rollout(ATTN, num_prefix_tokens=R, start=1), rollout(ATTN[1:], num_prefix_tokens=R)
    )


def test_a_row_of_which_nothing_is_left_keeps_to_itself():
    two = np.zeros((1, 2, 2, 2))
    two[0, 0], two[0, 1] = np.eye(2), np.eye(2)[::-1]
    found = rollout(two, num_prefix_tokens=0, fusion="min", residual_share=0.0)
    np.testing.assert_array_equal(found[0], np.eye(2))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"fusion": "median"}, "mean, max, min"),
        ({"discard": 1.0}, "less than 1"),
        ({"residual_share": 1.5}, "between 0 and 1"),
        ({"start": 3}, "0 to 2"),
    ],
)
def test_options_out_of_range_are_refused(options, says):
    with pytest.raises(ValueError, match=says):
        rollout(ATTN, num_prefix_tokens=R, **options)


def test_the_attention_is_left_as_it_was(bundled_trace):
    before = bundled_trace.attn.copy()
    rollout(bundled_trace.attn, num_prefix_tokens=1, fusion="max", discard=0.5)
    np.testing.assert_array_equal(bundled_trace.attn, before)


@pytest.mark.parametrize(
    ("attn", "prefix", "said"),
    [
        (ATTN[:, 0], R, r"takes attention \(L, H, T, T\), such as trace.attn; this is \(\d, "),
        (None, R, r"this is \(\)"),
        (ATTN, -1, "cannot be -1 prefix tokens"),
        (ATTN, 999, "cannot be 999 prefix tokens"),
    ],
)
def test_attention_that_does_not_fit_is_refused(attn, prefix, said):
    with pytest.raises(ValueError, match=said):
        rollout(attn, num_prefix_tokens=prefix, discard=0.5)
