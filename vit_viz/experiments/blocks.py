"""What one encoder block is built of, and what its norms do to this photo's tokens.

Axes: T tokens, D embed_dim.
"""

from dataclasses import dataclass

import numpy as np
import torch

from vit_viz.arrays import batch_of, read_only_array
from vit_viz.devices import memory_errors
from vit_viz.experiments.mlp import mlp_kind
from vit_viz.experiments.projections import attention_kind, norm_name, output_projection
from vit_viz.families import family_of
from vit_viz.families.encoder import acts
from vit_viz.models import Model
from vit_viz.tracing import Trace


@dataclass(frozen=True, kw_only=True)
class BlockKind:
    """How one block is put together.

    norm_after   norms stand after attention and MLP, before the addition, instead of before them
    norm         LayerNorm or RMSNorm
    attn_scale   LayerScale multiplies attention's part before it is added
    mlp_scale    … and the MLP's
    activation   the MLP's, by the name of its class
    width        M, the MLP's hidden width
    gated        the MLP multiplies its activation by a second linear layer's output
    biased       the MLP's linear layers add learnt biases
    norm_first   the MLP normalises what it is given once more
    norm_inside  … and its hidden numbers
    dropout      share of hidden numbers that training sets to zero
    """

    norm_after: bool
    norm: str
    attn_scale: bool
    mlp_scale: bool
    activation: str
    width: int
    gated: bool
    biased: bool
    norm_first: bool
    norm_inside: bool
    dropout: float


@dataclass(frozen=True, kw_only=True, eq=False)
class NormPairs:
    """What enters and leaves the block's two norms, (T, D) each; gain and bias are in what leaves."""

    attn_in: np.ndarray
    attn_out: np.ndarray
    mlp_in: np.ndarray
    mlp_out: np.ndarray


def block_kind(model: Model, layer: int) -> BlockKind:
    """How this layer's block is built."""
    block = model.module.blocks[layer]
    attn, mlp = attention_kind(model, layer), mlp_kind(model, layer)
    after_mlp = family_of(model.module).block_parts(block).after_mlp
    return BlockKind(
        norm_after=attn.norm_after,
        norm=norm_name(block.norm1),
        attn_scale=attn.layer_scale,
        mlp_scale=acts(after_mlp) and not attn.norm_after,
        activation=mlp.activation,
        width=mlp.width,
        gated=mlp.gated,
        biased=mlp.biased,
        norm_first=mlp.norm_first,
        norm_inside=mlp.norm_inside,
        dropout=block.mlp.drop1.p,
    )


def norm_pairs(model: Model, trace: Trace, layer: int) -> NormPairs:
    """Both norms of one layer, by the model's own modules."""
    block, device = model.module.blocks[layer], model.info.device
    z = trace.resid[layer]
    middle = z + trace.attn_out[layer]
    with memory_errors(device, model.info.title), torch.inference_mode():
        if attention_kind(model, layer).norm_after:
            return NormPairs(
                attn_in=output_projection(model, trace, layer),
                attn_out=trace.attn_out[layer],
                mlp_in=read_only_array(block.mlp(batch_of(middle, device))[0]),
                mlp_out=trace.mlp_out[layer],
            )
        parts = family_of(model.module).block_parts(block)
        return NormPairs(
            attn_in=z,
            attn_out=read_only_array(parts.before_attn(batch_of(z, device))[0]),
            mlp_in=middle,
            mlp_out=read_only_array(parts.before_mlp(batch_of(middle, device))[0]),
        )
