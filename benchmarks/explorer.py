"""The attention explorer in headless Chromium: hover, overview, time to interactive, bytes on the wire."""

import statistics
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.table import Row
from tests.browser.explorer_demo import SCRIPT, settle
from tests.serving import CHROMIUM_FLAGS, chromium_path, running_app

MODELS = {"bundled": "bundled", "base": "ViT-B/16 at 224"}
READY_LIMIT = {"bundled": 1.0, "base": 2.0}
MOVES = 500
BLOCK = 50  # moves over the photo and over an empty box take turns, so that a busy machine meets both
VISITS = 5
FRAME = 1000 / 60

# from the first byte of the explorer's module to a painted overlay
WATCH_ARRIVAL = """
window.whenPainted = new Promise((resolve) => {
  const look = () => {
    const roots = Array.from(document.querySelectorAll("*"), (element) => element.shadowRoot).filter(Boolean);
    const overlay = roots.map((root) => root.querySelector("canvas.overlay")).find(Boolean);
    const { width, height } = overlay ?? {};
    if (overlay?.getContext("2d").getImageData(0, 0, width, height).data[3] > 0) resolve(performance.now());
    else requestAnimationFrame(look);
  };
  look();
});
"""
ARRIVAL = """async () => {
  const painted = await window.whenPainted;
  const fetched = performance.getEntriesByType("resource");
  const module = fetched.find(({ name }) => name.includes("/attention/explorer.js"));
  return (painted - module.startTime) / 1000;
}"""
WIRE = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => name.includes("/vit_viz/attention/"))
  .reduce((sum, { transferSize }) => sum + transferSize, 0)"""
HANDLER = """(stage, moves) => {
  const box = stage.getBoundingClientRect();
  return Array.from({ length: moves }, (_, i) => {
    // a stride that is prime to the grid: every move lands on another patch
    const patch = (i * 37) % 196;
    const clientX = box.left + (((patch % 14) + 0.5) * box.width) / 14;
    const clientY = box.top + ((Math.floor(patch / 14) + 0.5) * box.height) / 14;
    const event = new PointerEvent("pointermove", { clientX, clientY, bubbles: true });
    const start = performance.now();
    stage.dispatchEvent(event);
    return performance.now() - start;
  });
}"""
WATCH_FRAMES = """(stage) => {
  const control = document.createElement("div");
  const box = stage.getBoundingClientRect();
  const size = `width: ${box.width}px; height: ${box.height}px`;
  control.style.cssText = `position: fixed; left: 0; top: 0; z-index: 1000000; ${size}`;
  document.body.append(control);
  window.delays = { explorer: [], control: [] };
  const watch = (element, name) => element.addEventListener("pointermove", (event) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => window.delays[name].push(performance.now() - event.timeStamp);
    // a message posted from an animation frame arrives once that frame has been painted
    requestAnimationFrame(() => port2.postMessage(null));
  });
  watch(stage, "explorer");
  watch(control, "control");
  return [box.left, box.top, box.width, box.height];
}"""
OVERVIEW = """async (trace) => {
  const fetched = performance.getEntriesByType("resource");
  const entry = fetched.find(({ name }) => name.includes("/attention/explorer.js"));
  const module = (name) => import(new URL(`./${name}.js`, entry.name).href);
  const { AttentionMaps, TokenLines } = await module("attention_maps");
  const { OverviewCanvas } = await module("overview_canvas");
  const { TokenGrid } = await module("../shared/tokens");
  const { unpack } = await module("../shared/unpack");
  const { ramps } = await module("../shared/ramps");
  const payload = unpack(await (await fetch(`/vit_viz/attention/${trace}`)).arrayBuffer());
  const [depth, numHeads, numTokens] = payload.arrays.codes.shape;
  const sizes = { depth, numHeads, numTokens };
  const [maps, lines, overview] = [new AttentionMaps(sizes), new TokenLines(sizes), new OverviewCanvas({})];
  maps.add(payload);
  overview.setTokens(new TokenGrid({ grid: [14, 14], patchSize: [16, 16], prefixNames: ["CLS"] }), sizes);
  return Array.from({ length: numTokens }, (_, token) => {
    const start = performance.now();
    lines.fill(maps, token, "to");
    overview.paint(lines, { top: lines.sharedTop, steps: "linear", ramps: ramps([255, 255, 255]) });
    overview.canvas.context.getImageData(0, 0, 1, 1);
    return performance.now() - start;
  });
}"""


def rows() -> Iterator[Row]:
    """One row per figure and model."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        with running_app(Path(folder), SCRIPT) as app:
            for model, title in MODELS.items():
                yield from _arrival(browser, app.url, model, title)
                page = _open(browser, app.url, model)
                yield from _hover(page, title)
                yield _overview(page, model, title)
                page.close()
        browser.close()


