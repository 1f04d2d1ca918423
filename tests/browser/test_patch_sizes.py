"""The Patches page beyond its first version: other patch sizes, pulling apart, words above patches."""

import pytest
from playwright.sync_api import expect

from vit_viz.samples import samples
from vit_viz.ui.navigation import page_path

pytestmark = pytest.mark.browser
LINK = f"{page_path('patches')}?photo=cat&token=66"


def opened(open_page, **options):
    page = open_page(LINK, **options)
    page.locator(".patches .cost").wait_for()
    return page


@pytest.mark.parametrize(
    ("size", "grid", "pairs", "times"),
    [
        ("8", "28 × 28 = 784 patches, with CLS 785 tokens", "785² = 616,225 pairs", "4,086 times"),
        ("14", "16 × 16 = 256 patches, with CLS 257 tokens", "257² = 66,049 pairs", "38,119 times"),
        (
            "16 (this model)",
            "14 × 14 = 196 patches, with CLS 197 tokens",
            "197² = 38,809 pairs",
            "64,875 times",
        ),
        ("32", "7 × 7 = 49 patches, with CLS 50 tokens", "50² = 2,500 pairs", "1,007,093 times"),
    ],
)
def test_every_patch_size_has_its_cost(open_page, size: str, grid: str, pairs: str, times: str):
    page = opened(open_page)
    page.get_by_label(size, exact=True).check()
    cost = page.locator(".patches .cost").inner_text()
    assert all(part in cost for part in (grid, pairs, times, "50,177² = 2,517,731,329"))
    assert page.locator(".costs .current th").inner_text() == f"{size.split()[0]} px"
    own = "this model" in size
    assert ("reads patches of 16" in page.locator(".patches .note").inner_text()) != own


def test_picking_in_another_size_leaves_the_models_token_alone(open_page):
    page = opened(open_page)
    page.get_by_label("32", exact=True).check()
    # the middle of patch (5, 10) lies in (3, 5) of the coarser grid
    heading = page.locator(".patches .heading")
    assert heading.inner_text() == "Patch (3, 5): row 3, column 5 · 32 × 32 × 3 = 3,072 numbers"
    page.locator("canvas.photo").click(position={"x": 5, "y": 5})
    page.mouse.move(0, 0)
    expect(heading).to_contain_text("Patch (1, 1): row 1, column 1 · 32")
    page.wait_for_timeout(600)  # a choice would be told by now; the next page would have it
    page.locator("[data-testid=stMain]").get_by_role("link", name="Embedding").click()
    page.wait_for_url("**/embedding?*token=66*")


def test_words_stand_above_the_row_of_the_picked_patch(open_page):
    page = opened(open_page)
    words = page.locator(".words .token").all_inner_texts()
    expected = samples()["cat"].alt.split(" ")
    assert [text.split("\n")[0] for text in words] == ["CLS", *expected]
    pressed = page.locator(".row-of-patches button[aria-pressed=true]")
    assert pressed.inner_text() == "66"
    assert page.locator(".row-of-patches button").count() == 14
    page.locator(".row-of-patches button").first.click()
    page.wait_for_url("**/*token=57*")


def test_pulling_apart_moves_the_patches_and_not_the_page(open_page):
    page = opened(open_page)
    photo = page.locator("canvas.photo")
    before, box = photo.evaluate("canvas => canvas.toDataURL()"), photo.bounding_box()
    page.get_by_role("slider", name="Pull apart").fill("100")
    assert photo.evaluate("canvas => canvas.toDataURL()") != before
    assert photo.bounding_box() == box


def test_a_step_leads_to_its_chapter_with_the_same_patch(open_page):
    page = opened(open_page)
    page.locator("[data-testid=stMain]").get_by_role("link", name="Embedding").click()
    page.wait_for_url("**/embedding?*token=66*")
    page.get_by_role("heading", name="Embedding", level=1).wait_for()
