"""The Training page as a reader meets it."""

import io
import re
import tomllib

import numpy as np
import pytest
from PIL import Image, ImageColor

from tests.oracles import logits_after_step
from tests.serving import ROOT, overflow, settle, until
from vit_viz import load_model, trace
from vit_viz.analysis.training import cross_entropy
from vit_viz.experiments.head_step import head_gain, other_photos
from vit_viz.experiments.journey import class_of
from vit_viz.samples import sample_photo, samples

pytestmark = pytest.mark.browser


def last_number(text: str) -> float:
    """The loss of "… −ln 0.7381 ≈ 0.303717", whose sign says whether the printed p gives it."""
    prob, sign, loss = re.search(r"−ln ([\d.]+) ([=≈]) ([\d.]+)$", text.strip()).groups()
    decimals = len(loss.partition(".")[2])
    assert (sign == "=") == (f"{-np.log(float(prob)):.{decimals}f}" == loss)
    return float(loss)


def spelled(page) -> list[float]:
    lines = page.locator(".loss-step .spelled:not([hidden])")
    lines.nth(1).wait_for()
    return [last_number(line.inner_text()) for line in lines.all()]


def picture(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_loss_before_and_after_a_step_is_exact(open_page):
    page = open_page("/training")
    model = load_model(device="cpu")
    found = trace(model, sample_photo(next(iter(samples()))))
    label = next(i for i, text in enumerate(model.labels) if text.startswith("tabby"))
    before, after = spelled(page)
    assert before == pytest.approx(cross_entropy(found.logits, label), abs=1e-4)
    stepped = logits_after_step(found.logits, label, 0.001, head_gain(model, found))
    assert after == pytest.approx(cross_entropy(stepped, label), abs=1e-4)
    page.locator(".loss-step").get_by_role("slider", name="Learning rate").fill("81")  # 10^-2
    assert page.locator(".loss-step output").inner_text() == "0.01"
    assert spelled(page)[1] < after


def test_other_samples_lose_by_a_large_step(open_page):
    page = open_page("/training?photo=cat")
    page.get_by_test_id("stMain").get_by_text("Show what this step does to the other samples").click()
    said = page.locator(".loss-step p.elsewhere")
    said.wait_for()
    model = load_model(device="cpu")
    known = {name: class_of(model, sample.synset) for name, sample in samples().items()}
    labels = {name: label for name, label in known.items() if label is not None}
    found, label = trace(model, sample_photo("cat")), labels.pop("cat")
    features = np.stack([trace(model, sample_photo(name)).features for name in labels])
    others = other_photos(model, found, features, np.array(list(labels.values())))
    for place, rate in (("61", 1e-3), ("121", 1.0)):
        page.locator(".loss-step").get_by_role("slider", name="Learning rate").fill(place)
        moved = [
            logits_after_step(found.logits, label, rate, gain, of=row)
            for row, gain in zip(others.logits, others.gains, strict=True)
        ]
        pairs = list(zip(moved, others.labels, strict=True))
        numbers = re.search(r"after ([\d.]+); right \d+, after (\d+)", said.inner_text())
        assert float(numbers[1]) == pytest.approx(np.mean([cross_entropy(*pair) for pair in pairs]), rel=1e-3)
        assert int(numbers[2]) == sum(row.argmax() == other for row, other in pairs)


def test_ready_set_is_trained_in_view(open_page):
    page = open_page("/training")
    page.get_by_role("button", name="Take the ready set").click()
    page.get_by_text("12 photos", exact=True).nth(2).wait_for()
    page.get_by_role("button", name="Train the head").click()
    page.get_by_text(re.compile(r"Judged by heads that never saw them, \d+ of 36")).wait_for()
    assert page.get_by_role("list", name="The new head's answer").get_by_role("listitem").count() == 3
    assert page.get_by_role("button", name="Stop").count() == 0


def test_own_photos_are_taken_and_a_bad_one_named(open_page):
    page = open_page("/training")
    boxes = page.get_by_test_id("stMain").locator("input[type=file]")
    files = [
        {"name": "red.png", "mimeType": "image/png", "buffer": picture("red")},
        {"name": "cut.png", "mimeType": "image/png", "buffer": picture("red")[:40]},
    ]
    boxes.first.set_input_files(files)
    page.get_by_text("1 file was left out. cut.png").wait_for()
    page.get_by_text("one class has photos so far").wait_for()
    settle(page)
    blue = {"name": "blue.png", "mimeType": "image/png", "buffer": picture("blue")}
    # by its column: while the first box is drawn anew, the old one may still stand beside it
    second = page.get_by_test_id("stColumn").filter(has=page.get_by_role("textbox", name="Name")).nth(1)
    second.locator("input[type=file]").set_input_files(blue)
    page.get_by_role("button", name="Train the head").click()
    page.get_by_text("there is none to judge it by").wait_for()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_page_is_whole(open_page, dark: bool, width: int):
    page = open_page("/training?photo=dog", width=width, dark=dark)
    assert page.get_by_role("heading", level=1).count() == 1
    page.locator(".loss-step svg").wait_for()
    assert overflow(page) == 0


def test_curves_follow_a_theme_that_is_switched_while_they_are_drawn(open_page) -> None:
    themes = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    page = open_page("/training")
    lines = page.locator(".stPlotlyChart .scatterlayer .js-line")
    lines.nth(4).wait_for()

    def colours() -> list[str]:
        return [line.evaluate("element => getComputedStyle(element).stroke") for line in lines.all()[:5]]

    for name in ("light", "dark"):
        page.emulate_media(color_scheme=name)
        expected = [f"rgb{ImageColor.getrgb(c)}" for c in themes[name]["chartCategoricalColors"][:5]]
        assert until(page, colours, lambda found, expected=expected: found == expected) == expected
