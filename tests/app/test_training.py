"""The Training page through AppTest: the loss, classes of photos, bad files, the head."""

import base64
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from tests.app.test_pages import healthy, open_app
from vit_viz import trace
from vit_viz.components.payload import unpack
from vit_viz.experiments.journey import class_of
from vit_viz.samples import sample_photo, samples
from vit_viz.ui.navigation import page_file
from vit_viz.ui.results.labelled_photos import MAX_PHOTOS
from vit_viz.ui.words.training import gain_is


@pytest.fixture
def page() -> AppTest:
    return healthy(open_app("training"))


def step_data(app: AppTest) -> dict:
    found = [
        one.proto for one in app.get("bidi_component") if one.proto.component_name.endswith(".loss_step")
    ]
    return json.loads(found[0].json)


def jpeg(colour: str, side: int = 64) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def uploaders(app: AppTest) -> list:
    return [one for one in app.main.file_uploader if one.label.startswith("Photos")]


def upload(app: AppTest, number: int, *files: tuple[str, bytes]) -> AppTest:
    uploaders(app)[number].set_value([(name, data, "image/jpeg") for name, data in files])
    return healthy(app.run())


def counts(app: AppTest) -> list[int]:
    classes = app.session_state["photo_classes"][: app.session_state["num_photo_classes"]]
    return [len(one.photos) for one in classes]


def train(app: AppTest) -> AppTest:
    return healthy(app.button(key="train_head").click().run())


def test_other_samples_come_when_asked_for(page):
    assert "other_logits" not in unpack(base64.b64decode(step_data(page)["payload"]))[0]
    app = healthy(page.toggle(key="other_samples").set_value(True).run())
    arrays, _meta = unpack(base64.b64decode(step_data(app)["payload"]))
    view = app.session_state["view"]
    known = {name: class_of(view.model, sample.synset) for name, sample in samples().items() if name != "cat"}
    labels = [label for label in known.values() if label is not None]
    assert arrays["other_labels"].tolist() == labels
    assert len(labels) < len(known)  # the dahlia is none of the classes
    first = trace(view.model, sample_photo(next(name for name, label in known.items() if label is not None)))
    np.testing.assert_allclose(arrays["other_logits"][0], first.logits, atol=1e-3)
    x, other = (one.features.astype(np.float64) for one in (view.trace, first))
    assert arrays["other_gains"][0] == pytest.approx(x @ other + 1, rel=1e-4)


def test_loss_begins_with_the_samples_own_class(page):
    view = page.session_state["view"]
    data = step_data(page)
    assert data["labels"][data["label"]] == "tabby"  # what its file says of the cat, not what the model says
    arrays, _meta = unpack(base64.b64decode(data["payload"]))
    np.testing.assert_array_equal(arrays["logits"], view.trace.logits)
    features = view.trace.features.astype(np.float64)
    assert data["gain"] == pytest.approx(features @ features + 1)
    assert data["gain_is"] == gain_is(two_heads=False, has_bias=True)


def test_another_label_can_be_chosen(page):
    page.main.selectbox[0].set_value(7)
    assert step_data(healthy(page.run()))["label"] == 7


def test_ready_set_is_trained_and_tried_on_the_photo_in_view(page):
    healthy(page.button(key="ready_set").click().run())
    assert counts(page) == [12, 12, 12]
    train(page)
    signature, head = page.session_state["tuned"]
    assert head.weight.shape == (3, page.session_state["view"].trace.features.size)
    assert head.loss[-1] < head.loss[0] == pytest.approx(np.log(3), abs=1e-5)
    right = int((head.guesses == np.repeat(np.arange(3), 12)).sum())
    assert right > 12  # better than guessing
    assert any(f"{right} of 36 photos" in markdown.value for markdown in page.markdown)
    assert any("new head" in one.proto.body for one in page.get("html"))
    page.session_state["selection"] = replace(page.session_state["selection"], photo="bee")
    healthy(page.run())
    assert page.session_state["tuned"][0] == signature  # another photo in view leaves the head as it is


def test_own_photos_are_kept_and_trained(page):
    upload(page, 0, ("red.jpg", jpeg("red")), ("dark.jpg", jpeg("darkred")))
    upload(page, 1, ("blue.jpg", jpeg("blue")), ("navy.jpg", jpeg("navy")))
    assert counts(page) == [2, 2]
    page.main.text_input[0].set_value("warm")
    healthy(page.run())
    train(page)
    _signature, head = page.session_state["tuned"]
    assert len(head.guesses) == 4
    assert page.session_state["photo_classes"][0].name == "warm"
    addresses = [picture.url for shown in page.get("image") for picture in shown.proto.imgs]
    assert len(addresses) >= 2
    assert all(address.startswith("data:image/") for address in addresses)


