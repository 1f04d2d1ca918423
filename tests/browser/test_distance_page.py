"""The page Attention distance as a reader meets it."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.oracles import row_distance
from tests.serving import at_rest, overflow, settle
from vit_viz import load_model, trace
from vit_viz.analysis.distance import head_distances
from vit_viz.samples import sample_photo

pytestmark = pytest.mark.browser

LINK = "/distance?photo=dog&layer=2&head=3&token=90"


@pytest.fixture(scope="module")
def dog():
    return trace(load_model(device="cpu"), sample_photo("dog"))


def choose(page, name: str) -> None:
    page.locator(".distance").get_by_role("radio", name=name, exact=True).check(force=True)


def readout(page) -> str:
    return page.locator(".distance .readout").inner_text()


def total(page, name: str) -> float:
    line = page.locator(".distance .terms li", has_text=name).inner_text()
    return float(re.findall(r"([\d.]+) (?:px|patches)", line)[-1])


def test_the_dot_and_the_sum_behind_it_are_the_models_own(open_page, dog):
    page = open_page(LINK)
    page.locator(".terms .total").first.wait_for()
    place = (dog.grid, dog.patch_size, 1)
    own = head_distances(dog.attn[1, 2], *place)
    assert readout(page).startswith(f"Layer 2, head 3: {own.distance:.2f} px")
    assert total(page, "This row") == pytest.approx(row_distance(dog.attn[1, 2], *place)[89], abs=6e-3)
    assert total(page, "Mean of all 196 rows") == pytest.approx(own.distance, abs=6e-3)
    choose(page, "renormalised")
    assert f"{own.renormalised:.2f} px" in readout(page)
    assert total(page, "Mean of all 196 rows") == pytest.approx(own.renormalised, abs=6e-3)
    choose(page, "patches")
    assert f"{own.renormalised / 16:.2f} patches" in readout(page)


def test_how_the_dots_are_drawn_and_the_answer_outlive_the_page(open_page):
    page = open_page(LINK)
    choose(page, "renormalised")
    choose(page, "patches")
    field = page.locator(".distance [data-of=field] input")
    field.uncheck()
    question = page.locator(".st-key-predict_distance")
    question.get_by_text("it stays").click()
    expect(question.locator("xpath=..")).to_contain_text(re.compile("Right|Not quite"))
    settle(page)
    navigation = page.get_by_test_id("stSidebarNavItems")
    navigation.get_by_role("link", name="Patches").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patches")
    navigation.get_by_role("link", name="Attention distance").click()
    page.locator(".distance circle.dot").first.wait_for()
    for name in ("renormalised", "patches"):
        expect(page.locator(".distance").get_by_role("radio", name=name, exact=True)).to_be_checked()
    expect(page.locator(".distance .readout")).to_contain_text("patches")
    expect(field).not_to_be_checked()
    expect(question.get_by_role("radio", name="it stays")).to_be_checked()


def test_a_sum_says_where_its_printed_terms_do_not_give_it(open_page):
    page = open_page(LINK)
    terms, signs = page.locator(".distance .terms"), set()
    choose(page, "patches")
    page.locator(".distance .stage").focus()
    for key in ["ArrowRight"] * 5 + ["ArrowDown"] * 5:
        before = terms.inner_text()
        page.keyboard.press(key)
        expect(terms).not_to_have_text(before, use_inner_text=True)
        *parts, row, _ = re.findall(r"^(≈ )?([\d.]+) patches$", terms.inner_text(), re.MULTILINE)
        added = sum(float(part) for _, part in parts)
        assert (row[0] == "≈ ") == (f"{added:.2f}" != row[1]), terms.inner_text()
        signs.add(row[0])
    assert signs == {"", "≈ "}


def test_the_even_line_follows_the_definition(open_page):
    page = open_page(LINK)
    legend = page.locator(".distance .legend")
    assert "115.90 px" in legend.inner_text()
    choose(page, "renormalised")
    assert "116.49 px" in legend.inner_text()


def test_a_click_on_a_dot_picks_its_head_on_every_page(open_page, dog):
    page = open_page(LINK)
    circles = page.locator(".distance circle.dot")
    circles.first.wait_for()
    assert circles.count() == dog.depth * dog.num_heads
    box = circles.nth(3 * dog.num_heads + 1).bounding_box()  # layer 4, head 2
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert readout(page).startswith("Layer 4, head 2")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/*layer=4*head=2*")
    page.get_by_role("button", name="Layer 4, head 2 in Attention maps").click()
    page.wait_for_url("**/attention*layer=4*head=2*")


def test_keys_walk_over_the_heads_and_a_patch_can_be_picked(open_page):
    page = open_page(LINK)
    page.locator(".distance .dots").focus()
    page.keyboard.press("ArrowRight")
    assert readout(page).startswith("Layer 2, head 4")
    page.keyboard.press("ArrowUp")
    assert readout(page).startswith("Layer 3, head 4")
    page.keyboard.press("Enter")
    page.wait_for_url("**/*layer=3*head=4*")
    photo = page.locator(".distance .stage")
    box = photo.bounding_box()
    photo.click(position={"x": box["width"] * 2.5 / 14, "y": box["height"] * 1.5 / 14})
    page.wait_for_url("**/*token=17*")
    assert "patch (2, 3) as the query" in page.locator(".distance h3").inner_text()


def open_averages(page) -> None:
    page.get_by_text("Average over more photos").click()
    choice = page.get_by_text("my photos", exact=True)
    choice.wait_for()
    at_rest(page, choice.bounding_box, pause_ms=300)  # a click on what is still unfolding goes astray


def test_averaging_over_the_samples_shows_error_bars(open_page, dog):
    page = open_page("/distance")
    assert page.locator(".distance line.error").count() == 0
    open_averages(page)
    page.get_by_role("button", name="Average over").click()
    page.get_by_text("photos are averaged").wait_for()
    settle(page)
    assert page.locator(".distance line.error").count() == dog.depth * dog.num_heads
    assert "±" in readout(page)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_is_wider_than_the_screen(open_page, dark: bool, width: int):
    page = open_page(LINK, width=width, dark=dark)
    page.locator(".terms .total").first.wait_for()
    assert overflow(page) == 0


def test_a_running_average_can_be_left_and_keeps_what_is_done(open_page):
    page = open_page("/distance")
    open_averages(page)
    page.get_by_text("my photos", exact=True).click()
    settle(page)
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((1600, 1200)).convert("RGB").save(buffer, "JPEG")  # slow enough to stop
    photos = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()} for n in range(240)]
    page.locator("[data-testid=stMain] input[type=file]").set_input_files(photos)
    page.get_by_role("button", name="Average over 240 photos").click()
    page.get_by_text(re.compile(r"of 240 photos · [\d.]+ photos/s · \d+ s left")).wait_for()
    page.get_by_text(re.compile(r"Mean over \d+ photos")).wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Stop").wait_for(state="detached")
    settle(page)
    done = int(re.search(r"Mean over (\d+) photos", page.locator(".distance .note").first.inner_text())[1])
    assert 0 < done < 240
