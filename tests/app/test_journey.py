"""The home page through Streamlit's AppTest: what the player is sent, what it sends back, languages, links."""

import gzip
import importlib
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.app.test_pages import healthy, jpeg, open_app, selected, upload
from vit_viz.components.journey_payloads import Part
from vit_viz.components.payload import unpack
from vit_viz.locale import languages, strings
from vit_viz.ui import state
from vit_viz.ui.navigation import JOURNEY, PAGES, page_path, page_title
from vit_viz.ui.results.journey import CHAPTER_OF, chapter_links, find_part


def player(app: AppTest) -> dict:
    """The data that the journey's component was given."""
    (found,) = (
        element.proto
        for element in app.get("bidi_component")
        if element.proto.component_name.endswith("journey")
    )
    return json.loads(found.json)


def test_the_journey_is_the_home_page():
    assert next(iter(PAGES)) == next(iter(JOURNEY)) == "journey"
    assert page_path("journey") == "/"
    app = healthy(open_app())
    assert app.title[0].value == "The journey"
    assert player(app)["trace_id"] == app.session_state["view"].trace_id


def test_another_photo_picked_while_the_first_is_read_is_no_error(monkeypatch):
    """Streamlit stops the first run after its trace, before anything was said of it."""
    open_app()
    from vit_viz.ui import sidebar  # its component is known once an app has begun

    facts, runs = sidebar._facts, []

    def stopped_once(view):
        runs.append(view.photo_title)
        if len(runs) == 1:
            state.choose(photo="dog")
            st.rerun()
        facts(view)

    monkeypatch.setattr(sidebar, "_facts", stopped_once)
    app = healthy(open_app())
    assert not app.error
    assert runs[0] != app.session_state["view"].photo_title == "Dog"


def test_its_parts_can_be_fetched_after_the_first_run():
    app = healthy(open_app(photo="dog"))
    view = app.session_state["view"]
    packed = find_part(view.trace_id, Part("base"))
    assert packed is not None
    arrays, meta = unpack(gzip.decompress(packed))
    np.testing.assert_array_equal(arrays["image"], view.trace.image)
    assert (meta["photo_title"], meta["label"]["name"]) == ("Dog", "German shepherd")
    assert find_part("another", Part("base")) is None


def test_deep_link_opens_that_moment():
    app = healthy(open_app(photo="dog", layer="3", head="2", token="17", step="9.4"))
    data = player(app)
    assert data["step"] == 9.4
    assert data["selection"] == {"token": 17, "layer": 2, "head": 1}
    assert app.query_params["step"] in ("9.4", ["9.4"])


def test_a_step_beyond_the_end_is_the_end():
    app = healthy(open_app(step="99"))
    assert player(app)["step"] == 18
    assert app.query_params["step"] in ("18", ["18"])


@pytest.mark.parametrize("value", ["x", "-1", "1e3", "", "²", "9.", "123"])
def test_odd_steps_begin_at_the_start(value: str):
    app = healthy(open_app(step=value))
    assert player(app)["step"] == 0
    assert "step" not in app.query_params


@pytest.mark.parametrize("lang", list(languages()))
def test_every_language(lang: str):
    app = healthy(open_app(lang=lang))
    assert player(app)["strings"] == strings(lang)["journey"]
    assert app.title[0].value == page_title("journey", lang)
    assert app.sidebar.segmented_control(key="language_picker").value == lang


def test_language_is_the_browsers_until_one_is_picked(monkeypatch):
    monkeypatch.setattr(state, "browser_language", lambda: "ko")
    app = healthy(open_app())
    assert selected(app).lang == "ko"
    assert "lang" not in app.query_params
    app.sidebar.segmented_control(key="language_picker").set_value("en").run()
    assert player(healthy(app))["lang"] == "en"
    assert app.query_params["lang"] in ("en", ["en"])


def test_links_lead_to_chapters_that_are_there():
    scenes = strings("en")["journey"]["scenes"]
    assert set(CHAPTER_OF) == set(scenes)
    links = chapter_links("en")
    assert {link["path"] for link in links.values()} <= {page_path(name) for name in PAGES}
    assert links["qkv"] == {"path": "/qkv", "title": "Query, key, value"}


