"""The page Attention distance through AppTest: dots at once, averages that go on, a second model beside."""

import io
import json
import math

import pytest
from PIL import Image

import vit_viz.ui.results.distance
from tests.app.test_pages import healthy, open_app
from vit_viz.samples import samples
from vit_viz.ui.results.distance import kept_averages


@pytest.fixture(autouse=True)
def _nothing_kept():
    kept_averages.cache_clear()


def payload(app) -> dict:
    blocks = [block.proto for block in app.get("bidi_component")]
    (proto,) = [one for one in blocks if "distance_explorer" in one.component_name]
    return json.loads(proto.json)


def names(app) -> list[str]:
    return [dots["name"] for dots in payload(app)["sets"]]


def jpeg(seed: int) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").rotate(30 * seed).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()


def test_this_photo_and_the_shipped_average_are_there_at_once():
    app = healthy(open_app("distance", layer="3", head="2", token="40"))
    data = payload(app)
    assert names(app) == ["photo", "shipped"]
    assert data["show"] == "photo"
    assert data["sets"][1]["title"] == "mean of 128 photos"
    assert data["selection"] == {"layer": 2, "head": 1, "token": 40}
    assert len(json.dumps(data)) < 100_000


def test_averaging_over_the_samples():
    app = healthy(open_app("distance"))
    app.button(key="distance_start").click().run()
    assert names(healthy(app)) == ["photo", "shipped", "samples"]
    data = payload(app)
    assert data["show"] == "samples"
    assert data["sets"][2]["errors"] is not None
    assert any(f"All {len(samples())} photos are averaged" in caption.value for caption in app.caption)


def test_own_photos_with_a_bad_one_among_them():
    app = healthy(open_app("distance"))
    app.radio(key="distance_source").set_value("my photos").run()
    assert app.button(key="distance_start").disabled
    files = [
        ("a.jpg", jpeg(1), "image/jpeg"),
        ("bad.jpg", b"no", "image/jpeg"),
        ("b.jpg", jpeg(2), "image/jpeg"),
    ]
    app.file_uploader(key="distance_uploads").set_value(files).run()
    app.button(key="distance_start").click().run()
    assert payload(healthy(app))["sets"][-1]["note"] == "Mean over 2 photos."
    assert "bad.jpg" in app.warning[0].value


def test_an_average_that_is_left_goes_on_where_it_was(monkeypatch):
    whole = vit_viz.ui.results.distance.average_distances
    begun_at = []

    def two_batches(model, photos, *, start=None, **options):
        begun_at.append(start.seen if start else 0)
        steps = whole(model, photos, start=start, **options)
        yield next(steps)
        yield next(steps)
        raise vit_viz.ui.results.distance.ModelError("The memory of cuda is full.")

    app = healthy(open_app("distance"))
    with monkeypatch.context() as patch:
        patch.setattr(vit_viz.ui.results.distance, "REFRESH_SECONDS", math.inf)  # a rerun would begin anew
        patch.setattr(vit_viz.ui.results.distance, "average_distances", two_batches)
        app.button(key="distance_start").click().run()
    assert "What was averaged before is kept" in healthy(app).warning[0].value
    assert payload(app)["sets"][-1]["note"] == "Mean over 8 photos."
    app.button(key="distance_start").click().run()
    assert payload(healthy(app))["sets"][-1]["note"] == f"Mean over {len(samples())} photos."
    assert begun_at == [0]


def test_another_model_is_laid_beside():
    app = healthy(open_app("distance"))
    app.selectbox(key="distance_beside").set_value("untrained").run()
    first = payload(healthy(app))["sets"][0]
    assert first["beside"]["title"] == "ViT Viz/16 untrained"
    assert first["beside"]["values"] != first["values"]
    app.button(key="distance_start").click().run()
    last = payload(healthy(app))["sets"][-1]
    assert last["beside"]["errors"] is not None


def test_a_model_that_cannot_be_had_costs_nothing(monkeypatch):
    def away(chosen):
        raise vit_viz.ui.results.distance.ModelError("The model hub cannot be reached from here.")

    app = healthy(open_app("distance"))
    monkeypatch.setattr(vit_viz.ui.results.distance, "loaded_model", away)
    app.selectbox(key="distance_beside").set_value("vit_small_r26_s32_224.augreg_in21k_ft_in1k").run()
    assert "model hub" in healthy(app).warning[0].value
    assert payload(app)["sets"][0]["beside"] is None
