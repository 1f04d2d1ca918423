"""The pre-norm (or post-norm) encoder block, shared by every family.

Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", section 3.1 and appendix A.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor, nn

from vit_viz.families.steps import Layer


class BlockParts(NamedTuple):
    """What stands before and after a block's attention and MLP: norms and LayerScale, as callables."""

    before_attn: Callable[[Tensor], Tensor]
    after_attn: Callable[[Tensor], Tensor]
    before_mlp: Callable[[Tensor], Tensor]
    after_mlp: Callable[[Tensor], Tensor]


def unchanged(x: Tensor) -> Tensor:
    """What stands where a model has no norm or LayerScale."""
    return x


def acts(step: object) -> bool:
    """Whether a step of a model is there and changes anything."""
    return step is not None and step is not unchanged and not isinstance(step, nn.Identity)


def split_heads(x: Tensor, num_heads: int) -> Tensor:
    """(B, T, H·K) → (B, H, T, K)."""
    B, T, HK = x.shape
    return x.view(B, T, num_heads, HK // num_heads).transpose(1, 2)  # (B, H, T, K)


def encoder_block(
    z: Tensor,
    block: nn.Module,
    *,
    index: int,
    parts: BlockParts,
    qkv: Callable[[nn.Module, Tensor], tuple[Tensor, Tensor, Tensor]],
    kept_heads: Tensor | None,
) -> Layer:
    """z (B, T, D) through one block: z + attention, then + MLP.

    kept_heads (1 or B, H) is 0 where a head is dropped; a single z fans out into its B rows there.
    """
    h = parts.before_attn(z)  # (B, T, D)
    q, k, v = qkv(block.attn, h)  # (B, H, T, K) each
    attn = ((q * block.attn.scale) @ k.mT).softmax(dim=-1)  # (B, H, T, T)
    heads = attn @ v  # (B, H, T, K)
    if kept_heads is not None:
        heads = heads * kept_heads[:, :, None, None]
    attn_out = parts.after_attn(project_heads(block.attn, heads, h))  # (B, T, D)
    mid = z + attn_out
    mlp_out = parts.after_mlp(block.mlp(parts.before_mlp(mid)))  # (B, T, D)
    return Layer(
        index=index, q=q, k=k, v=v, attn=attn, attn_out=attn_out, mlp_out=mlp_out, resid=mid + mlp_out
    )


def project_heads(attn: nn.Module, heads: Tensor, h: Tensor) -> Tensor:
    """Concatenate the heads (B, H, T, K) and project them back to (B, T, D)."""
    B, H, T, K = heads.shape
    x = attn.norm(heads.transpose(1, 2).reshape(B, T, H * K))
    if attn.gate is not None:
        x = x * attn.gate(h).sigmoid()
    return attn.proj(x)
