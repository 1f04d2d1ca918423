"""Browsers that Playwright does not drive as they come: the system's Firefox, and WebKit, the engine of Safari.

Each is told what to do in the W3C's own words: Firefox by WebDriver BiDi, WebKit by WebDriver.
"""

import itertools
import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from websockets.sync.client import ClientConnection, connect  # Streamlit brings it

from tests.serving import answers, free_port

END = "\ue010"  # the key, as WebDriver writes it
START_SECONDS = 60
ANSWER_SECONDS = 60
HEIGHT = 900


class Engine(ABC):
    """A browser with one tab."""

    @abstractmethod
    def open(self, url: str, *, width: int) -> None:
        """Go to a page, in a window of about so many CSS pixels."""

    @abstractmethod
    def look(self, expression: str) -> Any:
        """What a JavaScript expression is; anything that JSON can say."""

    @abstractmethod
    def press(self, key: str) -> None:
        """A key, to what has the focus."""

    @abstractmethod
    def errors(self) -> list[str]:
        """What the page has reported since it was opened."""

    def until(self, expression: str) -> Any:
        """What a JavaScript expression is, once that is true."""
        return _until(lambda: self.look(expression), f"This did not come true: {expression}")


def _until(look: Callable[[], Any], complaint: str) -> Any:
    deadline = time.monotonic() + START_SECONDS
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(complaint)
        time.sleep(0.1)
    return seen


# ---- Firefox

LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


class Firefox(Engine):
    """Told by messages over one socket."""

    def __init__(self, socket: ClientConnection):
        self._errors: list[str] = []
        self._socket, self._numbers = socket, itertools.count(1)
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        (self._tab,) = (context["context"] for context in self._ask("browsingContext.getTree")["contexts"])

    def open(self, url: str, *, width: int) -> None:
        self._errors.clear()
        size = {"width": width, "height": HEIGHT}
        self._ask("browsingContext.setViewport", context=self._tab, viewport=size)
        self._ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def look(self, expression: str) -> Any:
        given = {"expression": f"JSON.stringify({expression})", "target": {"context": self._tab}}
        answer = self._ask("script.evaluate", awaitPromise=False, **given)
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))  # what is undefined has none

    def press(self, key: str) -> None:
        self._ask("input.performActions", context=self._tab, actions=_strokes(key))

    def errors(self) -> list[str]:
        self.look("0")  # its answer comes after all that has been said
        return self._errors

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (said := json.loads(self._socket.recv(timeout=ANSWER_SECONDS))).get("id") != number:
            self._hear(said)
        if said["type"] == "error":
            raise RuntimeError(f"{method}: {said['message']}")
        return said["result"]

    def _hear(self, said: dict[str, Any]) -> None:
        if said.get("method") == "log.entryAdded" and said["params"]["level"] == "error":
            self._errors.append(said["params"]["text"])


def _strokes(key: str) -> list[dict[str, Any]]:
    strokes = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
    return [{"type": "key", "id": "keyboard", "actions": strokes}]


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox | None]:
    """Started with an empty profile, which `folder` takes with its log; None where there is none."""
    path = shutil.which("firefox-esr") or shutil.which("firefox")
    if path is None:
        yield None
        return
    profile, log = folder / "profile", folder / "log.txt"
    profile.mkdir()
    command = [path, "--headless", "--profile", str(profile), "--remote-debugging-port=0", "about:blank"]
    with _running(command, log):
        found = _until(lambda: LISTENS.search(log.read_text()), f"Firefox did not start, see {log}")
        with connect(f"{found[1]}/session", max_size=None, open_timeout=START_SECONDS) as socket:
            yield Firefox(socket)


@contextmanager
def _running(command: list[str], log: Path, **environment: str) -> Iterator[None]:
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=os.environ | environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


# ---- WebKit

# WebKit's driver hands out no messages: the page keeps them from the moment that it is there
KEEP_ERRORS = """if (!window.saidErrors) {
  window.saidErrors = [];
  const keep = (said) => window.saidErrors.push(String(said));
  // who watches a size and changes it is told so, and the rest comes with the next frame
  addEventListener("error", ({ message }) => message.startsWith("ResizeObserver loop") || keep(message));
  addEventListener("unhandledrejection", ({ reason }) => keep(reason));
  const { error } = console;
  console.error = (...said) => { keep(said.join(" ")); error(...said); };
}"""


class WebKit(Engine):
    """Told by requests to its driver."""

    def __init__(self, driver: str, binary: str):
        self._session = driver
        options = {"binary": binary, "args": ["--automation"]}
        wanted = {"pageLoadStrategy": "none", "webkitgtk:browserOptions": options}
        made = self._ask("POST", "/session", capabilities={"alwaysMatch": wanted})
        self._session = f"{driver}/session/{made['sessionId']}"

    def open(self, url: str, *, width: int) -> None:
        self._ask("POST", "/window/rect", width=width, height=HEIGHT)
        self._go("about:blank", "location.href === 'about:blank'")
        self._go(url, "location.href !== 'about:blank'")
        self._run(KEEP_ERRORS)

    def _go(self, url: str, arrived: str) -> None:
        self._ask("POST", "/url", url=url)
        _until(lambda: self._is(arrived), f"WebKit did not come to {url}")

    def _is(self, expression: str) -> bool:
        try:
            return self.look(expression)
        except RuntimeError:  # asked of the page that is being left
            return False

    def look(self, expression: str) -> Any:
        return self._run(f"return {expression}")

    def press(self, key: str) -> None:
        self._ask("POST", "/actions", actions=_strokes(key))

    def errors(self) -> list[str]:
        return self.look("window.saidErrors")

    def close(self) -> None:
        """The driver's end leaves the window open."""
        self._ask("DELETE", "")

    def _run(self, script: str) -> Any:
        return self._ask("POST", "/execute/sync", script=script, args=[])

    def _ask(self, method: str, path: str, **body: Any) -> Any:
        request = urllib.request.Request(self._session + path, method=method)
        request.data = json.dumps(body).encode() if method == "POST" else None
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
                return json.load(answer)["value"]
        except HTTPError as error:
            raise RuntimeError(f"{method} {path}: {json.load(error)['value']['message']}") from None


@contextmanager
def webkit(folder: Path) -> Iterator[WebKit | None]:
    """Started on a screen in memory; None where WebKitGTK, its driver or Xvfb is missing. `folder` takes logs."""
    binary = next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), None)
    if binary is None or not (shutil.which("WebKitWebDriver") and shutil.which("Xvfb")):
        yield None
        return
    screen, port = f":{free_port()}", free_port()
    unboxed = {"DISPLAY": screen, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
    with (
        _running(["Xvfb", screen, "-screen", "0", "1920x1200x24", "-nolisten", "tcp"], folder / "screen.txt"),
        _running(["WebKitWebDriver", f"--port={port}"], folder / "log.txt", **unboxed),
    ):
        driver = f"http://127.0.0.1:{port}"
        _until(lambda: answers(f"{driver}/status"), f"WebKit did not start, see {folder}")
        engine = WebKit(driver, str(binary))
        try:
            yield engine
        finally:
            engine.close()
