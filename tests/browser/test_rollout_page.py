"""The page Rollout in a browser: the laboratory's numbers, play, tokens, the bug; the test of the maps; a phone."""

import re

import numpy as np
import pytest

from tests.serving import settle, until
from vit_viz import load_model, trace
from vit_viz.analysis.rollout import rollout
from vit_viz.samples import sample_photo

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def expected() -> np.ndarray:
    """(L, T, T) rollout of the first page's photo."""
    return rollout(trace(load_model(device="cpu"), sample_photo("dog")).attn, num_prefix_tokens=1)


@pytest.fixture
def lab(open_page):
    page = open_page("/rollout?photo=dog")
    page.locator(".rollout .detail", has_text="Sums to").first.wait_for()
    return page


def line(page, place: int = 0) -> str:
    """The value under the rollout (0), or its sums (1)."""
    return page.locator(".rollout .pictures section").first.locator(".detail").nth(place).inner_text()


def weight(text: str) -> float:
    return float(re.search(r": (\d\.\d+)", text)[1])


def hover(page, row: int, col: int) -> None:
    """Point at a patch of the rollout, counted from 1."""
    stage = page.locator(".rollout .stage").first
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    page.mouse.move(box["x"] + (col - 0.5) * box["width"] / 14, box["y"] + (row - 0.5) * box["height"] / 14)
    page.wait_for_timeout(50)


def test_numbers_are_the_rollouts(lab, expected):
    last = expected[-1, 0]
    assert weight(line(lab)) == pytest.approx(last[1:].max(), abs=1e-6)
    assert line(lab, 1) == "Sums to 1.000000, all rows to 1.000000"
    hover(lab, 3, 5)
    assert line(lab).startswith("Patch (3, 5)")
    assert weight(line(lab)) == pytest.approx(last[1 + 2 * 14 + 4], abs=1e-6)
    lab.locator(".build-up button").nth(1).click()
    lab.get_by_role("heading", name="Rollout after layer 2").wait_for()
    hover(lab, 3, 5)
    assert weight(line(lab)) == pytest.approx(expected[1, 0, 1 + 2 * 14 + 4], abs=1e-6)


def test_residual_share_is_computed_in_place(lab, expected):
    lab.get_by_label("Residual share").fill("101")  # the slider counts from 1: a share of 1.00
    lab.locator(".rollout .tile .value", has_text="100.0%").first.wait_for()
    assert lab.locator(".build-up button").count() == len(expected)


def test_a_patch_is_seen_from_and_shared_with_other_pages(lab, expected):
    hover(lab, 4, 6)
    lab.mouse.down()
    lab.mouse.up()
    lab.locator(".from strong", has_text="patch (4, 6)").wait_for()
    token = 1 + 3 * 14 + 5
    lab.wait_for_url(re.compile(f"token={token}"))
    hover(lab, 4, 6)
    own = pytest.approx(expected[-1, token, token], abs=1e-6)
    assert until(lab, lambda: weight(line(lab)), lambda shown: shown == own) == own
    lab.get_by_role("button", name="Back to CLS").click()
    lab.locator(".from strong", has_text="CLS, which the answer is read from").wait_for()


def test_playing_goes_through_the_layers_and_stops_at_the_last(lab, expected):
    lab.get_by_role("button", name="Play").click()
    lab.get_by_role("heading", name="Rollout after layer 1").wait_for()
    lab.get_by_role("heading", name="Rollout after layer 3").wait_for()
    lab.get_by_role("heading", name=f"Rollout after layer {len(expected)}").wait_for()
    lab.get_by_role("button", name="Play").wait_for()


def test_the_common_bug_breaks_the_row_sums(lab):
    beside = lab.locator(".rollout .pictures section").nth(1)
    lab.locator("input[value=copied]").check(force=True)
    beside.get_by_role("heading", name="The common bug").wait_for()
    lab.get_by_text("both agree").wait_for()
    assert "all rows to 1.000000" in beside.inner_text()
    lab.locator("input[value=max]").check(force=True)
    beside.get_by_text(re.compile(r"rows to \d\.\d+ – \d\.\d+")).wait_for()
    assert line(lab, 1) == "Sums to 1.000000, all rows to 1.000000"


def test_settings_reach_the_other_maps_and_stay(lab):
    lab.locator("input[value=max]").check(force=True)
    lab.locator(".maps figcaption", has_text="Rollout as set above").wait_for()
    lab.get_by_test_id("stSidebarNavItems").get_by_role("link", name="Patches").click()
    lab.wait_for_url("**/patches*")
    settle(lab)
    lab.get_by_test_id("stSidebarNavItems").get_by_role("link", name="Rollout").click()
    lab.locator(".rollout .detail", has_text="Sums to").first.wait_for()
    assert lab.locator("input[value=max]").is_checked()


def test_one_cursor_for_all_maps(lab):
    stages = lab.locator(".maps .stage")
    stages.first.scroll_into_view_if_needed()
    stages.first.hover(position={"x": 2, "y": 2})
    values = lab.locator(".maps .value")
    assert [text.split(")")[0] for text in values.all_inner_texts()] == ["(1, 1"] * 5


def test_the_test_runs_to_its_end(lab):
    run, stop = (lab.get_by_role("button", name=name) for name in ("Run the test: 22 curves", "Stop"))
    run.scroll_into_view_if_needed()
    pressed = run.bounding_box()
    run.click()
    stop.wait_for()
    assert run.bounding_box() == pressed
    assert run.count() == 1
    assert stop.bounding_box()["x"] > pressed["x"] + pressed["width"]
    lab.get_by_text("at each of them the model ran again").wait_for(timeout=180_000)
    settle(lab)
    assert lab.locator("[data-testid=stVegaLiteChart]").count() == 2
    lab.get_by_text(re.compile("falls fastest")).wait_for()


@pytest.mark.parametrize("dark", [False, True])
def test_phone_has_nothing_beyond_its_width(open_page, dark):
    page = open_page("/rollout?photo=dog", width=390, dark=dark)
    page.locator(".rollout .detail", has_text="Sums to").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator(".rollout").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
