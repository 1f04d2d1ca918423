"""Save picture: what is on screen, as PNG and SVG, with a line that says what it is."""

import io
import xml.etree.ElementTree as ET

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import expect

from tests.serving import at_rest
from vit_viz.ui.navigation import PAGES, page_path

CHOICE = "?photo=cat&layer=4&head=3&token=67"
MARGIN, SCALE = 16, 2
HEROES = [
    ("patches", ".patches", 1440, False),
    ("embedding", ".embedding", 1440, True),
    ("embedding", ".gallery", 390, False),
    ("position", ".component.tiles", 1440, False),
    ("qkv", ".qkv", 1440, True),
    ("attention", ".explorer", 390, True),
    ("encoder", ".stream", 1440, False),
    ("encoder", ".blocks", 1440, True),
    ("prediction", ".answer-steps", 390, False),
    ("prediction", ".patch-mask", 1440, False),
    ("training", ".loss-step", 1440, True),
    ("distance", ".distance", 1440, False),
    ("rollout", ".rollout", 1440, True),
    ("compare", ".compare", 1440, False),
]
SVG = "{http://www.w3.org/2000/svg}"


def opened(open_page, name: str, root: str, **options):
    page = open_page(page_path(name) + CHOICE, **options)
    shown = page.locator(f".mounted > {root}")
    shown.wait_for()
    page.wait_for_function(ARRIVED)
    # it grows until all numbers are there
    height = at_rest(page, lambda: page.evaluate(HEIGHT), pause_ms=600)
    page.set_viewport_size({"width": options.get("width", 1440), "height": height + 20})  # nothing scrolls
    at_rest(page, lambda: (page.evaluate(HEIGHT), shown.bounding_box()), pause_ms=500)
    return page, shown


HEIGHT = "document.querySelector('[data-testid=stMain]').scrollHeight"


# canvases are painted once their numbers have come over the network
ARRIVED = """() => {
  const roots = Array.from(document.querySelectorAll("*"), (element) => element.shadowRoot).filter(Boolean);
  const canvases = roots.flatMap((root) => [...root.querySelectorAll(".component canvas.photo")]);
  const seen = canvases.filter((canvas) => canvas.checkVisibility());
  const pixels = (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return seen.every((canvas) => pixels(canvas).some(Boolean));
}"""


def save(page, shown, tool: str = "Save picture"):
    with page.expect_download() as waiting:
        shown.locator("..").get_by_role("button", name=tool).click()
    return waiting.value


def picture(download, tmp_path) -> Image.Image:
    download.save_as(tmp_path / "picture.png")
    return Image.open(tmp_path / "picture.png").convert("RGB")