def test_a_class_without_photos_is_a_sentence_and_nothing_is_lost(page):
    assert "no class has photos so far" in page.info[0].value
    upload(page, 0, ("red.jpg", jpeg("red")))
    assert "one class has photos so far" in page.info[0].value
    upload(page, 1, ("blue.jpg", jpeg("blue")))
    assert not page.info
    healthy(page.main.get("button_group")[0].set_value(3).run())
    assert "Class 3 has no photos" in page.info[0].value
    assert counts(page) == [1, 1, 0]


def test_fewer_classes_hide_photos_and_more_bring_them_back(page):
    healthy(page.button(key="ready_set").click().run())
    healthy(page.main.get("button_group")[0].set_value(2).run())
    assert counts(page) == [12, 12]
    healthy(page.main.get("button_group")[0].set_value(3).run())
    assert counts(page) == [12, 12, 12]


def test_unreadable_photos_are_left_out_and_named(page):
    upload(page, 0, ("good.jpg", jpeg("red")), ("notes.jpg", b"not a picture"), ("again.jpg", jpeg("red")))
    said = page.warning[0].value
    assert "2 files were left out" in said
    assert "notes.jpg: This file is not a photo" in said
    assert "again.jpg: It is in this class already" in said
    assert counts(page)[0] == 1


def test_five_hundred_photos_at_once_are_limited(page):
    files = [(f"{number}.jpg", jpeg(f"rgb({number % 256}, 0, {number // 256})", 8)) for number in range(500)]
    upload(page, 0, *files)
    assert counts(page)[0] <= MAX_PHOTOS
    assert f"500 photos came; a class takes up to {MAX_PHOTOS}" in page.warning[0].value


def test_model_without_classifier_can_be_fine_tuned(without_downloads):
    app = healthy(open_app("training", model="vit_small_patch16_dinov3.lvd1689m"))
    assert not [one for one in app.get("bidi_component") if one.proto.component_name.endswith(".loss_step")]
    upload(app, 0, ("red.jpg", jpeg("red")))
    upload(app, 1, ("blue.jpg", jpeg("blue")))
    train(app)
    assert app.session_state["tuned"][1].held_out_loss is None
    assert any("none to judge by" in caption.value for caption in app.caption)


def test_hybrid_says_that_its_resnet_is_not_counted(without_downloads):
    app = healthy(open_app("training", model="vit_small_r26_s32_224.augreg_in21k_ft_in1k"))
    assert any("A ResNet stands before" in caption.value for caption in app.caption)


def button(app: AppTest, start: str, number: int = 0):
    return [one for one in app.main.button if str(one.key).startswith(start)][number]


def test_photos_can_be_taken_out_and_brought_back(page):
    upload(page, 0, ("red.jpg", jpeg("red")), ("dark.jpg", jpeg("darkred")))
    upload(page, 1, ("blue.jpg", jpeg("blue")))
    (out,) = [one for one in page.main.selectbox if one.label == "Take a photo out of Class 1"]
    healthy(out.set_value(0).run())
    assert [photo.name for photo in page.session_state["photo_classes"][0].photos] == ["dark.jpg"]
    healthy(page.button(key="undo_photos").click().run())
    assert counts(page) == [2, 1]
    healthy(button(page, "empty_").click().run())
    assert counts(page) == [0, 1]
    healthy(page.button(key="undo_photos").click().run())
    assert counts(page) == [2, 1]
    assert not [one for one in page.main.button if one.key == "undo_photos"]


def test_undo_brings_the_name_back_into_its_field(page):
    upload(page, 0, ("red.jpg", jpeg("red")))
    healthy(button(page, "empty_").click().run())
    healthy(page.main.text_input[0].set_value("Disc").run())
    assert page.session_state["photo_classes"][0].name == "Disc"
    healthy(page.button(key="undo_photos").click().run())
    assert page.session_state["photo_classes"][0].name == page.main.text_input[0].value == "Class 1"
    healthy(page.main.text_input[0].set_value(" ").run())
    assert page.main.text_input[0].value == "Class 1"


def test_the_ready_set_gives_the_readers_photos_back(page):
    upload(page, 0, ("red.jpg", jpeg("red")))
    healthy(page.button(key="ready_set").click().run())
    assert counts(page) == [12, 12, 12]
    healthy(page.button(key="undo_photos").click().run())
    assert counts(page) == [1, 0]


def test_the_notice_follows_the_true_class(page):
    page.main.selectbox[0].set_value(7)
    healthy(page.run())
    label = page.session_state["view"].model.labels[7].split(",")[0]
    assert any(f"With {label} as the true class" in one.value for one in page.markdown)


