"""What works once works again: after an answer, on another photo, while another answer is on its way."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import timm
from playwright.sync_api import expect
from safetensors.torch import save_file

from tests.browser.journey_helpers import journey_of, record
from tests.serving import at_rest, cell, settle, until
from vit_viz.samples import samples

pytestmark = pytest.mark.browser

DINO = "vit_small_patch16_224.dino"
HOLD = """() => {
  const { send } = WebSocket.prototype;
  window.held = [];
  WebSocket.prototype.send = function (data) { window.held.push(() => send.call(this, data)); };
  window.letGo = (count) => { for (const go of window.held.splice(0, count)) go(); };
  window.openLine = () => { WebSocket.prototype.send = send; window.letGo(window.held.length); };
}"""


class Line:
    """From now on all that the page sends is on its way until the test lets it go."""

    def __init__(self, page) -> None:
        self.page = page
        page.evaluate(HOLD)

    def holds(self, count: int) -> None:
        """Wait until so much is on its way."""
        self.page.wait_for_function("(count) => window.held.length === count", arg=count)

    def let_go(self, count: int = 1) -> None:
        """The first of it arrives."""
        self.page.evaluate("(count) => window.letGo(count)", count)

    def open(self) -> None:
        """All arrives, and from now on at once."""
        self.page.evaluate("() => window.openLine()")


def click(page, box, row: int, col: int) -> None:
    """Click a patch, counted from 1, and take the mouse away."""
    box.click(position=cell(box, row - 1, col - 1))
    page.mouse.move(0, 0)


def take_photo(page, name: str) -> None:
    page.get_by_role("button", name=samples()[name].alt).click()
    page.wait_for_url(re.compile(f"photo={name}"))
    settle(page)


def link(page, *, token: int) -> None:
    """Wait until the link names that token."""
    expect(page).to_have_url(re.compile(rf"[?&]token={token}(&|$)"), timeout=15_000)


def test_the_same_patch_can_be_masked_on_the_next_photo(open_page):
    page = open_page("/prediction?photo=cat")
    view = page.locator(".patch-mask")
    for photo in ("dog", "bee"):
        take_photo(page, photo)
        expect(view.locator(".status")).to_contain_text("Nothing is masked")
        click(page, view.locator(".stage"), 5, 5)
        expect(view.locator(".status")).to_contain_text("Without 1 of 196")
        expect(view.locator(".delta-bars")).to_have_attribute("aria-busy", "false")


def test_a_patch_taken_back_before_the_answer_leaves_nothing_waiting(open_page):
    page = open_page("/prediction?photo=cat")
    view = page.locator(".patch-mask")
    click(page, view.locator(".stage"), 5, 5)
    bars, status = view.locator(".delta-bars"), view.locator(".status")
    expect(status).to_contain_text("Without 1 of 196")
    answer = bars.text_content()
    line = Line(page)
    click(page, view.locator(".stage"), 10, 10)
    line.holds(1)
    click(page, view.locator(".stage"), 10, 10)
    line.holds(2)
    line.let_go()
    expect(bars).not_to_have_text(answer)  # that of two patches, for which nobody waits any more
    expect(bars).to_have_attribute("aria-busy", "true")
    line.open()
    expect(bars).to_have_text(answer)
    expect(bars).to_have_attribute("aria-busy", "false")
    expect(view.locator(".count")).to_have_text(re.compile("^1 of 196"))
    expect(status).to_contain_text("Without 1 of 196")


def test_the_same_head_can_be_switched_off_on_the_next_photo(open_page):
    page = open_page("/prediction?photo=cat")
    view = page.locator(".head-ablation")
    for photo in ("dog", "bee"):
        take_photo(page, photo)
        if not view.is_visible():
            page.get_by_text("Switch heads off").click()
        view.locator(".head-cell").nth(4).click()
        expect(view.locator(".story .status")).to_contain_text("Without one head")
        expect(view.locator(".delta-bars")).to_have_attribute("aria-busy", "false")


def test_a_filter_can_be_chosen_again_after_one_of_the_gallery(open_page):
    page = open_page("/embedding?photo=cat&token=66")
    title = page.locator(".product h3")
    slider = page.get_by_role("slider", name="Filter", exact=True)
    said = page.get_by_test_id("stMarkdownContainer").filter(has_text="products")
    slider.fill("6")
    expect(said).to_contain_text("times filter 6:")
    page.get_by_label("raw filters").check()
    tiles = page.locator(".gallery button.tile")
    other = next(tile for tile in tiles.all() if tile.get_attribute("value") != "5")
    number = int(other.get_attribute("value")) + 1
    other.click()
    expect(title).to_contain_text(f"filter {number}:")
    expect(said).to_contain_text(f"times filter {number}:")
    slider.fill("6")
    expect(said).to_contain_text("times filter 6:")
    expect(title).to_contain_text("filter 6:")


def test_a_setting_of_the_rollout_taken_back_on_its_way_stays_taken_back(open_page):
    page = open_page("/rollout?photo=dog")
    maps = page.locator(".maps figcaption")
    expect(maps.filter(has_text="Rollout").first).to_be_visible()
    line = Line(page)
    page.locator("input[value=max]").check(force=True)
    line.holds(1)
    page.locator("input[value=mean]").check(force=True)
    line.holds(2)
    line.let_go()
    expect(maps.filter(has_text="as set above")).to_have_count(1)
    expect(page.locator("input[value=mean]")).to_be_checked()
    line.open()
    expect(maps.filter(has_text="as set above")).to_have_count(0)
    settle(page)
    expect(page.locator("input[value=mean]")).to_be_checked()


def test_back_to_cls_is_kept_by_the_next_photo(open_page):
    page = open_page("/rollout?photo=dog")
    start = page.locator(".rollout .from strong")
    expect(start).to_contain_text("CLS")
    click(page, page.locator(".rollout .stage").first, 4, 6)
    link(page, token=48)
    page.get_by_role("button", name="Back to CLS").click()
    link(page, token=0)
    take_photo(page, "bee")
    expect(start).to_contain_text("CLS")


def test_the_chosen_class_of_the_rollout_stays_chosen_when_it_is_clicked(open_page):
    page = open_page("/rollout?photo=cat")
    second = page.get_by_role("radiogroup", name="Class").get_by_role("radio").nth(1)
    for _ in range(2):
        second.click()
        settle(page)
        expect(second).to_be_checked()


@pytest.mark.parametrize("told", [False, True])
def test_a_second_position_soon_after_the_first_is_the_one_that_stays(open_page, told: bool):
    """The first answer comes before Python is told of the second, or when that is on its way."""
    page = open_page("/position?photo=cat&token=66")
    tiles = page.locator(".tiles .all").first
    name = page.locator(".tiles .name")
    expect(page.locator(".tiles .readout").first).to_contain_text("most like")
    line = Line(page)
    click(page, tiles, 6, 6)
    line.holds(1)
    click(page, tiles, 9, 10)
    if told:
        line.holds(2)
    line.let_go()
    link(page, token=76)
    settle(page)
    expect(name).to_have_text("Position (9, 10)")
    line.open()
    link(page, token=122)
    settle(page)
    link(page, token=122)
    expect(name).to_have_text("Position (9, 10)")


def test_arrows_walk_on_over_the_positions_after_an_answer(open_page):
    page = open_page("/position?photo=cat&token=66")
    expect(page.locator(".tiles .readout").first).to_contain_text("most like")
    page.locator(".tiles .all").first.focus()
    for token in (67, 68):
        page.keyboard.press("ArrowRight")
        link(page, token=token)
        settle(page)


def test_the_journeys_speed_outlives_a_change_of_language(open_page):
    page = open_page("/")
    page.get_by_label("Speed").select_option("4")
    page.get_by_role("radiogroup", name="Language").get_by_text("한국어").click()
    expect(page.locator(".journey .play")).to_have_text("재생")
    expect(page.get_by_label("속도")).to_have_value("4")


@pytest.fixture(scope="module")
def without_classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weight file of a model that has no classifier."""
    file = tmp_path_factory.mktemp("weights") / "dino.safetensors"
    save_file(timm.create_model(DINO).state_dict(), file)
    return file


