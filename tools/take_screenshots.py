"""Pictures of the running app: the README's by default; with --all every page, theme and width, to look at.

python tools/take_screenshots.py
python tools/take_screenshots.py --all screenshots
"""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.serving import CHROMIUM_FLAGS, chromium_path, running_app, settle  # noqa: E402
from vit_viz.ui.navigation import PAGES, page_path  # noqa: E402

FILM = ("/?photo=cat&layer=4&head=3&token=67&step=9.9", "9", "10")  # scores and softmax
README = (
    ("patches", f"{page_path('patches')}?photo=bee&token=65", False),
    ("attention", "/attention?photo=cat&layer=4&head=3&token=67", True),
)
WIDTHS = (1440, 390)
IMAGES = ROOT / "docs" / "images"


def main() -> None:
    """Take the pictures that the arguments ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page in every theme and width")
    folder = parser.parse_args().all
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        with running_app(Path(scratch)) as app:
            if folder is None:
                for name, path, dark in README:
                    shoot(browser, app.url + path, IMAGES / f"{name}.png", 1440, dark, 900)
                path, first, last = FILM
                record(browser, app.url + path, IMAGES / "journey.gif", first, last)
                return
            for name in PAGES:
                for width in WIDTHS:
                    for dark in (False, True):
                        file = folder / f"{name}-{width}-{'dark' if dark else 'light'}.png"
                        shoot(browser, app.url + page_path(name), file, width, dark, None)


def shoot(browser: Browser, url: str, file: Path, width: int, dark: bool, height: int | None) -> None:
    """One picture; without a height the whole page, however long."""
    page = opened(browser, url, width, height or 900, dark)
    if height is None:
        whole = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": width, "height": whole + 20})
        page.wait_for_timeout(1000)
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=file)
    page.context.close()


def record(browser: Browser, url: str, file: Path, first: str, last: str) -> None:
    """The GIF that the journey itself makes of a range of scenes."""
    page = opened(browser, url, 1440, 900, dark=True)
    page.get_by_role("button", name="Record").click()
    panel = page.get_by_role("group", name="Record")
    panel.get_by_label("From").select_option(first)
    panel.get_by_label("To", exact=True).select_option(last)
    with page.expect_download(timeout=120_000) as download:
        panel.get_by_role("button", name="GIF").click()
    download.value.save_as(file)
    page.context.close()


def opened(browser: Browser, url: str, width: int, height: int, dark: bool) -> Page:
    """A page of the app that has drawn what it has to."""
    scheme = "dark" if dark else "light"
    page = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
    page.goto(url)
    settle(page)
    page.wait_for_timeout(2500)
    return page


if __name__ == "__main__":
    main()
