"""The journey as a reader meets it: played, scrubbed, stepped; every number on stage is compared with the trace."""

import re

import numpy as np
import pytest
from PIL import Image, ImageSequence
from playwright.sync_api import expect

from tests.browser.journey_helpers import (
    SCENES,
    frames,
    journey_of,
    moment,
    numbers,
    pass_frames,
    scrub,
    whole,
)
from tests.serving import settle, until
from vit_viz import Trace, load_model, trace
from vit_viz.analysis.answer import top_k
from vit_viz.models import Model
from vit_viz.samples import sample_photo

pytestmark = pytest.mark.browser

PHOTO, LAYER, HEAD, TOKEN = "cat", 3, 2, 90
CHOSEN = f"photo={PHOTO}&layer={LAYER + 1}&head={HEAD + 1}&token={TOKEN}"
MOMENTS = [scene + share for scene in range(SCENES) for share in (0, 0.15, 0.35, 0.5, 0.7, 0.9)]
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(device="cpu")


@pytest.fixture(scope="module")
def cat(model: Model) -> Trace:
    return trace(model, sample_photo(PHOTO))


def opened(open_page, step: float = 0, **options):
    page = open_page(f"/?step={step}&{CHOSEN}", **options)
    return page, journey_of(page)


@pytest.mark.parametrize("dark", [False, True])
def test_scrubbed_backwards_it_shows_the_same_frames(open_page, dark):
    _, journey = opened(open_page, dark=dark)
    whole(journey)
    forward = frames(journey, MOMENTS)
    assert frames(journey, MOMENTS[::-1]) == forward[::-1]
    assert len(set(forward)) > 4 * SCENES


def test_frames_on_both_sides_of_a_boundary_are_one(open_page):
    _, journey = opened(open_page)
    whole(journey)
    stage = journey.locator(".stage")
    stage.focus()
    for scene in (2, 8, 11, 14):
        scrub(journey, scene + 0.7)  # beyond where a step may rest
        journey.page.keyboard.press("ArrowRight")  # to the end of this scene
        journey.get_by_role("button", name="Play next", exact=True).wait_for()
        assert moment(journey).startswith(f"{scene},")
        at_end = journey.locator("canvas").evaluate("canvas => canvas.toDataURL()")
        scrub(journey, scene + 1)
        assert moment(journey).startswith(f"{scene + 1},")
        assert journey.locator("canvas").evaluate("canvas => canvas.toDataURL()") == at_end


def test_the_score_on_stage_is_the_traces(open_page, cat):
    _, journey = opened(open_page, 9.3)
    for at in (9.3, 9.45, 9.6):
        scrub(journey, at)
        said = numbers(journey).translate(SUBSCRIPTS).replace("−", "-")
        key, K, score = re.search(r"q·k(\d+) / √(\d+) = (-?\d+\.\d+)", said).groups()
        q, k = cat.q[LAYER, HEAD, TOKEN], cat.k[LAYER, HEAD, int(key)]
        assert int(K) == q.size
        assert float(score) == pytest.approx(float(q @ k) / q.size**0.5, abs=6e-4)


def test_the_row_sums_to_one_and_names_its_largest_weight(open_page, cat):
    _, journey = opened(open_page, 10.99)
    row = cat.attn[LAYER, HEAD, TOKEN]
    said = numbers(journey)
    assert re.search(r"Σ = (\S+)", said)[1] == f"{row.sum(dtype=np.float64):.6f}" == "1.000000"


def test_the_bars_are_the_models_answer(open_page, model, cat):
    _, journey = opened(open_page, 16.99)
    expected = [f"{guess.short_label}; {guess.prob:.1%}" for guess in top_k(cat.probs, model.labels, 5)]
    assert numbers(journey) == "; ".join(expected)


def test_it_never_starts_by_itself_and_stops_at_the_end_of_a_step(open_page):
    page, journey = opened(open_page)
    whole(journey)
    pass_frames(journey, 60)
    assert moment(journey) == "0, A labelled picture, 0%"
    journey.get_by_role("combobox", name="Speed").select_option("4")
    journey.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(
        "(e) => e.getAttribute('aria-valuetext').endsWith(' 100%')",
        arg=journey.locator(".bars input").element_handle(),
    )
    pass_frames(journey, 30)
    assert moment(journey) == "0, A labelled picture, 100%"
    assert journey.get_by_role("button", name="Play next", exact=True).is_visible()
    journey.get_by_role("button", name="Play through").click()
    journey.get_by_role("button", name="Play next", exact=True).click()
    page.wait_for_function(
        "(e) => e.getAttribute('aria-valuetext').startsWith('2,')",
        arg=journey.locator(".bars input").element_handle(),
    )
    journey.get_by_role("button", name="Pause").click()


