"""What a Vision Transformer costs, worked out from its sizes alone.

Axes: L depth, T tokens = R prefix tokens + N patches, D embed_dim, M the MLP's hidden width, P patch_size,
C classes.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The sizes that decide: see the axes above; `gated` MLPs have a third matrix."""

    depth: int
    embed_dim: int
    mlp_dim: int
    patch_size: int
    num_prefix_tokens: int
    num_classes: int
    gated: bool = False

    def num_patches(self, side: int) -> int:
        """N for a square picture of `side` pixels."""
        return (side // self.patch_size) ** 2

    def num_tokens(self, side: int) -> int:
        """T for a square picture of `side` pixels."""
        return self.num_prefix_tokens + self.num_patches(side)


def attention_flops(sizes: Sizes, side: int) -> int:
    """Multiplications and additions of q kᵀ and of the weighted sum in all layers: they grow with T²."""
    return sizes.depth * 2 * 2 * sizes.num_tokens(side) ** 2 * sizes.embed_dim


def forward_flops(sizes: Sizes, side: int) -> int:
    """Multiplications and additions of one picture's forward pass; norms, softmax and GELU are left out.

    A matrix product of (a, b) and (b, c) counts 2abc.
    """
    T, D = sizes.num_tokens(side), sizes.embed_dim
    projections = 4 * D * D  # q, k, v and the output
    mlp = (3 if sizes.gated else 2) * D * sizes.mlp_dim
    embedding = 2 * sizes.num_patches(side) * 3 * sizes.patch_size**2 * D
    head = 2 * D * sizes.num_classes
    return embedding + sizes.depth * 2 * T * (projections + mlp) + attention_flops(sizes, side) + head
