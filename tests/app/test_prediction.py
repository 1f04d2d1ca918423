"""The Prediction page through AppTest: masks and heads as the browser would send them, and odd models."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from tests.app.test_pages import healthy, open_app
from vit_viz import ablate, mask
from vit_viz.analysis.mixing import softmax
from vit_viz.components.payload import unpack
from vit_viz.ui.results import changes


@pytest.fixture
def page() -> AppTest:
    changes._ablated_layers.cache_clear()
    return healthy(open_app("prediction"))


def parts(app: AppTest, name: str) -> dict:
    """What the component of that name was sent."""
    found = [one.proto for one in app.get("bidi_component") if one.proto.component_name.endswith(f".{name}")]
    return json.loads(found[0].json)


def settle(app: AppTest, name: str, value) -> AppTest:
    """Choose as the page's own callback does, and draw again."""
    app.session_state[f"prediction_{name}"] = (app.session_state["view"].trace_id, value)
    return healthy(app.run())


def test_untouched_photo_has_the_models_own_answer(page):
    view = page.session_state["view"]
    data = parts(page, "patch_mask")
    best = int(view.trace.probs.argmax())
    assert data["rows"][0]["after"] == data["rows"][0]["before"] == pytest.approx(view.trace.probs[best])
    assert len(data["rows"]) == 5
    assert data["problem"] == ""


def test_masked_patches_change_the_answer(page):
    masked = list(range(40, 90))
    settle(page, "masked", masked)
    view = page.session_state["view"]
    expected = softmax(mask(view.model, view.trace.prepared, masked).after.logits)
    data = parts(page, "patch_mask")
    assert data["masked"] == masked
    assert data["first"]["prob"] == pytest.approx(expected.max(), rel=1e-5)
    best = int(view.trace.probs.argmax())
    assert data["rows"][0]["after"] == pytest.approx(expected[best], rel=1e-5)
    assert f"{expected[best]:.1%}" in data["says"]


def test_another_photo_starts_unmasked(page):
    settle(page, "masked", [1, 2, 3])
    page.session_state["selection"] = replace(page.session_state["selection"], photo="bee")
    assert parts(healthy(page.run()), "patch_mask")["masked"] == []


def test_heads_are_measured_and_switched_off(page):
    assert parts(page, "head_ablation")["changes"].count(None) == page.session_state["view"].trace.depth
    healthy(page.button(key="measure_heads").click().run())
    view = page.session_state["view"]
    measured = parts(page, "head_ablation")["changes"]
    best = int(view.trace.probs.argmax())
    alone = ablate(view.model, view.trace.prepared, [(1, 2)]).delta[best]
    # all heads in one batch round otherwise: by 1.1e-6 on three photos
    assert measured[1][2][0] == pytest.approx(alone, abs=3e-6)
    assert not [button for button in page.button if button.key in ("measure_heads", "stop_measuring")]
    assert any("heads, head" in markdown.value for markdown in page.markdown)
    settle(page, "off", [(0, 1), (1, 2)])
    both = ablate(view.model, view.trace.prepared, [(0, 1), (1, 2)]).after.logits
    data = parts(page, "head_ablation")
    assert data["off"] == [1, view.trace.num_heads + 2]
    assert data["rows"][0]["after"] == pytest.approx(softmax(both)[best], rel=1e-5)


def test_layers_that_were_measured_before_a_stop_are_kept(page):
    view = page.session_state["view"]
    changes.measure_ablations(view, view.trace.depth - 1)
    healthy(page.run())
    assert parts(page, "head_ablation")["changes"].count(None) == view.trace.depth - 1
    assert page.button(key="measure_heads").label == f"Measure the other {view.trace.depth - 1} layers"


def test_lens_ends_in_the_models_answer(page):
    view = page.session_state["view"]
    data = parts(page, "logit_lens")
    arrays, _meta = unpack(base64.b64decode(data["payload"]))
    order = np.argsort(view.trace.probs)[::-1][:5]
    np.testing.assert_allclose(arrays["pooled"][-1], view.trace.probs[order], atol=1e-5)
    assert data["best"][-1]["prob"] == pytest.approx(view.trace.probs.max(), rel=1e-4)


def test_temperature_question_is_answered_after_a_guess(page):
    radio = page.radio(key="predict_prediction")
    healthy(radio.set_value("no").run())
    view = page.session_state["view"]
    halved = softmax(view.trace.logits / 2).max()
    assert any(f"**{halved:.2%}**" in markdown.value for markdown in page.markdown)


def test_model_without_classifier_shows_nearest_patches(without_downloads):
    app = open_app("prediction", model="vit_small_patch16_dinov3.lvd1689m")
    healthy(app)
    data = parts(app, "nearest_patches")
    assert data["similarity"][data["patch"]] == pytest.approx(1)
    best = max((s, p) for p, s in enumerate(data["similarity"]) if p != data["patch"])
    assert data["nearest"][0] == best[1]
    assert any("no classifier" in caption.value for caption in app.caption)
    assert parts(app, "head_ablation")["labels"] == []


def test_masking_everything_of_a_model_without_cls_is_a_sentence(without_downloads):
    app = healthy(open_app("prediction", model="eva02_tiny_patch14_336.mim_in22k_ft_in1k"))
    settle(app, "masked", list(range(576)))
    assert "with none there is no answer" in parts(app, "patch_mask")["problem"]


def test_each_of_two_heads_has_its_own_row(without_downloads):
    app = healthy(open_app("prediction", model="deit_tiny_distilled_patch16_224.fb_in1k"))
    view = app.session_state["view"]
    data = parts(app, "answer_steps")
    arrays, _meta = unpack(base64.b64decode(data["payload"]))
    module = view.model.module
    with torch.inference_mode():
        rows = [torch.from_numpy(arrays[strip["name"]].copy()) for strip in data["strips"]]
        heads = (module.head, module.head_dist)
        answers = [head(row).numpy() for head, row in zip(heads, rows, strict=True)]
    np.testing.assert_allclose(np.mean(answers, axis=0), view.trace.logits, atol=1e-5)
    assert [strip["title"][:4] for strip in data["strips"]] == ["CLS ", "DIST"]
    assert data["heads"] == "the mean of both heads"
