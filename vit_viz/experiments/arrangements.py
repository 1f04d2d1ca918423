"""The same patches in another order, with and without their positions; and the photo shifted by some pixels.

Axes: N patches in reading order, D embed_dim, C classes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from vit_viz.devices import memory_errors
from vit_viz.experiments.answers import Answer
from vit_viz.families import Interventions
from vit_viz.models import Model
from vit_viz.photos import Prepared
from vit_viz.tracing import trace


@dataclass(frozen=True, kw_only=True, eq=False)
class Shuffled:
    """Five answers to the same patches.

    in_order           as the model is meant to be used
    moved_along        patches shuffled, each with its position
    left_behind        patches shuffled, positions stay in their places
    without            in order, no positions
    without_shuffled   shuffled, no positions
    """

    order: np.ndarray
    in_order: Answer
    moved_along: Answer
    left_behind: Answer
    without: Answer
    without_shuffled: Answer


def shuffled(model: Model, prepared: Prepared, order: np.ndarray) -> Shuffled:
    """Ask the model five times; `order` (N,) says which patch stands in each place."""
    with memory_errors(model.info.device, model.info.title):
        places = torch.from_numpy(np.ascontiguousarray(order)).to(model.info.device)
    return Shuffled(
        order=order,
        in_order=_answer(model, prepared, Interventions()),
        moved_along=_answer(model, prepared, Interventions(keep=places)),
        left_behind=_answer(model, prepared, Interventions(arrange=places)),
        without=_answer(model, prepared, Interventions(use_pos=False)),
        without_shuffled=_answer(model, prepared, Interventions(use_pos=False, arrange=places)),
    )


def shifted_photo(prepared: Prepared, pixels: int) -> Prepared:
    """What the model saw, moved to the right; what leaves there comes back on the left, so nothing is lost."""
    return replace(
        prepared,
        image=np.roll(prepared.image, pixels, axis=1),
        pixels=np.ascontiguousarray(np.roll(prepared.pixels, pixels, axis=2)),
    )


def shifted(model: Model, prepared: Prepared, shifts: range) -> Iterator[Answer]:
    """An answer for each shift in pixels, one after the other."""
    for pixels in shifts:
        yield _answer(model, shifted_photo(prepared, pixels), Interventions())


def _answer(model: Model, prepared: Prepared, change: Interventions) -> Answer:
    found = trace(model, prepared, interventions=change)
    return Answer(features=found.features, logits=found.logits)


def relative_change(found: Answer, expected: Answer) -> float:
    """Largest difference of the outcome, relative to the largest expected value."""
    difference = np.abs(found.outcome - expected.outcome).max()
    return float(difference / np.abs(expected.outcome).max())


def feature_distance(found: Answer, expected: Answer) -> float:
    """Length of the features' difference, relative to the expected features' length."""
    difference = np.linalg.norm(found.features - expected.features)
    return float(difference / np.linalg.norm(expected.features))