def dated(value: object) -> dict[str, object]:
    """As the browser tells it (shared/selection.js)."""
    return {"value": value, "at": 0}


def test_the_player_reports_what_the_reader_settles_on(monkeypatch):
    """AppTest calls no callback of a component, so the wrapper is called as Streamlit would."""
    open_app()  # registers the component
    journey = importlib.import_module("vit_viz.components.journey")
    given, heard = {}, []

    def mounted(**options):
        given.update(options)
        return SimpleNamespace(open="qkv")

    monkeypatch.setattr(journey, "_player", mounted)
    sent = {"selection": dated({"token": 45.0, "layer": 1, "head": 3}), "step": dated(9.400000001)}
    monkeypatch.setattr(journey.st, "session_state", {"journey": sent})
    asked = journey.journey_player(
        "id",
        {"token": 0, "layer": 0, "head": 0},
        step=2.5,
        lang="en",
        strings={},
        links={},
        key="journey",
        on_select=heard.append,
        on_settle=heard.append,
    )
    given["on_selection_change"]()
    given["on_step_change"]()
    assert heard == [{"token": 45, "layer": 1, "head": 3}, 9.4]
    sent["selection"] = dated({"token": None, "layer": 1, "head": 2})
    given["on_selection_change"]()
    assert heard[-1] == {"layer": 1, "head": 2}
    assert asked == "qkv"
    assert given["data"]["step"] == 2.5
    assert json.dumps(given["data"], allow_nan=False)


def test_an_upload_has_no_label():
    app = upload(open_app(), "holiday.jpg", jpeg())
    healthy(app)
    assert not any("true class" in text.value for text in app.markdown)


def test_a_labelled_sample_is_told_with_its_loss():
    app = healthy(open_app(photo="dog"))
    view = app.session_state["view"]
    loss = -np.log(view.trace.probs[235])
    assert any(f"{loss:.2f}" in text.value and "German shepherd" in text.value for text in app.markdown)


def test_without_a_chosen_token_it_follows_the_middle_patch_and_says_so():
    app = healthy(open_app(photo="dog"))
    assert player(app)["selection"] == {"token": None, "layer": 0, "head": 0}
    assert app.session_state["view"].selection.token == 0
    assert any("Patch (8, 8) is followed" in text.value for text in app.markdown)
    assert "token" not in app.query_params


def test_a_link_keeps_its_token_even_where_it_is_cls():
    app = healthy(open_app(photo="dog", token="0"))
    assert player(app)["selection"]["token"] == 0
    assert any("CLS is followed" in text.value for text in app.markdown)
    assert app.query_params["token"] in ("0", ["0"])


def test_a_token_chosen_elsewhere_is_followed_and_no_other_choice_counts_as_one():
    app = healthy(open_app(photo="dog"))
    app.session_state["selection"] = replace(selected(app), head=2)
    assert player(healthy(app.run()))["selection"]["token"] is None
    app.session_state["selection"] = replace(selected(app), token=17, token_chosen=True)
    assert player(healthy(app.run()))["selection"]["token"] == 17


def test_choosing_another_token_counts_and_the_same_one_does_not(monkeypatch):
    kept = {"selection": state.Selection(photo="dog")}
    monkeypatch.setattr(state.st, "session_state", kept)
    state.choose(token=0, head=1)
    assert not kept["selection"].token_chosen
    state.choose(token=5)
    state.choose(token=0)
    assert kept["selection"].token_chosen


def test_a_chapter_opens_on_what_the_film_followed(monkeypatch):
    open_app()  # registers the component
    journey = importlib.import_module("vit_viz.components.journey")
    monkeypatch.setattr(journey, "_player", lambda **options: SimpleNamespace(open="qkv"))
    app = open_app()
    assert app.title[0].value == "Query, key, value"
    chosen = app.session_state["selection"]
    assert (chosen.token, chosen.layer, chosen.head) == (1 + 7 * 14 + 7, 0, 0)  # the patch in the middle
    assert (chosen.token_chosen, chosen.head_chosen) == (True, True)
