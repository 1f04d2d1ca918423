"""What goes wrong in one place costs nothing elsewhere: a full memory, a full store, an odd link."""

import json
import time
from threading import Barrier, Thread

import pytest
import streamlit as st

import vit_viz.ui.results.compare
import vit_viz.ui.view
from tests.app.test_pages import healthy, jpeg, open_app, selected, upload
from vit_viz.components.routes import is_own
from vit_viz.errors import DeviceError
from vit_viz.ui import stores
from vit_viz.ui.navigation import page_file
from vit_viz.ui.results import blocks, changes, embedding, rollouts
from vit_viz.ui.results.remembered import model_and_trace

FULL = "The memory of cuda is full."


def full(*args, **options):
    raise DeviceError(FULL)


def never(*args, **options):
    raise AssertionError("This model is loaded already.")


@pytest.mark.parametrize(
    ("page", "kept", "runs"),
    [
        ("patches", vit_viz.ui.view.kept_parities, "vit_viz.ui.view.parity"),
        ("embedding", embedding.kept_embeddings, "vit_viz.ui.results.embedding.patch_projection"),
        ("encoder", blocks.kept_steps, "vit_viz.ui.results.blocks.norm_pairs"),
        ("prediction", changes._lenses, "vit_viz.ui.results.changes.logit_lens"),
        ("training", None, "vit_viz.ui.parts.loss.head_gain"),
    ],
)
@pytest.mark.parametrize("error", [DeviceError(FULL), MemoryError()], ids=["device", "memory"])
def test_a_full_memory_is_a_sentence(page: str, kept, runs: str, error: Exception, monkeypatch):
    def fails(*args, **options):
        raise error

    app = open_app(page)
    if kept is None:
        from vit_viz.ui.parts.loss import kept_gains as kept
    kept.cache_clear()
    monkeypatch.setattr(runs, fails)
    app.run()
    assert not app.exception
    assert any("is full" in said.value for said in app.error)
    monkeypatch.undo()
    assert not healthy(app.run()).error


@pytest.mark.parametrize("page", ["journey", "patches"])
def test_a_photo_that_does_not_fit_gives_way_to_the_one_before(page: str, monkeypatch):
    app = open_app(page, photo="bee")
    monkeypatch.setattr(vit_viz.ui.view, "trace", full)
    healthy(upload(app, "mine.jpg", jpeg(300, 200)))
    assert FULL in app.warning[0].value
    assert "CPU for now" not in app.warning[0].value  # it is there already
    assert app.session_state["view"].photo_title == "Bee"
    assert not healthy(app.run()).warning


@pytest.mark.parametrize("page", ["journey", "patches"])
def test_memory_that_runs_out_on_the_way_is_a_sentence(page: str, monkeypatch):
    def runs_out(*args):
        raise MemoryError

    app = open_app(page)
    monkeypatch.setattr(vit_viz.ui.view, "trace", runs_out)
    upload(app, f"{page}.jpg", jpeg(301, 200))
    assert not app.exception
    assert any("memory of this machine is full" in said.value for said in app.error)
    monkeypatch.undo()
    assert not healthy(app.run()).error


def test_a_first_photo_that_does_not_fit_is_a_sentence(monkeypatch):
    monkeypatch.setattr(vit_viz.ui.view, "trace", full)
    stores.traces.cache_clear()
    app = open_app("patches")
    assert not app.exception
    assert [said.value for said in app.error] == [FULL]
    monkeypatch.undo()
    assert not healthy(app.run()).error


def test_heads_that_cannot_be_switched_off_are_a_sentence(monkeypatch):
    app = open_app("prediction")
    app.session_state["prediction_off"] = (app.session_state["view"].trace_id, [(0, 0)])
    monkeypatch.setattr("vit_viz.ui.results.changes.ablate", full)
    healthy(app.run())
    assert [said.value for said in app.error] == [FULL]
    assert any("What to notice" in markdown.value for markdown in app.markdown)  # the page goes on below


