"""Numbers and figures of the Patches page, and the sentences about them."""

import numpy as np
import pytest
from PIL import Image

from vit_viz import prepare
from vit_viz.analysis.answer import top_k
from vit_viz.analysis.patches import Cost, contrast, costs, kept_share, middle_of, picked_patch
from vit_viz.figures.patches import crop_picture
from vit_viz.ui.words.attention import nearest_and_farthest, prefix_share, strongest_targets
from vit_viz.ui.words.patches import patch_notices


def test_contrast_by_hand():
    flat, halves = np.full((2, 2, 3), 7, np.uint8), np.zeros((2, 2, 3), np.uint8)
    halves[0] = 255  # half 255, half 0: mean 127.5, every value 127.5 away from it
    red = np.zeros_like(flat)
    red[..., 0] = 200  # one colour throughout does not vary, however far its channels lie apart
    assert contrast(np.stack([flat, halves, red])).tolist() == [0.0, 127.5, 0.0]


@pytest.mark.parametrize(
    ("resized", "box", "share"),
    [
        ((372, 248), (74, 12, 298, 236), 224 * 224 / (372 * 248)),
        ((224, 224), (0, 0, 224, 224), 1.0),
        ((100, 200), (-62, -12, 162, 212), 1.0),
    ],
)
def test_kept_share(resized, box, share: float):
    assert kept_share(resized, box) == pytest.approx(share)


def test_costs_by_hand():
    assert costs(224, 224, (1, 16, 32), 1) == [
        Cost(1, 50177, 50177**2),
        Cost(16, 197, 38809),
        Cost(32, 50, 2500),
    ]
    assert costs(64, 96, (16,), 0) == [Cost(16, 24, 576)]


@pytest.mark.parametrize(("grid", "place"), [((14, 14), (7, 7)), ((7, 7), (3, 3)), ((2, 5), (1, 2))])
def test_the_middle_patch(grid, place):
    assert divmod(middle_of(grid), grid[1]) == place


def test_the_picked_patch_is_the_middle_one_for_a_prefix_token():
    assert [picked_patch(token, 2, (3, 5)) for token in (0, 1, 2, 16)] == [7, 7, 0, 14]
    assert picked_patch(0, 0, (3, 5)) == 0


def test_crop_picture_keeps_the_inside_and_dims_the_outside(bundled):
    prepared = prepare(Image.new("RGB", (400, 300), "#ff0000"), bundled.info.data_config)
    picture, (left, top, *_) = crop_picture(prepared), prepared.crop_box
    assert picture.getpixel((left + 20, top + 20)) == (255, 0, 0)
    assert picture.getpixel((left - 5, top + 20)) != (255, 0, 0)
    assert picture.getpixel((left, top)) == (255, 255, 255)


def test_top_k_is_sorted_and_names_the_first_synonym():
    guesses = top_k(np.array([0.1, 0.7, 0.2]), ["a", "tabby, tabby cat", "c"], 2)
    assert [(guess.short_label, guess.prob) for guess in guesses] == [("tabby", 0.7), ("c", 0.2)]


def test_notices_follow_the_photo():
    values = np.array([5.0, 60.0, 1.0, 30.0])
    table = costs(32, 32, (1, 16), 1)
    first, second, third = patch_notices(values, (2, 2), 0.54, table, 16)
    assert (
        "patch (1, 2) varies most (the pixels' standard deviation from their patch's mean colour is 60.0)"
        in first
    )
    assert "patch (2, 1) least (1.0)" in first
    assert "2 patches least (0.0)" in patch_notices(np.array([9.0, 0, 3, 0]), (2, 2), 1, table, 16)[0]
    assert patch_notices(np.zeros(4), (2, 2), 1, table, 16)[0].startswith("All 4 patches vary alike")
    assert "keeps 54% of" in second
    assert "keeps 2.0·10⁻⁴ of" in patch_notices(values, (2, 2), 2e-4, table, 16)[1]
    assert "keeps 99.6% of" in patch_notices(values, (2, 2), 0.996, table, 16)[1]
    assert "keeps 100% of" in patch_notices(values, (2, 2), 1, table, 16)[1]
    assert "255, 3 patches vary most" in patch_notices(np.array([9.0, 0, 9, 9]), (2, 2), 1, table, 16)[0]
    assert f"{1025**2:,} entries, {1025**2 // 25:,} times" in third
    assert (
        "patch (2, 2) varies most"
        in patch_notices(values[[0, 2, 1, 3]] + [0, 0, 0, 99], (2, 2), 1, table, 16)[0]
    )


def test_attention_sentences_by_hand():
    row = np.array([0.5, 0.1, 0.1, 0.3, 0.0])
    assert strongest_targets(row, 2, ("CLS",), (2, 2)) == (
        "Patch (1, 2) looks most at CLS (50.0%) and patch (2, 1) (30.0%), and keeps 10.0% on itself. "
        "An even spread would give each token 20.0%."
    )
    assert strongest_targets(row, 0, ("CLS",), (2, 2)).startswith(
        "CLS looks most at itself (50.0%) and patch (2, 1) (30.0%). An even"
    )
    distances, elsewhere = np.array([[50.0, 9.0], [80.0, 20.0]]), np.full((2, 2), 0.4)
    assert nearest_and_farthest(distances, elsewhere) == (
        "Head 2 of layer 1 looks nearest on this photo, 9 px away on average; head 1 of layer 2 farthest, 80 px."
    )
    assert "because 90% of its weight lies on tokens without a place" in nearest_and_farthest(
        distances, elsewhere + 0.5
    )
    assert nearest_and_farthest(np.full((2, 2), 116.1), elsewhere).startswith("All heads look 116 px away")
    mass = np.array([[0, 0], [0.25, 0]])
    assert prefix_share(mass, ("CLS",), 17).startswith("More than any other head, head 1 of layer 2 parks")
    assert "25%" in prefix_share(mass, ("CLS",), 17)
    low = prefix_share(mass, ("CLS",), 5)  # an even spread would put 20% there
    assert low.startswith(
        "No head parks its patches' attention on CLS: the most that one puts there, head 1 of layer 2"
    )
    assert low.endswith("25% of each row on average; an even spread puts 20%.")
    assert prefix_share(2.4 * mass, ("CLS",), 5).endswith(
        "parks its patches' attention on CLS: 60% of each row on average."
    )
    assert "no CLS" in prefix_share(mass, (), 17)
    assert "parks its patches' attention on REG: 25%" in prefix_share(mass, ("REG",), 17)
