"""The weighted sum, the heads side by side and the scale, by hand and against the trace."""

import numpy as np
import pytest
from oracles import sum_terms

from vit_viz.analysis.mixing import concat_heads, head_shares, keys_for, softmax, unscaled_weights

V = np.array([[1.0, 0.0], [0.0, 2.0], [4.0, 4.0]])


def test_terms_of_one_number_by_hand():
    terms = sum_terms(np.array([0.5, 0.25, 0.25], np.float32), V, 0)
    np.testing.assert_allclose(terms.terms, [0.5, 0.0, 1.0])
    assert terms.total == 1.5


def test_terms_are_the_traces_head_output(bundled_trace):
    trace = bundled_trace
    out = trace.head_out(2, 1)
    for token, index in [(0, 0), (90, 31), (196, 7)]:
        found = sum_terms(trace.attn[2, 1, token], trace.v[2, 1], index)
        assert found.total == pytest.approx(out[token, index], rel=1e-4, abs=1e-6)


def test_concat_puts_head_0_first_and_keeps_tokens_as_rows():
    attn = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]])
    v = np.array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], float)
    np.testing.assert_array_equal(concat_heads(attn, v), [[1, 2, 7, 8], [3, 4, 5, 6]])
    np.testing.assert_array_equal(concat_heads(attn[:, [1]], v), [[3, 4, 5, 6]])


def test_slices_of_the_concatenation_are_the_heads(bundled_trace):
    trace = bundled_trace
    K = trace.v.shape[-1]
    whole = concat_heads(trace.attn[1], trace.v[1])
    for head in range(trace.num_heads):
        np.testing.assert_allclose(
            whole[:, head * K : (head + 1) * K], trace.head_out(1, head), rtol=1e-4, atol=1e-6
        )


def test_softmax_by_hand_and_without_overflow():
    np.testing.assert_allclose(softmax(np.log([1.0, 3.0])), [0.25, 0.75])
    np.testing.assert_allclose(softmax(np.array([5000.0, 5000.0])), [0.5, 0.5])


def test_unscaled_weights_by_hand():
    # scores that were divided by √4: undivided they are 0 and ln 9
    np.testing.assert_allclose(unscaled_weights(np.array([0.0, np.log(3)]), 4), [0.1, 0.9])


@pytest.mark.parametrize(
    ("weights", "share", "expected"),
    [([0.1, 0.6, 0.3], 0.5, 1), ([0.1, 0.6, 0.3], 0.8, 2), ([0.25] * 4, 0.9, 4), ([1.0], 0.9, 1)],
)
def test_keys_for(weights, share, expected):
    assert keys_for(np.array(weights, np.float32), share) == expected


def test_head_shares_by_hand():
    np.testing.assert_allclose(head_shares(np.array([3.0, 0.0, 1.0, 0.0]), 2), [0.9, 0.1])
