"""The page Rollout through Streamlit's AppTest: what its parts are sent, the test of the maps, other models."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.app.helpers import text
from tests.app.test_pages import healthy, open_app
from vit_viz.analysis.attention import strongest
from vit_viz.analysis.curves import area
from vit_viz.analysis.rollout import rollout
from vit_viz.errors import DeviceError
from vit_viz.experiments.faithfulness import curve
from vit_viz.experiments.relevance import relevance
from vit_viz.ui.navigation import page_file
from vit_viz.ui.results import rollouts
from vit_viz.ui.results.rollouts import PAPER, Question, Settings

FEW = 4  # steps of a curve, where its values are another test's business


def part(app: AppTest, name: str) -> dict:
    """The data that one of the page's components was given."""
    protos = [element.proto for element in app.get("bidi_component")]
    (found,) = (
        proto for proto in protos if proto.component_name.endswith(name) and "gallery" not in proto.id
    )
    return json.loads(found.json)


def run_test(app: AppTest) -> AppTest:
    app.button(key="rollout_run").click().run(timeout=300)
    return healthy(app)


def question(app: AppTest, removal: str = "mean colour", settings: Settings = PAPER) -> Question:
    """What the page's test asks about its photo's most probable class."""
    view = app.session_state["view"]
    return Question(view=view, target=int(view.trace.probs.argmax()), settings=settings, removal=removal)


def few_steps(*args, **options):
    return curve(*args, **options, steps=FEW)


def test_maps_are_of_the_most_probable_class():
    app = healthy(open_app("rollout", photo="dog"))
    view = app.session_state["view"]
    tiles = part(app, "map_tiles")["tiles"]
    assert [tile["title"] for tile in tiles][:2] == ["Relevance", "Rollout"]
    expected = relevance(view.model, view.trace.prepared, int(view.trace.probs.argmax()))[0, 1:]
    np.testing.assert_allclose(tiles[0]["values"], expected, rtol=1e-4, atol=1e-7)


def test_another_class_changes_its_maps_and_no_other():
    app = healthy(open_app("rollout", photo="dog"))
    before = {tile["title"]: tile["values"] for tile in part(app, "map_tiles")["tiles"]}
    trace = app.session_state["view"].trace
    second = int(np.argsort(trace.probs)[-2])
    app.session_state[f"rollout_class_{app.session_state['view'].trace_id}"] = second
    app.run()
    after = {tile["title"]: tile["values"] for tile in part(healthy(app), "map_tiles")["tiles"]}
    changed = {title for title in before if before[title] != after[title]}
    assert changed == {"Relevance", "Input gradients"}


def test_the_laboratory_is_sent_where_the_answer_is_read_from():
    lab = part(healthy(open_app("rollout", photo="dog", token="45")), "rollout_lab")
    assert (lab["read"], lab["read_title"], lab["selection"]["token"]) == ([0, 0], "CLS", 45)


def test_the_test_runs_and_its_verdict_is_the_curves():
    app = run_test(open_app("rollout", photo="bee"))
    asked = question(app)
    view, target, curves = asked.view, asked.target, rollouts.curves_there(asked)
    assert len(curves) == 22
    values = rollouts.maps_of(view, target)["rollout"]
    order = strongest(values, len(values))
    expected = curve(view.model, view.trace.prepared, order, target, removal="mean colour")
    np.testing.assert_allclose(curves["rollout", False], expected, rtol=1e-4)
    assert len(app.get("vega_lite_chart")) == 2
    falls = min(
        (area(values, 196), name)
        for (name, insertion), values in curves.items()
        if not insertion and not name.startswith(("random", "untrained"))
    )
    assert f"area {falls[0]:.3f}" in text(app)
    assert "random orders" in text(app)
    assert not [button for button in app.button if button.key == "rollout_run"]


def test_stopped_curves_are_kept(monkeypatch):
    app = healthy(open_app("rollout", photo="macaw"))
    calls = []

    def three_then_stop(*args, **options):
        calls.append(args)
        if len(calls) > 3:
            raise DeviceError("The memory of cuda is full.")
        return few_steps(*args, **options)

    monkeypatch.setattr(rollouts, "curve", three_then_stop)
    run_test(app)
    assert "curves that were run before are kept" in app.warning[0].value
    assert "3 of 22" in app.button(key="rollout_run").label
    monkeypatch.setattr(rollouts, "curve", few_steps)
    run_test(app)
    assert "22 curves" in text(app)


