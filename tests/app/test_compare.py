"""The page Compare through AppTest: each kind of second side, and what happens where it cannot be had."""

import io
import json

import pytest
import streamlit as st
from helpers import DEPTH, HEADS, redrawn_model
from PIL import Image

import vit_viz.ui.results.compare
from tests.app.test_pages import healthy, jpeg, open_app, upload
from vit_viz.errors import HubError
from vit_viz.models import OWN, load_model
from vit_viz.ui.parts.compare import keep
from vit_viz.ui.results.compare import sizes
from vit_viz.ui.state import Selection, selection


def sides(app) -> list[dict]:
    blocks = [block.proto for block in app.get("bidi_component")]
    (proto,) = [one for one in blocks if "compare_explorer" in one.component_name]
    return json.loads(proto.json)["sides"]


def compared(app, kind: str):
    app.segmented_control(key="compare_kind").set_value(kind).run()
    return healthy(app)


def test_another_photo_is_offered_first():
    app = healthy(open_app("compare", photo="dog"))
    assert [side["title"] for side in sides(app)] == ["Dog", "Cat"]
    assert "dog" not in app.selectbox(key="compare_photo").options
    app.selectbox(key="compare_photo").set_value("bee").run()
    assert [side["title"] for side in sides(healthy(app))] == ["Dog", "Bee"]


def test_the_readers_photo_can_stand_on_either_side():
    buffer = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(buffer, "JPEG")
    app = healthy(upload(open_app("compare"), "mine.jpg", buffer.getvalue()))
    assert sides(app)[0]["title"] == "mine.jpg"
    app.session_state["selection"] = vit_viz.ui.results.compare.replace(
        app.session_state["selection"], photo="dog"
    )
    app.run()
    assert [side["title"] for side in sides(healthy(app))] == ["Dog", "mine.jpg"]


def test_only_another_place_counts_as_chosen(monkeypatch):
    monkeypatch.setattr(st, "session_state", {"selection": Selection(photo="dog")})
    sent = {"token": 0, "layer": 10, "head": 5}
    keep(sent, sent | {"map": "rollout", "scale": "own"})
    assert not selection().head_chosen
    assert (selection().compare.map, selection().compare.scale) == ("rollout", "own")
    keep(sent, {"token": 0, "layer": 0, "head": 0, "map": "rollout", "scale": "own"})
    assert selection().head_chosen
    assert (selection().layer, selection().head) == (0, 0)


def test_another_resolution():
    app = compared(open_app("compare"), "size")
    first, second = sides(app)
    assert (first["grid"], second["grid"]) == ([14, 14], [7, 7])
    assert (first["title"], second["title"]) == ("224 × 224 px", "112 × 112 px")
    app.selectbox(key="compare_size").set_value("336x336").run()
    assert sides(healthy(app))[1]["grid"] == [21, 21]


def test_before_and_after_training():
    app = compared(open_app("compare"), "training")
    assert [side["title"] for side in sides(app)] == ["ViT Viz/16", "ViT Viz/16 untrained"]
    after = compared(open_app("compare", model="untrained"), "training")
    assert [side["title"] for side in sides(after)] == ["ViT Viz/16 untrained", "ViT Viz/16"]


def test_another_model_that_cannot_be_had_falls_back(monkeypatch):
    whole = vit_viz.ui.results.compare.loaded_model

    def away(chosen):
        if chosen.model == "untrained":
            return whole(chosen)
        raise HubError("The model hub cannot be reached from here.")

    app = compared(open_app("compare"), "model")
    assert "Choose the model" in app.info[0].value
    monkeypatch.setattr(vit_viz.ui.results.compare, "loaded_model", away)
    app.selectbox(key="compare_model").set_value("deit_tiny_patch16_224.fb_in1k").run()
    assert "ViT Viz/16 untrained is shown instead" in healthy(app).warning[0].value
    assert sides(app)[1]["title"] == "ViT Viz/16 untrained"
    assert not healthy(app.run()).warning  # and the hub is not asked again


def test_a_photos_name_draws_nothing():
    app = healthy(upload(open_app("compare"), "![x](http://host/p.png) *a*.jpg", jpeg()))
    said = [element.value for element in [*app.markdown, *app.warning]] + list(app.radio[-1].options)
    assert any(r"!\[x\]" in text for text in said)
    assert not any("![x]" in text for text in said)


def test_models_of_other_depth_grid_and_prefix(monkeypatch):
    whole = vit_viz.ui.results.compare.loaded_model

    def small(chosen):
        if chosen.model in OWN:
            return whole(chosen)
        return redrawn_model(chosen.model, depth=3, img_size=112)

    monkeypatch.setattr(vit_viz.ui.results.compare, "loaded_model", small)
    # traces of these models must not be found under the names of the whole ones
    monkeypatch.setattr("vit_viz.ui.view.RUN", "small models")
    app = compared(open_app("compare", layer=str(DEPTH), head=str(HEADS)), "model")
    for name in ("vit_base_patch16_siglip_224.webli", "deit_tiny_distilled_patch16_224.fb_in1k"):
        app.selectbox(key="compare_model").set_value(name).run()
        assert sides(healthy(app))[1]["grid"] == [7, 7]
        said = " ".join(markdown.value for markdown in app.markdown)
        assert f"{DEPTH} layers of {HEADS} heads stand beside 3 of" in said
        assert "heads of different models have no common order" in said


@pytest.mark.parametrize("name", ["bundled", "vit_small_patch8_224.dino"])
def test_sizes_are_multiples_of_the_patch_and_fit_into_memory(name: str):
    info = load_model(name, pretrained=name == "bundled", device="cpu").info
    offered = sizes(info)
    assert offered
    for height, width in offered:
        assert height % info.patch_size[0] == width % info.patch_size[1] == 0
        tokens = height * width // info.patch_size[0] ** 2 + 1
        assert 4 * info.depth * info.num_heads * tokens**2 <= 256 * 2**20
