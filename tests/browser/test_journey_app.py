"""The home page around the player: languages, chapters, saving, and a player that stays while the model runs."""

import io

import pytest
from PIL import Image

from tests.browser.journey_helpers import RESTS, SCENES, journey_of, moment, record, scrub
from tests.serving import settle
from vit_viz import load_model, trace
from vit_viz.analysis.answer import top_k
from vit_viz.locale import strings
from vit_viz.samples import sample_photo, samples

pytestmark = pytest.mark.browser


@pytest.fixture
def korean(chromium, app_url):
    """The home page in a browser that asks for Korean."""
    context = chromium.new_context(locale="ko-KR", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(app_url)
    settle(page)
    yield page
    context.close()


def opening_words(lang: str) -> str:
    """The first scene's caption, up to its first number."""
    return strings(lang)["journey"]["scenes"]["batch"]["caption"].split("{")[0].strip()


def test_a_korean_browser_gets_korean_and_english_is_one_click_away(korean):
    page = korean
    journey = journey_of(page)
    assert page.get_by_role("heading", level=1).inner_text() == "여정"
    assert page.get_by_role("link", name="어텐션 맵").count() == 1
    assert opening_words("ko") in journey.locator(".caption").inner_text()
    assert "lang=" not in page.url
    page.get_by_role("radiogroup", name="언어").get_by_text("English").click()
    page.wait_for_url("**/*lang=en*")
    journey.get_by_role("button", name="Play", exact=True).wait_for()
    assert opening_words("en") in journey.locator(".caption").inner_text()
    assert page.get_by_role("link", name="Attention maps").count() == 1


def test_another_language_stands_at_the_same_moment(open_page):
    page = open_page("/?step=5.5&lang=ko")
    journey = journey_of(page)
    assert moment(journey).startswith("5, 모든 패치의 임베딩")
    page.get_by_role("radiogroup", name="언어").get_by_text("English").click()
    journey.get_by_role("button", name="Play", exact=True).wait_for()
    assert moment(journey) == "5, All patches embedded, 50%"


def test_the_moment_goes_into_the_link(open_page):
    page = open_page("/")
    journey = journey_of(page)
    scrub(journey, 9.4)
    page.wait_for_url("**/*step=9.4*")
    page.reload()
    settle(page)
    assert moment(journey_of(page)).startswith("9, ")


def test_another_photo_keeps_the_player_in_place(open_page):
    page = open_page("/?step=10.5")
    journey = journey_of(page)
    journey.evaluate("(journey) => { journey.dataset.seen = 'yes'; }")
    page.get_by_role("button", name=samples()["macaw"].alt).click()
    page.wait_for_url("**/*photo=macaw*")
    settle(page)
    assert journey.get_attribute("data-seen") == "yes"
    assert moment(journey).startswith("10, ")


def test_the_saved_file_plays_without_a_network(open_page, chromium, tmp_path):
    page = open_page("/?photo=dog&step=16.9&lang=ko")
    journey_of(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="HTML 파일 하나로 저장").click()
    file = tmp_path / "journey.html"
    download.value.save_as(file)
    assert download.value.suggested_filename == "vit-viz-journey-ko_dog_vit-viz-16.html"
    context = chromium.new_context(offline=True)
    saved = context.new_page()
    errors = []
    saved.on("pageerror", lambda error: errors.append(str(error)))
    saved.goto(file.as_uri())
    journey = journey_of(saved)
    assert moment(journey).startswith("16, 답")
    model = load_model(device="cpu")
    (best,) = top_k(trace(model, sample_photo("dog")).probs, model.labels, 1)
    assert best.short_label in journey.locator(".unseen").text_content()
    context.close()
    assert errors == []


def test_a_scene_is_saved_as_a_gif(open_page):
    page = open_page("/?photo=dog&step=2")
    journey = journey_of(page)
    with page.expect_download(timeout=60_000) as download:
        record(journey, "GIF")
    made = Image.open(io.BytesIO(download.value.path().read_bytes()))
    assert made.format == "GIF"
    assert made.width <= 960
    seconds = 0
    for index in range(made.n_frames):
        made.seek(index)
        seconds += made.info["duration"] / 1000
    assert 1 < seconds <= 10


def test_the_controls_stand_still_from_scene_to_scene(open_page):
    """Whoever clicks Step again and again must not hit something else, however long the words are."""
    page = open_page("/?photo=castle", reduced_motion="reduce")
    journey = journey_of(page)
    places, names = set(), []
    for _ in range(SCENES + RESTS + 1):
        places.add(round(journey.locator(".forward").bounding_box()["y"] - journey.bounding_box()["y"]))
        names.append(journey.locator(".play").inner_text())
        journey.locator(".forward").click()
    assert len(places) == 1
    assert set(names) == {"Play", "Play next"}
    assert names[0] == names[-1] == "Play"  # nothing comes after the last scene
