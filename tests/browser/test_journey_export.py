"""The journey as a file: it plays without a server, for one model of every kind."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from helpers import photo, redrawn_model

from tests.browser.journey_helpers import SCENES, frames, journey_of, moment, play_through, scrub
from tests.serving import until
from vit_viz import load_model, trace
from vit_viz.components.journey_export import export_journey
from vit_viz.samples import sample_photo

pytestmark = pytest.mark.browser

SMALL = {"depth": 2, "img_size": (64, 96)}
MODELS = {
    "vit_tiny_patch16_224": SMALL,
    "vit_small_patch14_reg4_dinov2": {"depth": 2, "img_size": 70},
    "deit_tiny_distilled_patch16_224": SMALL,
    "vit_medium_patch16_gap_240": SMALL,
    "vit_base_patch16_siglip_224": {"depth": 1, "img_size": 64},
    "vit_small_patch16_dinov3": {"depth": 2, "img_size": (64, 96)},
    "vit_small_r26_s32_224": {"depth": 1},
    "eva02_tiny_patch14_224": {"depth": 2, "img_size": 70},
}
SAYS = {
    "vit_small_patch14_reg4_dinov2": (6, "register"),
    "deit_tiny_distilled_patch16_224": (6, "DIST"),
    "vit_medium_patch16_gap_240": (16, "mean of its 24 patches"),
    "vit_base_patch16_siglip_224": (6, "has none"),
    "vit_small_patch16_dinov3": (7, "rotary"),
    "vit_small_r26_s32_224": (4, "convolutional"),
}


@pytest.fixture
def open_file(chromium):
    errors, contexts = [], []

    def open_at(file: Path, *, dark: bool = False, width: int = 1180):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        context.route("http://**", lambda route: route.abort())
        context.route("https://**", lambda route: route.abort())
        page = context.new_page()
        page.on("console", lambda said: said.type == "error" and errors.append(said.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri())
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert errors == []


@pytest.mark.parametrize("name", MODELS)
def test_every_scene_of_every_kind_of_model_plays(open_file, tmp_path, name):
    model = redrawn_model(name, **MODELS[name])
    file = export_journey(model, trace(model, photo()), tmp_path / "journey.html")
    page = open_file(file, dark=name.startswith("vit"))
    journey = journey_of(page)
    drawn = frames(journey, [scene + share for scene in range(SCENES) for share in (0, 0.3, 0.5, 0.7, 0.95)])
    assert len(set(drawn)) > SCENES
    if name in SAYS:
        scene, words = SAYS[name]
        scrub(journey, scene + 0.5)
        assert words in journey.locator(".caption").inner_text()
    scrub(journey, 0)
    assert play_through(page, journey) == "17, Training, 100%"


def test_the_exported_page_plays_to_its_end_and_follows_other_heads_without_a_network(open_file, tmp_path):
    model = load_model(device="cpu")
    file = export_journey(model, trace(model, sample_photo("cat")), tmp_path / "journey.html")
    page = open_file(file)
    journey = journey_of(page)
    assert play_through(page, journey) == "17, Training, 100%"
    scrub(journey, 10.5)
    before = frames(journey, [10.5])
    head = journey.get_by_role("slider", name="Head")
    head.focus()
    page.keyboard.press("ArrowRight")
    assert "2 of 6" in journey.locator(".follow").inner_text()
    assert until(page, lambda: frames(journey, [10.5]), lambda seen: seen != before) != before
    assert moment(journey) == "10, Softmax, 50%"
