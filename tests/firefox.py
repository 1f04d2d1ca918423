"""The system's Firefox, headless, told what to do by W3C's WebDriver BiDi: Playwright drives only its own build."""

import itertools
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect  # Streamlit brings it

END = "\ue010"  # the key, as WebDriver writes it
LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
START_SECONDS = 60
ANSWER_SECONDS = 60


def firefox_path() -> str | None:
    """The system's Firefox; None where there is none."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One tab, and the errors that its page has reported."""

    def __init__(self, socket: ClientConnection):
        self.errors: list[str] = []
        self._socket, self._numbers = socket, itertools.count(1)
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        (self._tab,) = (context["context"] for context in self._ask("browsingContext.getTree")["contexts"])

    def open(self, url: str, *, width: int, height: int = 900) -> None:
        """Go to a page, in a window of that size in CSS pixels."""
        self.errors.clear()
        size = {"width": width, "height": height}
        self._ask("browsingContext.setViewport", context=self._tab, viewport=size)
        self._ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def look(self, expression: str) -> Any:
        """What a JavaScript expression is, once that is settled; anything that JSON can say."""
        answer = self._ask(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then(JSON.stringify)",
            target={"context": self._tab},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))  # what is undefined has none

    def until(self, expression: str) -> Any:
        """What a JavaScript expression is, once that is true."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while not (seen := self.look(expression)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"This did not come true in Firefox: {expression}")
            time.sleep(0.1)
        return seen

    def press(self, key: str) -> None:
        """A key, to what has the focus."""
        strokes = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        keys = {"type": "key", "id": "keyboard", "actions": strokes}
        self._ask("input.performActions", context=self._tab, actions=[keys])

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
            self.errors.append(said["params"]["text"])


@contextmanager
def running_firefox(path: str, folder: Path) -> Iterator[Firefox]:
    """Start it with an empty profile; `folder` takes that and its log."""
    profile, log = folder / "profile", folder / "log.txt"
    profile.mkdir()
    command = [path, "--headless", "--profile", str(profile), "--remote-debugging-port=0", "about:blank"]
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        address = _address(process, log)
        with connect(f"{address}/session", max_size=None, open_timeout=START_SECONDS) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _address(process: subprocess.Popen, log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := LISTENS.search(log.read_text()):
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(f"Firefox did not start:\n{log.read_text()}")
