"""timm's `Eva`: EVA, EVA-02, DINOv3 and others with rotary positions.

Rotary positions (Su et al. 2021, "RoFormer"): q and k of the patch tokens are rotated by an angle
that grows with row and column; prefix tokens are left as they are.
"""

import torch
from timm.layers.attention import AttentionRope
from timm.layers.pos_embed_sincos import apply_rot_embed_cat
from timm.models.eva import Eva, EvaAttention, EvaBlock, EvaBlockPostNorm
from torch import Tensor, nn

from vit_viz.families import vision_transformer
from vit_viz.families.encoder import BlockParts, split_heads, unchanged

CLASS = Eva
BLOCKS = (EvaBlock, EvaBlockPostNorm)
ATTENTIONS = (EvaAttention, AttentionRope)

prefix_tokens = vision_transformer.prefix_tokens
pos_embed = vision_transformer.pos_embed


def pools_prefix(module: Eva) -> bool:
    """Whether pooling reads the prefix tokens too, not the patches alone."""
    return module.attn_pool is not None


def rope(module: Eva, grid: tuple[int, int]) -> Tensor | None:
    """Sine and cosine per patch: (N, 2K), or (L, H, N, 2K) where each layer has its own; None without."""
    if module.rope is None:
        return None
    return module.rope.get_embed(shape=list(grid))


def qkv(attn: EvaAttention | AttentionRope, h: Tensor, rope: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    """q, k, v of the normalised stream h (B, T, D), rotated by `rope` where the model has it."""
    q, k, v = _project(attn, h)
    q, k = attn.q_norm(q), attn.k_norm(k)
    if rope is not None:
        q, k = rotate(attn, q, rope).type_as(v), rotate(attn, k, rope).type_as(v)
    groups = getattr(attn, "num_kv_groups", 1)
    if groups > 1:  # grouped queries: several heads share one key and value
        k, v = k.repeat_interleave(groups, dim=1), v.repeat_interleave(groups, dim=1)
    return q, k, v  # (B, H, T, K) each


def _project(attn: EvaAttention | AttentionRope, h: Tensor) -> tuple[Tensor, ...]:
    num_kv_heads = getattr(attn, "num_kv_heads", attn.num_heads)
    if attn.qkv is None:
        q, k, v = attn.q_proj(h), attn.k_proj(h), attn.v_proj(h)
    else:
        # EVA has no bias on the keys: timm keeps q and v biases apart and joins them with zeros
        bias = attn.qkv.bias
        if getattr(attn, "q_bias", None) is not None:
            bias = torch.cat([attn.q_bias, attn.k_bias, attn.v_bias])
        q, k, v = nn.functional.linear(h, attn.qkv.weight, bias).chunk(3, dim=-1)
    return (
        split_heads(q, attn.num_heads),
        split_heads(k, num_kv_heads),
        split_heads(v, num_kv_heads),
    )


def rotate(attn: EvaAttention | AttentionRope, x: Tensor, rope: Tensor) -> Tensor:
    """Turn the patch tokens of x (B, H, T, K) by their positions; prefix tokens stay as they are."""
    R = attn.num_prefix_tokens
    rotated = apply_rot_embed_cat(x[:, :, R:], rope, half=attn.rotate_half)
    return torch.cat([x[:, :, :R], rotated], dim=2)


def block_parts(block: EvaBlock | EvaBlockPostNorm) -> BlockParts:
    """What stands around attention and MLP in this kind of block."""
    if isinstance(block, EvaBlockPostNorm):
        return BlockParts(unchanged, block.norm1, unchanged, block.norm2)
    return BlockParts(block.norm1, _scale(block.gamma_1), block.norm2, _scale(block.gamma_2))


def _scale(gamma: Tensor | None):
    return unchanged if gamma is None else gamma.mul


def head(module: Eva, z: Tensor) -> tuple[Tensor, Tensor | None]:
    """z (B, T, D) after the final norm → features (B, D) and logits (B, C)."""
    features = module.forward_head(z, pre_logits=True)
    return features, None if isinstance(module.head, nn.Identity) else module.head(features)
