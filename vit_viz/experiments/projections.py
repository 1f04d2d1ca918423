"""The two ends of one layer's attention that a trace does not keep: its normalised input, its projected output.

Axes: T tokens, D embed_dim, H num_heads, K head_dim.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vit_viz.analysis.mixing import concat_heads
from vit_viz.arrays import batch_of, read_only, read_only_array
from vit_viz.devices import memory_errors
from vit_viz.families import family_of
from vit_viz.families.encoder import acts, project_heads
from vit_viz.models import Model
from vit_viz.tracing import Trace


@dataclass(frozen=True, kw_only=True, eq=False)
class Projections:
    """What stands before and after the heads of one layer, float32 and read-only.

    | field     | shape    | what it is                                                           |
    |-----------|----------|----------------------------------------------------------------------|
    | normed    | (T, D)   | what the block's norm gives: the input of the q, k, v projections    |
    | concat    | (T, H·K) | the heads' outputs side by side                                      |
    | projected | (T, D)   | concat through the output projection, before LayerScale or post-norm |
    """

    normed: np.ndarray
    concat: np.ndarray
    projected: np.ndarray

    @property
    def nbytes(self) -> int:
        """Memory of the three arrays, in bytes."""
        return self.normed.nbytes + self.concat.nbytes + self.projected.nbytes


@dataclass(frozen=True, kw_only=True)
class AttentionKind:
    """What one block does besides the paper's attention.

    norm          what normalises the stream before the projections; empty in a post-norm block
    qk_norm       q and k are normalised head by head
    rotary        q and k of the patches are rotated by their position
    norm_inside   the concatenated heads are normalised before the output projection
    gated         … and multiplied by a gate that is computed from the input
    layer_scale   the output is multiplied by learnt factors before it is added to the stream
    norm_after    … or normalised (post-norm blocks)
    """

    norm: str
    qk_norm: bool
    rotary: bool
    norm_inside: bool
    gated: bool
    layer_scale: bool
    norm_after: bool


def layer_norm_input(model: Model, trace: Trace, layer: int) -> np.ndarray:
    """(T, D) the stream before this layer after the block's first norm; a post-norm block has none there."""
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        return read_only_array(_normed(model, trace, layer)[0])


def output_projection(model: Model, trace: Trace, layer: int) -> np.ndarray:
    """(T, D) the layer's heads, concatenated and projected back, before LayerScale or post-norm."""
    block = model.module.blocks[layer]
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        attn, v = batch_of(trace.attn[layer], model.info.device), batch_of(trace.v[layer], model.info.device)
        # heads (1, H, T, K) → (1, T, D)
        return read_only_array(project_heads(block.attn, attn @ v, _normed(model, trace, layer))[0])


def projections(model: Model, trace: Trace, layer: int) -> Projections:
    """Both ends of a layer's attention, and the concatenated heads between them."""
    return Projections(
        normed=layer_norm_input(model, trace, layer),
        concat=read_only(concat_heads(trace.attn[layer], trace.v[layer])),
        projected=output_projection(model, trace, layer),
    )


def attention_kind(model: Model, layer: int) -> AttentionKind:
    """How this model's attention differs from the paper's."""
    block = model.module.blocks[layer]
    attn, parts = block.attn, family_of(model.module).block_parts(block)
    # a bound method of torch (gamma.mul) stands for a bare factor; a norm or LayerScale is a module
    norm_after = parts.after_attn is getattr(block, "norm1", None)
    return AttentionKind(
        norm=norm_name(parts.before_attn) if acts(parts.before_attn) else "",
        qk_norm=acts(attn.q_norm) or acts(attn.k_norm),
        rotary="rotary" in model.info.pos_kind,
        norm_inside=acts(attn.norm),
        gated=attn.gate is not None,
        layer_scale=acts(parts.after_attn) and not norm_after,
        norm_after=norm_after,
    )


def norm_name(norm: object) -> str:
    """The kind of a norm, for the reader."""
    return "RMSNorm" if "rms" in type(norm).__name__.lower() else "LayerNorm"


def _normed(model: Model, trace: Trace, layer: int) -> Tensor:
    """(1, T, D) on the model's device."""
    z = batch_of(trace.resid[layer], model.info.device)
    return family_of(model.module).block_parts(model.module.blocks[layer]).before_attn(z)
