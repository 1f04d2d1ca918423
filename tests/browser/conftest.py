"""One running app and one headless Chromium for all browser tests; a console error fails the test."""

import os
import re
from collections.abc import Iterator
from urllib.parse import urlparse

import pytest

from tests.serving import CHROMIUM_FLAGS, chromium_path, running_app, settle

EXPECTED_MS = 15_000  # a busy machine needs more than Playwright's 5 s


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    path = chromium_path()
    if path is None:
        reason = "no Chromium on this machine: install it, or set CHROMIUM to its path"
        # where CI says that a browser must be there, a skipped test would hide a broken page
        (pytest.fail if os.environ.get("VIT_VIZ_REQUIRE_BROWSER") else pytest.skip)(reason)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=EXPECTED_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def app_url(chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("app")) as app:
        yield app.url


@pytest.fixture
def open_page(chromium, app_url: str) -> Iterator:
    """`open_page(path, width=…, dark=…, …)` → a Playwright page that has come to rest; errors fail at the end."""
    errors: list[str] = []
    contexts = []

    def open_at(path: str = "/", *, width: int = 1440, dark: bool = False, **context_options):
        context = chromium.new_context(
            **{"viewport": {"width": width, "height": 900}, "color_scheme": "dark" if dark else "light"}
            | context_options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.add_init_script("performance.setResourceTimingBufferSize(1000)")  # the app alone has some 200
        page.on("console", lambda said: _is_ours(said) and errors.append(said.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(app_url + path)
        settle(page)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert errors == []


def _is_ours(said) -> bool:
    """Every console error counts, but for Streamlit's own: on a deep link it first asks below the page's path."""
    path = urlparse(said.location["url"]).path
    return said.type == "error" and not re.fullmatch(r"/\w+/_stcore/(health|host-config)", path)
