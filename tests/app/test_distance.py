"""The page Attention distance through AppTest: dots at once, averages that go on, a second model beside."""

import io
import json
import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
import streamlit as st
from PIL import Image

import vit_viz.ui.results.distance
from tests.app.test_pages import healthy, open_app, selected
from vit_viz.model_table import table_row
from vit_viz.samples import samples
from vit_viz.ui.navigation import page_file
from vit_viz.ui.parts.distance import HYBRID
from vit_viz.ui.results.distance import BATCH, kept_averages
from vit_viz.ui.results.opening import place_of
from vit_viz.ui.state import choose


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


def take_own(app, *numbers: int) -> None:
    files = [(f"{number}.jpg", jpeg(number), "image/jpeg") for number in numbers]
    app.file_uploader(key="distance_uploads").set_value(files).run()


def kept_line(app) -> list[str]:
    return [caption.value for caption in app.caption if caption.value.startswith("Kept from before")]


def watched(monkeypatch, before_batch) -> None:
    """Call `before_batch(model, photos seen)` before every batch of an average over a set."""
    whole = vit_viz.ui.results.distance.average_distances

    def average_distances(model, photos, *, start=None, **options):
        steps = whole(model, photos, start=start, **options)
        if start is None:  # the one photo in view
            yield from steps
            return
        before_batch(model, start.seen)
        for average in steps:
            yield average
            before_batch(model, average.seen)

    monkeypatch.setattr(vit_viz.ui.results.distance, "average_distances", average_distances)


def test_this_photo_and_the_shipped_average_are_there_at_once():
    app = healthy(open_app("distance", layer="3", head="2", token="40"))
    data = payload(app)
    assert names(app) == ["photo", "shipped"]
    assert data["show"] == "photo"
    assert data["sets"][1]["title"] == "mean of 128 photos"
    assert data["selection"] == {"layer": 2, "head": 1, "token": 40}
    assert len(json.dumps(data)) < 100_000


def test_the_way_on_leads_to_the_head_that_it_names():
    app = healthy(open_app("distance", photo="bee"))
    link = app.button(key="way_on")
    assert link.label == "Layer 1, head 1 in Attention maps"
    link.click().run()
    assert healthy(app).title[0].value == "Attention maps"
    assert place_of(app.session_state["view"]) == (0, 0, 0, False)


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
    app.segmented_control(key="distance_source").set_value("my photos").run()
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


def test_a_session_keeps_so_much_of_the_readers_photos_and_says_so(monkeypatch):
    app = healthy(open_app("distance"))
    app.segmented_control(key="distance_source").set_value("my photos").run()
    monkeypatch.setattr(
        vit_viz.ui.results.distance, "MAX_OWN_BYTES", sum(len(jpeg(number)) for number in (1, 2))
    )
    take_own(app, 1, 2, 3)
    assert app.warning[0].value.startswith("Of these 3 photos the first 2 are averaged")
    app.button(key="distance_start").click().run()
    assert payload(healthy(app))["sets"][-1]["note"] == "Mean over 2 photos."
    take_own(app, 1, 2)
    assert not healthy(app).warning


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


@pytest.mark.usefixtures("without_downloads")
def test_the_hybrid_is_not_offered_beside_itself():
    app = healthy(open_app("distance", model=HYBRID))
    options = app.selectbox(key="distance_beside").options
    assert table_row("untrained").title in options
    assert table_row(HYBRID).title not in options


def test_the_model_beside_stays_when_another_page_or_model_is_chosen():
    app = healthy(open_app("distance"))
    app.selectbox(key="distance_beside").set_value("untrained").run()
    app.switch_page(str(page_file("attention"))).run()
    app.switch_page(str(page_file("distance"))).run()
    assert healthy(app).selectbox(key="distance_beside").value == "untrained"
    assert payload(app)["sets"][0]["beside"]["title"] == "ViT Viz/16 untrained"

    app.selectbox(key="model_picker").set_value("untrained").run()  # no model is laid beside itself
    assert healthy(app).selectbox(key="distance_beside").value is None
    assert payload(app)["sets"][0]["beside"] is None


def test_a_model_that_cannot_be_had_costs_nothing(monkeypatch):
    def away(chosen):
        raise vit_viz.ui.results.distance.ModelError("The model hub cannot be reached from here.")

    app = healthy(open_app("distance"))
    monkeypatch.setattr(vit_viz.ui.results.distance, "loaded_model", away)
    app.selectbox(key="distance_beside").set_value(HYBRID).run()
    assert "model hub" in healthy(app).warning[0].value
    assert payload(app)["sets"][0]["beside"] is None


