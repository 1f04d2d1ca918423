"""The patch projection against timm's own rows, its numbers by hand, and the sentences about them."""

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import photo, redrawn_model

from vit_viz import trace
from vit_viz.analysis.embedding import (
    FilterSet,
    as_pictures,
    channels_last,
    cosine_to,
    filter_set,
    linear,
    most_alike,
    neighbour_correlation,
    principal_filters,
    strongest_filters,
)
from vit_viz.components.embedding_routes import embedding_payload
from vit_viz.components.payload import unpack
from vit_viz.experiments.embedding import Projection, patch_projection, rgb_filters
from vit_viz.figures.embedding import filter_sheet
from vit_viz.snippets.embedding import embed_both_ways
from vit_viz.ui.parts.embedding import alike_csv, matrix_csv
from vit_viz.ui.words import embedding as words

MODELS = {
    "patches of 14, registers": ("vit_small_patch14_reg4_dinov2", {"img_size": 56}),
    "no CLS, not square": ("vit_base_patch16_siglip_224", {"img_size": (64, 96)}),
    "no bias in the projection": ("vit_base_patch16_clip_224", {}),
    "rotary": ("eva02_tiny_patch14_336", {"img_size": 56}),
    "grid kept by the projection": ("vit_small_patch16_224", {"dynamic_img_size": True}),
}


@pytest.fixture(scope="module")
def projection(bundled, bundled_trace) -> Projection:
    return patch_projection(bundled, bundled_trace)


@pytest.mark.parametrize("name", MODELS)
def test_projection_is_the_traces_own(name):
    architecture, options = MODELS[name]
    model = redrawn_model(architecture, depth=1, **options)
    own = trace(model, photo())
    found = patch_projection(model, own)
    rows = own.tokens[own.num_prefix_tokens :]
    np.testing.assert_allclose(found.outputs, rows, atol=1e-6)
    np.testing.assert_allclose(linear(found.inputs, found.filters, found.bias), rows, atol=1e-4)
    assert found.from_pixels
    assert not found.normed
    assert np.array_equal(rgb_filters(model), found.weight)


def test_inputs_are_the_normalised_patches_plane_by_plane(bundled, bundled_trace, projection):
    config = bundled.info.data_config
    scaled = (bundled_trace.patches / 255 - np.array(config["mean"])) / np.array(config["std"])
    np.testing.assert_allclose(projection.inputs, scaled.transpose(0, 3, 1, 2).reshape(196, 768), atol=1e-5)


def test_a_cnn_before_the_projection_gives_its_features():
    model = redrawn_model("vit_small_r26_s32_224", depth=1)
    own = trace(model, photo())
    found = patch_projection(model, own)
    assert not found.from_pixels
    assert found.weight is not None
    assert found.weight.shape == (384, 2048, 1, 1)
    expected = linear(found.inputs, found.filters, found.bias)
    np.testing.assert_allclose(expected, own.tokens[1:], atol=1e-3)
    filters = rgb_filters(model)
    assert filters is not None
    assert filters.shape == (64, 3, 7, 7)
    assert "features of a CNN" in words.formula(found)
    assert "first convolution" in words.about_filters(found, [filter_set("R26", filters)])


def test_snippet_gives_the_same_rows_both_ways(bundled, bundled_trace, projection):
    with torch.inference_mode():
        pixels = torch.from_numpy(bundled_trace.pixels.copy())
        as_linear, as_convolution = embed_both_ways(bundled.module.patch_embed, pixels, 16)
    np.testing.assert_allclose(as_linear.numpy(), projection.outputs, atol=1e-4)
    np.testing.assert_allclose(as_convolution.numpy(), projection.outputs, atol=1e-6)


def test_payload_holds_the_numbers(projection):
    arrays, _ = unpack(embedding_payload(projection))
    assert arrays["weight"].shape == (192, 768)
    for name in ("inputs", "bias", "outputs"):
        assert np.array_equal(arrays[name], getattr(projection, name))


def test_linear_by_hand():
    inputs = np.array([[1.0, 2.0], [0.0, -1.0]])
    filters = np.array([[3.0, 1.0], [0.0, 2.0], [1.0, 1.0]])
    assert linear(inputs, filters, np.array([0.5, 0, 0])).tolist() == [[5.5, 4, 3], [-0.5, -2, -1]]


