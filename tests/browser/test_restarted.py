"""The app starts again under a page that is open: what the reader chooses then counts, also within a fragment."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.serving import free_port, running_app, settle, until

pytestmark = pytest.mark.browser

STATE, CONNECTED = "data-test-connection-state", "CONNECTED"


def test_what_is_chosen_after_the_app_started_again_counts(chromium, tmp_path: Path) -> None:
    port = free_port()
    page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(60_000)
    with running_app(tmp_path, port=port) as app:
        page.goto(f"{app.url}/prediction")
        settle(page)
        masks = page.locator(".patch-mask")
        masks.get_by_text("Nothing is masked").wait_for()
    app_of_page = page.get_by_test_id("stApp")
    expect(app_of_page).not_to_have_attribute(STATE, CONNECTED)
    with running_app(tmp_path, port=port):
        expect(app_of_page).to_have_attribute(STATE, CONNECTED, timeout=60_000)

        def answered() -> str:
            masks.get_by_role("button", name="Mask all").click()
            page.wait_for_timeout(
                1000
            )  # the page comes anew meanwhile, and takes a choice that was too early back
            return masks.get_by_role("status").inner_text()

        assert "Without every patch" in until(page, answered, lambda said: "Without every patch" in said)
        page.context.close()
