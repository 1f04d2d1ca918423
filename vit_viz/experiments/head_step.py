"""One step of gradient descent on the classifier, seen from this photo's features."""

import numpy as np
import torch
from timm.models.deit import VisionTransformerDistilled

from vit_viz.devices import memory_errors
from vit_viz.models import Model
from vit_viz.tracing import Trace


def head_gain(model: Model, trace: Trace) -> float:
    """How far a step of size 1 on the head moves this photo's logits, per unit of their gradient.

    |x|² + 1 for features x and a head with a bias. A distilled model averages two heads that read two
    tokens: each gets half of the gradient and gives half of the answer.
    """
    if isinstance(model.module, VisionTransformerDistilled):
        with memory_errors(model.info.device, model.info.title), torch.inference_mode():
            z = torch.from_numpy(trace.resid[-1, :2].copy()).to(model.info.device)
            rows = model.module.norm(z).double().cpu().numpy()
        heads = (model.module.head, model.module.head_dist)
        return sum(_gain(row, head.bias is not None) for row, head in zip(rows, heads, strict=True)) / 4
    return _gain(trace.features, model.module.head.bias is not None)


def _gain(features: np.ndarray, has_bias: bool) -> float:
    features = features.astype(np.float64)
    return float(features @ features) + has_bias
