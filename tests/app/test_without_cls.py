"""Pages with models that lack what most have: CLS, class names, names for their classes."""

import numpy as np
import pytest
import torch
from helpers import redrawn_model

from tests.app.helpers import components, text
from tests.app.test_pages import healthy, open_app
from vit_viz.locale import strings
from vit_viz.ui.navigation import PAGES
from vit_viz.ui.results.journey import followed_token
from vit_viz.ui.results.opening import patch_of, token_of

# of names that the table of models does not have: they stay in the store of loaded models
WITHOUT_PREFIX = "vit_medium_patch16_gap_240"
ONE_REGISTER = "vit_medium_patch16_reg1_gap_256"
HEADLESS = "vit_tiny_patch16_224"
OWN_CLASSES = {2: "vit_small_patch16_384", 3: "vit_tiny_patch16_384"}
MIDDLE = 2 * 4 + 2  # of 4 × 4 patches


@pytest.fixture
def small_model(monkeypatch):
    def opened(page: str, name: str, url: dict[str, str] | None = None, **options):
        model = redrawn_model(name, depth=2, img_size=64, **options)
        monkeypatch.setattr("vit_viz.ui.view.load_model", lambda *args, **kwargs: model)
        return healthy(open_app(page, model=name, **(url or {})))

    return opened


def tokens_in_view(app) -> set[int]:
    """What the components were told is picked; without prefix tokens a patch is its token."""
    told = [data.get("selection", data) for data in components(app)]
    return {one[name] for one in told for name in ("token", "patch") if isinstance(one.get(name), int)}


@pytest.mark.parametrize("page", [page for page in PAGES if page not in ("journey", "training")])
def test_pages_agree_on_the_patch_in_view_before_one_is_picked(page: str, small_model):
    app = small_model(page, WITHOUT_PREFIX)
    assert tokens_in_view(app) <= {MIDDLE}
    view = app.session_state["view"]
    assert token_of(view) == patch_of(view) == followed_token(view) == MIDDLE
    assert "(1, 1)" not in text(app).split("What to notice")[0]
    assert "token" not in app.query_params


@pytest.mark.parametrize("page", ["patches", "encoder", "distance"])
def test_the_first_patch_can_be_chosen(page: str, small_model):
    app = small_model(page, WITHOUT_PREFIX, {"token": "0"})
    assert tokens_in_view(app) == {0}


def test_the_encoders_try_it_follows_tokens_that_are_there(small_model):
    assert "Follow a patch on the ground, then one" in text(small_model("encoder", WITHOUT_PREFIX))
    assert "Follow REG, then a patch on the ground" in text(small_model("encoder", ONE_REGISTER))


def test_trainings_try_it_names_no_loss_where_there_is_none(small_model):
    app = small_model("training", HEADLESS, num_classes=0)
    assert not [box for box in app.selectbox if "true class" in box.label]
    assert "Choose a class that the photo does not show" not in text(app)
    assert "Train on the ready set" in text(app)


def test_attention_is_parked_on_the_token_that_is_there(small_model):
    said = text(small_model("attention", ONE_REGISTER)).split("What to notice")[-1]
    assert "attention on REG" in said
    assert "CLS" not in said


def test_the_norm_stands_in_the_formula_where_the_model_has_it(small_model):
    app = small_model("prediction", ONE_REGISTER)
    assert "norm( mean of the patches of z₂ )" in app.code[0].value
    module = app.session_state["view"].model.module
    stream = torch.from_numpy(app.session_state["view"].trace.resid[-1, 1:].copy())
    with torch.inference_mode():
        features = module.fc_norm(stream.mean(0)).numpy()
    np.testing.assert_allclose(app.session_state["view"].trace.features, features, atol=1e-5)
    assert "norm(z₂), mean of the patches" in small_model("prediction", WITHOUT_PREFIX).code[0].value


@pytest.mark.parametrize("page", [page for page in PAGES if page != "journey"])
@pytest.mark.parametrize("num_classes", OWN_CLASSES)
def test_a_classifier_without_names_has_numbered_classes(page: str, num_classes: int, small_model):
    app = small_model(page, OWN_CLASSES[num_classes], num_classes=num_classes)
    said = text(app)
    assert "no class names" not in said
    assert strings("en")["app"]["answer"]["numbered"] in said
    assert "ImageNet's, which has as many" not in said
    if page == "compare":
        return
    (bars,) = [one.proto.body for one in app.get("html") if 'aria-label="The answer"' in one.proto.body]
    assert bars.count('role="listitem"') == num_classes
    assert f"class {num_classes}" in bars


@pytest.mark.parametrize("page", PAGES)
def test_names_that_are_assumed_are_said_to_be(page: str, small_model):
    assert "what their 1,000 classes are" in text(small_model(page, "vit_tiny_patch16_384"))


def test_why_there_is_no_answer_stands_in_the_readers_language(small_model):
    assert "분류기가 없습니다" in text(small_model("journey", HEADLESS, {"lang": "ko"}, num_classes=0))
    assert "has no classifier" in text(small_model("journey", HEADLESS, num_classes=0))


def test_where_no_samples_class_is_known_none_is_offered(small_model):
    app = small_model("training", OWN_CLASSES[3], num_classes=3)
    assert not [toggle for toggle in app.toggle if toggle.key == "other_samples"]
    assert "Show the other samples, too" not in text(app)
    assert "W: 192 × 3;" in app.code[0].value
