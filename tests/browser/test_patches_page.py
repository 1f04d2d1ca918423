"""The Patches page as a reader meets it."""

import re

import numpy as np
import pytest

from tests.serving import cell, overflow, settle
from vit_viz import load_model, prepare
from vit_viz.samples import sample_photo, samples
from vit_viz.ui.navigation import page_path

pytestmark = pytest.mark.browser
PATCHES = page_path("patches")


def heading(page) -> str:
    return page.locator(".patches .heading").inner_text()


def test_answer_and_parity_are_on_screen(open_page):
    page = open_page(PATCHES)
    guesses = page.get_by_role("list", name="The answer").get_by_role("listitem")
    guesses.nth(4).wait_for()
    assert guesses.count() == 5
    found = re.search(
        r"relative difference ([^\s,]+)", page.locator("section[data-testid=stSidebar]").inner_text()
    )
    assert found
    assert float(found[1]) < 1e-4


def test_clicking_a_patch_picks_it_and_writes_the_link(open_page):
    page = open_page(PATCHES)
    photo = page.locator("canvas.photo")
    photo.click(position=cell(photo, 1, 2))
    page.mouse.move(0, 0)
    page.wait_for_url("**/*token=17*")
    assert heading(page).startswith("Patch (2, 3): row 2, column 3 · token 17")


def test_a_pick_that_came_back_from_python_leaves_the_next_one_free(open_page):
    page = open_page(PATCHES)
    photo = page.locator("canvas.photo")
    for token in (1, 2):
        photo.click(position=cell(photo, 0, token - 1))
        page.mouse.move(0, 0)
        page.wait_for_url(f"**/*token={token}*")
        settle(page)  # Python's answer has been drawn
        assert heading(page).startswith(f"Patch (1, {token}): row 1, column {token} · token {token} ·")
        assert "stays picked" in page.locator(".patches .note").inner_text()


# what Tor Browser and LibreWolf, and by a little Brave, answer against being recognised by it
NOISY_CANVAS = """for (const { prototype } of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
  const read = prototype.getImageData;
  prototype.getImageData = function (...where) {
    const answer = read.apply(this, where);
    answer.data.fill(7);
    return answer;
  };
}"""


def test_no_number_is_read_from_a_canvas(open_page):
    page = open_page(f"{PATCHES}?token=1")
    values = page.locator(".patches .values").filter(has_text=re.compile(r"\d / 255"))
    before = values.inner_text()
    page.add_init_script(NOISY_CANVAS)
    page.reload()
    settle(page)
    assert values.inner_text() == before


def test_arrow_keys_walk_and_the_numbers_are_the_models_own(open_page):
    page = open_page(f"{PATCHES}?token=1")
    page.locator("canvas.photo").wait_for()
    page.locator("canvas.photo").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**/*token=16*")
    photo = sample_photo(next(iter(samples())))
    model = load_model()
    prepared = prepare(photo, model.info.data_config)
    value, normalised = prepared.image[16, 16, 0], prepared.pixels[0, 16, 16]
    shown = page.locator(".patches .values").inner_text()
    assert f"{value} / 255" in shown
    assert np.isclose(
        float(re.findall(r"[=≈] (−?[\d.]+)$", shown)[-1].replace("−", "-")), normalised, atol=5e-5
    )


def test_the_picked_photo_stays_on_the_other_page(open_page):
    page = open_page(PATCHES)
    page.get_by_role("button", name=list(samples().values())[1].alt).click()
    page.wait_for_url(f"**/*photo={list(samples())[1]}*")
    page.get_by_test_id("stSidebarNavItems").get_by_role("link", name="Attention maps").click()
    page.wait_for_url("**/attention*")
    settle(page)
    assert f"photo={list(samples())[1]}" in page.url


@pytest.mark.parametrize(
    "path", [PATCHES, f"{PATCHES}?photo=dog&token=40", "/attention?photo=coffee&layer=2&head=3&token=5"]
)
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_whole_on_a_deep_link(open_page, path: str, dark: bool, width: int):
    page = open_page(path, width=width, dark=dark)
    assert page.get_by_role("heading", level=1).count() == 1
    assert overflow(page) == 0
    if "?" in path:
        assert page.url.endswith(path.partition("?")[2])
