"""Is a map true? Take patches away in its order, and watch what the model still answers.

Petsiuk et al. 2018, "RISE", section 4.3: with a true map the probability falls early when its patches go
(deletion), and rises early when they come back (insertion). Axes: N patches, S steps.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from vit_viz.analysis.curves import kept_patches
from vit_viz.devices import memory_errors
from vit_viz.errors import UnsupportedModelError
from vit_viz.experiments.answers import last
from vit_viz.experiments.distance import batch_size_for
from vit_viz.experiments.masking import reads_patches
from vit_viz.families import Interventions, Output, forward
from vit_viz.models import Model
from vit_viz.photos import Prepared, as_prepared

REMOVALS = ("mean colour", "drop tokens")
STEPS = 20
BATCH = 8


def curve(
    model: Model,
    prepared: Prepared,
    order: np.ndarray,
    target: int | None,
    *,
    removal: str,
    insertion: bool = False,
    steps: int = STEPS,
) -> np.ndarray:
    """(S + 1,) probability of class `target` as the patches of order (N,), the most important first, go.

    target     a class, or None: then the cosine similarity of the features with those of the whole photo
    removal    "mean colour" paints patches in the photo's mean colour; "drop tokens" leaves them out after
               positions were added (a model that pools its patches keeps one of them to the end)
    insertion  begins with none of the patches and puts them back in the same order
    """
    if removal not in REMOVALS:
        raise ValueError(f"There is no removal {removal!r}; there are {' and '.join(REMOVALS)}.")
    kept = kept_patches(order, steps, insertion=insertion)
    run = _painted if removal == "mean colour" else _dropped
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        given = as_prepared(prepared, model.info.data_config).pixels
        pixels = torch.from_numpy(given.copy()).to(model.info.device)
        outputs = torch.cat([_answer(step, target) for step in run(model, pixels, kept, order)])
        if target is not None:
            return outputs.softmax(dim=-1)[:, target].cpu().double().numpy()
        whole = outputs[-1 if insertion else 0]
        return torch.cosine_similarity(outputs, whole[None]).cpu().double().numpy()


def _answer(output: Output, target: int | None) -> Tensor:
    if target is None:
        return output.features
    if output.logits is None:
        raise UnsupportedModelError(
            "This model has no classifier, so no class to follow. Give None as the target."
        )
    return output.logits


def _painted(model: Model, pixels: Tensor, kept: Sequence[np.ndarray], order: np.ndarray) -> Iterator[Output]:
    """The model's output for each set of kept patches, in batches; the others in the photo's mean colour."""
    there = torch.zeros(len(kept), len(order), dtype=torch.bool, device=pixels.device)
    for row, patches in zip(there, kept, strict=True):
        row[torch.from_numpy(patches).to(pixels.device)] = True
    mean = pixels.mean(dim=(1, 2), keepdim=True)
    for part in there.split(batch_size_for(model.info, most=BATCH)):
        yield last(forward(model.module, torch.where(_by_pixel(part, model), pixels, mean)))


def _by_pixel(there: Tensor, model: Model) -> Tensor:
    """(B, N) of patches → (B, 1, height, width) of pixels."""
    (rows, cols), (height, width) = model.info.grid, model.info.patch_size
    cells = there.view(-1, 1, rows, cols)
    return cells.repeat_interleave(height, dim=2).repeat_interleave(width, dim=3)


def _dropped(model: Model, pixels: Tensor, kept: Sequence[np.ndarray], order: np.ndarray) -> Iterator[Output]:
    """The model's output on the kept patch tokens alone; they differ in number, so one at a time."""
    for patches in kept:
        at_least_one = order[-1:] if len(patches) == 0 and reads_patches(model.info) else patches
        keep = torch.from_numpy(at_least_one).to(pixels.device)
        yield last(forward(model.module, pixels[None], Interventions(keep=keep)))