def test_own_photos_stay_when_the_samples_or_another_page_are_chosen():
    app = healthy(open_app("distance"))
    app.segmented_control(key="distance_source").set_value("my photos").run()
    take_own(app, 1, 2)
    app.button(key="distance_start").click().run()
    own = payload(healthy(app))["show"]
    assert own == names(app)[-1] != "photo"
    assert not kept_line(app)  # the uploader itself lists them

    app.segmented_control(key="distance_source").set_value("samples").run()
    assert own not in names(healthy(app))
    app.segmented_control(key="distance_source").set_value("my photos").run()
    assert payload(healthy(app))["show"] == names(app)[-1] == own
    (line,) = kept_line(app)
    assert "1.jpg, 2.jpg" in line

    app.switch_page(str(page_file("attention"))).run()
    app.switch_page(str(page_file("distance"))).run()
    assert app.segmented_control(key="distance_source").value == "my photos"
    assert payload(healthy(app))["show"] == names(app)[-1] == own
    assert kept_line(app) == [line]

    app.button(key="distance_drop").click().run()
    assert own not in names(healthy(app))
    assert not kept_line(app)
    assert app.button(key="distance_start").disabled


def test_new_own_photos_take_the_place_of_those_kept():
    app = healthy(open_app("distance"))
    app.segmented_control(key="distance_source").set_value("my photos").run()
    take_own(app, 1, 2)
    app.segmented_control(key="distance_source").set_value("samples").run()
    app.segmented_control(key="distance_source").set_value("my photos").run()
    take_own(app, 3)
    assert not kept_line(healthy(app))
    assert app.button(key="distance_start").label == "Average over 1 photo"
    app.file_uploader(key="distance_uploads").set_value([]).run()
    assert not kept_line(healthy(app))
    assert app.button(key="distance_start").disabled


def test_the_picture_follows_the_chosen_source():
    app = healthy(open_app("distance"))
    app.button(key="distance_start").click().run()
    app.segmented_control(key="distance_source").set_value("my photos").run()
    assert payload(healthy(app))["show"] == "photo"  # there is no average of them yet
    take_own(app, 1)
    app.button(key="distance_start").click().run()
    assert payload(healthy(app))["show"] == names(app)[-1] != "photo"
    app.segmented_control(key="distance_source").set_value("samples").run()
    assert payload(healthy(app))["show"] == "samples"


def test_an_average_rests_while_another_model_is_in_view(monkeypatch):
    asked = []

    def other_model(model, seen):
        asked.append(model.info.name)
        if seen == BATCH and len(asked) == 2:
            choose(model="untrained")
            st.rerun()  # as the reader's choice does

    app = healthy(open_app("distance"))
    bundled = selected(app).model
    app.selectbox(key="distance_beside").set_value("untrained").run()
    watched(monkeypatch, other_model)
    app.button(key="distance_start").click().run()
    assert healthy(app).session_state["view"].model_key == "untrained"
    assert asked == [bundled] * 2
    assert not app.button(key="distance_start").disabled

    app.session_state["selection"] = replace(selected(app), model=bundled)
    app.run()
    assert asked == [bundled] * 2
    assert payload(healthy(app))["sets"][-1]["note"] == f"Mean over {BATCH} photos."
    start = app.button(key="distance_start")
    assert start.label == f"Go on, {BATCH} of {len(samples())} photos are averaged"
    start.click().run()
    assert payload(healthy(app))["sets"][-1]["note"] == f"Mean over {len(samples())} photos."


def test_a_model_laid_beside_meanwhile_waits_to_be_asked_for(monkeypatch):
    asked = []

    def lay_beside(model, seen):
        asked.append(model.info.name)
        if len(asked) == 2:
            st.stop()  # the reader interrupts it

    app = healthy(open_app("distance"))
    watched(monkeypatch, lay_beside)
    app.button(key="distance_start").click().run()
    app.selectbox(key="distance_beside").set_value("untrained").run()
    assert payload(healthy(app))["sets"][-1]["note"] == f"Mean over {len(samples())} photos."
    assert set(asked) == {selected(app).model}
    app.button(key="distance_start").click().run()
    assert payload(healthy(app))["sets"][-1]["beside"] is not None


def test_the_rate_counts_the_work_of_this_job_only(monkeypatch):
    clock, told = [0.0], []
    results = vit_viz.ui.results.distance
    progress = results._progress
    batches = []

    def one_second(model, seen):
        batches.append(seen)
        if len(batches) == 2:
            st.stop()  # the reader is away
        clock[0] += 1

    def heard(*args):
        told.append(progress(*args))
        return told[-1]

    app = healthy(open_app("distance"))
    watched(monkeypatch, one_second)
    monkeypatch.setattr(results, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(results, "_progress", heard)
    app.button(key="distance_start").click().run()
    clock[0] += 60
    app.run()
    assert payload(healthy(app))["sets"][-1]["note"] == f"Mean over {len(samples())} photos."
    rates = [text.split(" · ")[1] for text in told if " · " in text]
    assert len(rates) > 2
    assert set(rates) == {f"{BATCH:.1f} photos/s"}


def test_the_link_is_right_while_an_average_runs(monkeypatch):
    links = []
    app = healthy(open_app("distance"))
    watched(monkeypatch, lambda model, seen: links.append(st.query_params.to_dict()))
    app.session_state["selection"] = replace(selected(app), layer=3, head=2, head_chosen=True)
    app.button(key="distance_start").click().run()
    healthy(app)
    assert (links[0]["layer"], links[0]["head"]) == ("4", "3")
