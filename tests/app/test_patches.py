"""The page Patches: what a link, an upload and other models make of it."""

from tests.app.helpers import components, text
from tests.app.test_pages import healthy, jpeg, open_app, upload
from vit_viz.samples import samples


def explorer(app) -> dict:
    return next(data for data in components(app) if "sentence" in data)


def test_a_sample_is_put_in_words_by_its_description():
    app = healthy(open_app("patches", photo="dog"))
    assert explorer(app)["sentence"] == samples()["dog"].alt
    assert explorer(app)["prefix_names"] == ["CLS"]


def test_an_upload_has_a_sentence_of_its_own_and_its_own_cost():
    app = upload(open_app("patches"), "a_very_long_name.jpg", jpeg(400, 300))
    healthy(app)
    assert "long_name" not in explorer(app)["sentence"]
    assert "400 × 300 has n = 120,000 pixels" in text(app)


def test_pictures_are_on_the_page_itself():
    """Streamlit's own address of one is gone when the reader leaves, and may be stored by a browser."""
    app = upload(open_app("patches"), "mine.jpg", jpeg(400, 300))
    (shown,) = app.get("image")
    assert shown.proto.imgs[0].url.startswith("data:image/jpeg;base64,")


def test_seven_steps_link_to_chapters():
    app = healthy(open_app("patches"))
    links = [element.proto.label for element in app.get("page_link")]
    assert links[:2] == ["Embedding", "CLS and position"]
    assert all(f"**{place} " in text(app) for place in range(1, 8))


def test_a_hybrid_says_that_a_cnn_comes_first(without_downloads):
    app = open_app("patches")
    app.sidebar.selectbox[0].set_value("vit_small_r26_s32_224.augreg_in21k_ft_in1k").run()
    assert "a CNN reads the picture first" in text(healthy(app))
    assert "patch_embed.backbone(pixels" in app.code[-1].value
    assert not explorer(app)["from_pixels"]
    assert not any("x_p = rearrange(image" in code.value for code in app.code)
    assert (explorer(app)["rows"], explorer(app)["cols"]) == (7, 7)
