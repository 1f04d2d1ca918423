"""Which photos are used, and what a batch of them looks like."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import ExifTags, Image

from vit_viz import open_photo
from vit_viz.errors import TrainingError
from vit_viz.models import classes_by_wnid
from vit_viz.training.augment import mixup, plain_views, random_views
from vit_viz.training.data import batch_order, decode, load_photos


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_one_photo_in_fifty_of_every_shard_is_kept_out(config):
    train, kept_out = (load_photos(config, kept_out=k) for k in (False, True))
    assert kept_out.index.tolist() == [0, 50, 0, 50]
    assert (train.index % 50 != 0).all()
    assert len(train) + len(kept_out) == 120


def test_no_training_photo_is_a_kept_out_photo(config, class_folders):
    for data in (config.data, class_folders):
        train, kept_out = (load_photos(replace(config, data=str(data)), kept_out=k) for k in (False, True))
        pixels = {image.numpy().tobytes() for side in train.images for image in side}
        assert not any(image.numpy().tobytes() in pixels for side in kept_out.images for image in side)


def test_labels_are_imagenet_classes_or_unknown(config):
    photos = load_photos(config, kept_out=False)
    assert sorted(set(photos.label.tolist())) == [-1, 0, 207]
    assert len(classes_by_wnid("imagenet-1k")) == 1000


def test_folder_and_shards_give_the_same_photos(config, class_folders):
    def everything(data):
        both = [load_photos(replace(config, data=str(data)), kept_out=k) for k in (False, True)]
        return sorted(
            (photos.label[i].item(), photos.images[photos.bucket[i]][photos.slot[i]].sum().item())
            for photos in both
            for i in range(len(photos))
        )

    assert everything(class_folders) == everything(config.data)


@pytest.mark.parametrize("make", ["random", "plain", "mixed"])
def test_batches_from_folder_and_shards_are_alike(config, class_folders, make):
    for data in (config.data, class_folders):
        photos = load_photos(replace(config, data=str(data)), kept_out=False)
        chosen = batch_order(len(photos), 16, step=3, seed=0)
        if make == "plain":
            batch = plain_views(photos, chosen, 32)
        else:
            batch = random_views(photos, chosen, 32, config, generator(), generator())
        if make == "mixed":
            batch = mixup(batch, generator())
        assert batch.images.shape == (16, 3, 32, 32)
        assert batch.images.dtype == torch.float32
        assert 0 <= batch.images.min() < batch.images.max() <= 1
        assert batch.images.std((1, 2, 3)).min() > 0.02  # no view is empty
        assert torch.equal(batch.labels[0], photos.label[chosen])


def test_views_are_of_the_chosen_photos(config):
    """A class's colour is the largest channel, whatever the crop, the blur and the jitter."""
    photos = load_photos(config, kept_out=False)
    batch = random_views(photos, torch.arange(30), 32, config, generator(), generator())
    colour = batch.images.mean((2, 3)).argmax(1)
    assert torch.equal(colour.eq(0), photos.label[:30].eq(0))


def test_same_generator_same_views(config):
    photos = load_photos(config, kept_out=False)
    a, b, other = (
        random_views(photos, torch.arange(16), 32, config, generator(s), generator(s)).images
        for s in (1, 1, 2)
    )
    assert torch.equal(a, b)
    assert not torch.equal(a, other)


def test_photos_are_upright_as_in_the_app(tmp_path):
    """A phone held upright: the sensor's picture lies on its side, and EXIF says so."""
    lying = np.zeros((24, 36, 3), np.uint8)
    lying[:12, 6:18] = 255  # of the middle square the upper left quarter
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # turn by a quarter, clockwise: to the upper right
    Image.fromarray(lying).save(tmp_path / "phone.png", exif=exif)
    pixels = decode(tmp_path / "phone.png", (24,))
    np.testing.assert_array_equal(pixels[0] > 0, np.kron([[0, 1], [0, 0]], np.ones((12, 12))) > 0)
    app = np.asarray(open_photo(tmp_path / "phone.png"))[6:30]
    np.testing.assert_array_equal(pixels, app.transpose(2, 0, 1))


def test_a_pass_shows_every_photo_once_and_passes_differ():
    first = torch.cat([batch_order(20, 5, step, seed=0) for step in range(4)])
    second = torch.cat([batch_order(20, 5, step, seed=0) for step in range(4, 8)])
    assert sorted(first.tolist()) == list(range(20))
    assert sorted(second.tolist()) == list(range(20))
    assert first.tolist() != second.tolist()


def test_a_folder_without_photos_says_what_is_expected(config, tmp_path):
    with pytest.raises(TrainingError, match="one folder of photos per class"):
        load_photos(replace(config, data=str(tmp_path)), kept_out=False)
