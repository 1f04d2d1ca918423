"""The journey in headless Chromium at 1440 × 900: cost of a frame, even playing, the way to another layer."""

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import timm
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from safetensors.torch import save_file

from benchmarks.table import Row
from tests.browser.journey_helpers import SCENES, journey_of
from tests.serving import CHROMIUM_FLAGS, chromium_path, running_app, settle
from vit_viz import load_model, trace
from vit_viz.components.journey_export import export_journey
from vit_viz.samples import sample_photo

MOMENTS = 40
FRAME = 1000 / 60
SLOW = 50
LARGE = "vit_base_patch16_224"
# jumps of two layers or heads: what lies next to the one in view may have been fetched ahead
JUMPS = {"Layer": (1, 3, 5, 2, 4, 6), "Head": (1, 3, 5, 2, 4, 6)}
FOLLOW_LIMIT = 300

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
# the stage tells screen readers its numbers in the frame that draws them
FOLLOW = """([journey, name, value]) => new Promise((done) => {
  const start = performance.now();
  const told = journey.querySelector(".unseen");
  const seen = new MutationObserver(() => requestAnimationFrame(() => {
    seen.disconnect();
    done(performance.now() - start);
  }));
  seen.observe(told, { childList: true, characterData: true, subtree: true });
  const slider = journey.querySelector(`.follow input[aria-label="${name}"]`);
  slider.value = String(value);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
})"""


def rows() -> Iterator[Row]:
    """Cost of a frame over all scenes, intervals while it plays at four times its speed, then following."""
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
        page.close()
        yield from _following(browser, Path(folder))
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


def _following(browser: Browser, folder: Path) -> Iterator[Row]:
    weights = folder / "large.safetensors"
    save_file(timm.create_model(LARGE).state_dict(), weights)
    with running_app(folder) as app:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{app.url}/?step=9.5")
        yield _followed(page, "bundled")
        page.get_by_text("From a weight file").click()
        page.get_by_label("Architecture in timm").fill(LARGE)
        page.get_by_label("File on the computer that runs this app").fill(str(weights))
        page.get_by_label("File on the computer that runs this app").press("Enter")
        page.get_by_role("button", name="Load", exact=True).click()
        page.get_by_text("12 layers × 12 heads").wait_for()
        yield _followed(page, "B/16")
        page.close()


def _followed(page: Page, title: str) -> Row:
    settle(page)
    journey = journey_of(page)
    page.wait_for_timeout(4000)  # the bitmaps of all scenes are painted in quiet moments
    taken = []
    for name, values in JUMPS.items():
        for value in values[1:]:
            taken.append(
                journey.evaluate(
                    f"(journey, [name, value]) => ({FOLLOW})([journey, name, value])", [name, value]
                )
            )
            page.wait_for_timeout(1500)
    return Row(
        what=f"journey: another layer or head, asked to drawn (slowest), {title}",
        value=max(taken),
        limit=FOLLOW_LIMIT,
        unit="ms",
        detail=f"median of {len(taken)} jumps {statistics.median(taken):.0f} ms",
    )
