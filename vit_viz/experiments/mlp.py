"""Inside one layer's MLP, which a trace does not keep: its normalised input, and its hidden numbers.

Axes: T tokens, D embed_dim, M the MLP's hidden width.
"""

from dataclasses import dataclass

import numpy as np
import torch
from timm.layers.mlp import GluMlp, Mlp, SwiGLU
from timm.models.vitamin import GeGluMlp
from torch import Tensor, nn

from vit_viz.arrays import batch_of, read_only_array
from vit_viz.devices import memory_errors
from vit_viz.errors import UnsupportedModelError
from vit_viz.families import family_of
from vit_viz.families.encoder import acts
from vit_viz.models import Model
from vit_viz.tracing import Trace


@dataclass(frozen=True, kw_only=True, eq=False)
class MlpSteps:
    """One layer's MLP step by step, float32 and read-only.

    | field      | shape  | what it is                                                               |
    |------------|--------|--------------------------------------------------------------------------|
    | normed     | (T, D) | the stream after attention and the block's second norm: the MLP's input  |
    | hidden_pre | (T, M) | after the first layer, before the activation (a gated MLP's gate)        |
    | hidden     | (T, M) | after the activation; a gated MLP's also multiplied by its other half    |
    """

    normed: np.ndarray
    hidden_pre: np.ndarray
    hidden: np.ndarray


@dataclass(frozen=True, kw_only=True)
class MlpKind:
    """What one layer's MLP is made of: activation, hidden width M, a gate, biases, norms before its two layers."""

    activation: str
    width: int
    gated: bool
    biased: bool
    norm_first: bool
    norm_inside: bool


def mlp_steps(model: Model, trace: Trace, layer: int) -> MlpSteps:
    """The layer's MLP on this trace's stream; the model's own modules, one by one."""
    block = model.module.blocks[layer]
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        mid = batch_of(trace.resid[layer] + trace.attn_out[layer], model.info.device)
        normed = family_of(model.module).block_parts(block).before_mlp(mid)
        hidden_pre, hidden = _hidden(block.mlp, normed)
        return MlpSteps(
            normed=read_only_array(normed[0]),
            hidden_pre=read_only_array(hidden_pre[0]),
            hidden=read_only_array(hidden[0]),
        )


def mlp_kind(model: Model, layer: int = 0) -> MlpKind:
    """How this model's MLP is built."""
    mlp = model.module.blocks[layer].mlp
    first = isinstance(mlp, GeGluMlp)
    last = mlp.w2 if first else mlp.fc2
    return MlpKind(
        activation=type(mlp.act).__name__,
        width=last.in_features,
        gated=not isinstance(mlp, Mlp),
        biased=last.bias is not None,
        norm_first=first,
        norm_inside=not first and acts(mlp.norm),
    )


def _hidden(mlp: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    """(1, T, D) → before and after the activation, (1, T, M) each."""
    if isinstance(mlp, Mlp):
        pre = mlp.fc1(x)
        return pre, mlp.act(pre)
    if isinstance(mlp, GeGluMlp):
        x = mlp.norm(x)
        gate, value = mlp.w0(x), mlp.w1(x)
    elif isinstance(mlp, SwiGLU):
        gate, value = mlp.fc1_g(x), mlp.fc1_x(x)
    elif isinstance(mlp, GluMlp):
        first, second = mlp.fc1(x).chunk(2, dim=-1)
        gate, value = (second, first) if mlp.gate_last else (first, second)
    else:
        raise UnsupportedModelError(f"The steps of an MLP of the kind {type(mlp).__name__} cannot be shown.")
    return gate, mlp.act(gate) * value
