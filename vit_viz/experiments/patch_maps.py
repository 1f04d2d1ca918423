"""Every kind of map that claims to say which patches count, for one photo in one model; rollouts of many photos.

Axes: L depth, T tokens = R prefix tokens + N patches in reading order.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import torch

from vit_viz.analysis.relevance import accumulated_relevance, input_saliency, patch_relevance
from vit_viz.analysis.rollout import fused, read_weights, rollout_rows, transitions, weakest_dropped
from vit_viz.devices import memory_errors
from vit_viz.experiments.relevance import class_gradients
from vit_viz.experiments.value_norms import weighted_value_norms
from vit_viz.families import Layer, forward
from vit_viz.models import Model
from vit_viz.photos import Prepared, as_prepared
from vit_viz.tracing import Trace

KINDS = ("relevance", "rollout", "values", "attention", "gradient")


def patch_maps(model: Model, trace: Trace, target: int | None) -> dict[str, np.ndarray]:
    """name → (N,) float32, in the order of KINDS, as seen from the tokens that the answer is read from.

    relevance  class-specific, of the class `target`; absent, like gradient, where that is None
    rollout    mean heads, residual share ½, nothing discarded
    values     the last layer's attention × value norms
    attention  the last layer's attention, mean of its heads
    gradient   mean size of the logit's gradient by the patch's pixels
    """
    maps = _of_attention(model, trace)
    if target is not None:
        maps |= _of_class(model, trace, target)
    return {kind: maps[kind].astype(np.float32) for kind in KINDS if kind in maps}


def _of_attention(model: Model, trace: Trace) -> dict[str, np.ndarray]:
    read, R = model.info.read_tokens, trace.num_prefix_tokens
    last = trace.depth - 1
    return {
        "rollout": rollout_map(trace, read),
        "values": weighted_value_norms(model, trace, last, read).mean(axis=0)[R:],
        "attention": trace.attn[last][:, read].mean(axis=(0, 1))[R:],
    }


def _of_class(model: Model, trace: Trace, target: int) -> dict[str, np.ndarray]:
    found = class_gradients(model, trace.prepared, target)
    relevance = accumulated_relevance(found.attn, found.attn_grad)
    return {
        "relevance": patch_relevance(relevance, model.info.read_tokens, trace.num_prefix_tokens),
        "gradient": input_saliency(found.pixels_grad, trace.grid),
    }


def rollout_map(
    trace: Trace,
    read: Sequence[int],
    *,
    fusion: str = "mean",
    residual_share: float = 0.5,
    discard: float = 0.0,
    start: int = 0,
) -> np.ndarray:
    """(N,) the rollout of the tokens `read` after the last layer, at settings as in analysis.rollout."""
    heads = weakest_dropped(fused(trace.attn[start:], fusion), discard, trace.num_prefix_tokens)
    return _rollout_of_answer(heads, read, residual_share)[trace.num_prefix_tokens :]


def _rollout_of_answer(heads: np.ndarray, read: Sequence[int], residual_share: float = 0.5) -> np.ndarray:
    """heads (L, T, T) fused → (T,): the rollout after the last layer, of the tokens `read`."""
    return rollout_rows(transitions(heads, residual_share), read_weights(read, heads.shape[-1]))[-1]


def rollout_maps(model: Model, photos: Sequence[Prepared], *, batch_size: int = 4) -> Iterator[np.ndarray]:
    """(N,) float32 rollout of each photo in turn, in batches; only the heads' means are held in between."""
    waiting = iter(photos)
    while batch := list(islice(waiting, batch_size)):
        with memory_errors(model.info.device, model.info.title), torch.inference_mode():
            given = [as_prepared(photo, model.info.data_config).pixels for photo in batch]
            pixels = torch.from_numpy(np.stack(given)).to(model.info.device)
            steps = forward(model.module, pixels)
            mean = torch.stack([step.attn.mean(1) for step in steps if isinstance(step, Layer)], dim=1)
            arrays = mean.float().cpu().numpy()  # (B, L, T, T)
        for attn in arrays:
            found = _rollout_of_answer(attn, model.info.read_tokens)
            yield found[len(model.info.prefix_names) :].astype(np.float32)
