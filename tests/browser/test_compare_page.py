"""The page Compare as a reader meets it: one cursor for two sides."""

import re

import pytest

from tests.helpers import HEADS
from tests.serving import overflow
from vit_viz import load_model, trace
from vit_viz.samples import sample_photo

pytestmark = pytest.mark.browser

LINK = "/compare?photo=dog&layer=2&head=3&token=90"


def line(page, side: int, place: int) -> str:
    return page.locator(".compare .part.map").nth(side).locator(".line").nth(place).inner_text()


def share(text: str) -> float:
    return float(re.search(r": ([\d.]+)%", text)[1])


def test_both_sides_show_their_own_weights(open_page):
    page = open_page(LINK)
    page.get_by_text("most on").nth(1).wait_for()
    model = load_model(device="cpu")
    for side, name in enumerate(("dog", "cat")):
        row = trace(model, sample_photo(name)).attn[1, 2, 90]
        assert share(line(page, side, 1)) == pytest.approx(100 * row.max(), abs=0.06)


def test_pointing_at_one_side_moves_the_other(open_page):
    page = open_page(LINK)
    page.get_by_text("most on").nth(1).wait_for()
    photo = page.locator(".compare .stage").nth(1)
    box = photo.bounding_box()
    photo.hover(position={"x": box["width"] * 2.5 / 14, "y": box["height"] * 1.5 / 14})
    assert line(page, 0, 0).startswith("patch (2, 3), layer 2")
    assert line(page, 1, 0).startswith("patch (2, 3), layer 2")
    photo.click(position={"x": box["width"] * 2.5 / 14, "y": box["height"] * 1.5 / 14})
    page.wait_for_url("**/*token=17*")


def test_a_dot_on_one_side_picks_the_head_on_both(open_page):
    page = open_page(LINK)
    dots = page.locator(".compare .part.plot").nth(1).locator("circle.dot")
    dots.first.wait_for()
    dot = dots.nth(4 * HEADS + 1)
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/*layer=5*head=2*")
    assert "layer 5, head 2" in line(page, 0, 0)
    assert "layer 5, head 2" in line(page, 1, 0)


def test_other_grid_and_rollout(open_page):
    page = open_page(LINK)
    page.get_by_role("radiogroup", name="Compare with").get_by_text("another resolution").click()
    page.get_by_text("112 × 112 px, 49 patches").wait_for()
    page.get_by_text("most on").nth(1).wait_for()
    assert line(page, 0, 0).startswith("patch (7, 6)")
    assert line(page, 1, 0).startswith("patch (4, 3)")
    page.locator(".compare").get_by_role("radio", name="rollout", exact=True).check(force=True)
    page.get_by_text("rollout through all layers").nth(1).wait_for()


def test_layer_and_head_are_set_above_the_photos_and_shared(open_page):
    page = open_page(LINK)
    page.get_by_text("most on").nth(1).wait_for()
    for name, value in (("Layer", "5"), ("Head", "2")):
        page.locator(".compare").get_by_role("slider", name=name).fill(value)
    page.wait_for_url("**/*layer=5&head=2*")
    assert [line(page, side, 0).split(", ", 2)[2] for side in (0, 1)] == ["layer 5, head 2"] * 2
    page.locator(".compare").get_by_text("same scale for both").wait_for()


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_is_wider_than_the_screen(open_page, width: int):
    page = open_page(LINK, width=width)
    page.get_by_text("most on").nth(1).wait_for()
    assert overflow(page) == 0
