"""timm's `VisionTransformer`: ViT, AugReg, DeiT (all three), DINO, MAE, DINOv2, CLIP, SigLIP, hybrids."""

from timm.layers.attention import Attention
from timm.layers.pos_embed import resample_abs_pos_embed
from timm.models.deit import VisionTransformerDistilled
from timm.models.vision_transformer import Block, ResPostBlock, VisionTransformer
from torch import Tensor, nn

from vit_viz.families.encoder import BlockParts, split_heads, unchanged

CLASS = VisionTransformer
BLOCKS = (Block, ResPostBlock)
ATTENTIONS = (Attention,)


def prefix_tokens(module: VisionTransformer) -> dict[str, Tensor]:
    """The learnt rows before the patches, in order: name → (n, D)."""
    rows = {
        "CLS": module.cls_token,
        "DIST": getattr(module, "dist_token", None),
        "REG": module.reg_token,
    }
    return {name: row[0] for name, row in rows.items() if row is not None}


def pools_prefix(module: VisionTransformer) -> bool:
    """Whether pooling reads the prefix tokens too, not the patches alone."""
    return module.pool_include_prefix


def pos_embed(module: VisionTransformer, grid: tuple[int, int]) -> Tensor | None:
    """(T or N, D) absolute positions for a grid of patches, or None."""
    if module.pos_embed is None:
        return None
    return resample_abs_pos_embed(
        module.pos_embed,
        new_size=list(grid),
        old_size=list(module.patch_embed.grid_size),
        num_prefix_tokens=0 if module.no_embed_class else module.num_prefix_tokens,
    )[0]


def rope(module: VisionTransformer, grid: tuple[int, int]) -> None:
    """This family has no rotary positions."""


def qkv(attn: Attention, h: Tensor, rope: None) -> tuple[Tensor, Tensor, Tensor]:
    """q, k, v of the normalised stream h (B, T, D)."""
    q, k, v = (split_heads(x, attn.num_heads) for x in attn.qkv(h).chunk(3, dim=-1))
    return attn.q_norm(q), attn.k_norm(k), v  # (B, H, T, K) each


def block_parts(block: Block | ResPostBlock) -> BlockParts:
    """What stands around attention and MLP in this kind of block."""
    if isinstance(block, ResPostBlock):
        return BlockParts(unchanged, block.norm1, unchanged, block.norm2)
    return BlockParts(block.norm1, block.ls1, block.norm2, block.ls2)


def head(module: VisionTransformer, z: Tensor) -> tuple[Tensor, Tensor | None]:
    """z (B, T, D) after the final norm → features (B, D) and logits (B, C)."""
    features = module.forward_head(z, pre_logits=True)
    if isinstance(module.head, nn.Identity):
        return features, None
    if isinstance(module, VisionTransformerDistilled):
        return features, (module.head(z[:, 0]) + module.head_dist(z[:, 1])) / 2
    return features, module.head(features)
