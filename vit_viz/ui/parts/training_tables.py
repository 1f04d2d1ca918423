"""Rows of the tables on the Training page."""

from collections.abc import Sequence

from vit_viz.analysis.cost import Sizes, attention_flops, forward_flops
from vit_viz.experiments.variants import Variant
from vit_viz.models import ModelInfo

# of the model's own side, in halves: 224 px gives 224, 336, 448, 560, 672
HALVES = (2, 3, 4, 5, 6)


def variant_table(variants: Sequence[Variant]) -> list[dict[str, str | int | float]]:
    """One row per variant at its own resolution."""
    return [
        {
            "Model": one.title,
            "Layers": one.sizes.depth,
            "Width": one.sizes.embed_dim,
            "MLP": one.sizes.mlp_dim,
            "Heads": one.num_heads,
            "Tokens": one.sizes.num_tokens(one.side),
            "Parameters, M": round(one.num_params / 1e6, 1),
            "In the paper, M": one.paper,
            "GFLOPs": round(forward_flops(one.sizes, one.side) / 1e9, 1),
            "Attention": f"{attention_flops(one.sizes, one.side) / forward_flops(one.sizes, one.side):.0%}",
            "Paper": one.source,
        }
        for one in variants
    ]


def resolution_table(sizes: Sizes, info: ModelInfo) -> list[dict[str, str | int | float]]:
    """One row per resolution of this model, its own first."""
    own = forward_flops(sizes, info.img_size[0])
    sides = [info.grid[0] * half // 2 * sizes.patch_size for half in HALVES]
    return [
        {
            "Side, px": side,
            "Grid": f"{side // sizes.patch_size} × {side // sizes.patch_size}",
            "Tokens": sizes.num_tokens(side),
            "Positions": _positions(info.pos_kind, side == sides[0]),
            "GFLOPs": round(forward_flops(sizes, side) / 1e9, 2),
            "Times": round(forward_flops(sizes, side) / own, 2),
            "Attention": f"{attention_flops(sizes, side) / forward_flops(sizes, side):.0%}",
        }
        for side in sides
    ]


def _positions(kind: str, is_own: bool) -> str:
    if "absolute" in kind:
        return "as they are" if is_own else "interpolated"
    return "computed for any grid" if kind == "rotary" else "none"
