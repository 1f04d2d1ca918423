"""A window that goes to another screen, a projector's say: its canvases take that screen's pixels."""

import pytest

from vit_viz.ui.navigation import page_path

pytestmark = pytest.mark.browser

PAINTED = {
    "journey": ".stage canvas",
    "position": "canvas.all",
    "embedding": ".line canvas",
    "qkv": ".bars canvas",
}
HAS_PIXELS = "([canvas, scale]) => Math.abs(canvas.width - scale * canvas.clientWidth) <= 1"


@pytest.mark.parametrize("name", PAINTED)
def test_canvas_has_the_pixels_of_the_screen_it_is_on(open_page, name: str):
    page = open_page(page_path(name))
    painted = page.locator(PAINTED[name]).first
    painted.wait_for()
    canvas = painted.element_handle()
    page.wait_for_function(HAS_PIXELS, arg=[canvas, 1])
    width, height = page.viewport_size["width"], page.viewport_size["height"]
    # a headless browser looks at its screen anew only where a side of it changes
    screen = {"width": width, "height": height + 1, "deviceScaleFactor": 2, "mobile": False}
    page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", screen)
    page.wait_for_function(HAS_PIXELS, arg=[canvas, 2])
