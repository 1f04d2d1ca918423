"""A link to a comparison: it opens what the sender saw, is written as that changes, and survives odd values."""

import json

import pytest
from streamlit.testing.v1 import AppTest

import vit_viz.ui.results.compare
from tests.app.test_compare import sides
from tests.app.test_pages import healthy, jpeg, open_app, selected, upload
from vit_viz.errors import HubError
from vit_viz.ui.navigation import page_file

KEYS = ("beside", "other", "map", "scale")


def titles(app: AppTest) -> list[str]:
    return [side["title"] for side in sides(app)]


def sizes_beside(app: AppTest) -> str:
    return sides(app)[1]["subtitle"].split(" px")[0]


def look(app: AppTest) -> dict:
    (found,) = [one.proto for one in app.get("bidi_component") if "compare" in one.proto.component_name]
    return json.loads(found.json)["selection"]


def link(app: AppTest) -> dict[str, str]:
    """What the address bar says of the comparison."""
    url = {key: app.query_params[key] for key in KEYS if key in app.query_params}
    return {key: value[0] if isinstance(value, list) else value for key, value in url.items()}


@pytest.mark.parametrize(
    ("url", "beside"),
    [
        ({"photo": "dog", "other": "bee"}, ["Dog", "Bee"]),
        ({"beside": "model", "other": "untrained"}, ["ViT Viz/16", "ViT Viz/16 untrained"]),
        ({"beside": "size", "other": "336x336"}, ["224 × 224 px", "336 × 336 px"]),
        ({"beside": "training"}, ["ViT Viz/16", "ViT Viz/16 untrained"]),
        ({"beside": "training", "model": "untrained"}, ["ViT Viz/16 untrained", "ViT Viz/16"]),
    ],
)
def test_a_link_opens_the_comparison_and_stays(url: dict[str, str], beside: list[str]):
    app = healthy(open_app("compare", **url))
    assert titles(app) == beside
    assert not app.warning
    assert link(app) == {key: url[key] for key in KEYS if key in url}
    assert titles(healthy(open_app("compare", **url | link(app)))) == beside


def test_what_is_picked_is_written():
    app = healthy(open_app("compare"))
    assert link(app) == {"other": "dog"}
    app.selectbox(key="compare_photo").set_value("bee").run()
    assert link(healthy(app)) == {"other": "bee"}
    app.segmented_control(key="compare_kind").set_value("size").run()
    assert link(healthy(app)) == {"beside": "size", "other": "112x112"}
    app.selectbox(key="compare_size").set_value("160x160").run()
    assert link(healthy(app)) == {"beside": "size", "other": "160x160"}
    app.segmented_control(key="compare_kind").set_value("training").run()
    assert link(healthy(app)) == {"beside": "training"}


def test_the_map_and_its_scale_are_part_of_the_link():
    app = healthy(open_app("compare", map="rollout", scale="own", token="7", layer="2", head="3"))
    assert look(app) == {"token": 7, "layer": 1, "head": 2, "map": "rollout", "scale": "own"}
    assert link(app) == {"other": "dog", "map": "rollout", "scale": "own"}


def test_the_comparison_stays_chosen_on_the_way_through_other_pages():
    app = open_app("compare", beside="size", other="336x336", map="rollout")
    app.switch_page(str(page_file("patches"))).run()
    app.switch_page(str(page_file("compare"))).run()
    assert titles(healthy(app))[1] == "336 × 336 px"
    assert look(app)["map"] == "rollout"


def test_another_photo_in_view_leaves_the_other_side_where_it_is():
    app = open_app("compare")
    assert titles(app) == ["Cat", "Dog"]
    app.session_state["selection"] = vit_viz.ui.results.compare.replace(selected(app), photo="bee")
    assert titles(healthy(app.run())) == ["Bee", "Dog"]
    app.session_state["selection"] = vit_viz.ui.results.compare.replace(selected(app), photo="dog")
    assert titles(healthy(app.run())) == ["Dog", "Cat"]


