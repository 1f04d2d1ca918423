"""The app as a reader runs it, and the system's Chromium: for browser tests and benchmarks."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[1]
CHROMIUM_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
START_SECONDS = 120
# by how many pixels the page, or the part of it that scrolls, is wider than the screen
OVERFLOW = """Math.max(...Array.from(document.querySelectorAll("html, [data-testid=stMain]"),
                                     (element) => element.scrollWidth - element.clientWidth))"""

Seen = TypeVar("Seen")


@dataclass(frozen=True, kw_only=True)
class App:
    """A running app: its address and process id."""

    url: str
    pid: int


def chromium_path() -> str | None:
    """The system's Chromium, or that of the variable CHROMIUM; None where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def running_app(
    folder: Path, script: str = "app.py", base_path: str = "", port: int | None = None
) -> Iterator[App]:
    """Start the app, with a model hub that does not answer; `folder` takes its log and cache.

    `base_path` is what its addresses begin with, such as /vit; without a `port` it takes a free one.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}"]
    command += ["--server.address=127.0.0.1", f"--server.baseUrlPath={base_path}"]
    environment = os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_CACHE": str(folder / "hub")}
    environment["PYTHONPATH"] = str(ROOT)
    log = folder / "log.txt"
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment)
    app = App(url=f"http://127.0.0.1:{port}{base_path}", pid=server.pid)
    try:
        _wait_for_health(app, server, log)
        yield app
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for_health(app: App, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if answers(f"{app.url}/_stcore/health"):
            return
        time.sleep(0.1)
    raise RuntimeError(f"The app did not start:\n{log.read_text()}")


def answers(url: str) -> bool:
    """Whether a server is there and content with being asked so."""
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except OSError:
        return False
    return True


def overflow(page) -> int:
    """By how many pixels the page, or the part of it that scrolls, is wider than the screen."""
    return page.evaluate(OVERFLOW)


def cell(box, row: float, col: float, cells: int = 14) -> dict[str, float]:
    """The position in a locator's box, once that is seen, of the middle of a cell, from 0, of `cells` × `cells`."""
    box.wait_for()
    size = box.bounding_box()
    return {"x": size["width"] * (col + 0.5) / cells, "y": size["height"] * (row + 0.5) / cells}


def until(page, look: Callable[[], Seen], holds: Callable[[Seen], object], *, seconds=15) -> Seen:
    """What is seen once that holds; when time is up what was seen last, for the test to complain of."""
    end = time.monotonic() + seconds
    while not holds(seen := look()) and time.monotonic() < end:
        page.wait_for_timeout(50)
    return seen


def at_rest(page, look: Callable[[], Seen], *, pause_ms: int, most_looks: int = 30) -> Seen:
    """What two looks one after another see alike, or else the last of so many."""
    seen = look()
    for _ in range(most_looks):
        page.wait_for_timeout(pause_ms)
        before, seen = seen, look()
        if seen == before:
            break
    return seen


def settle(page) -> None:
    """Wait until the script has run and its elements are drawn."""
    # the parity line is drawn last; before its first run the app is "notRunning" as well
    page.get_by_text(re.compile("Matches timm|timm과 일치")).wait_for(state="attached")
    page.wait_for_timeout(150)
    page.wait_for_selector(READY)
