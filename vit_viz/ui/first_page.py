"""The page that the browser asks for first, with our own styles at its end.

What a script sends as styles comes after the first elements that it sends, and all of them move once more.
"""

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_CSS = Path(__file__).with_name("page.css")
# after the styles that Streamlit adds to the head: of two rules that weigh the same the later one counts
END = b"</body>"
VALIDATORS = ("etag", "last-modified", "accept-ranges")  # they name the page as it was


class WithStyles:
    """ASGI middleware that puts page.css at the end of every HTML page; downloads and all else stay as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.style = f"<style>\n{PAGE_CSS.read_text('utf-8')}</style>\n".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = scope["type"] == "http" and scope["method"] == "GET"
        if not asked or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, StyledSend(send, self.style))


class StyledSend:
    """Holds an HTML page back until it is whole, then sends it with the style."""

    def __init__(self, send: Send, style: bytes) -> None:
        self.send, self.style = send, style
        self.start: Message | None = None
        self.parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        """Take one message of the answer."""
        if message["type"] == "http.response.start" and _is_page(message):
            self.start = message
        elif self.start is None:
            await self.send(message)
        else:
            self.parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._finish(self.start)

    async def _finish(self, start: Message) -> None:
        page = b"".join(self.parts).replace(END, self.style + END, 1)
        headers = MutableHeaders(raw=start["headers"])
        headers["content-length"] = str(len(page))
        for name in VALIDATORS:
            del headers[name]
        await self.send(start)
        await self.send({"type": "http.response.body", "body": page})


def _is_page(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-disposition" not in headers
