"""One explicit forward for every supported family of timm's Vision Transformers.

It runs the model's own sub-modules one by one, so that each intermediate can be kept or changed.
No hooks and no flags: several threads may run it on one shared model.
"""

from collections.abc import Iterator, Set
from types import ModuleType

import torch
from torch import Tensor, nn

from vit_viz.errors import UnsupportedModelError
from vit_viz.families import eva, vision_transformer
from vit_viz.families.encoder import encoder_block
from vit_viz.families.steps import Embedding, Interventions, Layer, Output, Step
from vit_viz.indices import as_heads

__all__ = [
    "Embedding",
    "Interventions",
    "Layer",
    "Output",
    "Step",
    "family_of",
    "forward",
    "prefix_names",
    "resume",
    "rope_of_layer",
]

FAMILIES = (vision_transformer, eva)


def family_of(module: nn.Module) -> ModuleType:
    """The family that runs this model; raises UnsupportedModelError with what is supported."""
    for family in FAMILIES:
        if isinstance(module, family.CLASS):
            _check_blocks(module, family)
            _check_channels(module)
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


def _check_channels(module: nn.Module) -> None:
    convolutions = (part for part in module.patch_embed.modules() if isinstance(part, nn.Conv2d))
    first = next(convolutions, None)
    if first is not None and first.in_channels != 3:
        raise UnsupportedModelError(
            f"This {type(module).__name__} reads pictures of {first.in_channels} channels; photos have 3, "
            "red, green and blue. Build it with timm's in_chans=3."
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
    embedding, grid = _embed(module, family_of(module), pixels, change)
    yield embedding
    yield from resume(module, embedding.resid, layer=0, grid=grid, interventions=change)


def resume(
    module: nn.Module,
    z: Tensor,
    *,
    layer: int,
    grid: tuple[int, int],
    interventions: Interventions | None = None,
) -> Iterator[Step]:
    """Go on from the stream z (B, T, D) before block `layer`, yielding a Layer per block, then Output."""
    change = interventions or Interventions()
    family = family_of(module)
    rope = _rope(module, family, grid, change)
    dropped = _dropped_heads(module, change)
    for index, block in enumerate(module.blocks[layer:], layer):
        block_rope = rope_of_layer(module, rope, index)
        step = encoder_block(
            z,
            block,
            index=index,
            parts=family.block_parts(block),
            qkv=lambda attn, h, rope=block_rope: family.qkv(attn, h, rope),
            kept_heads=_kept_heads(dropped, index, block.attn.num_heads, z.device),
        )
        yield step
        z = step.resid
    features, logits = family.head(module, module.norm(z))
    yield Output(features=features, logits=logits)


def _dropped_heads(module: nn.Module, change: Interventions) -> list[frozenset[tuple[int, int]]]:
    """One set for the whole batch, or one for each item; what cannot be found in the model is an error."""
    drop = change.drop_heads
    sets = [drop] if isinstance(drop, Set) else list(drop)
    if not all(isinstance(heads, Set) for heads in sets):
        raise TypeError(
            "drop_heads is a set of (layer, head) pairs, or a tuple of such sets, one for each item; "
            f"this is {drop!r}."
        )
    return [as_heads(heads, len(module.blocks), module.blocks[0].attn.num_heads) for heads in sets]


def _kept_heads(
    dropped: list[frozenset[tuple[int, int]]], layer: int, num_heads: int, device: torch.device
) -> Tensor | None:
    """(B, H) 1 where a head's output goes on, 0 where it is dropped; None where this layer keeps all."""
    kept = [[float((layer, head) not in drop) for head in range(num_heads)] for drop in dropped]
    return None if all(map(all, kept)) else torch.tensor(kept, device=device)


def _rope(
    module: nn.Module, family: ModuleType, grid: tuple[int, int], change: Interventions
) -> Tensor | None:
    """The rotary positions of the patch tokens that go on, where the model has them."""
    rope = family.rope(module, grid) if change.use_pos else None
    return rope if rope is None or change.keep is None else rope[..., change.keep, :]


def rope_of_layer(module: nn.Module, rope: Tensor | None, layer: int) -> Tensor | None:
    """What turns q and k of one layer: its own rotary positions, or those that all layers share."""
    return rope[layer] if rope is not None and getattr(module, "rope_mixed", False) else rope


def _embed(
    module: nn.Module, family: ModuleType, pixels: Tensor, change: Interventions
) -> tuple[Embedding, tuple[int, int]]:
    """z_0 = [prefix; patches E] + E_pos, and the grid of its patches."""
    patches, grid = _patch_tokens(module, pixels)  # (B, N, D)
    _check_patches(change, patches.shape[1])
    if change.arrange is not None:
        patches = patches[:, change.arrange]
    prefix = torch.cat([*family.prefix_tokens(module).values(), patches.new_empty(0, patches.shape[-1])])
    tokens = torch.cat([prefix.expand(len(patches), -1, -1), patches], dim=1)  # (B, T, D)
    pos = family.pos_embed(module, grid) if change.use_pos else None
    if pos is not None:
        without_slot = tokens.shape[1] - len(pos)  # prefix tokens may have no position of their own
        pos = torch.cat([pos.new_zeros(without_slot, pos.shape[1]), pos])  # (T, D)
    z = tokens if pos is None else tokens + pos
    if change.keep is not None:
        R = len(prefix)
        z = torch.cat([z[:, :R], z[:, R:][:, change.keep]], dim=1)
    return Embedding(tokens=tokens, pos=pos, resid=module.norm_pre(z)), grid


def _check_patches(change: Interventions, N: int) -> None:
    """Negative numbers would count from the end, and a graphics card is lost to one beyond it."""
    for name, wanted in (("arrange", change.arrange), ("keep", change.keep)):
        if wanted is None:
            continue
        places = torch.as_tensor(wanted)
        if places.ndim != 1 or places.dtype not in (torch.int64, torch.int32):
            raise TypeError(
                f"{name} is one row of whole numbers, patches 0 to {N - 1}; this is {places.dtype} of shape "
                f"{tuple(places.shape)}."
            )
        beyond = places[(places < 0) | (places >= N)]
        if len(beyond):
            raise IndexError(f"There is no patch {int(beyond[0])} to {name}; they are 0 to {N - 1}.")
        if name == "arrange" and len(places) != N:
            raise ValueError(f"arrange fills all {N} places; this has {len(places)}.")


def _patch_tokens(module: nn.Module, pixels: Tensor) -> tuple[Tensor, tuple[int, int]]:
    x = module.patch_embed(pixels)
    if x.ndim == 4:  # models for changing input sizes keep the grid: (B, rows, cols, D)
        return x.flatten(1, 2), (x.shape[1], x.shape[2])
    return x, tuple(module.patch_embed.grid_size)
