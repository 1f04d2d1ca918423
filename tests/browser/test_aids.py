"""What readers have with aids of their own: colours of their system, a keyboard's focus, spoken names."""

import re

import pytest
from playwright.sync_api import expect

from tests.serving import until
from vit_viz.samples import samples

pytestmark = pytest.mark.browser

COLOR = "element => getComputedStyle(element).backgroundColor"
LINE = "element => getComputedStyle(element).borderBottomColor"
OUTLINE = "element => getComputedStyle(element).outline"
ORANGE = "rgb(230, 159, 0)"


def test_colours_that_are_numbers_stay_where_the_system_has_its_own(open_page) -> None:
    page = open_page("/prediction", forced_colors="active")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert page.locator("[role=listitem] > div > div").first.evaluate(COLOR) == ORANGE
    assert page.locator(".answer-steps .fill").first.evaluate(COLOR) == ORANGE
    options = page.locator(".logit-lens .options label")
    chosen, other = (options.nth(place).evaluate(LINE) for place in (0, 1))
    assert chosen != other


def test_the_chosen_option_of_the_page_is_seen_where_the_system_has_its_own_colours(open_page) -> None:
    page = open_page("/compare", forced_colors="active")
    options = page.get_by_role("radiogroup", name="Compare with").get_by_role("radio")
    chosen, other = (options.nth(place).evaluate(LINE) for place in (0, 1))
    assert chosen != other


def test_the_scrub_bar_is_seen_where_the_system_has_its_own_colours(open_page) -> None:
    page = open_page("/?step=7.5", forced_colors="active")
    fill, page_color = (page.locator(part).first.evaluate(COLOR) for part in (".scrub .fill", ".journey"))
    assert fill != page_color
    assert page_color == page.locator("body").evaluate(COLOR)  # as the system has it


def test_the_focus_is_seen_on_the_chosen_sample(open_page) -> None:
    page = open_page("/patches")
    chosen, other = (page.get_by_role("button", name=samples()[name].alt) for name in ("cat", "dog"))
    rested = chosen.evaluate(OUTLINE)
    other.focus()
    page.keyboard.press("Shift+Tab")
    expect(chosen).to_be_focused()
    assert chosen.evaluate(OUTLINE) != rested


def test_a_tile_is_named_by_what_is_written_on_it(open_page) -> None:
    page = open_page("/attention")
    tile = page.locator(".tile").first
    written = until(page, tile.inner_text, lambda text: "%" in text)
    expect(tile).to_have_accessible_name(re.compile(r"\s*".join(map(re.escape, written.split()))))


def test_a_page_on_paper_is_without_the_way_to_others(open_page):
    page = open_page("/prediction")
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar).to_be_visible()
    page.emulate_media(media="print")
    expect(sidebar).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    line = (
        page.get_by_test_id("stCode")
        .last.locator("code")
        .evaluate("code => code.scrollWidth - code.clientWidth")
    )
    assert line <= 0