def test_the_most_alike_patches_follow_every_pick(open_page, without_classes: Path):
    page = open_page("/prediction?photo=cat")
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_test_id("stExpander").locator("summary").click()
    for key, text in (("file_model", DINO), ("file_path", str(without_classes))):
        field = sidebar.locator(f".st-key-{key} input")
        field.fill(text)
        field.press("Enter")
    sidebar.get_by_role("button", name="Load", exact=True).click()
    stage = page.locator(".nearest-patches .stage")
    stage.wait_for(timeout=60_000)
    said = page.get_by_test_id("stMarkdownContainer").filter(has_text="is most like patch")
    for row, col in ((2, 3), (4, 5), (2, 3)):
        click(page, stage, row, col)
        link(page, token=1 + 14 * (row - 1) + col - 1)
        expect(page.locator(".nearest-patches h3")).to_have_text(f"Most alike to patch ({row}, {col})")
        expect(said).to_contain_text(f"Patch ({row}, {col}) is most like")
    stage.focus()
    line = Line(page)
    for count in range(1, 5):
        page.keyboard.press("ArrowRight")
        line.holds(count)
    for token in range(18, 22):
        line.let_go()
        link(page, token=token)
        settle(page)
        expect(page.locator(".nearest-patches .caption")).to_contain_text("Picked: patch (2, 7)")
    expect(page.locator(".nearest-patches h3")).to_have_text("Most alike to patch (2, 7)")


