"""The logit lens (nostalgebraist 2020): what the model would answer if its encoder ended after each layer.

The model's own final norm and head read the residual stream of every layer. They were trained on the last
layer's alone: earlier answers show how far the stream is on its way, not what the model "thinks".

Axes: L depth, T tokens = R prefix tokens + N patches, D embed_dim, C classes, k classes in view.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vit_viz.arrays import batch_of, read_only, read_only_array
from vit_viz.devices import memory_errors
from vit_viz.families import family_of
from vit_viz.families.encoder import acts
from vit_viz.models import Model
from vit_viz.tracing import Trace


@dataclass(frozen=True, kw_only=True, eq=False)
class LogitLens:
    """Probabilities read off the stream before the first block and after each, read-only.

    | field   | shape        | what it is                                                             |
    |---------|--------------|------------------------------------------------------------------------|
    | pooled  | (L + 1, k)   | of the k classes, the stream pooled as the model was trained to        |
    | tokens  | (L + 1, T, k) | of the k classes, each token read alone as if it were the pooled one  |
    | best    | (L + 1,)     | the most probable of all C classes, pooled                             |
    | best_prob | (L + 1,)   | and its probability                                                    |
    """

    pooled: np.ndarray
    tokens: np.ndarray
    best: np.ndarray
    best_prob: np.ndarray


def logit_lens(model: Model, trace: Trace, classes: Sequence[int]) -> LogitLens:
    """Read every layer's stream through the final norm and the head; the model needs a classifier."""
    parts = []
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        for stream in trace.resid:
            z = model.module.norm(batch_of(stream, model.info.device))  # (1, T, D)
            pooled, tokens = _probs(model, z)[0], _probs(model, _alone(z, trace.num_prefix_tokens))
            parts.append((pooled[classes], tokens[:, classes], pooled.argmax(), pooled.max()))
    pooled, tokens, best, best_prob = (
        read_only(torch.stack(column).cpu().numpy()) for column in zip(*parts, strict=True)
    )
    return LogitLens(pooled=pooled, tokens=tokens, best=best, best_prob=best_prob)


def _alone(z: Tensor, num_prefix_tokens: int) -> Tensor:
    """(1, T, D) → (T, R + 1, D): for each token a sequence of nothing but it, which every pooling reads as it."""
    return z[0][:, None].expand(-1, num_prefix_tokens + 1, -1)


def _probs(model: Model, z: Tensor) -> Tensor:
    """(B, T, D) after the final norm → (B, C)."""
    _features, logits = family_of(model.module).head(model.module, z)
    return logits.float().softmax(-1)


def norms_around_pooling(model: Model) -> tuple[bool, bool]:
    """Whether a norm stands before the pooling, and whether one stands after it: timm's `norm` and `fc_norm`."""
    return acts(model.module.norm), acts(model.module.get_submodule("fc_norm"))


def normed_tokens(model: Model, trace: Trace) -> np.ndarray:
    """(T, D) every token after the last layer and the final norm."""
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        z = batch_of(trace.resid[-1], model.info.device)
        return read_only_array(model.module.norm(z)[0])
