"""Attention maps and Query, key, value: where they open without a choice, and that a choice is obeyed."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.test_pages import healthy, open_app
from vit_viz.analysis.attention import dividing_head
from vit_viz.ui.results.opening import place_of

PAGES = ["attention", "qkv"]


def told(app: AppTest) -> dict:
    (found,) = [one for one in app.get("bidi_component") if one.proto.component_name.endswith("_explorer")]
    return json.loads(found.proto.json)["selection"]


def shown(app: AppTest) -> dict:
    return {name: told(app)[name] for name in ("token", "layer", "head")}


@pytest.mark.parametrize("page", PAGES)
def test_without_a_choice_the_trace_decides_and_the_link_stays_bare(page):
    app = healthy(open_app(page))
    trace = app.session_state["view"].trace
    layer, head = dividing_head(trace.attn[:, :, 0], 1)
    assert shown(app) == {"token": 0, "layer": layer, "head": head}
    assert any(f"Opened at layer {layer + 1}, head {head + 1}" in caption.value for caption in app.caption)
    assert not {"layer", "head", "token"} & set(app.query_params)


@pytest.mark.parametrize("page", PAGES)
def test_a_link_is_obeyed_also_to_the_first_head(page):
    app = healthy(open_app(page, layer="1", head="1", token="0"))
    assert shown(app) == {"token": 0, "layer": 0, "head": 0}
    assert not any("Opened at" in caption.value for caption in app.caption)
    assert (app.query_params["layer"], app.query_params["head"]) == ("1", "1")


def test_a_chosen_token_keeps_its_place():
    app = healthy(open_app("attention", token="40"))
    layer, head = dividing_head(app.session_state["view"].trace.attn[:, :, 40], 1)
    assert shown(app) == {"token": 40, "layer": layer, "head": head}
    assert place_of(app.session_state["view"]).is_opened


@pytest.mark.parametrize(
    ("said", "direction"), [(None, "to"), ("by", "by"), ("to", "to"), ("sideways", "to")]
)
def test_a_link_says_in_which_direction_attention_is_read(said: str | None, direction: str):
    app = healthy(open_app("attention", **({"direction": said} if said else {})))
    assert told(app)["direction"] == direction
    assert ("direction" in app.query_params) == (direction == "by")
    assert place_of(app.session_state["view"]).is_opened