@pytest.mark.parametrize(
    "value", ["", "x", "²", "../../etc", "dog", "x" * 5000, "9" * 5000, "upload", "[a](b)"]
)
def test_odd_values_show_what_is_offered_first(value: str):
    app = healthy(open_app("compare", photo="dog", beside=value, other=value, map=value, scale=value))
    assert titles(app) == ["Dog", "Cat"]
    assert link(app) == {"other": "cat"}
    assert (look(app)["map"], look(app)["scale"]) == ("attention", "shared")
    says = {"": [], "dog": [], "upload": ["made with an uploaded photo"]}.get(
        value, ["none of the 12 samples"]
    )
    assert len(app.warning) == len(says)
    assert all(words in warning.value for words, warning in zip(says, app.warning, strict=True))
    assert not healthy(app.run()).warning


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ("335x340", "336 × 336"),
        ("0x0", "112 × 112"),
        ("99999x99999", "448 × 448"),
        ("224x224", "160 × 160"),
        ("²x³", "112 × 112"),
        ("-1x3", "112 × 112"),
        ("dog", "112 × 112"),
    ],
)
def test_a_size_is_brought_to_the_nearest_that_is_offered(other: str, found: str):
    app = healthy(open_app("compare", beside="size", other=other))
    assert sizes_beside(app) == found
    assert link(app)["other"] == found.replace(" × ", "x")
    (warning,) = app.warning
    assert warning.value.endswith(f"the nearest, {found} px, is shown.")


@pytest.mark.parametrize("other", ["", "bundled"])
def test_a_model_is_not_laid_beside_itself(other: str):
    """Nor what stands under training: the reader is asked, and sees what was chosen."""
    app = healthy(open_app("compare", beside="model", other=other))
    assert app.info[0].value.startswith("Choose the model to lay beside ViT Viz/16.")
    assert app.selectbox(key="compare_model").value is None
    assert link(app) == {"beside": "model"}
    app.selectbox(key="compare_model").set_value("untrained").run()
    assert titles(healthy(app)) == ["ViT Viz/16", "ViT Viz/16 untrained"]
    app.session_state["selection"] = vit_viz.ui.results.compare.replace(selected(app), model="untrained")
    assert healthy(app.run()).info[0].value.startswith("Choose the model to lay beside ViT Viz/16 untrained.")


def test_a_model_from_the_hub_opens_beside_the_bundled_one(without_downloads):
    app = healthy(open_app("compare", beside="model", model="vit_small_patch16_224.dino"))
    assert titles(app)[1] == "ViT Viz/16"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("no_such_model", "timm has no model"),
        ("x" * 5000, "timm has no model"),
        ("../../etc/passwd", "timm has no model"),
        ("swin_tiny_patch4_window7_224", "not a plain Vision Transformer"),
        ("deit_tiny_patch16_224.fb_in1k", "hub cannot be reached"),
    ],
)
def test_a_model_that_cannot_be_had_is_a_sentence_and_the_link_says_what_is_shown(
    monkeypatch, name: str, says: str
):
    def away(*args, **options):
        raise HubError("The model hub cannot be reached from here.")

    monkeypatch.setattr("vit_viz.models._weights", away if "deit" in name else lambda *_: (None, "random"))
    app = healthy(open_app("compare", beside="model", other=name))
    (warning,) = app.warning
    assert says in warning.value
    assert warning.value.endswith("ViT Viz/16 untrained is shown instead.")
    assert titles(app) == ["ViT Viz/16", "ViT Viz/16 untrained"]
    assert link(app) == {"beside": "model", "other": "untrained"}
    assert "What to notice" in " ".join(markdown.value for markdown in app.markdown)


def test_where_the_first_of_a_kind_cannot_be_had_another_photo_is_shown(monkeypatch):
    def away(chosen):
        raise HubError("The model hub cannot be reached from here.")

    monkeypatch.setattr(vit_viz.ui.results.compare, "loaded_model", away)
    app = healthy(open_app("compare", beside="training"))
    monkeypatch.undo()
    assert app.warning[0].value.endswith("Another photo is shown instead.")
    assert titles(app) == ["Cat", "Dog"]
    assert link(app) == {"other": "dog"}


def test_a_size_of_a_model_that_has_no_other_falls_to_a_photo(monkeypatch):
    monkeypatch.setattr(vit_viz.ui.results.compare, "MAX_ATTENTION_BYTES", 0)
    assert titles(healthy(open_app("compare", beside="size", other="336x336"))) == ["Cat", "Dog"]


def test_a_link_says_that_a_photo_was_the_readers_own_and_not_which():
    app = healthy(upload(open_app("compare", photo="dog"), "mine.jpg", jpeg()))
    app.session_state["selection"] = vit_viz.ui.results.compare.replace(selected(app), photo="dog")
    app.run()
    app.selectbox(key="compare_photo").set_value("upload").run()
    assert titles(healthy(app)) == ["Dog", "mine.jpg"]
    assert not app.warning
    assert link(app) == {"other": "upload"}
