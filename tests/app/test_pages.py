"""Every page through Streamlit's AppTest: it draws, pickers reach their ends, bad input costs nothing."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from helpers import DEPTH, HEADS
from PIL import Image
from streamlit.testing.v1 import AppTest

import vit_viz.ui.view
from vit_viz.model_table import MODELS
from vit_viz.models import load_model
from vit_viz.samples import samples
from vit_viz.ui import stores
from vit_viz.ui.navigation import FOLDER, PAGES, page_file

NAMES = list(PAGES)


def open_app(page: str = NAMES[0], **url: str) -> AppTest:
    app = AppTest.from_file(str(FOLDER.parent / "vit_viz" / "ui" / "router.py"), default_timeout=60)
    app.query_params.update(url)
    app.run()
    return app.switch_page(str(page_file(page))).run() if page != NAMES[0] else app


def healthy(app: AppTest) -> AppTest:
    assert not app.exception
    assert len(app.title) == 1
    return app


def selected(app: AppTest):
    return app.session_state["selection"]


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    app.sidebar.file_uploader[0].set_value((name, data, "image/jpeg")).run()
    return app


def jpeg(width: int = 320, height: int = 240, **options) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(buffer, "JPEG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("page", NAMES)
def test_page_draws_with_sidebar_answer_and_parity(page: str):
    app = healthy(open_app(page))
    assert any("Matches timm" in caption.value for caption in app.sidebar.caption)
    assert len(app.code) >= 2
    assert not app.warning


@pytest.mark.parametrize("page", NAMES)
@pytest.mark.parametrize("photo", [next(iter(samples())), list(samples())[-1]])
def test_first_and_last_sample(page: str, photo: str):
    app = healthy(open_app(page, photo=photo))
    assert app.session_state["view"].photo_title == samples()[photo].title


@pytest.mark.parametrize("page", NAMES)
@pytest.mark.parametrize(("layer", "head", "token"), [("1", "1", "0"), (str(DEPTH), str(HEADS), "196")])
def test_first_and_last_layer_head_token(page: str, layer: str, head: str, token: str):
    app = healthy(open_app(page, layer=layer, head=head, token=token))
    chosen = selected(app)
    assert (chosen.layer, chosen.head, chosen.token) == (int(layer) - 1, int(head) - 1, int(token))


@pytest.mark.parametrize("value", ["99999", "-3", "x", "²", ""])
def test_odd_values_in_a_link_are_brought_into_range(value: str):
    app = healthy(open_app("attention", layer=value, head=value, token=value, photo=value))
    info = app.session_state["view"].model.info
    assert selected(app).layer in (0, info.depth - 1)
    assert selected(app).photo in samples()


def test_upload_is_shown_and_stays_across_pages():
    app = upload(open_app(), "holiday.jpg", jpeg())
    healthy(app)
    assert app.session_state["view"].photo_title == "holiday.jpg"
    app.switch_page(str(page_file("attention"))).run()
    assert healthy(app).session_state["view"].photo_title == "holiday.jpg"
    assert app.query_params["photo"] in ("upload", ["upload"])  # the word alone


def test_phone_photo_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # the phone was held upright, the sensor lies on its side
    app = upload(open_app(), "phone.jpg", jpeg(400, 300, exif=exif))
    assert app.session_state["view"].trace.prepared.photo.size == (300, 400)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("notes.txt.jpg", b"not a picture at all", "not a photo"),
        ("cut.jpg", jpeg()[:1500], "damaged or cut short"),
        ("phone.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
    ],
)
def test_bad_upload_says_why_and_keeps_the_picture(name: str, data: bytes, says: str):
    app = open_app(photo="dog")
    upload(app, name, data)
    healthy(app)
    assert says in app.warning[0].value
    assert app.session_state["view"].photo_title == "Dog"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("no_such_model", "timm has no model"),
        ("swin_tiny_patch4_window7_224", "not a plain Vision Transformer"),
        ("vit_tiny_patch16_224.augreg_in21k_ft_in1k", "model hub"),
    ],
)
def test_model_that_cannot_be_had_keeps_the_one_before(monkeypatch, without_downloads, name, says):
    if "tiny_patch16" in name:
        monkeypatch.setattr("vit_viz.models._weights", _hub_is_away)
    app = open_app("attention", layer="3")
    # AppTest cannot type a new option, so the choice is made as the picker's callback makes it
    app.session_state["selection"] = replace(selected(app), model=name)
    app.run()
    healthy(app)
    assert says in app.warning[0].value
    assert (selected(app).model, selected(app).layer) == ("bundled", 2)


def _hub_is_away(*args):
    from vit_viz.hub import download_weights

    return download_weights("timm/none", endpoint="http://127.0.0.1:9")


def test_unknown_model_in_a_link_falls_back_to_the_bundled_one():
    app = healthy(open_app(model="nonsense"))
    assert "timm has no model" in app.warning[0].value
    assert selected(app).model == "bundled"


@pytest.mark.parametrize("row", [MODELS[0], MODELS[-1]], ids=lambda row: row.name)
def test_first_and_last_model_of_the_table(without_downloads, row):
    app = open_app("attention")
    app.sidebar.selectbox[0].set_value(row.name).run()
    assert healthy(app).session_state["view"].model.info.title == row.title


def test_model_from_a_weight_file(tmp_path: Path):
    import timm

    file = tmp_path / "weights.pth"
    torch.save(timm.create_model("vit_tiny_patch16_224", num_classes=7).state_dict(), file)
    app = open_app()
    app.sidebar.text_input(key="file_model").set_value("vit_tiny_patch16_224")
    app.sidebar.text_input(key="file_path").set_value(str(file))
    app.sidebar.button[0].click().run()
    assert healthy(app).session_state["view"].trace.logits.shape == (7,)
    assert app.query_params["model"] == "file"  # which file is nobody else's business
    for gone in ("gone.pth", f"{'x' * 300}.pth"):  # of a name that long the system does not say so, it fails
        app.sidebar.text_input(key="file_path").set_value(str(tmp_path / gone))
        app.sidebar.button[0].click().run()
        assert "There is no file" in healthy(app).warning[0].value
        assert app.session_state["view"].trace.logits.shape == (7,)


def test_full_gpu_falls_back_to_the_cpu(monkeypatch):
    whole = vit_viz.ui.view.trace
    calls = []
    app = open_app()
    model = app.session_state["view"].model
    on_a_card = replace(model.info, device=torch.device("cuda"))
    stores.models().put("bundled", replace(model, info=on_a_card))

    def full_once(model, photo):
        calls.append(model)
        if len(calls) == 1:
            raise vit_viz.ui.view.DeviceError("The memory of cuda is full.")
        return whole(model, photo)

    monkeypatch.setattr("vit_viz.ui.view.trace", full_once)
    upload(app, "new.jpg", jpeg(333, 222))
    assert "on the CPU for now" in healthy(app).warning[0].value
    assert len(calls) == 2


def test_model_too_large_for_the_gpu_is_loaded_on_the_cpu(monkeypatch):
    asked = []

    def load(name, *, device=None, **options):
        asked.append(device)
        if device is None:
            raise vit_viz.ui.view.DeviceError("The memory of cuda is full.")
        return load_model(name, device=device, pretrained=False)

    app = open_app()
    monkeypatch.setattr("vit_viz.ui.view.load_model", load)
    monkeypatch.setattr("vit_viz.ui.view.choose_device", lambda: torch.device("cuda"))
    app.sidebar.selectbox[0].set_value("deit_tiny_patch16_224.fb_in1k").run()
    assert "on the CPU for now" in healthy(app).warning[0].value
    assert asked == [None, "cpu"]
    assert app.session_state["view"].model.info.title == "DeiT-Ti/16"


def test_warm_up_falls_back_to_the_cpu(monkeypatch):
    asked = []

    def load(*, device):
        asked.append(device)
        if len(asked) == 1:
            raise vit_viz.ui.view.DeviceError("The memory of cuda is full.")
        return load_model(device=device)

    monkeypatch.setattr("vit_viz.ui.stores.load_model", load)
    monkeypatch.setattr("gc.freeze", lambda: None)  # it would last beyond this test
    stores.warm_up()
    assert asked[-1] == "cpu"
    assert stores.models().get("bundled") is not None


@pytest.mark.parametrize("page", NAMES)
def test_a_question_has_one_right_answer_which_the_page_does_not_give_away(page: str):
    app = open_app(page)
    before = [element.value for element in app.markdown]
    (key,) = (radio.key for radio in app.radio if (radio.key or "").startswith("predict_"))
    verdicts = []
    for option in app.radio(key=key).options:
        healthy(app.radio(key=key).set_value(option).run())
        (said,) = (element.value for element in app.markdown if element.value not in before)
        verdicts.append(said.split(". ")[0])
        told = [bold for bold in re.findall(r"\*\*(.+?)\*\*", said) if re.search(r"\d", bold)]
        if page != "journey":  # its answer is the width of a row, which has to be named
            assert not [bold for bold in told if any(bold in line for line in before)]
    assert sorted(set(verdicts)) == ["Not quite", "Right"]
    assert verdicts.count("Right") == 1
