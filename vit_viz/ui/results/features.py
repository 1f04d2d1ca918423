"""What the head reads of a photo besides the one in view, run once for all sessions."""

from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image

from vit_viz.experiments.finetune import features_of
from vit_viz.experiments.head_step import OtherPhotos, other_photos
from vit_viz.experiments.journey import class_of
from vit_viz.samples import sample_photo, samples
from vit_viz.ui.stores import Store
from vit_viz.ui.view import View, kept

MAX_FEATURE_BYTES = 16 * 2**20


@cache
def kept_features() -> Store[np.ndarray]:
    """(D,) by photo and model."""
    return Store(MAX_FEATURE_BYTES, lambda features: features.nbytes)


def features_in(view: View, digest: str, photo: Callable[[], Image.Image]) -> np.ndarray:
    """(D,) of a photo in this view's model; `digest` tells it from all others."""

    def features() -> np.ndarray:
        (found,) = features_of(view.model, [photo()])
        return found

    return kept(kept_features(), f"{digest}|{view.model_key}", features)


def other_samples(view: View, report: Callable[[int, int], None]) -> OtherPhotos:
    """The samples beside the one in view whose class its model knows; `report` gets done and total on the way."""
    known = {name: class_of(view.model, sample.synset) for name, sample in samples().items()}
    others = {
        name: label for name, label in known.items() if label is not None and name != view.selection.photo
    }
    rows = []
    for done, name in enumerate(others):
        report(done, len(others))
        rows.append(features_in(view, name, lambda name=name: sample_photo(name)))
    return other_photos(view.model, view.trace, np.stack(rows), np.array(list(others.values())))
