"""Taking patches away: the tokens that are left go through the model as they are.

Nothing is painted over: masked patches are no tokens any more, so no colour stands in for them.
Axes: N patches in reading order.
"""

from collections.abc import Iterable

import torch
from PIL import Image

from vit_viz.arrays import batch_of
from vit_viz.devices import memory_errors
from vit_viz.experiments.answers import Answer, Effect, answers_of, last
from vit_viz.families import Interventions, forward
from vit_viz.indices import as_index
from vit_viz.models import Model, ModelInfo
from vit_viz.photos import Prepared, as_prepared


def mask(model: Model, image: Image.Image | Prepared, patches: Iterable[int]) -> Effect:
    """Leave out patches, counted from 0 in reading order; without any the answer is exactly the same.

    Raises IndexError for a patch that is not there, ValueError where nothing would be left to read.
    """
    masked = list(patches)
    prepared = as_prepared(image, model.info.data_config)  # once for both answers
    after = masked_answer(model, prepared, masked)
    return Effect(before=masked_answer(model, prepared, ()) if masked else after, after=after)


def masked_answer(model: Model, prepared: Prepared, patches: Iterable[int]) -> Answer:
    """The answer to the other patches, in one forward pass."""
    others, device = _others(model.info, patches), model.info.device
    with memory_errors(device, model.info.title), torch.inference_mode():
        keep = torch.tensor(others, dtype=torch.long, device=device)
        pixels = batch_of(as_prepared(prepared, model.info.data_config).pixels, device)
        (answer,) = answers_of(last(forward(model.module, pixels, Interventions(keep=keep))))
    return answer


def reads_patches(info: ModelInfo) -> bool:
    """Whether the answer is pooled from the patches alone, so that at least one must stay."""
    return info.read_tokens[0] >= len(info.prefix_names)


def _others(info: ModelInfo, patches: Iterable[int]) -> list[int]:
    masked = set()
    for patch in patches:
        number = as_index(patch, info.num_patches)
        if number is None:
            raise IndexError(f"There is no patch {patch}; they are 0 to {info.num_patches - 1}.")
        masked.add(number)
    if len(masked) == info.num_patches and reads_patches(info):
        raise ValueError(
            f"{info.title} reads its answer from the patches, so one of the {info.num_patches} must stay."
        )
    return [patch for patch in range(info.num_patches) if patch not in masked]