def _open(browser: Browser, url: str, trace_id: str) -> Page:
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.add_init_script(WATCH_ARRIVAL)
    page.goto(f"{url}/?model={trace_id}")
    page.set_default_timeout(60_000)
    page.locator(".strongest button:enabled").first.wait_for()
    settle(page)
    return page


def _arrival(browser: Browser, url: str, model: str, title: str) -> Iterator[Row]:
    names = (f"{model}~{number}" for number in count())
    _open(browser, url, next(names)).close()  # makes the trace
    seconds, sizes = [], []
    for _ in range(VISITS):
        page = _open(browser, url, next(names))
        seconds.append(page.evaluate(ARRIVAL))
        sizes.append(page.evaluate(WIRE))
        page.close()
    yield Row(
        what=f"explorer: trace there to interactive, {title}",
        value=statistics.median(seconds),
        limit=READY_LIMIT[model],
        unit="s",
        detail=f"slowest of {VISITS} first visits: {max(seconds):.2f} s",
    )
    yield Row(what=f"explorer: attention on the wire, {title}", value=max(sizes) / 1e6, limit=6, unit="MB")


def _hover(page: Page, title: str) -> Iterator[Row]:
    stage = page.locator(".stage")
    taken = sorted(stage.evaluate(HANDLER, MOVES))
    yield Row(
        what=f"explorer: hover, handler and draw (p95), {title}",
        value=taken[int(0.95 * MOVES)],
        limit=4,
        unit="ms",
        detail=f"median {taken[MOVES // 2]:.2f}, slowest {taken[-1]:.1f} ms",
    )
    left, top, width, height = stage.evaluate(WATCH_FRAMES)
    for block in range(0, MOVES, BLOCK):
        for x, y in ((left, top), (0, 0)):
            for step in range(block, block + BLOCK):
                patch = (step * 37) % 196
                page.mouse.move(x + (patch % 14 + 0.5) / 14 * width, y + (patch // 14 + 0.5) / 14 * height)
    page.wait_for_timeout(200)
    delays = {name: sorted(found) for name, found in page.evaluate("window.delays").items()}
    late = {
        name: 100 * sum(one > 1.5 * FRAME for one in found) / len(found) for name, found in delays.items()
    }
    median = {name: statistics.median(found) for name, found in delays.items()}
    yield Row(
        what=f"explorer: moves not in the next frame, over a bare box, {title}",
        value=late["explorer"] - late["control"],
        limit=5,
        unit="%",
        detail=f"{late['explorer']:.1f} % of {len(delays['explorer'])} late, bare box {late['control']:.1f} %; "
        f"event to paint {median['explorer']:.1f} ms, bare box {median['control']:.1f} ms",
    )


def _overview(page: Page, model: str, title: str) -> Row:
    taken = sorted(page.evaluate(OVERVIEW, model))
    return Row(
        what=f"explorer: overview for a new token, {title}",
        value=statistics.median(taken),
        limit=16,
        unit="ms",
        detail=f"slowest of {len(taken)}: {taken[-1]:.1f} ms",
    )
