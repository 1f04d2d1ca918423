"""The components under a finger: scrolling past changes nothing, and each tap tells its number."""

import pytest

from tests.browser.touch import PHONE, scrolled, swipe

pytestmark = pytest.mark.browser


def test_swiping_past_a_slider_scrolls_and_leaves_it(open_page):
    page = open_page("/attention?layer=6", **PHONE)
    slider = page.locator(".explorer").get_by_role("slider", name="Layer")
    slider.scroll_into_view_if_needed()
    box, before, above = slider.bounding_box(), slider.input_value(), scrolled(page)
    x, y = box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2  # not where the thumb is
    swipe(page, (x, y), (x, y - 250))
    assert abs(scrolled(page) - above) > 100
    assert slider.input_value() == before
    assert "layer=6" in page.url


def test_a_tap_still_sets_a_slider(open_page):
    page = open_page("/attention?layer=6", **PHONE)
    slider = page.locator(".explorer").get_by_role("slider", name="Layer")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.touchscreen.tap(box["x"] + 0.1 * box["width"], box["y"] + box["height"] / 2)
    assert int(slider.input_value()) < 4


def test_a_tap_on_another_strip_tells_its_number_at_once(open_page):
    page = open_page("/position", **PHONE)
    strips = page.locator(".row-sum .plot")
    strips.nth(1).scroll_into_view_if_needed()
    said = []
    for number in (0, 1, 0):
        strips.nth(number).tap()
        said.append(page.locator(".row-sum .readout .said").inner_text())
    assert all(any(sign.isdigit() for sign in text) for text in said), said


def test_segments_are_as_wide_as_a_finger(open_page):
    page = open_page("/patches", **PHONE)
    page.locator(".options label").first.wait_for()
    boxes = [label.bounding_box() for label in page.locator(".options label").all()]
    assert all(box["width"] >= 36 and box["height"] >= 40 for box in boxes)


# how high a finger finds each of these: ::after may reach beyond what is drawn
REACH = """(element) => {
  const own = element.getBoundingClientRect().height;
  const after = getComputedStyle(element, "::after");
  if (after.content === "none" || after.position !== "absolute") return own;
  return own - parseFloat(after.top) - parseFloat(after.bottom);
}"""


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/encoder", (".square",)),
        ("/prediction", (".patch-mask .action", "button.delta-row", "button.lens-row")),
        ("/rollout", (".component summary", ".play")),
        ("/attention", (".component summary", ".strongest button", ".picture-tools button")),
        ("/qkv", (".component summary", ".strongest button", ".tile")),
    ],
)
def test_what_is_pressed_is_as_high_as_a_finger(open_page, path: str, parts: tuple[str, ...]):
    page = open_page(path, **PHONE)
    for part in parts:
        found = page.get_by_test_id("stMain").locator(part).filter(visible=True)
        found.first.wait_for()
        assert all(reach >= 40 for reach in (one.evaluate(REACH) for one in found.all())), part
