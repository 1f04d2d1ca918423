"""The app below a path of its server: whatever the browser asks for lies there."""

from urllib.parse import urlparse

import pytest

from tests.browser.journey_helpers import journey_of, scrub, whole
from tests.serving import running_app, settle

pytestmark = pytest.mark.browser


def test_below_a_base_path_nothing_is_asked_for_outside_it(chromium, tmp_path):
    with running_app(tmp_path, base_path="/vit") as app:
        page = chromium.new_page()
        page.set_default_timeout(30_000)
        asked, failed = [], []
        page.on("request", lambda request: asked.append(urlparse(request.url)))
        page.on("response", lambda answer: answer.status >= 400 and failed.append(answer.url))
        page.goto(f"{app.url}/")
        settle(page)
        journey = journey_of(page)
        whole(journey)
        scrub(journey, 1.5)
        link = journey.locator(".foot a")
        assert link.get_attribute("href") == "/vit/patches"
        with page.expect_response("**/vit/vit_viz/pixels/*") as picture:
            link.click()
        assert picture.value.ok
        page.wait_for_url("**/vit/patches?*")
        settle(page)
        outside = [address.path for address in asked if not address.path.startswith("/vit/")]
        assert [path for path in outside if path.startswith("/")] == []  # of blob: and data: all is path
        assert failed == []
        page.close()
