"""Every page in engines other than Chromium's: drawn, within its screen, and without an error."""

from collections.abc import Iterator

import pytest

from tests.engines import END, Engine, firefox, webkit
from tests.serving import OVERFLOW, READY
from vit_viz.ui.navigation import PAGES, page_path

pytestmark = pytest.mark.browser

# of each part that the page draws itself, how high it is, and what it says where it cannot be drawn
PARTS = """Array.from(document.querySelectorAll("[data-testid=stMain] .stBidiComponent"), (component) => {
  const { shadowRoot } = component.querySelector("[data-testid=stBidiComponentIsolated]") ?? {};
  const drawn = shadowRoot?.querySelector(".mounted, .journey");
  return [drawn?.offsetHeight ?? 0, shadowRoot?.querySelector("[role=alert]:not([hidden])")?.textContent ?? ""];
})"""
JOURNEY = 'document.querySelector(".st-key-journey [data-testid=stBidiComponentIsolated]").shadowRoot'
MOMENT = f'{JOURNEY}.querySelector(".bars input").getAttribute("aria-valuetext")'
TONES = f"""(({{ width, height, context = {JOURNEY}.querySelector(".stage canvas").getContext("2d") }}) =>
  new Set(new Uint32Array(context.getImageData(0, 0, width, height).data.buffer)).size
)({JOURNEY}.querySelector(".stage canvas"))"""


@pytest.fixture(scope="module", params=[firefox, webkit], ids=["firefox", "webkit"])
def engine(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    name = request.param.__name__
    with request.param(tmp_path_factory.mktemp(name)) as engine:
        yield engine or pytest.skip(f"no {name} that can be driven on this machine")


def settled(engine: Engine, url: str, width: int) -> list[tuple[int, str]]:
    """Open a page and wait until all its parts are drawn; these are returned."""
    engine.open(url, width=width)
    engine.until(
        f"document.body.textContent.includes('Matches timm') && document.querySelector('{READY}') !== null"
    )
    return engine.until(
        f"((parts) => parts.length > 0 && parts.every(([height]) => height > 0) && parts)({PARTS})"
    )


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_drawn_without_an_error(engine: Engine, app_url: str, name: str, width: int):
    parts = settled(engine, app_url + page_path(name), width)
    assert [problem for _height, problem in parts if problem] == []
    assert engine.look(OVERFLOW) <= 0
    assert engine.errors() == []


def test_journey_goes_to_its_end(engine: Engine, app_url: str):
    settled(engine, app_url, 1440)
    engine.until(MOMENT)
    engine.look(f"{JOURNEY}.querySelector('.stage').focus()")
    engine.press(END)
    engine.until(f"{MOMENT} === '17, Training, 100%'")
    assert engine.look(TONES) > 100
    assert engine.errors() == []
