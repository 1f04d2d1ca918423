"""The paper's model variants, built without memory: parameters counted, cost worked out from their sizes."""

from dataclasses import dataclass, replace
from functools import cache

import timm
import torch
from timm.layers.attention_pool import AttentionPoolLatent
from torch import nn

from vit_viz.analysis.cost import PoolSizes, Sizes
from vit_viz.experiments.embedding import reads_pixels
from vit_viz.experiments.head_step import has_two_heads
from vit_viz.experiments.mlp import mlp_kind
from vit_viz.models import Model


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One architecture; `paper` are the parameters in millions that the named paper gives."""

    title: str
    name: str
    side: int
    num_params: int
    num_heads: int
    sizes: Sizes
    paper: float
    source: str


# title, timm's architecture, millions of parameters as published, and where
PUBLISHED = (
    ("Ti/16", "vit_tiny_patch16_224", 5.0, "Touvron 2021 (DeiT-Ti)"),
    ("S/16", "vit_small_patch16_224", 22.0, "Touvron 2021 (DeiT-S)"),
    ("B/16", "vit_base_patch16_224", 86.0, "Dosovitskiy 2021"),
    ("L/16", "vit_large_patch16_224", 307.0, "Dosovitskiy 2021"),
    ("H/14", "vit_huge_patch14_224", 632.0, "Dosovitskiy 2021"),
    ("g/14", "vit_giant_patch14_224", 1011.0, "Zhai 2022"),
)

NUM_CLASSES = 1000  # timm's huge and giant come without a classifier


@cache
def variants() -> tuple[Variant, ...]:
    """All of them with ImageNet's 1000 classes at their own resolution, smallest first."""
    return tuple(_variant(*row) for row in PUBLISHED)


def _variant(title: str, name: str, paper: float, source: str) -> Variant:
    with torch.device("meta"):
        module = timm.create_model(name, num_classes=NUM_CLASSES)
    return Variant(
        title=title,
        name=name,
        side=module.patch_embed.img_size[0],
        num_params=sum(p.numel() for p in module.parameters()),
        num_heads=module.blocks[0].attn.num_heads,
        sizes=_sizes(module, module.blocks[0].mlp.fc2.in_features, gated=False),
        paper=paper,
        source=source,
    )


def sizes_of(model: Model) -> Sizes | None:
    """The sizes of a loaded model; None for a hybrid, whose patches come out of a ResNet."""
    if not reads_pixels(model):
        return None
    kind = mlp_kind(model)
    return replace(
        _sizes(model.module, kind.width, kind.gated),
        num_classifiers=2 if has_two_heads(model) else 1,
        pool=_pool_sizes(model),
    )


def _pool_sizes(model: Model) -> PoolSizes | None:
    pool = model.module.attn_pool
    if not isinstance(pool, AttentionPoolLatent):
        return None
    return PoolSizes(
        mlp_dim=0 if pool.mlp is None else pool.mlp.fc1.out_features,
        left_out=0 if model.info.pools_prefix else len(model.info.prefix_names),
    )


def _sizes(module: nn.Module, mlp_dim: int, gated: bool) -> Sizes:
    return Sizes(
        depth=len(module.blocks),
        embed_dim=module.embed_dim,
        mlp_dim=mlp_dim,
        patch_size=module.patch_embed.img_size[0] // module.patch_embed.grid_size[0],
        num_prefix_tokens=module.num_prefix_tokens,
        num_classes=0 if isinstance(module.head, nn.Identity) else module.num_classes,
        gated=gated,
    )
