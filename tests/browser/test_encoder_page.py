"""The page Encoder block as a reader meets it: printed numbers are the trace's."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from tests.serving import cell, overflow
from vit_viz import load_model, trace
from vit_viz.analysis.stream import contributions
from vit_viz.samples import sample_photo

pytestmark = pytest.mark.browser

TOKEN, LAYER = 66, 3


@pytest.fixture(scope="module")
def found():
    cat = trace(load_model(device="cpu"), sample_photo("cat"))
    return contributions(cat.resid, cat.attn_out, cat.mlp_out)


def opened(open_page, **options):
    page = open_page(f"/encoder?photo=cat&token={TOKEN}&layer={LAYER}", **options)
    page.locator(".stream .readout", has_text="Layer").wait_for()
    return page


def numbers(page) -> list[float]:
    said = page.locator(".stream .readout").inner_text().replace("−", "-").split(":", 1)[1]
    return [float(number) for number in re.findall(r"-?\d+\.\d+", said)]


def expected(found, token: int, layer: int) -> list[float]:
    at = layer - 1
    before, middle, after = found.resid[at, token], found.middle[at, token], found.resid[layer, token]
    attn, mlp = found.attn[at, token], found.mlp[at, token]
    return [
        before,
        *(attn, 100 * attn / before, found.attn_cos[at, token], middle),
        *(mlp, 100 * mlp / middle, found.mlp_cos[at, token], after),
    ]


def hover_patch(page, map_index: int, row: int, col: int) -> None:
    box = page.locator(".map-box").nth(map_index)
    box.scroll_into_view_if_needed()
    box.hover(position=cell(box, row, col))


def test_readout_is_the_contributions(open_page, found):
    page = opened(open_page)
    np.testing.assert_allclose(numbers(page), expected(found, TOKEN, LAYER), atol=0.051)
    assert page.locator(".stream h3").inner_text() == "Patch (5, 10) through the layers"


def test_hovering_follows_any_patch_and_any_layer(open_page, found):
    page = opened(open_page)
    hover_patch(page, 0, 2, 5)  # on the photo
    assert page.locator(".stream h3").inner_text() == "Patch (3, 6) through the layers"
    np.testing.assert_allclose(numbers(page), expected(found, 1 + 2 * 14 + 5, LAYER), atol=0.051)
    page.mouse.move(0, 0)
    chart = page.locator(".chart-box").first
    size = chart.bounding_box()
    chart.hover(position={"x": size["width"] - 14, "y": 60})
    np.testing.assert_allclose(numbers(page), expected(found, TOKEN, len(found.attn)), atol=0.051)


def test_clicking_picks_for_the_whole_page(open_page):
    page = opened(open_page)
    hover_patch(page, 2, 0, 1)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url("**/*token=2*")
    page.get_by_role("heading", name="Inside the MLP of layer 3, for patch (1, 2)").wait_for()


def test_layer_slider_moves_maps_and_charts_below(open_page):
    page = opened(open_page)
    page.get_by_role("slider", name="Layer").fill("5")
    page.wait_for_url("**/*layer=5*")
    page.get_by_role("heading", name="Inside the MLP of layer 5, for patch (5, 10)").wait_for()
    assert page.locator(".map.chosen figcaption").inner_text() == "after 5"


def test_longest_row_is_darkest(open_page, found):
    page = opened(open_page)
    painted = np.array(
        page.locator(".map-box canvas")
        .nth(LAYER)
        .evaluate(
            "canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)"
        )
    ).reshape(196, 4)
    lengths = found.resid[LAYER, 1:]
    order = np.argsort(lengths)
    assert painted[order[-1], 0] < painted[order[0], 0]
    assert np.corrcoef(painted[:, 0], lengths)[0, 1] < -0.99


def test_prefix_tokens_are_squares_above_the_maps(open_page):
    page = opened(open_page)
    page.locator(".square").first.hover()
    assert page.locator(".stream h3").inner_text() == "CLS through the layers"


def test_block_and_its_numbers_are_drawn(open_page, found):
    page = opened(open_page)
    drawings = page.locator(".blocks figure")
    drawings.nth(1).wait_for()
    values = drawings.first.locator(".value").all_text_contents()
    assert f"{found.attn[LAYER - 1, TOKEN]:.2f}" in values
    assert f"{found.resid[LAYER, TOKEN]:.2f}" in values
    assert drawings.nth(1).locator(".value").count() == 0


def test_contributions_as_a_file(open_page, found):
    page = opened(open_page)
    with page.expect_download() as download:
        page.get_by_role("button", name="All rows through the layers (CSV)").click()
    rows = list(csv.reader(Path(download.value.path()).read_text().splitlines()))
    assert len(rows) == 1 + len(found.attn) * 197
    layer, name, *numbers = rows[1 + 2 * 197 + TOKEN]
    assert (layer, name) == ("3", "patch (5, 10)")
    at = LAYER - 1
    tables = (
        found.resid,
        found.attn,
        found.attn_cos,
        found.middle,
        found.mlp,
        found.mlp_cos,
        found.resid[1:],
    )
    np.testing.assert_allclose(
        [float(number) for number in numbers],
        [table[at, TOKEN] for table in tables],
        rtol=1e-6,
    )


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_page_is_whole(open_page, dark: bool, width: int):
    page = opened(open_page, width=width, dark=dark)
    assert overflow(page) == 0
