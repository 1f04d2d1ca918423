"""The Prediction page as a reader meets it."""

import re

import pytest

from tests.serving import cell, overflow
from vit_viz import load_model, mask, trace
from vit_viz.analysis.mixing import softmax
from vit_viz.experiments.lens import logit_lens
from vit_viz.samples import sample_photo, samples

pytestmark = pytest.mark.browser


def percent(text: str) -> float:
    return float(text.split("%")[0]) / 100


def test_clicked_patches_leave_the_model_and_the_answer_changes(open_page):
    page = open_page("/prediction")
    view = page.locator(".patch-mask")
    stage = view.locator(".stage")
    for row, col in ((4, 4), (4, 5), (7, 7)):
        stage.click(position=cell(stage, row, col))
    page.get_by_text("Without 3 of 196 patches").wait_for()
    model, photo = load_model(device="cpu"), sample_photo(next(iter(samples())))
    effect = mask(model, photo, [4 * 14 + 4, 4 * 14 + 5, 7 * 14 + 7])
    before, after = softmax(effect.before.logits), softmax(effect.after.logits)
    best = before.argmax()
    row = view.locator(".delta-row").first
    assert percent(row.locator(".now").inner_text()) == pytest.approx(after[best], abs=6e-4)
    sign, change = re.fullmatch(r"(≈ )?(\S+)", row.locator(".change").inner_text()).groups()
    # tenths of a percent, as they are printed
    was, now = (round(1000 * probs[best]) for probs in (before, after))
    change = float(change.replace("−", "-"))
    assert bool(sign) == (round(10 * change) != now - was)
    assert change / 100 == pytest.approx(after[best] - before[best], abs=6e-4)
    stage.click(position=cell(stage, 7, 7))
    page.get_by_text("Without 2 of 196 patches").wait_for()
    view.get_by_role("button", name="Mask nothing").click()
    page.get_by_text("Nothing is masked").wait_for()


def test_patches_are_drawn_over_with_the_mouse_and_walked_with_the_keys(open_page):
    page = open_page("/prediction")
    stage = page.locator(".patch-mask .stage")
    points = [cell(stage, 2, col) for col in range(5)]
    box = stage.bounding_box()
    page.mouse.move(box["x"] + points[0]["x"], box["y"] + points[0]["y"])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(box["x"] + point["x"], box["y"] + point["y"])
    page.mouse.up()
    page.get_by_text("Without 5 of 196 patches").wait_for()
    page.mouse.move(0, 0)
    stage.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_text("Without 6 of 196 patches").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("Nothing is masked").wait_for()


def test_temperature_moves_in_place_and_zero_gets_a_sentence(open_page):
    page = open_page("/prediction")
    view = page.locator(".answer-steps")
    first = view.locator("button.delta-row .now").first
    own = percent(first.inner_text())
    slider = view.get_by_role("slider", name="Temperature")
    slider.fill("6")  # T = 0.5
    assert percent(first.inner_text()) > own
    slider.fill("1")
    assert percent(first.inner_text()) == 1.0
    assert "divide by zero" in view.locator("p.status").inner_text()


def test_lens_follows_layer_and_token(open_page):
    page = open_page("/prediction")
    view = page.locator(".logit-lens")
    rows = view.locator("button.lens-row")
    whole = rows.last.locator(".now").inner_text()
    assert whole == rows.last.locator(".best").inner_text()
    stage = view.locator(".stage")
    stage.hover(position=cell(stage, 0, 0))
    assert "patch (1, 1)" in view.locator("p.caption").inner_text()
    model = load_model(device="cpu")
    found = trace(model, sample_photo(next(iter(samples()))))
    lens = logit_lens(model, found, [int(found.probs.argmax())])
    assert percent(whole) == pytest.approx(lens.pooled[-1, 0], abs=6e-4)
    assert percent(rows.last.locator(".now").inner_text()) == pytest.approx(lens.tokens[-1, 1, 0], abs=6e-4)
    rows.first.click()
    assert view.locator(".slider output").inner_text() == "input"


def test_heads_are_measured_then_switched_off(open_page):
    page = open_page("/prediction")
    page.get_by_text("Switch heads off").click()
    measure = page.get_by_role("button", name=re.compile("^Measure"))
    grid = page.locator(".head-ablation .head-cell")
    measured = grid.get_by_text(re.compile(r"[+−]\d")).first
    measure.or_(measured).first.wait_for()
    if measure.count():  # another visitor may have measured this photo
        measure.click()
    measured.wait_for()
    grid.first.click()
    page.get_by_text("Without one head").wait_for()
    row = page.locator(".head-ablation .delta-row .change").first
    assert row.inner_text().removeprefix("≈ ") == grid.first.inner_text()
    page.get_by_role("button", name="Switch all on").click()
    page.get_by_text("Every head is on").wait_for()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_page_is_whole(open_page, dark: bool, width: int):
    page = open_page("/prediction?photo=dog", width=width, dark=dark)
    assert page.get_by_role("heading", level=1).count() == 1
    page.locator(".logit-lens .stage").wait_for()
    assert overflow(page) == 0
