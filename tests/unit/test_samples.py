"""The pictures that ship with the project."""

import pytest
from PIL import Image
from timm.data.imagenet_info import ImageNetInfo

from vit_viz import trace
from vit_viz.samples import FOLDER, sample_photo, samples


def test_at_least_eight_photos_and_two_drawings():
    own = [sample for sample in samples().values() if "ViT Viz" in sample.credit]
    assert len(own) >= 2
    assert len(samples()) - len(own) >= 8


@pytest.mark.parametrize("sample", samples().values(), ids=lambda sample: sample.name)
def test_sample_opens_is_credited_and_described(sample):
    assert min(sample_photo(sample.name).size) >= 300
    assert sample.file.name in (FOLDER / "LICENSES.md").read_text(encoding="utf-8")
    assert sample.title
    assert sample.alt.endswith(".")


def test_every_file_is_listed():
    pictures = {file.name for file in FOLDER.iterdir() if file.suffix in Image.registered_extensions()}
    assert pictures == {sample.file.name for sample in samples().values()}


def test_the_bundled_model_knows_at_least_half_of_them(bundled):
    """The class of what a picture shows is among its five most probable answers."""
    classes = ImageNetInfo("imagenet-1k").label_names()
    known = [
        sample.name
        for sample in samples().values()
        if sample.synset and _ranks_among_five(bundled, sample, classes)
    ]
    assert 2 * len(known) >= len(samples()), known


def _ranks_among_five(model, sample, classes: list[str]) -> bool:
    five = trace(model, sample_photo(sample.name)).logits.argsort()[-5:]
    return classes.index(sample.synset) in five
