"""Switching heads off: what the answer loses without them.

A dropped head's output is zero before the layer's output projection. The untouched model runs in the same
batch as its ablated variants, so that both are rounded alike.

Axes: L depth, H num_heads, T tokens, D embed_dim, C classes.
"""

from collections.abc import Iterable, Iterator

import torch
from PIL import Image

from vit_viz.arrays import batch_of
from vit_viz.devices import memory_errors
from vit_viz.experiments.answers import Effect, answers_of, last
from vit_viz.families import Interventions, forward, resume
from vit_viz.indices import as_heads
from vit_viz.models import Model
from vit_viz.photos import Prepared, as_prepared
from vit_viz.tracing import Trace

# bytes of one layer's attention, of all variants together
MAX_ATTENTION = 256 * 2**20


def ablate(model: Model, image: Image.Image | Prepared, heads: Iterable[tuple[int, int]]) -> Effect:
    """Switch (layer, head) pairs off, counted from 0; without any the answer is exactly the same.

    Raises IndexError for a head that the model does not have, TypeError for what is no pair.
    """
    dropped = as_heads(heads, model.info.depth, model.info.num_heads)
    prepared = as_prepared(image, model.info.data_config)
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        pixels = batch_of(prepared.pixels, model.info.device)
        change = Interventions(drop_heads=(frozenset(), dropped))
        answers = answers_of(last(forward(model.module, pixels, change)))
    return Effect(before=answers[0], after=answers[-1])


def ablated_layer(model: Model, trace: Trace, layer: int) -> list[Effect]:
    """One effect for each head of the layer, switched off alone; only this layer and later ones run again."""
    device = model.info.device
    alone = [frozenset({(layer, head)}) for head in range(trace.num_heads)]
    at_once = max(1, MAX_ATTENTION // (4 * trace.num_heads * trace.num_tokens**2) - 1)
    effects = []
    with memory_errors(device, model.info.title), torch.inference_mode():
        stream = batch_of(trace.resid[layer], device)
        for first in range(0, len(alone), at_once):
            change = Interventions(drop_heads=(frozenset(), *alone[first : first + at_once]))
            steps = resume(model.module, stream, layer=layer, grid=trace.grid, interventions=change)
            before, *after = answers_of(last(steps))
            effects += [Effect(before=before, after=answer) for answer in after]
    return effects


def ablation_map(model: Model, trace: Trace) -> Iterator[list[Effect]]:
    """The effects of every head, layer by layer from the last one, which is the quickest."""
    for layer in reversed(range(trace.depth)):
        yield ablated_layer(model, trace, layer)