def test_what_was_trained_can_be_taken_away(page):
    healthy(page.button(key="ready_set").click().run())
    train(page)
    names = [one.proto.label for one in page.get("download_button")]
    assert {"Training log (CSV)", "Fine-tuning loss (CSV)", "Confusion (CSV)"} <= set(names)


def test_places_of_refused_photos_are_given_to_others(page):
    same = ("same.jpg", jpeg("red"))
    others = [(f"{number}.jpg", jpeg(f"rgb(0, {10 * number}, 0)")) for number in range(MAX_PHOTOS)]
    upload(page, 0, same, same, same, *others)
    assert counts(page)[0] == MAX_PHOTOS


class InFragment:
    """AppTest always runs the whole page; a browser asks for the fragment alone that holds the widget."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.monkeypatch = monkeypatch

    def __call__(self, act: Callable[[], AppTest]) -> AppTest:
        asked = LocalScriptRunner.request_rerun

        def request(runner, data):
            runner._requests = ScriptRequests()  # the first one, for the whole page, would go before ours
            return asked(runner, replace(data, fragment_id_queue=list(runner._fragment_storage._fragments)))

        with self.monkeypatch.context() as patch:
            patch.setattr(LocalScriptRunner, "request_rerun", request)
            return act()


@pytest.fixture
def in_fragment(monkeypatch) -> InFragment:
    return InFragment(monkeypatch)


def offers(app: AppTest) -> set[str]:
    return {one.proto.label for one in app.get("download_button")} & {
        "Fine-tuning loss (CSV)",
        "Confusion (CSV)",
    }


def drawn_classes(app: AppTest) -> str:
    """The size of the head in the third picture under "Pretrain, then fine-tune"."""
    return next(
        found[1] for one in app.get("html") if (found := re.search(r"→ (\d) classes", one.proto.body))
    )


def test_a_run_of_the_fragment_alone_is_enough_for_what_stands_in_it(page, in_fragment):
    part = in_fragment(lambda: page.main.text_input[0].set_value("warm").run())
    assert not part.exception
    assert not part.title
    assert part.main.text_input[0].value == "warm"


def test_a_new_name_is_in_the_file(page, in_fragment, monkeypatch):
    healthy(page.button(key="ready_set").click().run())
    made = {}
    monkeypatch.setattr(st, "download_button", lambda label, data, name, *_, **__: made.update({name: data}))
    train(page)
    assert "circle" in made["confusion_vit-viz-16.csv"]()
    healthy(in_fragment(lambda: page.main.text_input[0].set_value("disc").run()))
    assert "circle" not in made["confusion_vit-viz-16.csv"]()
    assert "guessed disc" in made["confusion_vit-viz-16.csv"]()


def test_files_come_and_go_with_the_head(page, in_fragment):
    train(healthy(page.button(key="ready_set").click().run()))
    assert len(offers(page)) == 2
    healthy(in_fragment(lambda: button(page, "empty_").click().run()))
    assert not offers(page)
    healthy(in_fragment(lambda: page.button(key="undo_photos").click().run()))
    assert len(offers(page)) == 2
    healthy(in_fragment(lambda: page.main.get("button_group")[0].set_value(2).run()))
    assert not offers(page)


def test_the_picture_above_counts_the_classes(page, in_fragment):
    assert drawn_classes(page) == "2"
    assert drawn_classes(healthy(in_fragment(lambda: page.button(key="ready_set").click().run()))) == "3"


def test_what_was_said_of_files_is_said_once(page, in_fragment):
    def bad(app: AppTest, number: int = 0) -> AppTest:
        uploaders(app)[number].set_value([("notes.jpg", b"not a picture", "image/jpeg")])
        return app.run()

    assert "1 file was left out" in in_fragment(lambda: bad(page)).warning[0].value
    page.session_state["selection"] = replace(page.session_state["selection"], model="untrained")
    assert not healthy(page.run()).warning
    assert "1 file was left out" in healthy(bad(page, 1)).warning[0].value
    page.switch_page(str(page_file("patches"))).run()
    assert not healthy(page.switch_page(str(page_file("training"))).run()).warning


def test_what_is_said_of_files_survives_the_run_that_it_asks_for(page, in_fragment):
    train(healthy(page.button(key="ready_set").click().run()))
    files = [
        (name, data, "image/jpeg") for name, data in (("red.jpg", jpeg("red")), ("notes.jpg", b"no picture"))
    ]
    uploaders(page)[0].set_value(files)
    assert "1 file was left out" in healthy(in_fragment(page.run)).warning[0].value
    assert not offers(page)
