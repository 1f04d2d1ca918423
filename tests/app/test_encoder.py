"""The page Encoder block with models of every kind of block."""

import base64
from dataclasses import replace

import numpy as np
import pytest
from helpers import redrawn_model

from tests.app.helpers import components, text
from tests.app.test_pages import healthy, open_app
from vit_viz.analysis.stream import contributions
from vit_viz.components.payload import unpack
from vit_viz.ui.results.blocks import steps_of

# of names that the table of models does not have: they stay in the store of loaded models
KINDS = {
    "norms after": ("vit_base_patch16_rpn_224", 64, ["norm", "attention"]),
    "LayerScale": ("vit_medium_patch16_reg4_gap_256", 64, ["norm", "attention"]),
    "gated MLP": ("vit_small_plus_patch16_dinov3", 64, ["norm", "attention", "scale"]),
    "RMSNorm": ("aimv2_large_patch14_224", 56, ["norm", "attention"]),
    "norm in the MLP": ("vitamin_small_224", 64, ["norm", "attention"]),
}
EXPANDERS = ("encoder_norms", "encoder_depth", "encoder_crowd", "encoder_code")


def drawings(app) -> list[dict]:
    return next(data["drawings"] for data in components(app) if "drawings" in data)


def opened(app):
    for key in EXPANDERS:
        app.session_state[key] = True
    return healthy(app.run())


def test_stream_is_the_traces():
    app = healthy(open_app("encoder", token="5", layer="3"))
    data = next(data for data in components(app) if "payload" in data)
    arrays, _ = unpack(base64.b64decode(data["payload"]))
    trace = app.session_state["view"].trace
    expected = contributions(trace.resid, trace.attn_out, trace.mlp_out)
    np.testing.assert_allclose(arrays["attn_cos"], expected.attn_cos, atol=1e-6)
    assert data["selection"] == {"token": 5, "layer": 2, "head": 0}
    assert len(data["sinks"]) == trace.depth + 1


def test_the_drawing_has_the_tokens_own_lengths():
    app = healthy(open_app("encoder", token="5", layer="3"))
    ours, original = drawings(app)
    trace = app.session_state["view"].trace
    length = lambda row: f"{np.linalg.norm(row.astype(np.float64)):.2f}"  # noqa: E731
    assert ours["title"].startswith("Pre-norm: this model")
    assert ours["input"]["value"] == length(trace.resid[2][5])
    first, second = ours["halves"]
    assert [part["kind"] for part in first] == ["norm", "attention", "add"]
    assert first[1]["value"] == length(trace.attn_out[2][5])
    assert first[2]["value"] == length(trace.resid[2][5] + trace.attn_out[2][5])
    assert second[2]["value"] == length(trace.resid[3][5])
    assert not any(part["value"] for half in original["halves"] for part in half)


def test_expanders_hold_what_they_promise():
    app = healthy(open_app("encoder", layer="2", head="3"))
    charts = len(app.get("vega_lite_chart"))
    app = opened(app)
    assert len(app.get("vega_lite_chart")) == charts + 3
    said = text(app)
    assert "197 guests" in said
    assert "in layer 2 with ear 3, CLS listens most" in said
    assert "Dropout" in said
    assert any("dropout(hidden" in code.value for code in app.code)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_block(kind: str, monkeypatch):
    name, size, first = KINDS[kind]
    model = redrawn_model(name, depth=2, img_size=size)
    monkeypatch.setattr("vit_viz.ui.view.load_model", lambda *args, **kwargs: model)
    app = opened(healthy(open_app("encoder", model=name, layer="2")))
    drawn = drawings(app)
    assert [part["kind"] for part in drawn[0]["halves"][0]][: len(first)] == (
        ["attention", "norm"] if kind == "norms after" else first
    )
    assert all(part["value"] for half in drawn[0]["halves"] for part in half if part["kind"] == "add")
    if kind == "gated MLP":
        assert "second linear layer" in text(app)
        assert "three matrices" in text(app)
    if kind == "RMSNorm":
        assert "root mean square" in text(app)


def test_reveal_follows_the_layer():
    app = healthy(open_app("encoder", layer="1"))
    view = app.session_state["view"]
    share = float((steps_of(view, 0).mlp.hidden_pre[0] > 0).mean())
    assert f"For CLS {share:.0%} of the" not in text(app)
    radio = app.radio(key="predict_encoder")
    radio.set_value(radio.options[0]).run()
    assert f"For CLS {share:.0%} of the {4 * view.model.info.embed_dim} hidden units are pushed" in text(
        healthy(app)
    )


def asked_of_another(app, **changes):
    app.session_state["selection"] = replace(app.session_state["selection"], **changes)
    return healthy(app.run())


@pytest.mark.parametrize(
    "changes", [{"layer": 1}, {"token": 5}, {"photo": "bee"}, {"model": "untrained"}], ids=str
)
def test_another_question_waits_for_its_own_answer(changes: dict):
    app = healthy(open_app("encoder", layer="1"))
    first, *_, last = app.radio(key="predict_encoder").options
    app.radio(key="predict_encoder").set_value(first).run()
    assert asked_of_another(app, step=1.0).radio(key="predict_encoder").value == first  # the same question
    before = len(app.markdown)
    asked_of_another(app, **changes)
    assert app.radio(key="predict_encoder").value is None
    assert len(app.markdown) == before - 1
    app.radio(key="predict_encoder").set_value(last).run()
    assert len(healthy(app).markdown) == before


def test_another_row_of_the_same_question_waits_too():
    app = healthy(open_app("qkv", layer="1"))
    radio = app.radio(key="predict_qkv")
    radio.set_value(radio.options[0]).run()
    assert asked_of_another(app, layer=1).radio(key="predict_qkv").value is None
