"""The journey on a phone: taps follow, a swipe across moves the story, one along the page scrolls it."""

import pytest
from playwright.sync_api import expect

from tests.browser.journey_helpers import journey_of, moment, scrub
from tests.browser.touch import PHONE, scrolled, swipe
from tests.helpers import DEPTH, HEADS
from tests.serving import at_rest

pytestmark = pytest.mark.browser

LEAST = 40


@pytest.fixture
def phone(open_page):
    def open_at(path: str = "/"):
        page = open_page(path, **PHONE)
        return page, journey_of(page)

    return open_at


def tap(journey, x: float, y: float) -> None:
    """A finger on the stage, at shares of its width and height."""
    box = journey.locator(".stage canvas").bounding_box()
    journey.page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])


# where the stage's own modules put the small maps, as shares of its width and height
MIDDLE = """async (canvas, [kind, index, L, H]) => {
  const urls = performance.getEntriesByType("resource").map(({ name }) => name);
  const own = urls.find((name) => name.includes("/journey/places.js"));
  const part = (file) => import(own.replace("/places.js", `/${file}.js`));
  const [{ places }, { headPlaces, layerPlaces }] = [await part("places"), await part("matrix_places")];
  const { width, height } = canvas.getBoundingClientRect();
  const film = { H, L, aspect: 1 };
  const place = places({ width, height }, film);
  const { maps } = (kind === "head" ? headPlaces : layerPlaces)(film, place);
  const { x, y, w, h } = maps[index];
  return [(x + w / 2) / width, (y + h / 2) / height];
}"""


def followed(journey) -> str:
    return journey.locator(".follow").inner_text()


def test_play_is_under_the_stage_on_the_first_screen(phone):
    page, journey = phone("/?step=7.5")
    stage, play = (journey.locator(part).bounding_box() for part in (".stage", ".play"))
    assert 0 <= play["y"] - stage["y"] - stage["height"] < 12
    assert play["y"] + play["height"] <= PHONE["viewport"]["height"]
    assert scrolled(page) == 0
    assert journey.get_by_role("button", name="Keys").is_hidden()


@pytest.mark.parametrize("width", [390, 360])
def test_every_control_is_large_enough_for_a_finger(open_page, width):
    journey = journey_of(open_page("/", **PHONE | {"viewport": {"width": width, "height": 740}}))
    controls = journey.locator("button:visible, select:visible, .bars, .slider input:visible").all()
    assert len(controls) > 8
    for control in controls:
        box = control.bounding_box()
        assert box["height"] >= LEAST, control.evaluate("element => element.outerHTML")
    assert journey.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_a_tap_follows_a_patch(phone):
    _, journey = phone("/?step=7.99")
    tap(journey, 0.04, 0.082)  # the first patch, under the chip of CLS
    expect(journey.locator(".follow")).to_contain_text("patch (1, 1)")


def test_a_tap_follows_a_head_and_a_layer(phone):
    _, journey = phone("/?step=12.99")
    for kind, count, index, at in (("head", HEADS, 3, 12.99), ("layer", DEPTH, 4, 15.99)):
        scrub(journey, at)
        tap(journey, *journey.locator(".stage canvas").evaluate(MIDDLE, [kind, index, DEPTH, HEADS]))
        expect(journey.locator(".follow")).to_contain_text(f"{index + 1} of {count}")
    assert f"4 of {HEADS}" in followed(journey)


def test_a_tap_follows_a_row_of_a_matrix(phone):
    _, journey = phone("/?step=7.99")
    tap(journey, 0.5, 0.9)
    expect(journey.locator(".follow")).not_to_contain_text("patch (8, 8)")
    assert "patch (" in followed(journey)


def test_a_swipe_across_moves_the_story_and_one_along_scrolls_the_page(phone):
    page, journey = phone("/?step=3.5")
    box = journey.locator(".stage").bounding_box()
    y = box["y"] + box["height"] / 2
    swipe(page, (330, y), (330 - 0.35 * box["width"], y))
    assert moment(journey) == "4, Linear projection, 0%"
    before = scrolled(page)
    swipe(page, (200, y + 100), (200, y - 150))
    assert scrolled(page) > before + 100
    assert moment(journey) == "4, Linear projection, 0%"


def test_on_its_side_film_and_play_fit_one_screen(open_page):
    page = open_page("/?step=7.5", **PHONE | {"viewport": {"width": 844, "height": 390}})
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").tap()  # there without hovering
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")
    journey = journey_of(page)
    boxes = [journey.locator(part) for part in (".stage", ".play")]
    stage, play = at_rest(page, lambda: [part.bounding_box() for part in boxes], pause_ms=400)
    assert play["y"] + play["height"] - stage["y"] <= 390
