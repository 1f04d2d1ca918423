"""The Embedding page as a reader meets it: printed numbers are the projection's own."""

import re

import numpy as np
import pytest

from tests.helpers import number
from tests.serving import overflow
from vit_viz import load_model, trace
from vit_viz.analysis.embedding import cosine_to, most_alike
from vit_viz.experiments.embedding import Projection, patch_projection
from vit_viz.samples import sample_photo

pytestmark = pytest.mark.browser

TOKEN, PATCH, N, D = 66, 65, 196, 192
LINK = f"/embedding?photo=cat&token={TOKEN}"


@pytest.fixture(scope="module")
def projection() -> Projection:
    model = load_model(device="cpu")
    return patch_projection(model, trace(model, sample_photo("cat")))


def opened(open_page, **options):
    page = open_page(LINK, **options)
    page.locator(".embedding .result").wait_for()
    return page


def result(page) -> float:
    return number(page.locator(".embedding .result").inner_text())


def at(page, plot, row: float, col: float) -> dict:
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    return {"x": box["width"] * col, "y": box["height"] * row}


def test_one_number_of_the_matrix_for_any_filter(open_page, projection):
    page = opened(open_page)
    slider = page.get_by_role("slider", name="Filter", exact=True)
    for dimension in (0, 100, D - 1):
        slider.fill(str(dimension + 1))
        assert result(page) == pytest.approx(float(projection.outputs[PATCH, dimension]), rel=6e-4)
        terms = projection.inputs[PATCH] * projection.weight[dimension].reshape(-1)
        shown = [number(text) for text in page.locator(".sums .number").all_inner_texts()]
        np.testing.assert_allclose(shown, terms.reshape(3, -1).sum(axis=1), rtol=1e-3, atol=2e-4)
    page.get_by_text(f"times filter {D}: 768 products add up").wait_for()


def test_a_pixel_is_read_in_all_three_pictures(open_page, projection):
    page = opened(open_page)
    heat = page.locator(".planes .heat").nth(2)
    heat.hover(position=at(page, heat, (16 + 3.5) / 48, 5.5 / 16))
    said = page.locator(".product .readout .said").inner_text()
    found = re.match(r"G of pixel \(4, 6\): (\S+) × (\S+) [=≈] (\S+)", said)
    assert found
    index = 256 + 3 * 16 + 5
    x, w = projection.inputs[PATCH, index], projection.weight[0].reshape(-1)[index]
    np.testing.assert_allclose([number(text) for text in found.groups()], [x, w, x * w], rtol=1e-3)


def test_a_click_on_the_matrix_picks_its_patch_and_filter(open_page, projection):
    page = opened(open_page)
    matrix = page.locator(".matrix .heat")
    matrix.click(position=at(page, matrix, 20.5 / N, 50.5 / D))
    page.wait_for_url("**/*token=21*")
    assert "filter 51" in page.locator(".product h3").inner_text()
    assert result(page) == pytest.approx(float(projection.outputs[20, 50]), rel=6e-4)


def test_reading_the_matrix_does_not_move_it(open_page):
    page = opened(open_page)
    matrix = page.locator(".matrix .heat")
    matrix.scroll_into_view_if_needed()
    before = matrix.bounding_box()
    for step in range(24):
        down = (0.02 + 7 * step / 24) % 1
        page.mouse.move(
            before["x"] + before["width"] * (0.03 + 0.04 * step), before["y"] + before["height"] * down
        )
        page.wait_for_timeout(30)
        assert matrix.bounding_box() == before


def test_the_most_alike_patches_before_and_after(open_page, projection):
    page = opened(open_page)
    for side, rows in (("inputs", projection.inputs), ("outputs", projection.outputs)):
        cosines = cosine_to(rows, PATCH)
        expected = [
            f"({patch // 14 + 1}, {patch % 14 + 1}) {cosines[patch]:.3f}"
            for patch in most_alike(cosines, PATCH, 5)
        ]
        listed = page.locator(f".side.{side} li").all_inner_texts()
        assert [" ".join(text.split("\n")) for text in listed] == expected
    page.locator(".side.outputs li button").first.click()
    patch = int(most_alike(cosine_to(projection.outputs, PATCH), PATCH, 1)[0])
    page.wait_for_url(f"**/*token={patch + 1}*")


def test_filters_beside_the_untrained_ones_and_a_raw_one_picked(open_page):
    page = opened(open_page)
    assert page.locator(".gallery .tile").count() == 28
    page.get_by_label("beside ViT Viz/16 untrained").check()
    assert page.locator(".gallery .tile").count() == 56
    page.get_by_label("raw filters").check()
    tile = page.locator(".gallery button.tile").nth(5)
    name = tile.get_attribute("aria-label").split(", ")[1]
    tile.click()
    page.locator(".product h3", has_text=f"times {name}:").wait_for()


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_nothing_is_cut(open_page, dark: bool):
    page = opened(open_page, width=390, dark=dark)
    assert overflow(page) == 0
    box = page.locator(".planes").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
