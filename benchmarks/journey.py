"""The journey in headless Chromium at 1440 × 900: what a frame costs, and how evenly frames come while it plays."""

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Locator, sync_playwright

from benchmarks.table import Row
from tests.browser.journey_helpers import SCENES, journey_of
from tests.serving import CHROMIUM_FLAGS, chromium_path
from vit_viz import load_model, trace
from vit_viz.components.journey_export import export_journey
from vit_viz.samples import sample_photo

MOMENTS = 40
FRAME = 1000 / 60
SLOW = 50

# the handler of the scrub bar draws at once; reading a pixel makes the canvas finish
COST = """(journey, moments) => {
  const slider = journey.querySelector(".bars input");
  const context = journey.querySelector(".stage canvas").getContext("2d");
  return moments.map((moment) => {
    const start = performance.now();
    slider.value = String(moment);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    context.getImageData(0, 0, 1, 1);
    return performance.now() - start;
  });
}"""
INTERVALS = """async (journey, seconds) => {
  const buttons = journey.querySelector(".buttons");
  const speed = buttons.querySelector("select");
  speed.value = "4";
  speed.dispatchEvent(new Event("change"));
  buttons.querySelector(".through").click();
  buttons.querySelector(".start").click();
  buttons.querySelector(".play").click();
  const found = [];
  let last = performance.now();
  const end = last + seconds * 1000;
  while (last < end) {
    const now = await new Promise(requestAnimationFrame);
    found.push(now - last);
    last = now;
  }
  buttons.querySelector(".play").click();
  return found.slice(2);
}"""


def rows() -> Iterator[Row]:
    """Cost of a frame over all scenes, then intervals between frames while it plays at four times its speed."""
    model = load_model(device="cpu")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = export_journey(model, trace(model, sample_photo("cat")), Path(folder) / "journey.html")
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(file.as_uri())
        journey = journey_of(page)
        page.wait_for_timeout(5000)  # the bitmaps of all scenes are painted in quiet moments
        yield from _cost(journey)
        yield from _playing(journey)
        browser.close()


def _cost(journey: Locator) -> Iterator[Row]:
    moments = [scene + i / MOMENTS for scene in range(SCENES) for i in range(MOMENTS)]
    taken = journey.evaluate(COST, moments)
    slowest = max(range(len(taken)), key=taken.__getitem__)
    yield Row(
        what="journey: a frame, drawn (p95)",
        value=sorted(taken)[int(0.95 * len(taken))],
        limit=FRAME,
        unit="ms",
        detail=f"median {statistics.median(taken):.1f}, slowest {taken[slowest]:.1f} ms at {moments[slowest]:.2f}",
    )


def _playing(journey: Locator) -> Iterator[Row]:
    found = journey.evaluate(INTERVALS, 40)
    yield Row(
        what="journey: from frame to frame while playing at 4× (median)",
        value=statistics.median(found),
        limit=1.1 * FRAME,
        unit="ms",
        detail=f"{sum(one > 1.5 * FRAME for one in found)} of {len(found)} frames late, "
        f"{sum(one > SLOW for one in found)} over {SLOW} ms, slowest {max(found):.0f} ms",
    )