def test_gallery_rolls_out_every_sample():
    app = healthy(open_app("rollout"))
    app.session_state["rollout_more"] = True
    app.run()
    if [button for button in app.button if button.key == "rollout_gallery_run"]:
        app.button(key="rollout_gallery_run").click().run(timeout=300)
        assert len(rollouts.gallery_there(healthy(app).session_state["view"])) == 12


@pytest.mark.usefixtures("without_downloads")
def test_model_without_classifier():
    app = healthy(open_app("rollout", model="vit_small_patch16_224.dino"))
    assert "no classifier" in text(app)
    titles = [tile["title"] for tile in part(app, "map_tiles")["tiles"]]
    assert titles == ["Rollout", "Attention × value norms", "Attention alone"]


@pytest.mark.usefixtures("without_downloads")
def test_model_that_averages_its_patches():
    app = healthy(open_app("rollout", model="eva02_tiny_patch14_336.mim_in22k_ft_in1k"))
    assert part(app, "rollout_lab")["read"] == [1, 576]
    assert "averages its patches" in text(app)
    assert part(app, "map_tiles")["tiles"][0]["title"] == "Relevance"


def test_full_memory_leaves_the_class_out(monkeypatch):
    whole, tries = rollouts.patch_maps, []

    def full(model, trace, target):
        if target is not None:
            tries.append(target)
            raise DeviceError("The memory of cuda is full.")
        return whole(model, trace, target)

    monkeypatch.setattr(rollouts, "patch_maps", full)
    app = healthy(open_app("rollout", photo="coffee"))
    (warning,) = app.warning
    assert "left out" in warning.value
    assert len(tries) == 1
    assert len(part(app, "map_tiles")["tiles"]) == 3
    app.run()
    assert len(tries) == 2, "the next run of the page tries again"


def test_the_chosen_class_and_way_of_removal_outlive_the_page():
    app = healthy(open_app("rollout", photo="dog"))
    view = app.session_state["view"]
    second = int(np.argsort(view.trace.probs)[-2])
    key = f"rollout_class_{view.trace_id}"
    app.session_state[key], app.session_state["rollout_removal"] = second, "drop tokens"
    app.run()
    app.switch_page(str(page_file("patches"))).run()
    app.switch_page(str(page_file("rollout"))).run()
    assert healthy(app).session_state[key] == second
    assert app.session_state["rollout_removal"] == "drop tokens"


def test_other_removal_has_curves_of_its_own(monkeypatch):
    monkeypatch.setattr(rollouts, "curve", few_steps)
    app = healthy(open_app("rollout", photo="citrus"))
    app.session_state["rollout_removal"] = "drop tokens"
    app.run()
    run_test(app)
    assert len(rollouts.curves_there(question(app, "drop tokens"))) == 22
    assert rollouts.curves_there(question(app)) == {}
    assert "dropping tokens" in text(app)


def test_the_laboratorys_settings_are_tested_too(monkeypatch):
    monkeypatch.setattr(rollouts, "curve", few_steps)
    app = healthy(open_app("rollout", photo="castle"))
    assert "own" not in rollouts.maps_of(app.session_state["view"], None)
    chosen = {"fusion": "max", "residual": 30, "discard": 50, "start": 2}
    app.session_state["rollout_settings"] = Settings(**chosen)
    app.run()
    assert part(healthy(app), "rollout_lab")["settings"] == chosen
    own = part(app, "map_tiles")["tiles"][-1]
    assert own["note"] == "max, residual 0.30, 50% discarded, from layer 3"
    trace = app.session_state["view"].trace
    options = {"fusion": "max", "residual_share": 0.3, "discard": 0.5, "start": 2}
    expected = rollout(trace.attn, num_prefix_tokens=1, **options)[-1, 0, 1:]
    np.testing.assert_allclose(own["values"], expected, rtol=1e-5)
    run_test(app)
    assert len(rollouts.curves_there(question(app, settings=Settings(**chosen)))) == 24
    assert len(rollouts.curves_there(question(app))) == 22
    assert "Rollout as set above" in "".join(
        block.value for block in app.get("html") if hasattr(block, "value")
    )
