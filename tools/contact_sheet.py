"""All scenes of the journey on one sheet per theme and width: nothing may be cut, overlap or be illegible.

python tools/contact_sheet.py FOLDER
python tools/contact_sheet.py FOLDER --photo bee --model vit_small_patch16_224.dino --lang ko --layer 4
"""

import argparse
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.journey_helpers import SCENES, journey_of, scrub  # noqa: E402
from tests.serving import CHROMIUM_FLAGS, chromium_path  # noqa: E402
from vit_viz import load_model, trace  # noqa: E402
from vit_viz.components.journey_export import journey_page, journey_payload  # noqa: E402
from vit_viz.components.journey_payloads import Setting  # noqa: E402
from vit_viz.model_table import BUNDLED  # noqa: E402
from vit_viz.samples import sample_photo, samples  # noqa: E402

# the content of a page that is as wide as the window: 1440 less Streamlit's sidebar and margins
WIDTHS = {1440: 1020, 390: 390}
COLUMNS = {1440: 3, 390: 9}
SHARES = (0.45, 0.99)
GAP = 8


def main() -> None:
    """Write the sheets that the arguments ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photo", default="cat", help="a sample's name")
    parser.add_argument("--model", default=BUNDLED)
    parser.add_argument("--lang", default="en")
    parser.add_argument("--layer", type=int, default=3, help="from 1")
    parser.add_argument("--head", type=int, default=2, help="from 1")
    parser.add_argument("--token", type=int, default=92)
    asked = parser.parse_args()
    model = load_model(asked.model)
    sample = samples()[asked.photo]
    layer, head = asked.layer - 1, asked.head - 1
    setting = Setting(photo_title=sample.title, photo_alt=sample.alt, sample=asked.photo)
    page = journey_page(
        journey_payload(model, trace(model, sample_photo(asked.photo)), setting, [layer]),
        setting,
        lang=asked.lang,
        token=asked.token,
        layer=layer,
        head=head,
    )
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        file = Path(scratch) / "journey.html"
        file.write_text(page, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        for width in WIDTHS:
            for theme in ("light", "dark"):
                picture = asked.folder / f"journey-{width}-{theme}.png"
                sheet(browser, file, width, theme).save(picture)
                print(picture)


def sheet(browser: Browser, file: Path, width: int, theme: str) -> Image.Image:
    """Every scene at SHARES, in reading order."""
    context = browser.new_context(viewport={"width": WIDTHS[width], "height": 900}, color_scheme=theme)
    page = context.new_page()
    page.goto(file.as_uri())
    journey = journey_of(page)
    page.wait_for_timeout(1500)
    pictures = [shot(journey, scene + share) for scene in range(SCENES) for share in SHARES]
    context.close()
    return side_by_side(pictures, COLUMNS[width])


def shot(journey: Locator, moment: float) -> Image.Image:
    """Title, stage, caption and formula at one moment."""
    scrub(journey, moment)
    whole = journey.bounding_box()
    top, foot = (journey.locator(part).bounding_box() for part in ("header", ".foot"))
    if not (whole and top and foot):
        raise RuntimeError("The journey is not in sight.")
    clip = {"x": whole["x"], "y": top["y"], "width": whole["width"]}
    clip["height"] = foot["y"] + foot["height"] - top["y"]
    return Image.open(io.BytesIO(journey.page.screenshot(clip=clip, full_page=True)))


def side_by_side(pictures: list[Image.Image], columns: int) -> Image.Image:
    """Rows of `columns` pictures; a row is as high as its highest."""
    rows = [pictures[start : start + columns] for start in range(0, len(pictures), columns)]
    heights = [max(picture.height for picture in row) + GAP for row in rows]
    width = columns * (max(picture.width for picture in pictures) + GAP)
    whole = Image.new("RGB", (width, sum(heights)), "grey")
    for row, top in zip(rows, (sum(heights[:i]) for i in range(len(rows))), strict=True):
        for column, picture in enumerate(row):
            whole.paste(picture, (column * (width // columns), top))
    return whole


if __name__ == "__main__":
    main()