def test_a_gallery_that_does_not_fit_is_a_sentence(monkeypatch):
    rollouts.kept_gallery.cache_clear()
    app = open_app("rollout")
    app.session_state["rollout_more"] = True
    healthy(app.run())
    monkeypatch.setattr("vit_viz.ui.results.rollouts.rollout_maps", full)
    healthy(app.button(key="rollout_gallery_run").click().run())
    assert [said.value for said in app.error] == [FULL]


def pushed_out(store: stores.Store) -> None:
    """Others' models or traces have taken all places."""
    store._values.clear()


def test_what_a_session_holds_is_found_by_the_routes_when_others_have_pushed_it_out():
    view = open_app("embedding").session_state["view"]
    pushed_out(stores.models())
    pushed_out(stores.traces())
    assert model_and_trace(view.trace_id) == (view.model, view.trace)


def test_a_model_pushed_out_of_the_store_is_not_loaded_again(monkeypatch):
    app = open_app("patches")
    model = app.session_state["view"].model
    pushed_out(stores.models())
    monkeypatch.setattr(vit_viz.ui.view, "load_model", never)
    healthy(app.run())
    assert stores.models().get("bundled") is app.session_state["view"].model is model


def test_the_other_side_of_compare_is_not_loaded_again(monkeypatch):
    app = open_app("compare")
    healthy(app.segmented_control(key="compare_kind").set_value("size").run())
    pushed_out(stores.models())
    monkeypatch.setattr(vit_viz.ui.view, "load_model", never)
    monkeypatch.setattr(vit_viz.ui.results.compare, "load_model", never)
    healthy(app.run())
    assert stores.models().get("bundled@112x112") is not None


def test_what_was_beside_is_let_go_with_its_page():
    app = open_app("compare")
    healthy(app.segmented_control(key="compare_kind").set_value("training").run())
    assert vit_viz.ui.view.BESIDE in app.session_state
    healthy(app.switch_page(str(page_file("patches"))).run())
    assert vit_viz.ui.view.BESIDE not in app.session_state


def test_two_sessions_load_a_model_once(monkeypatch, bundled):
    stores.models.cache_clear()
    monkeypatch.setattr(st, "session_state", {})
    both, loads, found = Barrier(2), [], []

    def load():
        loads.append(1)
        time.sleep(0.2)  # the other session comes meanwhile
        return bundled

    def session():
        both.wait()
        found.append(vit_viz.ui.view.model_of("one", load))

    threads = [Thread(target=session) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == [1]
    assert found == [bundled, bundled]
    stores.models.cache_clear()


def test_a_number_in_a_link_may_be_of_any_length():
    app = healthy(open_app("attention", layer="1" * 5000, head="9" * 5000, token="2" * 5000))
    assert (selected(app).layer, selected(app).head, selected(app).token) == (0, 0, 0)


def test_a_model_of_which_no_other_resolution_fits_offers_none(monkeypatch):
    monkeypatch.setattr(vit_viz.ui.results.compare, "MAX_ATTENTION_BYTES", 0)
    app = healthy(open_app("compare"))
    assert "another resolution" not in app.segmented_control(key="compare_kind").options


def test_traces_of_the_readers_photo_are_told_apart():
    app = healthy(upload(open_app("compare"), "mine.jpg", jpeg()))
    assert is_own(app.session_state["view"].trace_id)
    healthy(app.segmented_control(key="compare_kind").set_value("training").run())
    (block,) = [one for one in app.get("bidi_component") if "compare" in one.proto.component_name]
    assert all(is_own(side["trace_id"]) for side in json.loads(block.proto.json)["sides"])
    app.session_state["selection"] = vit_viz.ui.results.compare.replace(selected(app), photo="dog")
    assert not is_own(healthy(app.run()).session_state["view"].trace_id)
