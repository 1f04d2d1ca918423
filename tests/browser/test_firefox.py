"""Every page in an engine other than Chromium's: drawn, within its screen, and without an error."""

from collections.abc import Iterator

import pytest

from tests.firefox import END, Firefox, firefox_path, running_firefox
from tests.serving import READY
from vit_viz.ui.navigation import PAGES, page_path

pytestmark = pytest.mark.browser

# of each part that the page draws itself, how high it is, and what it says where it cannot be drawn
PARTS = """Array.from(document.querySelectorAll("[data-testid=stMain] .stBidiComponent"), (component) => {
  const { shadowRoot } = component.querySelector("[data-testid=stBidiComponentIsolated]") ?? {};
  const drawn = shadowRoot?.querySelector(".mounted, .journey");
  return [drawn?.offsetHeight ?? 0, shadowRoot?.querySelector("[role=alert]:not([hidden])")?.textContent ?? ""];
})"""
OVERFLOW = """Math.max(...Array.from(document.querySelectorAll("html, [data-testid=stMain]"),
                                     (element) => element.scrollWidth - element.clientWidth))"""
JOURNEY = 'document.querySelector(".st-key-journey [data-testid=stBidiComponentIsolated]").shadowRoot'
MOMENT = f'{JOURNEY}.querySelector(".bars input").getAttribute("aria-valuetext")'
TONES = f"""(({{ width, height, context = {JOURNEY}.querySelector(".stage canvas").getContext("2d") }}) =>
  new Set(new Uint32Array(context.getImageData(0, 0, width, height).data.buffer)).size
)({JOURNEY}.querySelector(".stage canvas"))"""


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    path = firefox_path()
    if path is None:
        pytest.skip("no Firefox on this machine")
    with running_firefox(path, tmp_path_factory.mktemp("firefox")) as firefox:
        yield firefox


def settled(firefox: Firefox, url: str, width: int) -> list[tuple[int, str]]:
    """Open a page and wait until all its parts are drawn; these are returned."""
    firefox.open(url, width=width)
    firefox.until(
        f"document.body.innerText.includes('Matches timm') && document.querySelector('{READY}') !== null"
    )
    return firefox.until(
        f"((parts) => parts.length > 0 && parts.every(([height]) => height > 0) && parts)({PARTS})"
    )


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_drawn_without_an_error(firefox: Firefox, app_url: str, name: str, width: int):
    parts = settled(firefox, app_url + page_path(name), width)
    assert [problem for _height, problem in parts if problem] == []
    assert firefox.look(OVERFLOW) <= 0
    assert firefox.errors == []


def test_journey_goes_to_its_end(firefox: Firefox, app_url: str):
    settled(firefox, app_url, 1440)
    firefox.until(MOMENT)
    firefox.look(f"{JOURNEY}.querySelector('.stage').focus()")
    firefox.press(END)
    firefox.until(f"{MOMENT} === '17, Training, 100%'")
    assert firefox.look(TONES) > 100
    assert firefox.errors == []
