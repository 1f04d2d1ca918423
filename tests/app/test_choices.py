"""What a link or a photo asks for that cannot be had is said, once, and the page is there all the same."""

import pytest
from helpers import redrawn_model

import vit_viz.ui.view
from tests.app.test_pages import healthy, jpeg, open_app, selected, upload
from vit_viz.model_table import BUNDLED
from vit_viz.models import OWN
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
    assert app.session_state["view"].photo_alt == "Your photo mine.jpg."


def test_a_link_to_somebodys_own_photo_says_what_it_shows_instead():
    app = healthy(open_app(photo="upload"))
    assert app.session_state["view"].photo_title == "Cat"
    assert warnings(app)[0].startswith("This link was made with an uploaded photo")
    assert not warnings(healthy(app.run()))


def test_a_link_to_somebodys_own_weights_says_what_it_shows_instead():
    app = healthy(open_app("journey", model="file", layer="2"))
    assert warnings(app)[0].startswith("This link was made with a weight file")
    assert "here is ViT Viz/16 instead" in warnings(app)[0]
    assert selected(app).layer == 1
    assert not warnings(healthy(app.run()))


@pytest.mark.parametrize("photo", ["upload", "nope"])
def test_what_a_link_asks_for_of_a_model_that_cannot_be_had_is_not_said_of_another(photo: str):
    """Both sentences stand there, and none about layers that the bundled model does not have."""
    app = healthy(open_app("journey", model="no_such_model", photo=photo, layer="20", token="5000"))
    (said,) = warnings(app)
    assert said.startswith("timm has no model named")
    assert ("uploaded photo" if photo == "upload" else "none of the 12 samples") in said
    assert "this model has" not in said
    assert not selected(app).head_chosen


def test_a_look_at_a_smaller_model_loses_no_choice(monkeypatch):
    """The same place of the picture, the nearest head; and back at what was chosen."""
    whole = vit_viz.ui.view.load_model

    def small(name, **options):
        return whole(name, **options) if name in OWN else redrawn_model(name, depth=3, img_size=112)

    monkeypatch.setattr(vit_viz.ui.view, "load_model", small)
    monkeypatch.setattr(vit_viz.ui.view, "RUN", "a look at smaller ones")
    app = open_app("attention", layer="5", head="6", token=str(1 + 7 * 14 + 9))  # patch (8, 10)
    names = {"deit_tiny_distilled_patch16_224.fb_in1k": (2, 2, 2 + 3 * 7 + 4), "bundled": (4, 5, 108)}
    for name, place in names.items():
        app.selectbox(key="model_picker").set_value(name).run()
        assert healthy(app).session_state["view"].selection.place == place


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
