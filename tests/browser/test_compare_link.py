"""A link to a comparison, in a browser: what was chosen is in the address, and a reload shows it again."""

import re

import pytest
from playwright.sync_api import expect

from tests.serving import overflow, settle

pytestmark = pytest.mark.browser


def lines(page) -> list[str]:
    """What is said below both photos, once both have their numbers."""
    page.get_by_text("most on").nth(1).wait_for()
    return page.locator(".compare .part.map").all_inner_texts()


def is_checked(page, name: str) -> bool:
    return page.locator(".compare").get_by_role("radio", name=name, exact=True).is_checked()


def test_a_reload_shows_the_same_comparison(open_page):
    page = open_page("/compare?photo=dog&layer=2&head=3&token=90")
    page.get_by_role("radiogroup", name="Compare with").get_by_text("another resolution").click()
    page.wait_for_url("**/*beside=size&other=112x112*")
    for name in ("rollout", "each its own"):
        page.locator(".compare").get_by_role("radio", name=name, exact=True).check(force=True)
    page.wait_for_url("**/*map=rollout&scale=own*")
    page.get_by_text("rollout through all layers").nth(1).wait_for()
    address, shown = page.url, lines(page)
    page.reload()
    settle(page)
    page.get_by_text("rollout through all layers").nth(1).wait_for()
    assert page.url == address
    assert lines(page) == shown
    assert is_checked(page, "rollout")
    assert is_checked(page, "each its own")
    page.locator(".compare").get_by_role("radio", name="attention of the head").check(force=True)
    page.wait_for_url(lambda url: "map=" not in url and "scale=own" in url)


def test_a_model_that_cannot_be_downloaded_leaves_a_page_that_works(open_page):
    page = open_page("/compare?photo=dog&beside=model&other=deit_tiny_patch16_224.fb_in1k")
    said = page.get_by_test_id("stAlert")
    said.get_by_text("The model hub cannot be reached from here").wait_for()
    said.get_by_text("ViT Viz/16 untrained is shown instead.").wait_for()
    assert re.search(r"beside=model&other=untrained", page.url)
    page.get_by_role("radiogroup", name="Compare with").get_by_text("another photo").click()
    page.wait_for_url("**/*other=cat*")
    expect(said).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_linked_comparison_is_not_wider_than_the_screen(open_page, width: int):
    page = open_page("/compare?beside=size&other=336x336&map=rollout", width=width)
    lines(page)
    assert overflow(page) == 0
