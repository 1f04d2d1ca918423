"""One explicit forward for every supported family of timm's Vision Transformers.

It runs the model's own sub-modules one by one, so that each intermediate can be kept or changed.
No hooks and no flags: several threads may run it on one shared model.
"""

from collections.abc import Iterator
from types import ModuleType

import torch
from torch import Tensor, nn

from vit_viz.errors import UnsupportedModelError
from vit_viz.families import eva, vision_transformer
from vit_viz.families.encoder import encoder_block
from vit_viz.families.steps import Embedding, Interventions, Layer, Output, Step

__all__ = ["Embedding", "Interventions", "Layer", "Output", "Step", "family_of", "forward", "prefix_names"]

FAMILIES = (vision_transformer, eva)


def family_of(module: nn.Module) -> ModuleType:
    """The family that runs this model; raises UnsupportedModelError with what is supported."""
    for family in FAMILIES:
        if isinstance(module, family.CLASS):
            _check_blocks(module, family)
            return family
    raise UnsupportedModelError(
        f"{type(module).__name__} is not a plain Vision Transformer, so its steps cannot be shown. "
        f"Supported are timm models of the classes {_supported()}: for example vit_*, deit*, "
        "*_dino*, *_clip_*, *_siglip_* and eva02_*."
    )


def _supported() -> str:
    return " and ".join(family.CLASS.__name__ for family in FAMILIES)


def _check_blocks(module: nn.Module, family: ModuleType) -> None:
    for block in module.blocks:
        fits = isinstance(block, family.BLOCKS) and isinstance(block.attn, family.ATTENTIONS)
        if not fits:
            odd = block.attn if isinstance(block, family.BLOCKS) else block
            raise UnsupportedModelError(
                f"This {family.CLASS.__name__} has blocks of the kind {type(odd).__name__}, whose steps "
                "cannot be shown. Supported are attention followed by an MLP: "
                f"{', '.join(kind.__name__ for kind in (*family.BLOCKS, *family.ATTENTIONS))}."
            )


def prefix_names(module: nn.Module) -> tuple[str, ...]:
    """Names of the tokens before the patches, e.g. ("CLS", "REG 1", "REG 2")."""
    names = []
    for name, rows in family_of(module).prefix_tokens(module).items():
        names += [name] if len(rows) == 1 else [f"{name} {i + 1}" for i in range(len(rows))]
    return tuple(names)


def forward(module: nn.Module, pixels: Tensor, interventions: Interventions | None = None) -> Iterator[Step]:
    """Run pixels (B, 3, height, width), yielding Embedding, then a Layer per block, then Output."""
    change = interventions or Interventions()
    family = family_of(module)
    embedding, rope = _embed(module, family, pixels, change)
    yield embedding
    z = embedding.resid
    for index, block in enumerate(module.blocks):
        block_rope = rope[index] if getattr(module, "rope_mixed", False) and rope is not None else rope
        layer = encoder_block(
            z,
            block,
            index=index,
            parts=family.block_parts(block),
            qkv=lambda attn, h, rope=block_rope: family.qkv(attn, h, rope),
            dropped_heads=[head for layer, head in sorted(change.drop_heads) if layer == index],
        )
        yield layer
        z = layer.resid
    features, logits = family.head(module, module.norm(z))
    yield Output(features=features, logits=logits)


def _embed(
    module: nn.Module, family: ModuleType, pixels: Tensor, change: Interventions
) -> tuple[Embedding, Tensor | None]:
    """z_0 = [prefix; patches E] + E_pos, and the rotary positions that go with its patch tokens."""
    patches, grid = _patch_tokens(module, pixels)  # (B, N, D)
    if change.arrange is not None:
        patches = patches[:, change.arrange]
    prefix = torch.cat([*family.prefix_tokens(module).values(), patches.new_empty(0, patches.shape[-1])])
    tokens = torch.cat([prefix.expand(len(patches), -1, -1), patches], dim=1)  # (B, T, D)
    pos, rope = None, None
    if change.use_pos:
        pos, rope = family.pos_embed(module, grid), family.rope(module, grid)
    if pos is not None:
        without_slot = tokens.shape[1] - len(pos)  # prefix tokens may have no position of their own
        pos = torch.cat([pos.new_zeros(without_slot, pos.shape[1]), pos])  # (T, D)
    z = tokens if pos is None else tokens + pos
    if change.keep is not None:
        R = len(prefix)
        z = torch.cat([z[:, :R], z[:, R:][:, change.keep]], dim=1)
        rope = None if rope is None else rope[..., change.keep, :]
    return Embedding(tokens=tokens, pos=pos, resid=module.norm_pre(z)), rope


def _patch_tokens(module: nn.Module, pixels: Tensor) -> tuple[Tensor, tuple[int, int]]:
    x = module.patch_embed(pixels)
    if x.ndim == 4:  # models for changing input sizes keep the grid: (B, rows, cols, D)
        return x.flatten(1, 2), (x.shape[1], x.shape[2])
    return x, tuple(module.patch_embed.grid_size)