def body(saved: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture without margins and footer, as large as on screen."""
    box = (MARGIN, MARGIN, MARGIN + size[0], MARGIN + size[1])
    return saved.crop(tuple(SCALE * place for place in box)).resize(size, Image.Resampling.BOX)


def coarse(image: Image.Image) -> Image.Image:
    """Without what differs by half a pixel: letters and edges of cells."""
    return image.resize((max(1, image.width // 12), max(1, image.height // 12)), Image.Resampling.BOX)


def difference(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    """Mean and largest difference of two pictures seen from afar, of 255."""
    apart = ImageChops.difference(coarse(one), coarse(other)).convert("L")
    return ImageStat.Stat(apart).mean[0], apart.getextrema()[1]


@pytest.mark.parametrize(("name", "root", "width", "dark"), HEROES)
def test_the_picture_is_what_is_on_screen(open_page, tmp_path, name, root, width, dark):
    page, shown = opened(open_page, name, root, width=width, dark=dark)
    download = save(page, shown)
    saved = picture(download, tmp_path)
    page.mouse.move(2, 2)
    page.evaluate("document.activeElement.blur()")
    page.add_style_tag(content="[data-testid=stHeader] { visibility: hidden }")
    screen = Image.open(io.BytesIO(shown.screenshot())).convert("RGB")
    assert abs(saved.width - SCALE * (screen.width + 2 * MARGIN)) <= SCALE
    assert saved.height > SCALE * (screen.height + 2 * MARGIN)
    mean, most = difference(body(saved, screen.size), screen)
    assert mean < 4
    assert most < 60
    assert ImageStat.Stat(screen).stddev[0] > 8  # of a blank component a blank picture would do
    footer = saved.crop((0, SCALE * (screen.height + 2 * MARGIN), saved.width, saved.height)).convert("L")
    darkest, brightest = footer.getextrema()
    assert brightest - darkest > 100
    assert download.suggested_filename.endswith(".png")


# Safari decodes a large picture after the SVG is drawn, and draws a shadow elsewhere
LATE = """(svg) => {
  const parts = [...new DOMParser().parseFromString(svg, "image/svg+xml").querySelectorAll("*")];
  const pictures = parts.filter((part) => part.localName === "img");
  const late = pictures.filter((picture) => picture.getAttribute("decoding") !== "sync");
  const grounds = parts.filter((part) => part.getAttribute("style")?.includes("url("));
  const rings = parts.filter((part) => part.style.boxShadow === "none" && part.querySelector("rect"));
  return { pictures: pictures.length, late: late.length + grounds.length, rings: rings.length };
}"""


def test_what_safari_would_draw_late_or_elsewhere_is_drawn_at_once_and_in_place(open_page):
    page, shown = opened(open_page, "position", ".component.tiles")
    page.evaluate("""() => {
      const { set } = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
      const note = function (address) { globalThis.drawn = address; set.call(this, address); };
      Object.defineProperty(HTMLImageElement.prototype, "src", { set: note });
    }""")
    save(page, shown)
    found = page.evaluate(f"fetch(drawn).then((answer) => answer.text()).then({LATE})")
    assert found["pictures"] == shown.locator("canvas").count() > 1
    assert found["late"] == 0
    assert found["rings"] == shown.locator(".mark").count() > 1


def test_the_file_says_page_photo_and_model(open_page):
    page, shown = opened(open_page, "qkv", ".qkv")
    assert save(page, shown).suggested_filename == "query-key-value_cat_vit-viz-16.png"


def test_the_pinned_token_stays_and_the_pointer_leaves_no_mark(open_page, tmp_path):
    page, shown = opened(open_page, "distance", ".distance")
    plain = picture(save(page, shown), tmp_path)
    dot = shown.locator("circle.dot").nth(2)
    dot.hover()
    assert shown.locator(".ring.hovered").count() > 0
    button = shown.locator("..").get_by_role("button", name="Save picture")
    with page.expect_download() as waiting:
        button.evaluate("(button) => button.click()")  # the pointer stays on the dot
    hovered = picture(waiting.value, tmp_path)
    top = shown.locator(".readout").bounding_box()["y"] - shown.bounding_box()["y"]
    above = (
        0,
        0,
        plain.width,
        int(SCALE * (MARGIN + top)),
    )  # the line below the dots does tell of the one hovered
    assert ImageChops.difference(plain.crop(above), hovered.crop(above)).getbbox() is None
    ring = shown.locator(".ring:not(.hovered)").first.bounding_box()
    frame = shown.bounding_box()
    at = [SCALE * (MARGIN + ring[side] - frame[side]) for side in ("x", "y")]
    around = plain.crop(
        (at[0], at[1], at[0] + SCALE * ring["width"], at[1] + SCALE * ring["height"])
    ).convert("L")
    assert around.getextrema()[0] < 80  # the chosen head's ring, in the colour of text


def test_a_drawing_is_saved_as_svg_too(open_page, tmp_path):
    page, shown = opened(open_page, "distance", ".distance")
    download = save(page, shown, "SVG")
    assert download.suggested_filename == "attention-distance_cat_vit-viz-16.svg"
    download.save_as(tmp_path / "dots.svg")
    file = ET.parse(tmp_path / "dots.svg").getroot()
    dots = [circle for circle in file.iter(f"{SVG}circle") if "dot" in circle.get("class", "").split()]
    assert len(dots) == shown.locator("circle.dot").count()
    assert all("fill: rgb(180, 85, 139)" in dot.get("style") for dot in dots if dot.get("class") == "dot")
    words = [text.text for text in file.iter(f"{SVG}text")]
    assert "Attention distance · ViT Viz/16 · photo: Cat · ViT Viz" in words
    assert "mean attention distance in pixels, one dot per head" in words
    assert not [element for element in file.iter() if element.tag.endswith(("foreignObject", "image"))]
    viewer = page.context.new_page()  # it opens by itself
    viewer.goto((tmp_path / "dots.svg").as_uri())
    seen = Image.open(io.BytesIO(viewer.screenshot())).convert("RGB")
    assert ImageStat.Stat(seen).stddev[0] > 8


def test_words_that_are_hidden_take_no_room_in_the_file(open_page, tmp_path):
    page, shown = opened(open_page, "training", ".loss-step")
    save(page, shown, "SVG").save_as(tmp_path / "step.svg")
    width = float(ET.parse(tmp_path / "step.svg").getroot().get("width"))
    words_and_curve = shown.locator(".picture").bounding_box()["width"]
    assert width == pytest.approx(words_and_curve + 2 * MARGIN, abs=1)


def test_boxes_to_tick_are_drawn_by_the_sheet_not_by_the_browser(open_page):
    """Other browsers leave theirs out of a saved picture."""
    _, shown = opened(open_page, "distance", ".distance")
    ticked = shown.get_by_role("checkbox").first
    expect(ticked).to_be_checked()
    expect(ticked).to_have_css("appearance", "none")
    assert ticked.evaluate("(box) => getComputedStyle(box, '::before').width") == "10px"
    ticked.uncheck()
    unticked = shown.get_by_role("checkbox").first
    assert unticked.evaluate("(box) => getComputedStyle(box, '::before').content") == "none"


def test_the_tools_show_on_hover_and_focus_and_move_nothing(open_page):
    page, shown = opened(open_page, "attention", ".explorer")
    tools = shown.locator("..").locator(".picture-tools")
    page.mouse.move(2, 2)
    before = shown.bounding_box()
    expect(tools).to_have_css("opacity", "0")
    shown.hover(position={"x": 200, "y": 200})
    expect(tools).to_have_css("opacity", "1")
    box = tools.bounding_box()
    assert box["y"] + box["height"] <= before["y"]
    answer = page.get_by_label("The answer").bounding_box()
    assert answer["y"] + answer["height"] <= box["y"]
    page.mouse.move(2, 2)
    expect(tools).to_have_css("opacity", "0")
    tools.get_by_role("button").first.focus()
    expect(tools).to_have_css("opacity", "1")
    assert shown.bounding_box() == before


def test_the_tools_are_always_there_for_touch(chromium, app_url):
    context = chromium.new_context(viewport={"width": 390, "height": 900}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{app_url}/attention{CHOICE}")
    tools = page.locator(".explorer ~ .picture-tools")
    tools.wait_for()
    assert tools.evaluate("(tools) => getComputedStyle(tools).opacity") == "1"
    assert tools.get_by_role("button").bounding_box()["height"] >= 24
    context.close()


def test_a_picture_that_fails_says_so(open_page):
    page, shown = opened(open_page, "position", ".row-sum")
    page.evaluate("() => { HTMLCanvasElement.prototype.toBlob = (done) => done(null); }")
    frame = shown.locator("..")
    frame.get_by_role("button", name="Save picture").click()
    frame.get_by_text("The picture could not be drawn (it is too large for this browser).").wait_for()
    assert frame.get_by_role("button", name="Save picture").is_enabled()


NOISE = """() => {
  const { prototype } = CanvasRenderingContext2D;
  prototype.getImageData = (x, y, width, height) => new ImageData(width, height);
}"""


def test_where_canvases_answer_with_noise_nothing_is_saved_but_a_sentence_said(open_page):
    page, shown = opened(open_page, "position", ".row-sum")
    page.evaluate(NOISE)
    frame = shown.locator("..")
    frame.get_by_role("button", name="Save picture").click()
    frame.get_by_text("allow this page to read its canvas").wait_for()


@pytest.mark.parametrize("name", [name for name in PAGES if name != "journey"])
def test_every_component_but_the_strip_can_be_saved(open_page, name):
    page = open_page(page_path(name) + CHOICE)
    page.locator(".component:not(.samples)").first.wait_for(state="attached")
    page.locator(".component.samples").wait_for(state="attached")
    roots = page.locator(".component")
    lacking = roots.evaluate_all(
        "all => all.filter((root) => !root.nextElementSibling).map((root) => root.className)"
    )
    assert [names.split()[1] for names in lacking] == ["samples"]
