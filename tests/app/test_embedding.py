"""The page Embedding with models of every kind, and what its choices do."""

import pytest

from tests.app.helpers import components, text
from tests.app.test_pages import healthy, open_app, selected

HYBRID = "vit_small_r26_s32_224.augreg_in21k_ft_in1k"
SIGLIP = "vit_base_patch16_siglip_224.webli"
DINOV2 = "vit_small_patch14_reg4_dinov2.lvd142m"


def explorer(app) -> dict:
    return next(data for data in components(app) if "kernel" in data)


def gallery(app) -> dict:
    return next(data for data in components(app) if "sets" in data)


def test_bundled_model_has_its_untrained_twin_beside_it():
    app = healthy(open_app("embedding"))
    assert [one["title"] for one in gallery(app)["sets"]] == ["ViT Viz/16", "ViT Viz/16 untrained"]
    assert len(gallery(app)["sets"][0]["shares"]) == 28
    assert explorer(app)["kernel"] == [3, 16, 16]
    assert "of all 37,632 numbers" in text(app)


def test_untrained_model_has_its_trained_twin_beside_it():
    app = healthy(open_app("embedding", model="untrained"))
    assert [one["title"] for one in gallery(app)["sets"]] == ["ViT Viz/16 untrained", "ViT Viz/16"]


def test_cls_token_in_the_link_shows_the_middle_patch_and_keeps_the_choice():
    app = healthy(open_app("embedding", token="0"))
    assert explorer(app)["selection"] == {"token": 1 + 98 + 7, "dimension": 0}
    assert selected(app).token == 0


def test_settled_choice_reaches_the_sentences_and_the_other_pages():
    app = open_app("embedding")
    app.session_state["embedding_dimension"] = 41
    app.session_state["selection"] = app.session_state["selection"].__class__(photo="dog", token=18)
    app.run()
    healthy(app)
    assert explorer(app)["selection"] == {"token": 18, "dimension": 41}
    assert "Patch (2, 4) times filter 42:" in text(app)


def test_doubled_inputs_double_the_sum_alone():
    app = open_app("embedding")
    radio = app.radio(key="predict_embedding")
    radio.set_value(radio.options[0]).run()
    assert "The sum doubles, the bias stays" in text(healthy(app))


def test_a_model_without_a_bias_shows_none(without_downloads):
    app = healthy(open_app("embedding", model="vit_base_patch16_clip_224.openai"))
    assert explorer(app)["has_bias"] is False
    assert "products add up to" in text(app)
    assert "with the bias" not in text(app)


@pytest.mark.parametrize(
    ("model", "kernel", "says"),
    [
        (HYBRID, [2048, 1, 1], "a CNN stands before the projection"),
        (SIGLIP, [3, 16, 16], "bundled model alone"),
        (DINOV2, [3, 14, 14], "bundled model alone"),
    ],
)
def test_other_models(without_downloads, model: str, kernel: list[int], says: str):
    app = open_app("embedding")
    app.sidebar.selectbox[0].set_value(model).run()
    healthy(app)
    assert explorer(app)["kernel"] == kernel
    assert len(gallery(app)["sets"]) == 1
    assert says in text(app)
    assert (gallery(app)["dimension"] is None) == (model == HYBRID)
    assert ("patch_embed.backbone(pixels" in app.code[-1].value) == (model == HYBRID)


def test_a_filter_beyond_a_narrower_model_is_brought_into_range(without_downloads):
    app = open_app("embedding")
    app.session_state["embedding_dimension"] = 5000
    app.run()
    assert explorer(healthy(app))["selection"]["dimension"] == 191