def test_keys(open_page):
    page, journey = opened(open_page)
    journey.locator(".stage").focus()
    bar = journey.locator(".bars input").element_handle()
    for key, expected in {
        "7": "7, Position, 100%",
        "ArrowLeft": "6, CLS token, 100%",
        "ArrowRight": "7, Position, 100%",
        "9": "9, Scores: the query meets every key, 34%",
        "End": "17, Training, 100%",
        "Home": "0, A labelled picture, 0%",
    }.items():
        page.keyboard.press(key)
        page.wait_for_function("([bar, said]) => bar.ariaValueText === said", arg=[bar, expected])
    page.keyboard.press("?")
    assert journey.locator(".help").is_visible()
    page.keyboard.press("?")
    assert journey.locator(".help").is_hidden()
    page.keyboard.press("Shift+ArrowRight")
    assert "patch (7, 7)" in journey.locator(".follow").inner_text()
    page.keyboard.press(" ")
    assert journey.get_by_role("button", name="Pause").is_visible()
    page.keyboard.press(" ")


def test_keys_work_before_anything_has_the_focus(open_page):
    page, journey = opened(open_page)
    bar = journey.locator(".bars input").element_handle()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(bar) => bar.ariaValueText.endsWith('100%')", arg=bar)
    page.keyboard.press("Home")  # the stage has the focus now
    page.wait_for_function("(bar) => bar.ariaValueText.endsWith('0%')", arg=bar)
    page.get_by_test_id("stSidebar").get_by_role("button", name="Upload").first.focus()
    page.keyboard.press("7")  # not for the journey: something else has the focus
    page.wait_for_timeout(300)
    assert moment(journey) == "0, A labelled picture, 0%"


def test_a_full_view_is_drawn_larger_on_a_larger_screen(open_page):
    page, journey = opened(open_page, 2.99, viewport={"width": 1920, "height": 1080})
    page.keyboard.press("f")
    root, scale = journey.element_handle(), 1080 / 800
    page.wait_for_function("(root) => root.matches(':fullscreen')", arg=root)
    page.wait_for_function(
        "([root, scale]) => root.style.getPropertyValue('--scale') == scale", arg=[root, scale]
    )
    size = journey.locator(".caption").evaluate("(words) => getComputedStyle(words).fontSize")
    assert float(size.removesuffix("px")) == pytest.approx(16 * scale)
    assert journey.evaluate("(root) => root.scrollHeight <= innerHeight")
    canvas = journey.locator(".stage canvas").bounding_box()
    page.mouse.click(canvas["x"] + canvas["width"] / 2 + 3, canvas["y"] + 40 * scale)
    assert "patch (1, 8)" in journey.locator(".follow").inner_text()


def test_the_stage_follows_a_window_that_changes_its_height_only(open_page):
    page, journey = opened(open_page, 8.6, viewport={"width": 1440, "height": 600})
    stage = journey.locator(".stage")

    def height() -> float:
        return stage.bounding_box()["height"]

    low = height()
    for window, expected in ((900, lambda found: found > low + 100), (600, lambda found: found == low)):
        page.set_viewport_size({"width": 1440, "height": window})
        assert expected(until(page, height, expected))


def test_a_click_follows_a_patch_at_once_and_the_link_keeps_it(open_page):
    page, journey = opened(open_page, 2.99)
    canvas = journey.locator(".stage canvas").bounding_box()
    before = frames(journey, [2.999])
    page.mouse.click(canvas["x"] + canvas["width"] / 2 + 3, canvas["y"] + 40)
    assert "patch (1, 8)" in journey.locator(".follow").inner_text()
    assert frames(journey, [2.999]) != before
    page.wait_for_url(re.compile(r"[?&]token=8(&|$)"))
    settle(page)
    assert "patch (1, 8)" in journey.locator(".follow").inner_text()


def test_another_head_replaces_the_old_one_when_it_is_there(open_page, cat):
    page, journey = opened(open_page, 9.4)
    before = numbers(journey)
    head = journey.get_by_role("slider", name="Head")
    head.focus()
    page.keyboard.press("ArrowRight")
    expect(journey.locator(".unseen")).not_to_have_text(before)
    assert f"{HEAD + 2} of 6" in journey.locator(".follow").inner_text()
    said = numbers(journey).translate(SUBSCRIPTS).replace("−", "-")
    key, score = re.search(r"q·k(\d+) / √\d+ = (-?\d+\.\d+)", said).groups()
    q, k = cat.q[LAYER, HEAD + 1, TOKEN], cat.k[LAYER, HEAD + 1, int(key)]
    assert float(score) == pytest.approx(float(q @ k) / q.size**0.5, abs=6e-4)


def test_the_wheel_moves_the_story_only_when_the_stage_is_focused(open_page):
    page, journey = opened(open_page, 3.1)
    box = journey.locator(".stage").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 200)
    page.mouse.wheel(0, 300)
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 0")
    assert moment(journey) == "3, Flatten, 10%"
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    journey.locator(".stage").focus()
    page.mouse.wheel(0, 280)
    expect(journey.locator(".bars input")).to_have_attribute("aria-valuetext", "3, Flatten, 50%")


