"""The page CLS and position as a reader meets it: what is printed and painted is the model's own."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from tests.serving import cell, overflow, settle
from vit_viz import load_model, trace
from vit_viz.analysis.positions import cosine_similarity
from vit_viz.samples import sample_photo

pytestmark = pytest.mark.browser

TOKEN = 66


@pytest.fixture(scope="module")
def cat():
    return trace(load_model(device="cpu"), sample_photo("cat"))


def opened(open_page, **options):
    page = open_page(f"/position?photo=cat&token={TOKEN}", **options)
    page.locator(".tiles .readout", has_text="most like").wait_for()
    return page


def name(page) -> str:
    return page.locator(".tiles .name").inner_text()


def cosine(page) -> float:
    return float(page.locator(".tiles .readout").inner_text().split(": ")[1].replace("−", "-"))


def hover(page, selector: str, row: float, col: float, cells: int = 14) -> None:
    box = page.locator(selector)
    box.scroll_into_view_if_needed()
    box.hover(position=cell(box, row, col, cells))


def test_tile_and_cell_are_the_cosines_of_the_positions(open_page, cat):
    page = opened(open_page)
    assert name(page) == "Position (5, 10)"
    expected = cosine_similarity(cat.pos[1:])
    hover(page, ".enlarged", 12, 3)
    assert "with (13, 4)" in page.locator(".tiles .readout").inner_text()
    assert cosine(page) == pytest.approx(expected[TOKEN - 1, 12 * 14 + 3], abs=6e-4)


def test_enlarged_tile_is_painted_in_reading_order(open_page, cat):
    """Blue where the cosine is below zero, vermilion above: seen at the cells of the largest size."""
    page = opened(open_page)
    painted = np.array(
        page.locator(".enlarged canvas").evaluate(
            "canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)"
        )
    ).reshape(196, 4)
    expected = cosine_similarity(cat.pos[1:])[TOKEN - 1]
    clear = np.abs(expected) > 0.15
    redder = painted[:, 0] > painted[:, 2]
    np.testing.assert_array_equal(redder[clear], expected[clear] > 0)
    assert (expected[clear] < 0).any()


def test_all_tiles_stand_at_their_places(open_page, cat):
    """Where the cosine is clearly signed, the middle of its small cell has the sign's colour."""
    page = opened(open_page)
    expected = cosine_similarity(cat.pos[1:]).reshape(14, 14, 14, 14)
    cells = np.argwhere(np.abs(expected) > 0.3)[::400]
    painted = page.locator(".all").evaluate(
        """(canvas, cells) => cells.map(([row, col, y, x]) => {
            const room = canvas.width / 14, size = room * 0.92;
            const place = (tile, cell) => Math.floor(tile * room + ((cell + 0.5) * size) / 14);
            return Array.from(canvas.getContext("2d").getImageData(place(col, x), place(row, y), 1, 1).data);
        })""",
        cells.tolist(),
    )
    redder = np.array([pixel[0] > pixel[2] for pixel in painted])
    np.testing.assert_array_equal(redder, expected[tuple(cells.T)] > 0)
    assert 0 < redder.sum() < len(redder)


def test_hovering_enlarges_and_clicking_picks(open_page):
    page = opened(open_page)
    hover(page, ".all", 0, 2)
    assert name(page) == "Position (1, 3)"
    page.mouse.move(0, 0)
    assert name(page) == "Position (5, 10)"
    hover(page, ".all", 1, 2)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url("**/*token=17*")
    page.get_by_role("heading", name="z₀ of patch (2, 3)").wait_for()
    assert name(page) == "Position (2, 3)"


def test_arrows_walk(open_page):
    page = opened(open_page)
    page.locator(".all").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.wait_for_url(f"**/*token={TOKEN + 15}*")
    assert name(page) == "Position (6, 11)"


def test_sum_is_added_up_number_by_number(open_page, cat):
    page = opened(open_page)
    row = page.locator(".row-sum .plot").first
    row.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    said = page.locator(".row-sum .readout").inner_text().replace("−", "-")
    token, position, z0 = (float(number) for number in re.findall(r"-?\d+\.\d+", said))
    assert said.startswith("Number 2 of 192")
    np.testing.assert_allclose(
        [token, position, z0], [cat.tokens[TOKEN, 1], cat.pos[TOKEN, 1], cat.resid[0, TOKEN, 1]], rtol=1e-5
    )


def test_shuffle_answers_in_five_cards(open_page):
    page = opened(open_page)
    page.get_by_role("button", name="Shuffle, and ask the model five times").click()
    cards = page.get_by_role("list", name="Five answers").locator("> [role=listitem]")
    cards.nth(4).wait_for()
    assert cards.count() == 5
    changes = re.findall(r"largest logit change (\S+)( ≤ 10⁻⁵)?", " ".join(cards.all_inner_texts()))
    assert [bool(bound) for _, bound in changes] == [True, False, True]
    assert float(changes[1][0].rstrip("%")) > 1


def downloaded(page, name: str) -> list[list[str]]:
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    return list(csv.reader(Path(download.value.path()).read_text().splitlines()))


def test_cosines_as_a_file(open_page, cat):
    names, *rows = downloaded(opened(open_page), "Cosines of all positions (CSV)")
    assert (names[0], names[2], rows[14][0]) == ("place", "(1, 2)", "(2, 1)")
    found = np.array([[float(value) for value in row[1:]] for row in rows])
    np.testing.assert_allclose(found, cosine_similarity(cat.pos[1:]), atol=1e-9)


def test_panels_of_other_kinds_follow_one_place(open_page):
    page = opened(open_page)
    page.get_by_text("The same positions at other resolutions").click()
    names = page.locator(".tiles").nth(1).locator(".name")
    names.nth(3).wait_for()
    page.locator(".tiles").nth(1).locator(".readout", has_text="most like").nth(3).wait_for()
    assert names.all_inner_texts() == [
        "Position (5, 10)",
        "Position (3, 5)",
        "Position (5, 15)",
        "Position (7, 15)",
    ]


def test_first_drawn_in_an_expander_it_has_the_pages_colours(open_page):
    page = opened(open_page)
    page.get_by_text("CLS on its own").click()
    rows = page.locator(".row-sum")
    rows.nth(1).locator("canvas").first.wait_for()
    settle(page)
    assert "light" in rows.nth(1).get_attribute("class").split()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_page_is_whole(open_page, dark: bool, width: int):
    page = opened(open_page, width=width, dark=dark)
    assert overflow(page) == 0
    assert page.locator(".all").bounding_box()["width"] > 250
