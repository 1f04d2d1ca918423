"""One step of gradient descent on the classifier, seen from this photo's features."""

from dataclasses import dataclass

import numpy as np
import torch
from timm.models.deit import VisionTransformerDistilled

from vit_viz.devices import memory_errors
from vit_viz.models import Model
from vit_viz.tracing import Trace


@dataclass(frozen=True, kw_only=True, eq=False)
class OtherPhotos:
    """n photos with known classes, before a step that one more photo asks for.

    | field  | shape  | what it is                                                                    |
    |--------|--------|-------------------------------------------------------------------------------|
    | logits | (n, C) | as the head stands                                                            |
    | labels | (n,)   | their classes                                                                 |
    | gains  | (n,)   | how far a step of size 1 moves them, per unit of the gradient: x · x' + 1     |
    """

    logits: np.ndarray
    labels: np.ndarray
    gains: np.ndarray


def has_one_linear_head(model: Model) -> bool:
    """Whether the logits are one linear layer of the features."""
    return isinstance(model.module.head, torch.nn.Linear) and not has_two_heads(model)


def has_two_heads(model: Model) -> bool:
    """Whether the logits are the mean of two heads, of CLS and of the distillation token."""
    return isinstance(model.module, VisionTransformerDistilled)


def has_bias(model: Model) -> bool:
    """Whether a bias is added to each logit."""
    return model.module.head.bias is not None


def other_photos(model: Model, trace: Trace, features: np.ndarray, labels: np.ndarray) -> OtherPhotos:
    """features (n, D) and labels (n,) of other photos, and what a step for this trace's photo does to them."""
    head = model.module.head
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        x = torch.from_numpy(features).to(model.info.device, head.weight.dtype)
        logits = head(x).float().cpu().numpy()
    gains = _gain(features, trace.features, has_bias(model))
    return OtherPhotos(logits=logits, labels=labels, gains=gains)


def head_gain(model: Model, trace: Trace) -> float:
    """How far a step of size 1 on the head moves this photo's logits, per unit of their gradient.

    |y|² + 1 for features y and a head with a bias. A distilled model averages two heads that read two
    tokens: each gets half of the gradient and gives half of the answer.
    """
    if has_two_heads(model):
        with memory_errors(model.info.device, model.info.title), torch.inference_mode():
            z = torch.from_numpy(trace.resid[-1, :2].copy()).to(model.info.device)
            rows = model.module.norm(z).cpu().double().numpy()
        heads = (model.module.head, model.module.head_dist)
        gains = [_gain(row, row, head.bias is not None) for row, head in zip(rows, heads, strict=True)]
        return float(sum(gains)) / 4
    return float(_gain(trace.features, trace.features, has_bias(model)))


def _gain(others: np.ndarray, features: np.ndarray, biased: bool) -> np.ndarray:
    """others (..., D) and features (D,) → (...,) how far a step for the features moves the others."""
    return others.astype(np.float64) @ features.astype(np.float64) + biased
