"""What works once works again: after an answer, on another photo, while another answer is on its way."""

import re
from pathlib import Path

import pytest
import timm
from playwright.sync_api import expect
from safetensors.torch import save_file

from tests.browser.journey_helpers import journey_of, record
from tests.serving import cell, settle
from vit_viz.samples import samples

pytestmark = pytest.mark.browser

DINO = "vit_small_patch16_224.dino"
DELAY = """(ms) => {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) { setTimeout(() => send.call(this, data), ms); };
}"""


def slow_line(page, milliseconds: int) -> None:
    """From now on all that the page sends arrives later."""
    page.evaluate(DELAY, milliseconds)


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
    expect(view.locator(".status")).to_contain_text("Without 1 of 196")
    slow_line(page, 500)
    click(page, view.locator(".stage"), 10, 10)
    page.wait_for_timeout(330)  # it is on its way
    click(page, view.locator(".stage"), 10, 10)
    page.wait_for_timeout(2500)
    expect(view.locator(".delta-bars")).to_have_attribute("aria-busy", "false")
    assert view.locator(".count").inner_text().startswith("1 of 196")
    assert "Without 1 of 196" in view.locator(".status").inner_text()


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
    slow_line(page, 900)
    page.locator("input[value=max]").check(force=True)
    page.wait_for_timeout(500)
    page.locator("input[value=mean]").check(force=True)
    page.wait_for_timeout(3500)
    settle(page)
    assert page.locator("input[value=mean]").is_checked()
    expect(maps.filter(has_text="as set above")).to_have_count(0)


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


@pytest.mark.parametrize("gap", [600, 700, 800])
def test_a_second_position_soon_after_the_first_is_the_one_that_stays(open_page, gap: int):
    page = open_page("/position?photo=cat&token=66")
    tiles = page.locator(".tiles .all").first
    expect(page.locator(".tiles .readout").first).to_contain_text("most like")
    slow_line(page, 600)
    click(page, tiles, 6, 6)
    page.wait_for_timeout(gap)
    click(page, tiles, 9, 10)
    link(page, token=122)
    page.wait_for_timeout(1000)
    link(page, token=122)
    expect(page.locator(".tiles .name")).to_have_text("Position (9, 10)")


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
    slow_line(page, 400)
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(200)
    expect(page.locator(".nearest-patches h3")).to_have_text("Most alike to patch (2, 7)")
    link(page, token=21)


@pytest.mark.parametrize("gap", [0, 200])
def test_a_patch_picked_before_the_next_photo_is_there_stays(open_page, gap: int):
    page = open_page("/rollout?photo=cat&token=40")
    stage = page.locator(".rollout .stage").first
    stage.wait_for()
    slow_line(page, 300)
    page.get_by_role("button", name=samples()["dog"].alt).click()
    page.wait_for_timeout(gap)
    click(page, stage, 9, 3)
    link(page, token=1 + 8 * 14 + 2)
    settle(page)
    expect(page.locator(".rollout .from strong")).to_have_text("patch (9, 3)")


def test_a_head_picked_before_the_next_photo_is_there_stays(open_page):
    page = open_page("/distance?photo=cat&layer=1&head=1")
    page.locator(".distance circle.dot").first.wait_for()
    slow_line(page, 300)
    page.get_by_role("button", name=samples()["dog"].alt).click()
    page.locator(".distance circle.dot").nth(6 * 3 + 1).click(force=True)
    page.get_by_role("link", name="Layer 4, head 2 in Attention maps").wait_for()
    settle(page)
    page.mouse.move(0, 0)
    expect(page.locator(".distance .readout")).to_contain_text("Layer 4, head 2")


@pytest.mark.parametrize("dark", [False, True])
def test_the_journey_has_the_pages_colours_on_every_return(open_page, dark: bool):
    """Also where its style sheet comes late."""
    page = open_page("/patches", dark=dark)

    def late(route):
        page.wait_for_timeout(2500)
        route.continue_()

    page.route(re.compile(r"journey\.css"), late)
    page.get_by_role("link", name="The journey").click()
    journey = journey_of(page)
    expect(journey).to_have_class(re.compile(r"\bdark\b" if dark else r"\blight\b"))
    corner = "canvas => [...canvas.getContext('2d').getImageData(2, 2, 1, 1).data].slice(0, 3)"
    around = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert journey.locator(".stage canvas").evaluate(corner) == [
        int(value) for value in re.findall(r"\d+", around)
    ]


def test_a_recording_ends_with_the_film_that_it_began_with(open_page):
    page = open_page("/?photo=cat&step=2")
    journey = journey_of(page)
    with page.expect_download(timeout=60_000) as download:
        record(journey, "WebM")
        page.wait_for_timeout(1000)
        take_photo(page, "dog")
    assert download.value.path().stat().st_size > 10_000
    assert download.value.suggested_filename == "vit-viz-2-2_cat_vit-viz-16.webm"
    expect(journey.locator(".record-panel [role=status]")).to_have_text("Saved.")


def test_a_recording_is_given_up_with_the_page(open_page):
    page = open_page("/?photo=cat&step=2")
    journey = journey_of(page)
    saved = []
    page.on("download", lambda download: saved.append(download))
    record(journey, "WebM")
    page.wait_for_timeout(500)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Patches").click()
    page.wait_for_timeout(12_000)  # longer than the scene lasts
    assert saved == []


@pytest.mark.parametrize("gap", [0, 200])
def test_a_layer_picked_in_the_journey_before_the_next_photo_is_there_stays(open_page, gap: int):
    page = open_page("/?photo=cat&layer=4")
    layer = page.locator(".journey .follow input").nth(1)
    expect(layer).to_have_value("4")
    slow_line(page, 300)
    page.get_by_role("button", name=samples()["dog"].alt).click()
    page.wait_for_timeout(gap)
    layer.press("ArrowRight")
    layer.press("ArrowRight")
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
