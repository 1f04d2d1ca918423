"""The running app: start, script runs, bytes on the websocket, memory per session."""

import io
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, WebSocket, sync_playwright

from benchmarks.table import Row
from tests.serving import CHROMIUM_FLAGS, App, chromium_path, running_app, settle
from vit_viz import load_model, trace
from vit_viz.photos import open_photo
from vit_viz.ui.navigation import PAGES, page_path

RUNS = 20
SESSIONS = 10
# a session's trace is what it shows, and grows with the model; this much may come on top, in bytes: what the
# server keeps freed for the next pass (devices.reuse_memory) counts, too
BESIDE_TRACE = 20 * 2**20


class Wire:
    """Bytes a page receives over its websocket, and when the last frames were sent and received."""

    def __init__(self, page: Page) -> None:
        self.bytes, self.sent, self.received = 0, 0.0, 0.0
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, frame: bytes | str) -> None:
        self.sent = time.perf_counter()

    def _received(self, frame: bytes | str) -> None:
        self.bytes += len(frame)
        self.received = time.perf_counter()


def rows() -> Iterator[Row]:
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        start = time.perf_counter()
        with running_app(Path(folder)) as app:
            page = browser.new_page()
            page.goto(app.url)
            page.wait_for_selector("canvas")
            yield Row(
                what="start of the server to the first picture",
                value=time.perf_counter() - start,
                limit=None,
                unit="s",
            )
            page.close()
            for name in PAGES:
                yield from _page_rows(browser, app, name)
            yield _memory(browser, app)
        browser.close()


def _page_rows(browser: Browser, app: App, name: str) -> Iterator[Row]:
    page = browser.new_page()
    wire = Wire(page)
    page.goto(app.url + page_path(name))
    settle(page)
    yield Row(what=f"websocket of a first visit, {name}", value=wire.bytes / 2**20, limit=1.5, unit="MiB")
    seconds = sorted(_rerun(page, wire, number) for number in range(RUNS))
    yield Row(
        what=f"script run with everything cached, {name}",
        value=seconds[RUNS // 2] * 1e3,
        limit=150,
        unit="ms",
        detail=f"slowest of {RUNS}: {seconds[-1] * 1e3:.0f} ms; from the request to the last byte of the answer",
    )
    page.close()


def _rerun(page: Page, wire: Wire, number: int) -> float:
    page.locator("[class*=st-key-predict_] [role=radiogroup] label").nth(number % 2).click()
    page.wait_for_timeout(700)
    return wire.received - wire.sent


def _memory(browser: Browser, app: App) -> Row:
    before = _resident(app)
    contexts = []
    for number in range(SESSIONS):
        context = browser.new_context()
        contexts.append(context)
        page = context.new_page()
        page.goto(app.url)
        settle(page)
        photo = {"name": f"photo-{number}.jpg", "mimeType": "image/jpeg", "buffer": _phone_photo(number)}
        page.locator("input[type=file]").set_input_files(photo)
        page.get_by_role("button", name=f"Your photo photo-{number}.jpg").wait_for()
        settle(page)
    grown = (_resident(app) - before) / SESSIONS
    for context in contexts:
        context.close()
    shown = trace(load_model(device="cpu"), open_photo(_phone_photo(0))).nbytes
    return Row(
        what=f"memory per session with its own 12-megapixel photo, of {SESSIONS}",
        value=grown / 2**20,
        limit=round((shown + BESIDE_TRACE) / 2**20),
        unit="MiB",
        detail=f"its trace: {shown / 2**20:.0f} MiB; server: {before / 2**20:.0f} MiB before",
    )


def _phone_photo(seed: int) -> bytes:
    noise = Image.frombytes("RGB", (80, 60), random.Random(seed).randbytes(80 * 60 * 3))
    buffer = io.BytesIO()
    noise.resize((4032, 3024), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def _resident(app: App) -> int:
    fields = Path(f"/proc/{app.pid}/status").read_text().split("VmRSS:")[1].split()
    return int(fields[0]) * 1024
