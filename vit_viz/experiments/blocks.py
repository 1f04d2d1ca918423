"""What one encoder block is built of, and what its norms do to this photo's tokens.

Axes: T tokens, D embed_dim.
"""

from dataclasses import dataclass

import numpy as np
import torch

from vit_viz.arrays import batch_of, read_only_array
from vit_viz.devices import memory_errors
from vit_viz.experiments.mlp import MlpKind, mlp_kind
from vit_viz.experiments.projections import AttentionKind, attention_kind, norm_name, output_projection
from vit_viz.families import family_of
from vit_viz.families.encoder import acts
from vit_viz.models import Model
from vit_viz.tracing import Trace


@dataclass(frozen=True, kw_only=True)
class BlockKind:
    """How one block is put together.

    norm       LayerNorm or RMSNorm
    mlp_scale  LayerScale multiplies the MLP's part before it is added
    dropout    share of hidden numbers that training sets to zero
    """

    attention: AttentionKind
    mlp: MlpKind
    norm: str
    mlp_scale: bool
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
    attention = attention_kind(model, layer)
    after_mlp = family_of(model.module).block_parts(block).after_mlp
    return BlockKind(
        attention=attention,
        mlp=mlp_kind(model, layer),
        norm=norm_name(block.norm1),
        mlp_scale=acts(after_mlp) and not attention.norm_after,
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