def test_principal_filters_by_hand():
    # four filters of two numbers: they spread by ±2 along (0, 1) and by ±1 along (1, 0), around (5, 5)
    rows = np.array([[5, 7], [5, 3], [6, 5], [4, 5]], float).reshape(4, 2, 1, 1)
    found = principal_filters(rows)
    np.testing.assert_allclose(found.filters.reshape(2, 2), [[0, 1], [1, 0]], atol=1e-12)
    np.testing.assert_allclose(found.shares, [0.8, 0.2])


@pytest.mark.parametrize("shape", [(12, 3, 4, 4), (90, 3, 4, 4)])
def test_principal_filters_are_those_of_an_svd(shape):
    weight = np.random.default_rng(0).normal(size=shape)
    found = principal_filters(weight, count=8)
    rows = weight.reshape(len(weight), -1)
    _, sizes, expected = np.linalg.svd(rows - rows.mean(axis=0))
    cosines = (channels_first(found.filters) * expected[:8]).sum(axis=1)
    np.testing.assert_allclose(np.abs(cosines), 1)
    np.testing.assert_allclose(found.shares, (sizes**2 / (sizes**2).sum())[:8])
    flat = found.filters.reshape(8, -1)
    assert (flat[np.arange(8), np.abs(flat).argmax(axis=1)] > 0).all()


def channels_first(filters: np.ndarray) -> np.ndarray:
    return filters.transpose(0, 3, 1, 2).reshape(len(filters), -1)


def test_components_beyond_the_rank_are_left_out():
    weight = np.zeros((5, 3, 2, 2))
    weight[0, 0], weight[1, 1] = 1, 2
    assert len(principal_filters(weight).shares) == 2


def test_pictures_are_stretched_each_by_itself():
    filters = np.stack([np.linspace(-1, 3, 12).reshape(2, 2, 3), np.full((2, 2, 3), 0.7)])
    found = as_pictures(filters)
    assert (found[0].min(), found[0].max(), found[0, 1, 0, 0]) == (0, 255, round(255 * 6 / 11))
    assert set(found[1].ravel()) == {128}


def test_strongest_filters_are_the_longest_in_their_own_order():
    weight = np.array([1.0, -5, 2, 4]).reshape(4, 1, 1, 1)
    assert strongest_filters(weight, 2).tolist() == [1, 3]


def test_neighbours_of_a_ramp_agree_and_those_of_a_chessboard_oppose():
    ramp = np.add.outer(np.arange(6.0), np.arange(6.0))[..., None]
    chess = ramp % 2
    assert neighbour_correlation(np.stack([ramp])) > 0.9
    assert neighbour_correlation(np.stack([chess])) == pytest.approx(-1)


def test_training_makes_filters_smooth(bundled):
    trained = principal_filters(rgb_filters(bundled)).filters
    noise = np.random.default_rng(0).normal(size=(28, 16, 16, 3))
    assert neighbour_correlation(trained) > 0.3 > abs(neighbour_correlation(noise)) * 3


def test_cosines_by_hand():
    rows = np.array([[3.0, 4.0], [6.0, 8.0], [-3.0, -4.0], [0.0, 0.0], [4.0, -3.0]])
    np.testing.assert_allclose(cosine_to(rows, 0), [1, 1, -1, 0, 0])
    assert most_alike(np.array([0.2, 1, 0.9, 0.2]), 1, 2).tolist() == [2, 0]


def test_filter_sheet_lays_them_row_by_row():
    pictures = np.zeros((9, 2, 2, 3), np.uint8)
    pictures[7] = (255, 0, 0)
    sheet = np.asarray(filter_sheet(pictures))
    assert sheet.shape == (5 * 8, 20 * 8, 3)
    assert sheet[4 * 8, 0].tolist() == [255, 0, 0]
    assert sheet[2 * 8, 0].tolist() == [255, 255, 255]


def small_projection() -> Projection:
    return Projection(
        inputs=np.array([[1.0, 2], [1, 1], [2, 4.1]], np.float32),
        weight=np.array([[2.0, 1], [0, 1]], np.float32).reshape(2, 2, 1, 1),
        bias=np.array([0.5, 0], np.float32),
        outputs=np.array([[4.5, 2], [3.5, 1], [8.6, 4.1]], np.float32),
        from_pixels=True,
        normed=False,
    )


def test_sentences_by_hand():
    small = small_projection()
    assert words.one_number(small, 0, 0, (1, 3)) == (
        "Patch (1, 1) times filter 1: 2 products add up to 4.0000; with the bias of 0.5000 that is 4.5000."
    )
    assert words.loudest_dimension(small.outputs, 2, (1, 3)) == (
        "Dimension 1 sets patch (1, 3) apart most: it is 8.60 here and 5.53 on average over all 3 patches."
    )
    before, after = np.array([1, 0.2, 0.9]), np.array([1, 0.8, 0.1])
    said = words.alike(before, after, 0, (1, 3))
    assert "is (1, 3) before the projection (cosine 0.900) and (1, 2) after it (0.800)" in said
    assert "Of the 2 most alike, 2 stay the same" in said
    assert "**0**" in words.equivalence(small)


