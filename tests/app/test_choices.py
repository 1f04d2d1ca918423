"""What a link or a photo asks for that cannot be had is said, once, and the page is there all the same."""

import pytest

from tests.app.test_pages import healthy, jpeg, open_app, upload
from vit_viz.model_table import BUNDLED
from vit_viz.ui.words.choices import beyond_the_model, small_photo, unknown_photo


def warnings(app) -> list[str]:
    return [one.value for one in app.warning]


@pytest.mark.parametrize(
    "link", [{}, {"photo": "dog", "layer": "1", "head": "1", "token": "0"}, {"layer": "x"}]
)
def test_a_link_that_fits_needs_no_words(link: dict[str, str]):
    assert warnings(healthy(open_app("journey", **link))) == []


def test_a_link_that_does_not_fit_is_answered_once():
    app = healthy(open_app("journey", photo="none", layer="99", token="1000"))
    info = app.session_state["view"].model.info
    (said,) = warnings(app)
    assert said.startswith("The link names the photo 'none', which is none of the 12 samples")
    assert f"asks for layer 99 and token 1000; this model has {info.depth} layers" in said
    assert warnings(app.run()) == []


def test_a_small_photo_is_taken_with_a_word():
    app = upload(open_app(), "dot.jpg", jpeg(10, 12))
    assert app.session_state["view"].photo_title == "dot.jpg"
    assert warnings(app) == [small_photo("dot.jpg", (10, 12))]
    assert warnings(upload(open_app(), "large.jpg", jpeg(64, 64))) == []


def test_a_session_keeps_its_photo_once():
    app = upload(open_app("patches"), "mine.jpg", jpeg(641, 480))
    assert app.session_state["view"].trace.prepared.photo is app.session_state["upload"].photo


def test_a_link_to_somebodys_own_photo_says_what_it_shows_instead():
    app = healthy(open_app(photo="upload"))
    assert app.session_state["view"].photo_title == "Cat"
    assert warnings(app)[0].startswith("This link was made with an uploaded photo")
    assert not warnings(healthy(app.run()))


def test_the_same_bytes_under_another_name_are_another_photo():
    ids = {
        upload(open_app(), name, jpeg(70, 70)).session_state["view"].trace_id for name in ("a.jpg", "b.jpg")
    }
    assert len(ids) == 2


def test_a_link_cannot_put_pictures_or_links_into_a_sentence():
    said = warnings(open_app(model="![x](http://host/p.png) [Sign in](http://host) *now* _dino vit_tiny"))
    assert said[0].startswith(
        r"timm has no model named '!\[x\](http\://host/p.png) \[Sign in\](http\://host) \*now\* \_dino vit_tiny'."
    )


def test_words_by_hand():
    assert beyond_the_model((5, 5, 196), 6, 6, 197) == ""
    assert "asks for head 7; this model has 6 layers of 6 heads and tokens 0 to 196." in beyond_the_model(
        (5, 6, 196), 6, 6, 197
    )
    assert "a is only 10 pixels wide and 12 high: the model sees it enlarged" in small_photo("a", (10, 12))
    assert "400 pixels wide and only 1 high: the model sees the middle of it" in small_photo("a", (400, 1))
    assert len(unknown_photo("x" * 5000, 12)) < 200


@pytest.mark.parametrize(("typed", "said"), [("  ", []), (" DINOv2", ["For DINOv2 choose DINOv2 S/14 ("])])
def test_what_is_typed_in_place_of_a_models_name(typed: str, said: list[str]):
    app = open_app("patches")
    box = app.sidebar.selectbox[0]
    box.options.append(typed)  # AppTest sends only what is in the list
    box.set_value(typed).run()
    found = warnings(healthy(app))
    assert len(found) == len(said)
    assert all(words in warning for words, warning in zip(said, found, strict=True))
    assert app.sidebar.selectbox[0].value == app.session_state["selection"].model == BUNDLED
