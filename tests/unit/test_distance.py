"""Mean attention distance: reference values, an independent naive loop, streaming means over photos."""

import csv
import io
import math

import numpy as np
import pytest
import torch
from helpers import photo, redrawn_model
from oracles import row_distance

from vit_viz import attention_distance, load_model, prepare, trace
from vit_viz.analysis.attention import patch_distances
from vit_viz.analysis.distance import (
    PUBLISHED_BAND,
    AttentionDistance,
    Skipped,
    head_distances,
    no_photos_yet,
    receptive_field,
    uniform_distance,
)
from vit_viz.errors import PhotoError
from vit_viz.experiments.distance import average_distances, distances_of_batch

GRIDS = [
    ((14, 14), 16, 116.492),
    ((7, 7), 32, 115.503),
    ((24, 24), 16, 200.048),
    ((16, 16), 14, 116.565),
    ((28, 28), 8, 116.722),
    ((37, 37), 14, 269.992),
]


def rows_of(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum(-1, keepdims=True)


def naive(attn: np.ndarray, grid: tuple[int, int], patch: tuple[int, int], prefix: int) -> list[float]:
    """Distance, renormalised, prefix mass of one head, cell by cell in Python floats."""
    rows, cols = grid
    totals = [0.0, 0.0, 0.0]
    for query in range(rows * cols):
        far, on_patches = 0.0, 0.0
        for key in range(rows * cols):
            weight = float(attn[prefix + query, prefix + key])
            up = (query // cols - key // cols) * patch[0]
            along = (query % cols - key % cols) * patch[1]
            far += weight * math.sqrt(up * up + along * along)
            on_patches += weight
        totals[0] += far
        totals[1] += far / on_patches
        totals[2] += sum(float(attn[prefix + query, key]) for key in range(prefix))
    return [total / (rows * cols) for total in totals]


@pytest.mark.parametrize(("grid", "patch", "pixels"), GRIDS)
def test_uniform_line_has_the_reference_value(grid, patch, pixels):
    assert uniform_distance(grid, (patch, patch), 1, renormalised=True) == pytest.approx(pixels, abs=5e-4)


def test_the_papers_line_counts_the_weight_on_cls_as_no_distance():
    assert uniform_distance((14, 14), (16, 16), 1, renormalised=False) == pytest.approx(115.901, abs=5e-4)
    assert uniform_distance((14, 14), (16, 16), 0, renormalised=False) == pytest.approx(116.492, abs=5e-4)


@pytest.mark.parametrize("prefix", [0, 1, 2, 5])
def test_uniform_attention_lies_on_both_lines(prefix: int):
    T = 196 + prefix
    found = head_distances(np.full((T, T), 1 / T, np.float32), (14, 14), (16, 16), prefix)
    for renormalised, value in ((False, found.distance), (True, found.renormalised)):
        line = uniform_distance((14, 14), (16, 16), prefix, renormalised=renormalised)
        assert value == pytest.approx(line, rel=1e-6)
    assert found.prefix_mass == pytest.approx(prefix / T, rel=1e-6)


def test_uniform_over_all_others():
    others = (1 - np.eye(196)) / 195
    assert head_distances(others, (14, 14), (16, 16), 0).distance == pytest.approx(117.090, abs=5e-4)


def test_a_window_of_three_by_three_clipped_at_the_border():
    row, col = np.divmod(np.arange(196), 14)
    near = (np.abs(row[:, None] - row) <= 1) & (np.abs(col[:, None] - col) <= 1)
    found = head_distances(rows_of(near.astype(float)), (14, 14), (16, 16), 0)
    assert found.distance == pytest.approx(16.698, abs=5e-4)


def test_looking_at_the_four_neighbours_is_one_patch_far():
    row, col = np.divmod(np.arange(196), 14)
    near = np.abs(row[:, None] - row) + np.abs(col[:, None] - col) == 1
    assert head_distances(rows_of(near.astype(float)), (14, 14), (16, 16), 0).distance == pytest.approx(16)


def test_attention_on_itself_is_no_distance():
    found = head_distances(np.eye(10), (3, 3), (16, 16), 1)
    assert found == (0, 0, 0)


def test_a_row_with_nothing_on_patches_looks_nowhere():
    attn = np.zeros((5, 5))
    attn[:, 0] = 1
    assert head_distances(attn, (2, 2), (8, 8), 1) == (0, 0, 1)


@pytest.mark.parametrize("prefix", [0, 1, 2, 5])
@pytest.mark.parametrize("grid", [(4, 4), (3, 5)])
def test_a_naive_loop_agrees(prefix: int, grid: tuple[int, int]):
    T = prefix + grid[0] * grid[1]
    attn = rows_of(np.random.default_rng(prefix).random((2, 3, T, T)) ** 4)
    found = np.stack(head_distances(attn, grid, (16, 8), prefix))
    for layer, head in np.ndindex(2, 3):
        expected = naive(attn[layer, head], grid, (16, 8), prefix)
        assert found[:, layer, head] == pytest.approx(expected, abs=1e-6)


def test_renormalising_divides_by_the_weight_on_patches():
    """Where every row gives the prefix the same share, paper = (1 - share) · renormalised."""
    attn = np.zeros((17, 17))
    attn[:, 0] = 0.25
    attn[:, 1:] = 0.75 * rows_of(np.random.default_rng(0).random((17, 16)))
    found = head_distances(attn, (4, 4), (16, 16), 1)
    assert found.distance == pytest.approx(0.75 * found.renormalised)


def test_receptive_field_of_convolutions():
    assert [receptive_field(layers) for layers in (1, 24, 50)] == [3, 49, 101]


def test_published_band_has_a_pair_for_each_of_twelve_blocks():
    assert len(PUBLISHED_BAND) == 12
    assert all(0 <= low < high < 130 for low, high in PUBLISHED_BAND)


# ---- many photos

PHOTOS = [photo(seed) for seed in range(5)]


KINDS = ["vit_tiny_patch16_224", "deit_tiny_distilled_patch16_224", "gap", "registers"]


@pytest.fixture(scope="module", params=KINDS)
def small(request):
    """Models of 1, 2, 0 and 5 prefix tokens, shallow and with redrawn weights."""
    names = {
        "gap": ("vit_base_patch16_siglip_gap_224", {"embed_dim": 96, "num_heads": 3}),
        "registers": ("vit_small_patch14_reg4_dinov2", {"img_size": 112}),
    }
    name, options = names.get(request.param, (request.param, {}))
    return redrawn_model(name, depth=2, **options)


def test_prefix_counts_of_the_small_models(small):
    assert len(small.info.prefix_names) in (0, 1, 2, 5)


def test_one_photo_is_its_traces_distance(small):
    found = attention_distance(small, PHOTOS[:1])
    seen = trace(small, PHOTOS[0])
    expected = np.stack(head_distances(seen.attn, seen.grid, seen.patch_size, seen.num_prefix_tokens))
    np.testing.assert_allclose(found.mean, expected, rtol=1e-6, atol=1e-6)
    assert found.standard_error is None


@pytest.mark.parametrize("batch_size", [1, 2, 3, 16])
def test_the_batch_size_does_not_matter(small, batch_size: int):
    whole = attention_distance(small, PHOTOS, batch_size=5)
    found = attention_distance(small, PHOTOS, batch_size=batch_size)
    assert found.photos == 5
    np.testing.assert_allclose(found.mean, whole.mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.standard_error, whole.standard_error, rtol=1e-3, atol=1e-5)


def test_mean_and_standard_error_are_those_of_the_single_photos(small):
    singles = np.concatenate([_values(small, [one]) for one in PHOTOS])
    found = attention_distance(small, PHOTOS, batch_size=2)
    np.testing.assert_allclose(found.mean, singles.mean(0), rtol=1e-5, atol=1e-6)
    error = singles.std(0, ddof=1) / math.sqrt(5)
    np.testing.assert_allclose(found.standard_error, error, rtol=1e-3, atol=1e-5)


def _values(model, photos) -> np.ndarray:
    pixels = [torch.from_numpy(prepare(one, model.info.data_config).pixels.copy()) for one in photos]
    return distances_of_batch(model, torch.stack(pixels))


def test_shuffled_patches_shuffle_the_rows():
    """Permuting queries, keys and places alike changes nothing."""
    random = np.random.default_rng(1)
    attn = rows_of(random.random((17, 17)))
    order = random.permutation(16)
    tokens = np.concatenate([[0], 1 + order])
    rows = row_distance(attn, (4, 4), (16, 16), 1)
    between = patch_distances((4, 4), (16, 16))[np.ix_(order, order)]
    shuffled = (attn[np.ix_(tokens, tokens)][1:, 1:] * between).sum(-1)
    np.testing.assert_allclose(shuffled, rows[order])


def test_going_on_from_an_average_is_as_if_never_stopped(bundled):
    stopped = next(average_distances(bundled, PHOTOS, batch_size=2))
    *_, found = average_distances(bundled, PHOTOS[stopped.seen :], start=stopped, batch_size=2)
    whole = attention_distance(bundled, PHOTOS, batch_size=2)
    assert (stopped.photos, found.photos) == (2, 5)
    assert (found.mean == whole.mean).all()
    assert (found.squares == whole.squares).all()


def test_an_unreadable_photo_is_skipped_and_named(bundled, tmp_path):
    bad = tmp_path / "cut.jpg"
    bad.write_bytes(b"no photo")
    found = attention_distance(bundled, [PHOTOS[0], bad, b"neither", PHOTOS[1]], batch_size=3)
    assert (found.photos, found.seen) == (2, 4)
    assert [one.name for one in found.skipped] == [str(bad), "photo 3"]
    assert "not a photo" in found.skipped[0].reason
    alone = attention_distance(bundled, PHOTOS[:2])
    np.testing.assert_allclose(found.mean, alone.mean, rtol=1e-6)


def test_a_limit_counts_the_photos_that_can_be_read(bundled):
    found = attention_distance(bundled, [b"bad", *PHOTOS], limit=2, batch_size=2)
    assert (found.photos, len(found.skipped)) == (2, 1)


@pytest.mark.parametrize(
    ("images", "limit", "says"),
    [
        ([], None, "no photo to average"),
        ([b"a", b"b"], None, "None of the 2 photos can be read"),
        (PHOTOS, 0, "0 photos cannot be averaged"),
    ],
)
def test_nothing_to_average_is_a_sentence(bundled, images, limit, says: str):
    with pytest.raises(PhotoError, match=says):
        attention_distance(bundled, images, limit=limit)


def test_progress_counts_up_to_all_of_them(bundled):
    told = []
    attention_distance(bundled, PHOTOS, batch_size=2, progress=lambda *seen: told.append(seen))
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_photos_may_come_from_a_generator(bundled):
    found = attention_distance(bundled, (one for one in PHOTOS[:3]), batch_size=2)
    assert found.photos == 3


def test_the_input_size_sets_grid_and_line():
    wide = load_model(img_size=(96, 160), device="cpu")
    found = attention_distance(wide, PHOTOS[:1])
    assert found.grid == (6, 10)
    assert found.uniform() == pytest.approx(uniform_distance((6, 10), (16, 16), 1, renormalised=False))


def average(values: np.ndarray) -> AttentionDistance:
    empty = no_photos_yet(1, 2, grid=(2, 2), patch_size=(16, 16), num_prefix_tokens=1)
    return empty.with_photos(values)


def test_streaming_mean_and_error_by_hand():
    values = np.zeros((3, 3, 1, 2))
    values[:, 0, 0, 0] = [1, 2, 6]
    found = average(values[:1]).with_photos(values[1:])
    assert found.distance[0, 0] == pytest.approx(3)
    # deviations −2, −1, 3: variance 14 / 2, error √(7 / 3)
    assert found.standard_error[0, 0, 0] == pytest.approx(math.sqrt(7 / 3))


def test_csv_names_units_and_counts_from_one():
    values = np.arange(12.0).reshape(2, 3, 1, 2)
    rows = list(csv.DictReader(io.StringIO(average(values).to_csv())))
    assert [(row["layer"], row["head"], row["photos"]) for row in rows] == [("1", "1", "2"), ("1", "2", "2")]
    assert float(rows[1]["distance_px"]) == 4
    assert float(rows[0]["prefix_mass_standard_error"]) == 3
    assert float(rows[0]["uniform_px"]) == pytest.approx(
        uniform_distance((2, 2), (16, 16), 1, renormalised=False)
    )


def test_an_average_without_spread_takes_no_more_photos():
    shipped = average(np.zeros((2, 3, 1, 2)))
    shipped = AttentionDistance(**vars(shipped) | {"squares": None})
    assert shipped.standard_error is None
    assert ",," in shipped.to_csv()
    with pytest.raises(ValueError, match="without their spread"):
        shipped.with_photos(np.zeros((1, 3, 1, 2)))


def test_skipped_photos_add_up():
    found = average(np.zeros((1, 3, 1, 2))).with_skipped([Skipped(name="a", reason="b")])
    assert found.seen == 2


def test_one_photo_is_no_list_of_photos(bundled, sample):
    for images in (sample, b"bytes"):
        with pytest.raises(TypeError, match="This is one photo"):
            attention_distance(bundled, images)
    with pytest.raises(ValueError, match="-1 photos at a time are none"):
        attention_distance(bundled, [sample], batch_size=-1)
