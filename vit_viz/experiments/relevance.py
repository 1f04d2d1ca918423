"""What one class's logit says about a photo: its gradients, and relevance made from them."""

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from vit_viz.analysis.relevance import accumulated_relevance
from vit_viz.arrays import batch_of
from vit_viz.devices import memory_errors
from vit_viz.errors import UnsupportedModelError
from vit_viz.families import Layer, Output, forward
from vit_viz.indices import as_index
from vit_viz.models import Model
from vit_viz.photos import Prepared, as_prepared


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassGradients:
    """One class's logit, and its gradients, float32.

    | field       | shape              | what it is                                           |
    |-------------|--------------------|------------------------------------------------------|
    | attn        | (L, H, T, T)       | softmax weights [query, key]                         |
    | attn_grad   | (L, H, T, T)       | the logit's gradient by each of them                 |
    | pixels_grad | (3, height, width) | … and by the normalised pixels                       |
    """

    logit: float
    attn: np.ndarray
    attn_grad: np.ndarray
    pixels_grad: np.ndarray


def relevance(model: Model, image: Image.Image | Prepared, class_index: int) -> np.ndarray:
    """(T, T) class-specific relevance R (Chefer et al. 2021): row CLS, columns of patches are its map.

    Raises UnsupportedModelError for a model without a classifier, IndexError for a class it does not have.
    """
    found = class_gradients(model, image, class_index)
    return accumulated_relevance(found.attn, found.attn_grad)


def class_gradients(model: Model, image: Image.Image | Prepared, class_index: int) -> ClassGradients:
    """One forward and one backward pass for one class; raises as `relevance` does.

    A graph of its own: the pixels carry it, so that nothing is set on the shared model.
    """
    row = _row_of_head(model, class_index)
    prepared = as_prepared(image, model.info.data_config)
    with memory_errors(model.info.device, model.info.title), torch.enable_grad():
        pixels = batch_of(prepared.pixels, model.info.device).requires_grad_()
        steps = list(forward(model.module, pixels))
        attn = [step.attn for step in steps if isinstance(step, Layer)]
        (logits,) = (step.logits for step in steps if isinstance(step, Output))
        assert logits is not None  # a model with classes has them
        logit = logits[0, row]
        *attn_grad, pixels_grad = torch.autograd.grad(logit, [*attn, pixels])
    return ClassGradients(
        logit=float(logit.detach()),
        attn=_stacked(attn),
        attn_grad=_stacked(attn_grad),
        pixels_grad=pixels_grad[0].float().cpu().numpy(),
    )


def _row_of_head(model: Model, class_index: int) -> int:
    classes = model.info.num_classes
    if classes == 0:
        raise UnsupportedModelError(
            f"{model.info.title} has no classifier, so there is no class that patches could be relevant for. "
            "Attention rollout needs none."
        )
    row = as_index(class_index, classes)
    if row is None:
        raise IndexError(f"There is no class {class_index}; {model.info.title} has 0 to {classes - 1}.")
    return row


def _stacked(layers: list[torch.Tensor]) -> np.ndarray:
    return torch.stack([layer[0].detach() for layer in layers]).float().cpu().numpy()
