"""Where the pages about attention open, worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from vit_viz.analysis.attention import dividing_head, num_looked_at
from vit_viz.ui.results import opening
from vit_viz.ui.words.attention import row_in_view


def test_looked_at_counts_the_tokens_of_an_even_row():
    rows = np.array([[0.25, 0.25, 0.25, 0.25], [0.4, 0.4, 0, 0], [0, 0, 1e-3, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(num_looked_at(rows), [4, 2, 1, 0])


def test_the_head_that_looks_at_half_of_the_patches_is_taken():
    cls_only = [1, 0, 0, 0, 0]
    alike = [0.2, 0.2, 0.2, 0.2, 0.2]
    one = [0, 0, 0, 1, 0]
    half = [0.5, 0.25, 0.25, 0, 0]
    rows = np.array([[cls_only, alike], [one, half]])
    # weight on patches · p (1 − p): 0, 0.8 · 0; 1 · 1/4 · 3/4 = 0.1875, 0.5 · 1/2 · 1/2 = 0.125
    assert dividing_head(rows, 1) == (1, 0)
    rows[1, 0] = [0.5, 0, 0, 0.5, 0]  # 0.5 · 3/16 < 0.125
    assert dividing_head(rows, 1) == (1, 1)


def test_without_a_prefix_every_token_is_a_patch():
    assert dividing_head(np.array([[[1.0, 0, 0, 0], [0.5, 0.5, 0, 0]]]), 0) == (0, 1)


def test_the_row_in_view_and_the_rule_are_said():
    row = np.array([0.5, 0.25, 0.25, 0, 0])
    said = row_in_view(row, 3, 1, 0, ("CLS",), (2, 2), is_opened=True)
    assert said == (
        "Opened at layer 4, head 2: here CLS (the extra token) picks out parts of the picture most clearly. 50% of "
        "its weight lies on patches, spread about as widely as an even look at 2 of the 4."
    )
    even = row_in_view(np.full(5, 0.2), 0, 0, 0, ("CLS",), (2, 2), is_opened=True)
    assert "in no head does CLS (the extra token) pick out parts of the picture more clearly." in even
    assert even.endswith("spread about as widely as an even look at 4 of the 4.")
    assert "most clearly" not in even
    nearly = row_in_view(np.array([0.004, 0.996, 0, 0, 0]), 0, 0, 0, ("CLS",), (2, 2), is_opened=False)
    assert "99.6% of its weight lies on patches" in nearly
    chosen = row_in_view(row, 3, 1, 2, ("CLS",), (2, 2), is_opened=False)
    assert chosen == (
        "Layer 4, head 2, the row of patch (1, 2): 50% of its weight lies on patches, spread about as widely as an "
        "even look at 2 of the 4."
    )


@pytest.mark.parametrize("prefix", [0, 1])
def test_a_row_without_weight_on_patches_breaks_nothing(prefix):
    assert dividing_head(np.zeros((2, 2, 3)), prefix) == (0, 0)


@pytest.mark.parametrize(
    ("num_prefix_tokens", "picked", "chosen"), [(0, 0, True), (0, 4, False), (1, 0, False), (1, 5, True)]
)
def test_what_was_picked_is_chosen_if_it_is_another_token(monkeypatch, num_prefix_tokens, picked, chosen):
    kept = SimpleNamespace(token=0, token_chosen=False)
    view = SimpleNamespace(
        selection=kept, trace=SimpleNamespace(grid=(3, 3), num_prefix_tokens=num_prefix_tokens)
    )
    told = {}
    monkeypatch.setattr(opening, "selection", lambda: kept)
    monkeypatch.setattr(opening, "choose", told.update)
    opening.choose_picked(view, token=picked, layer=2)  # in 3 × 3 patches the middle one is the fifth
    assert told == {"token": picked, "token_chosen": chosen, "layer": 2}