WAYS = ["soon", "first", "together"]


def arrive(line: Line, way: str, stays: Callable[[], None]) -> None:
    """A new photo and a choice made meanwhile; unless they come together, it `stays` with the photo's answer.

    That comes "first" where Python was told of the choice, which is on its way, or "soon", maybe before it is told.
    """
    if way != "soon":
        line.holds(2)
    if way != "together":
        line.let_go()
        line.page.wait_for_url(re.compile("photo=dog"))
        settle(line.page)
        stays()
        line.holds(1)
    line.open()


@pytest.mark.parametrize("way", WAYS)
def test_a_patch_picked_before_the_next_photo_is_there_stays(open_page, way: str):
    page = open_page("/rollout?photo=cat&token=40")
    stage = page.locator(".rollout .stage").first
    stage.wait_for()
    line = Line(page)
    page.get_by_role("button", name=samples()["dog"].alt).click()
    click(page, stage, 9, 3)
    start = page.locator(".rollout .from strong")
    arrive(line, way, lambda: expect(start).to_have_text("patch (9, 3)"))
    link(page, token=1 + 8 * 14 + 2)
    settle(page)
    expect(start).to_have_text("patch (9, 3)")


@pytest.mark.parametrize("way", WAYS)
def test_a_head_picked_before_the_next_photo_is_there_stays(open_page, way: str):
    page = open_page("/distance?photo=cat&layer=1&head=1")
    page.locator(".distance circle.dot").first.wait_for()
    line = Line(page)
    page.get_by_role("button", name=samples()["dog"].alt).click()
    page.locator(".distance circle.dot").nth(6 * 3 + 1).click(force=True)
    page.mouse.move(0, 0)
    readout = page.locator(".distance .readout")
    arrive(line, way, lambda: expect(readout).to_contain_text("Layer 4, head 2"))
    page.get_by_role("button", name="Layer 4, head 2 in Attention maps").wait_for()
    settle(page)
    expect(readout).to_contain_text("Layer 4, head 2")


@pytest.mark.parametrize("dark", [False, True])
def test_the_journey_has_the_pages_colours_on_every_return(open_page, dark: bool):
    """Also where its style sheet comes late."""
    page, late = open_page("/patches", dark=dark), []
    page.route(re.compile(r"journey\.css"), lambda route: late.append(route))
    page.get_by_role("link", name="The journey").click()
    expect(page.locator(".journey .chip")).not_to_be_empty()  # its first frame is drawn
    expect(page.locator(".journey")).to_have_css("visibility", "hidden")
    (route,) = late
    route.continue_()
    journey = journey_of(page)
    expect(journey).to_have_class(re.compile(r"\bdark\b" if dark else r"\blight\b"))
    corner = "canvas => [...canvas.getContext('2d').getImageData(2, 2, 1, 1).data].slice(0, 3)"
    around = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert journey.locator(".stage canvas").evaluate(corner) == [
        int(value) for value in re.findall(r"\d+", around)
    ]


