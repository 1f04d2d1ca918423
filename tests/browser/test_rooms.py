"""Room kept for a component until it is drawn (vit_viz/ui/page.css): what stands below must not jump."""

import pytest

from vit_viz.ui.navigation import PAGES, page_path

SCREEN = 900
SIZES = """() => Array.from(document.querySelectorAll("[data-testid=stMain] .stBidiComponent"), (component) => {
  const place = component.closest(".stElementContainer");
  const rooms = [place, component].map((element) => parseFloat(getComputedStyle(element).minHeight) || 0);
  const { shadowRoot } = component.querySelector("[data-testid=stBidiComponentIsolated]") ?? {};
  const drawn = shadowRoot?.querySelector(".mounted, .journey");
  return [place.className.match(/st-key-(\\S+)/)[1], Math.max(...rooms), drawn?.offsetHeight ?? 0];
})"""


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", PAGES)
def test_a_component_has_most_of_the_room_it_takes(open_page, name: str, width: int) -> None:
    page = open_page(page_path(name), width=width)
    page.locator("[data-testid=stMain] .stBidiComponent").first.wait_for()
    # no gap is left below it
    page.wait_for_function(f"() => ({SIZES})().every(([key, room, drawn]) => drawn >= room)")
    page.wait_for_timeout(1500)  # some grow until all numbers are there
    for key, room, drawn in page.evaluate(SIZES):
        assert room >= 0.65 * min(drawn, SCREEN), key
