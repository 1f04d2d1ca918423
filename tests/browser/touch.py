"""A phone, and what a finger does on it."""

from tests.serving import at_rest

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def swipe(page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A finger that goes from one place of the window to another, as the browser's own input."""
    client = page.context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    send("touchStart", start)
    for i in range(1, 13):
        send("touchMove", tuple(a + (b - a) * i / 12 for a, b in zip(start, end, strict=True)))
        page.wait_for_timeout(20)
    send("touchEnd")
    at_rest(page, lambda: scrolled(page), pause_ms=200)


def scrolled(page) -> float:
    return page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
