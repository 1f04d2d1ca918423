"""Sentences for the reader: each number in one is the data's, and the odd cases have words of their own."""

import numpy as np
import pytest

from vit_viz.experiments.projections import AttentionKind
from vit_viz.ui.words.attention import below_zero, strongest_targets
from vit_viz.ui.words.qkv import qkv_notes, share_of_heads, spread

PLAIN = AttentionKind(
    norm="LayerNorm",
    qk_norm=False,
    rotary=False,
    norm_inside=False,
    gated=False,
    layer_scale=False,
    norm_after=False,
)


def kind(**changes) -> AttentionKind:
    return AttentionKind(**vars(PLAIN) | changes)


def test_the_papers_attention_needs_no_note():
    assert qkv_notes(PLAIN) == {}


@pytest.mark.parametrize(
    ("changes", "step", "says"),
    [
        ({"rotary": True}, "project", "rotated after"),
        ({"qk_norm": True}, "project", "normalised after"),
        ({"qk_norm": True, "rotary": True}, "project", "normalised and rotated after"),
        ({"norm_inside": True}, "concat", "also normalised"),
        ({"norm_inside": True, "gated": True}, "concat", "normalised and gated by the input"),
        ({"layer_scale": True}, "output", "LayerScale"),
        ({"norm": "", "norm_after": True}, "output", "normalises it before it is added"),
        ({"norm": "", "norm_after": True}, "input", "the stream itself"),
    ],
)
def test_notes_stand_where_the_model_differs(changes: dict, step: str, says: str):
    assert says in qkv_notes(kind(**changes))[step]


def test_below_zero():
    said = below_zero(np.array([-1.5, 0.0, -0.5]), np.array([0.12, 0.55, 0.33]))
    assert "Of this row's 3 scores 2 are negative; the lowest, −1.50, still gets **0.12**." in said
    assert said.endswith("All weights together are **1.000000**.")
    assert "1 is negative" in below_zero(np.array([-1.5, 0.0]), np.array([0.2, 0.8]))
    assert "none is negative; the lowest, 0.50" in below_zero(np.array([0.5, 1.0]), np.array([0.4, 0.6]))


@pytest.mark.parametrize(
    ("count", "says"), [(1, "1 token holds 90% of"), (7, "7 of the 197 tokens hold 90% of")]
)
def test_spread(count: int, says: str):
    assert spread(count, 197, 0.9).startswith(says)


def test_a_row_that_is_spread_over_more_than_half_looks_widely():
    said = "132 of the 197 tokens hold 90% of this row's weight: this head looks widely"
    assert spread(132, 197, 0.9).startswith(said)
    assert "widely" not in spread(98, 197, 0.9)


def test_share_of_heads():
    shares = np.array([0.2, 0.5, 0.3])
    assert share_of_heads(shares, 0).endswith("head 2 the most: 50.0%.")
    assert share_of_heads(shares, 0).startswith("Head 1 brings 20.0%")
    assert "more than any other" in share_of_heads(shares, 1)
    assert share_of_heads(shares, 1).endswith("33.3% each.")


def test_strongest_targets_names_row_and_column_from_1():
    row = np.array([0.1, 0.2, 0.6, 0.1])
    said = strongest_targets(row, 0, ("CLS",), (1, 3))
    assert said.startswith("CLS looks most at patch (1, 2) (60.0%) and patch (1, 1) (20.0%)")
    assert "keeps 10.0% on itself" in said
    assert "looks most at itself (60.0%)" in strongest_targets(row, 2, ("CLS",), (1, 3))
    assert said.endswith("25.0%.")
