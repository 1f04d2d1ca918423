"""Deletion and insertion curves: by hand, and against the model run on one changed photo at a time."""

import numpy as np
import pytest
import torch
from helpers import photo, redrawn_model

from vit_viz import Interventions, prepare, trace
from vit_viz.analysis.curves import (
    area,
    counts,
    kept_patches,
    random_order,
    rank_correlation,
)
from vit_viz.experiments.faithfulness import REMOVALS, curve

ORDER = random_order(196, seed=3)


def test_what_is_kept_by_hand():
    order = np.array([2, 0, 3, 1])
    assert [k.tolist() for k in kept_patches(order, 2, insertion=False)] == [[0, 1, 2, 3], [1, 3], []]
    assert [k.tolist() for k in kept_patches(order, 2, insertion=True)] == [[], [0, 2], [0, 1, 2, 3]]


def test_steps_that_do_not_divide_the_patches():
    assert counts(10, 4).tolist() == [0, 2, 5, 8, 10]


def test_areas_by_hand():
    assert area(np.array([1.0, 1.0, 1.0]), 4) == 1
    assert area(np.array([1.0, 0.0, 0.0]), 4) == 0.25
    assert area(np.array([1.0, 0.0]), 7) == 0.5


def test_random_orders():
    assert sorted(random_order(9, 1)) == list(range(9))
    assert random_order(9, 1).tolist() == random_order(9, 1).tolist() != random_order(9, 2).tolist()


def test_rank_correlation_by_hand():
    rising = np.arange(5.0)
    assert rank_correlation(rising, rising**3) == pytest.approx(1)
    assert rank_correlation(rising, -rising) == pytest.approx(-1)
    assert rank_correlation(rising, np.ones(5)) == 0
    # ranks 1 2.5 2.5 4 and 1 2 3 4: covariance 4.5, variances 4.5 and 5
    assert rank_correlation(np.array([0, 1, 1, 2]), np.arange(4)) == pytest.approx(4.5 / np.sqrt(4.5 * 5))


@pytest.fixture(scope="module")
def small():
    return redrawn_model("vit_tiny_patch16_224", depth=2, num_classes=5)


@pytest.fixture(scope="module")
def prepared(small):
    return prepare(photo(), small.info.data_config)


def one_probability(model, pixels, target):
    with torch.inference_mode():
        return float(model.module(torch.from_numpy(pixels)[None])[0].softmax(-1)[target])


@pytest.mark.parametrize("insertion", [False, True])
def test_mean_colour_is_the_photo_painted_patch_by_patch(small, prepared, insertion):
    found = curve(small, prepared, ORDER, 2, removal="mean colour", insertion=insertion, steps=9)
    for point in (0, 4, 9):
        count = round(196 * point / 9)
        painted = ORDER[count:] if insertion else ORDER[:count]
        pixels = prepared.pixels.copy()
        for patch in painted:
            row, col = divmod(int(patch), 14)
            for channel in range(3):
                pixels[channel, row * 16 : row * 16 + 16, col * 16 : col * 16 + 16] = prepared.pixels[
                    channel
                ].mean()
        assert found[point] == pytest.approx(one_probability(small, pixels, 2), rel=1e-4)


def test_dropped_tokens_are_those_of_a_trace_without_them(small, prepared):
    found = curve(small, prepared, ORDER, 1, removal="drop tokens", steps=4)
    keep = torch.from_numpy(np.sort(ORDER[49:]))
    without = trace(small, prepared, interventions=Interventions(keep=keep))
    assert found[1] == pytest.approx(without.probs[1], rel=1e-5)
    only_cls = trace(small, prepared, interventions=Interventions(keep=keep[:0]))
    assert found[4] == pytest.approx(only_cls.probs[1], rel=1e-5)


@pytest.mark.parametrize("removal", REMOVALS)
def test_both_curves_share_their_ends(small, prepared, removal):
    deletion, insertion = (
        curve(small, prepared, ORDER, 0, removal=removal, insertion=back, steps=3) for back in (False, True)
    )
    assert deletion[0] == pytest.approx(insertion[-1], rel=1e-5)
    assert deletion[-1] == pytest.approx(insertion[0], rel=1e-5)
    assert deletion[0] == pytest.approx(trace(small, prepared).probs[0], rel=1e-5)


def test_reversed_order_deletes_what_the_other_inserts(small, prepared):
    """Taking away the first half of an order leaves what inserting the other half of its reverse gives."""
    deletion = curve(small, prepared, ORDER, 0, removal="drop tokens", steps=2)
    insertion = curve(small, prepared, ORDER[::-1], 0, removal="drop tokens", insertion=True, steps=2)
    assert deletion[1] == pytest.approx(insertion[1], rel=1e-6)


@pytest.mark.parametrize("removal", REMOVALS)
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("vit_small_patch16_224.dino", {"depth": 2, "num_classes": 0}),
        ("vit_base_patch16_siglip_224", {"depth": 2, "embed_dim": 96, "num_heads": 3}),
        ("vit_small_patch16_dinov3", {"depth": 2, "img_size": 96}),
        ("eva02_tiny_patch14_336", {"depth": 2, "img_size": (56, 84)}),
    ],
)
def test_models_of_every_kind_keep_their_features_at_first(name, options, removal):
    """Without a class the curve is how like the features stay: 1 with all patches, less without."""
    model = redrawn_model(name, **options)
    N = model.info.num_patches
    prepared = prepare(photo(), model.info.data_config)
    for insertion in (False, True):
        found = curve(
            model, prepared, random_order(N, 0), None, removal=removal, insertion=insertion, steps=3
        )
        assert found[-1 if insertion else 0] == pytest.approx(1, abs=1e-6)
        assert np.isfinite(found).all()
        assert found[0 if insertion else -1] < 0.9999


def test_unknown_removal_is_refused(small, prepared):
    with pytest.raises(ValueError, match="mean colour and drop tokens"):
        curve(small, prepared, ORDER, 0, removal="blur")