def test_the_journeys_speed_is_said_before_its_numbers_are_there(open_page):
    page, late = open_page("/attention"), []
    page.route(re.compile(r"/journey/\w+/base"), lambda route: late.append(route))
    page.get_by_role("link", name="The journey").click()
    expect(page.locator(".journey .status")).to_be_visible()
    expect(page.locator(".journey select").first).to_have_value("1")
    for route in late:
        route.continue_()


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_journeys_buttons_stay_where_they_are_when_its_numbers_come(open_page, lang: str):
    page, late = open_page(f"/attention?lang={lang}"), []
    page.route(re.compile(r"/journey/\w+/base"), lambda route: late.append(route))
    page.locator("[data-testid=stSidebarNav] a").first.click()
    play = page.locator(".journey .play")
    expect(page.locator(".journey .status")).to_be_visible()
    before = at_rest(page, lambda: play.bounding_box()["y"], pause_ms=300)
    assert before > 600  # below a stage that has its height
    for route in late:
        route.continue_()
    expect(page.locator(".journey .names button").first).to_be_visible()
    assert at_rest(page, lambda: play.bounding_box()["y"], pause_ms=300) == pytest.approx(before, abs=30)


RECORDING = re.compile(r"^Recording: [1-9]\d*%$")
WATCH_RECORDERS = """() => {
  window.recorders = [];
  window.MediaRecorder = class extends MediaRecorder {
    constructor(...options) {
      super(...options);
      window.recorders.push(this);
    }
  };
}"""
# as the app saves; the page that made an earlier one had handed it to the browser before
DOWNLOAD = """(name) => {
  const link = document.createElement("a");
  Object.assign(link, { href: URL.createObjectURL(new Blob(["text"], { type: "text/plain" })), download: name });
  link.click();
}"""


def test_a_recording_ends_with_the_film_that_it_began_with(open_page):
    page = open_page("/?photo=cat&step=2")
    journey = journey_of(page)
    with page.expect_download(timeout=60_000) as download:
        record(journey, "WebM")
        expect(journey.locator(".record-panel [role=status]")).to_have_text(RECORDING)
        take_photo(page, "dog")
    assert download.value.path().stat().st_size > 10_000
    assert download.value.suggested_filename == "vit-viz-2-2_cat_vit-viz-16.webm"
    expect(journey.locator(".record-panel [role=status]")).to_have_text("Saved.")


def test_a_recording_is_given_up_with_the_page(open_page):
    page = open_page("/?photo=cat&step=2")
    journey = journey_of(page)
    saved = []
    page.on("download", lambda download: saved.append(download.suggested_filename))
    page.evaluate(WATCH_RECORDERS)
    record(journey, "WebM")
    expect(journey.locator(".record-panel [role=status]")).to_have_text(RECORDING)
    assert page.evaluate("window.recorders.map(({ state }) => state)") == ["recording"]
    page.get_by_test_id("stSidebar").get_by_role("link", name="Patches").click()
    page.wait_for_function("window.recorders[0].state === 'inactive'")
    with page.expect_download():
        page.evaluate(DOWNLOAD, "later.txt")
    until(page, lambda: saved, lambda names: "later.txt" in names)
    assert saved == ["later.txt"]


@pytest.mark.parametrize("way", WAYS)
def test_a_layer_picked_in_the_journey_before_the_next_photo_is_there_stays(open_page, way: str):
    page = open_page("/?photo=cat&layer=4")
    layer = page.locator(".journey .follow input").nth(1)
    expect(layer).to_have_value("4")
    line = Line(page)
    page.get_by_role("button", name=samples()["dog"].alt).click()
    layer.press("ArrowRight")
    layer.press("ArrowRight")
    arrive(line, way, lambda: expect(layer).to_have_value("6"))
    expect(page).to_have_url(re.compile(r"photo=dog.*layer=6|layer=6.*photo=dog"), timeout=15_000)
    settle(page)
    expect(layer).to_have_value("6")


def test_back_leaves_the_page_however_much_was_chosen_on_it(open_page):
    page = open_page("/attention?photo=dog")
    stage = page.locator(".stage").first
    entries = page.evaluate("history.length")
    for row, token in ((3, 1 + 2 * 14 + 4), (6, 1 + 5 * 14 + 4)):
        click(page, stage, row, 5)
        link(page, token=token)
    assert page.evaluate("history.length") == entries
    page.get_by_role("link", name="Patches").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patches")
    link(page, token=token)
    settle(page)  # Streamlit forgets a page's pictures as soon as it is left, also those on their way
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Attention maps")
    link(page, token=token)
    settle(page)
