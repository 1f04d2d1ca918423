"""Room kept for a component until it is drawn (vit_viz/ui/page.css): what stands below must not jump."""

import pytest

from tests.serving import at_rest, settle
from vit_viz.ui.navigation import PAGES, page_path

SCREEN = 900
SIZES = """() => Array.from(document.querySelectorAll("[data-testid=stMain] .stBidiComponent"), (component) => {
  const place = component.closest(".stElementContainer");
  const rooms = [place, component].map((element) => parseFloat(getComputedStyle(element).minHeight) || 0);
  const { shadowRoot } = component.querySelector("[data-testid=stBidiComponentIsolated]") ?? {};
  const drawn = shadowRoot?.querySelector(".mounted, .journey");
  return [place.className.match(/st-key-(\\S+)/)[1], Math.max(...rooms), drawn?.offsetHeight ?? 0];
})"""


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("name", PAGES)
def test_a_component_has_most_of_the_room_it_takes(open_page, name: str, width: int) -> None:
    page = open_page(page_path(name), width=width)
    page.locator("[data-testid=stMain] .stBidiComponent").first.wait_for()
    # no gap is left below it
    page.wait_for_function(f"() => ({SIZES})().every(([key, room, drawn]) => drawn >= room)")
    # some grow until all numbers are there
    for key, room, drawn in at_rest(page, lambda: page.evaluate(SIZES), pause_ms=1000):
        assert room >= 0.65 * min(drawn, SCREEN), key


STANDS = """() => {
  window.stood = new Set();
  const parts = { title: "h1", question: "[data-testid=stMarkdown]", answer: "[role=list]" };
  const look = () => {
    for (const [name, found] of Object.entries(parts)) {
      const element = document.querySelector(`[data-testid=stMain] ${found}`);
      if (element) window.stood.add(`${name} ${Math.round(element.getBoundingClientRect().top)}`);
    }
    requestAnimationFrame(look);
  };
  look();
}"""


# where those parts have stood; where all that the page is made of stands now
SEEN = """() => [
  Array.from(window.stood).sort(),
  Array.from(document.querySelectorAll("[data-testid=stMain] .stElementContainer"), (element) => {
    const { top, height } = element.getBoundingClientRect();
    return [top, height];
  }),
]"""


def test_a_first_visit_does_not_move_what_it_has_shown(chromium, app_url):
    """Of a link to a page, in a browser that has nothing of the app yet."""
    context = chromium.new_context(viewport={"width": 1440, "height": SCREEN})
    page = context.new_page()
    page.add_init_script(f"({STANDS})()")
    page.goto(app_url + page_path("patches"))
    page.locator("[data-testid=stMain] [role=list]").wait_for()
    settle(page)
    stood, _ = at_rest(page, lambda: page.evaluate(SEEN), pause_ms=1000)
    context.close()
    assert [line.split()[0] for line in stood] == ["answer", "question", "title"], stood