WHEEL = """(stage, turn) => {
  stage.dispatchEvent(new WheelEvent("wheel", { ...turn, bubbles: true, cancelable: true }));
}"""


@pytest.mark.parametrize(
    ("mode", "delta", "percent"), [("pixels", 100, 24), ("lines", 3, 24), ("pages", 1, 60)]
)
def test_a_notch_of_the_wheel_is_as_long_in_whatever_unit_it_comes(open_page, mode, delta, percent):
    """Firefox counts in lines, and in pages where the reader's system asks for them."""
    _, journey = opened(open_page, 3.1)
    stage = journey.locator(".stage")
    stage.focus()
    stage.evaluate(WHEEL, {"deltaY": delta, "deltaMode": ["pixels", "lines", "pages"].index(mode)})
    expect(journey.locator(".bars input")).to_have_attribute("aria-valuetext", f"3, Flatten, {percent}%")


SWIPE = """(stage, [from, to]) => {
  const touch = { clientY: 300, pointerType: "touch", bubbles: true };
  const send = (type, x) => stage.dispatchEvent(new PointerEvent(type, { ...touch, clientX: x }));
  send("pointerdown", from);
  for (let i = 1; i <= 10; i += 1) send("pointermove", from + ((to - from) * i) / 10);
  send("pointerup", to);
}"""


def test_a_swipe_moves_the_story_back_and_on(open_page):
    _, journey = opened(open_page, 3.5)
    stage = journey.locator(".stage")
    width = stage.bounding_box()["width"]
    stage.evaluate(SWIPE, [600, 600 - 0.42 * width])  # 0.7 of the width is a scene
    assert moment(journey) == "4, Linear projection, 10%"
    stage.evaluate(SWIPE, [300, 300 + 0.14 * width])
    assert moment(journey) == "3, Flatten, 90%"


def test_reduced_motion_gets_cuts(open_page):
    page, journey = opened(open_page, 5.1)
    page.emulate_media(reduced_motion="reduce")
    journey.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    assert moment(journey) == "5, All patches embedded, 100%"


@pytest.mark.parametrize("width", [360, 1440])
def test_every_control_is_named_and_fits(open_page, width):
    _, journey = opened(open_page, 9.4, width=width)
    assert journey.evaluate("element => element.scrollWidth <= element.clientWidth")
    for control in journey.locator("button:visible, select:visible, input:visible, a:visible").all():
        name = control.evaluate(
            "e => e.getAttribute('aria-label') || e.textContent || e.labels?.[0]?.textContent"
        )
        assert name.strip()
        box = control.bounding_box()
        assert box["x"] >= -0.5
        assert box["x"] + box["width"] <= width + 0.5
        assert box["height"] >= 16


@pytest.mark.parametrize("width", [1440, 360])
def test_the_shapes_fit_their_chip(open_page, width):
    _, journey = opened(open_page, width=width)
    for scene in range(SCENES):
        scrub(journey, scene + 0.5)
        assert journey.locator(".chip").evaluate("chip => chip.scrollWidth <= chip.clientWidth"), scene


def test_the_chapter_link_keeps_the_choice(open_page):
    page, journey = opened(open_page, 9.4)
    journey.get_by_role("link", name="Query, key, value").click()
    page.wait_for_url("**/qkv**")
    settle(page)
    assert f"token={TOKEN}" in page.url


def test_a_scene_becomes_a_gif_and_a_webm(open_page, tmp_path):
    page, journey = opened(open_page, 16)
    whole(journey)
    journey.get_by_role("button", name="Record").click()
    panel = journey.get_by_role("group", name="Record")
    assert panel.get_by_role("combobox", name="From").input_value() == "16"
    for kind in ("GIF", "WebM"):
        panel.get_by_role("combobox", name="From").select_option("0")
        panel.get_by_role("combobox", name="To").select_option("0")
        with page.expect_download(timeout=120_000) as waiting:
            panel.get_by_role("button", name=kind).click()
        waiting.value.save_as(tmp_path / kind)
        assert waiting.value.suggested_filename == f"vit-viz-0-0_cat_vit-viz-16.{kind.lower()}"
    assert (tmp_path / "WebM").read_bytes()[:4] == b"\x1a\x45\xdf\xa3"
    with Image.open(tmp_path / "GIF") as gif:
        assert gif.format == "GIF"
        assert max(gif.size) <= 960
        assert gif.n_frames > 20
        lasting, pictures = 0, []
        for frame in ImageSequence.Iterator(gif):  # frames that are alike become one longer one
            lasting += frame.info["duration"]
            pictures.append(frame.convert("RGB").tobytes())
    assert 4_000 <= lasting <= 10_000
    assert pictures[0] != pictures[-1]