def test_sentences_about_a_flat_picture():
    same = np.ones((9, 4), np.float32)
    assert words.loudest_dimension(same, 2, (3, 3)) == (
        "All 9 patches look the same, so they become the same 4 numbers."
    )
    said = words.alike(np.ones(9), np.ones(9), 4, (3, 3))
    assert said.startswith("8 other patches are as like patch (2, 2) as can be")
    one_apart = np.vstack([same, [[1, 1, 1, 5]]])
    assert "sets patch (1, 1) apart most" in words.loudest_dimension(one_apart, 0, (2, 5))


def test_sentence_about_filters_names_both_models():
    pictures = np.zeros((2, 4, 4, 3), np.uint8)
    pictures[:, :, 2:] = 200
    one = FilterSet(
        title="A", components=pictures, shares=np.array([0.5, 0.2]), raw=pictures, dimensions=np.arange(2)
    )
    alone, both = words.order_in_filters([one]), words.order_in_filters([one, one])
    assert "2 components hold 70% of the variance" in alone
    assert both.count("in A") == 2
    assert "bundled model alone" in words.about_filters(small_projection(), [one])
    assert "bundled model alone" not in words.about_filters(small_projection(), [one, one])
    assert "no convolution" in words.about_filters(small_projection(), [])


def test_tables_hold_every_patch(bundled_trace, projection):
    header, *lines = csv.reader(io.StringIO(matrix_csv(projection, bundled_trace)))
    assert (header[:3], len(header), len(lines)) == (["row", "column", "dimension 1"], 194, 196)
    assert lines[15][:2] == ["2", "2"]
    assert float(lines[15][2]) == pytest.approx(projection.outputs[15, 0])
    _, *lines = csv.reader(io.StringIO(alike_csv(projection, bundled_trace, 3)))
    assert float(lines[3][2]) == pytest.approx(1)
    assert float(lines[9][3]) == pytest.approx(cosine_to(projection.outputs, 3)[9])
    assert channels_last(np.zeros((2, 3, 4, 5))).shape == (2, 4, 5, 3)


def test_doubled_inputs_are_written_out():
    assert words.doubled(-0.3318, 0.1187) == (
        "The sum doubles, the bias stays: 2 · (−0.3318) + 0.1187 = **−0.5449** instead of −0.2131. "
        "The step is linear up to a constant."
    )
    assert "2 · 0.5000 − 0.2500 = **0.7500**" in words.doubled(0.5, -0.25)


def test_no_bias_is_told_where_there_is_none():
    """As in CLIP."""
    bare = replace(small_projection(), bias=np.zeros(2, np.float32))
    assert words.one_number(bare, 0, 0, (1, 3)) == "Patch (1, 1) times filter 1: 2 products add up to 4.0000."
    assert words.doubled(-0.3318, 0.0) == (
        "It doubles: 2 · (−0.3318) = **−0.6636** instead of −0.3318. The step is linear, without a constant."
    )


def test_printed_terms_that_do_not_give_the_result_are_about_it():
    # 2 · 0.4227 − 1.2432 would be −0.3978
    assert "2 · 0.4227 − 1.2432 ≈ **−0.3977** instead of −0.8205" in words.doubled(0.42273, -1.24319)
    odd = replace(
        small_projection(),
        inputs=np.array([[0.12344, 0]], np.float32),
        weight=np.array([[1.0, 0]], np.float32).reshape(1, 2, 1, 1),
        bias=np.array([0.12344], np.float32),
        outputs=np.array([[0.24688]], np.float32),
    )
    assert words.one_number(odd, 0, 0, (1, 1)).endswith(
        "add up to 0.1234; with the bias of 0.1234 that is ≈ 0.2469."
    )


def test_sentences_have_true_minus_signs(bundled_trace, projection):
    patch, dimension = map(int, np.unravel_index(projection.outputs.argmin(), projection.outputs.shape))
    said = words.embedding_notices(projection, [], patch, dimension, bundled_trace.grid)
    assert re.search(rf"that is (≈ )?−{-projection.outputs.min():.4f}\.", said[0])
    assert not any("-" in sentence for sentence in said)
