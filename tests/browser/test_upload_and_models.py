"""The main job: a phone photo in, its patches, its attention and the answer out; and what can go wrong."""

import io

import pytest
from PIL import Image

from tests.serving import settle
from vit_viz import load_model, trace
from vit_viz.analysis.answer import top_k
from vit_viz.samples import sample_photo

pytestmark = pytest.mark.browser


def phone_photo() -> bytes:
    """The dog at 12 megapixels, stored on its side as phones do, with the EXIF note to turn it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    sideways = sample_photo("dog").resize((3024, 4032)).transpose(Image.Transpose.ROTATE_90)
    sideways.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def upload(page, name: str, data: bytes) -> None:
    file = {"name": name, "mimeType": "image/jpeg", "buffer": data}
    page.locator("input[type=file]").set_input_files(file)
    settle(page)


def answers(page) -> list[str]:
    guesses = page.get_by_role("list", name="The answer").get_by_role("listitem")
    guesses.first.wait_for()
    return guesses.all_inner_texts()


def test_phone_photo_is_read_upright_on_every_page(open_page):
    model = load_model(device="cpu")
    (upright,) = top_k(trace(model, sample_photo("dog")).probs, model.labels, 1)
    page = open_page("/")
    before = answers(page)
    upload(page, "IMG_1234.jpg", phone_photo())
    page.get_by_role("button", name="Your photo IMG_1234.jpg").wait_for()
    assert page.get_by_text("3024 × 4032").count() == 0  # the reader is told the size that was worked with
    page.get_by_role("list", name="The answer").get_by_text(upright.short_label, exact=True).wait_for()
    assert answers(page) != before
    assert any(upright.short_label in answer for answer in answers(page))
    page.get_by_test_id("stSidebarNavItems").get_by_role("link", name="Attention maps").click()
    page.wait_for_url("**/attention*")
    settle(page)
    assert any(upright.short_label in answer for answer in answers(page))
    assert "photo=upload" in page.url  # of the photo itself nothing
    page.reload()
    page.get_by_text("which is in no link and ends with its session: here is Cat instead").wait_for()


def test_bad_upload_is_explained_and_the_picture_stays(open_page):
    page = open_page("/?photo=bee")
    before = answers(page)
    upload(page, "letter.jpg", b"Dear reader, this is no picture.")
    page.get_by_text("letter.jpg: This file is not a photo").wait_for()
    assert answers(page) == before


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("deit_tiny_patch16_224", "The model hub cannot be reached from here"),
        ("no_such_model", "timm has no model named 'no_such_model'"),
        ("resnet18", "ResNet is not a plain Vision Transformer"),
    ],
)
def test_model_that_cannot_be_had_is_explained_and_the_model_stays(open_page, typed: str, says: str):
    page = open_page("/attention?layer=3")
    before = answers(page)
    page.get_by_role("combobox", name="Model").fill(typed)
    page.keyboard.press("Enter")
    page.get_by_text(says).wait_for()
    settle(page)
    assert answers(page) == before
    assert "layer=3" in page.url
    assert "model=" not in page.url
    assert page.get_by_role("combobox", name="Model").input_value() == "ViT Viz/16"
