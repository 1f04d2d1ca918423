"""What a Vision Transformer costs, worked out from its sizes alone.

Axes: L depth, T tokens = R prefix tokens + N patches, D embed_dim, M the MLP's hidden width, P patch_size,
C classes.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PoolSizes:
    """Pooling by one learnt query (SigLIP): its MLP's hidden width, and how many of the tokens are left out."""

    mlp_dim: int
    left_out: int


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The sizes that decide: see the axes above; `gated` MLPs have a third matrix.

    `num_classifiers` is 2 where two tokens are read (DeiT distilled); `pool` is an attention that pools the tokens.
    """

    depth: int
    embed_dim: int
    mlp_dim: int
    patch_size: int
    num_prefix_tokens: int
    num_classes: int
    gated: bool = False
    num_classifiers: int = 1
    pool: PoolSizes | None = None

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
    head = 2 * D * sizes.num_classes * sizes.num_classifiers
    layers = sizes.depth * 2 * T * (projections + mlp) + attention_flops(sizes, side)
    return embedding + layers + _pool_flops(sizes, T) + head


def _pool_flops(sizes: Sizes, num_tokens: int) -> int:
    """Keys and values of the pooled tokens, one query among them, the output and its MLP."""
    if sizes.pool is None:
        return 0
    D, pooled = sizes.embed_dim, num_tokens - sizes.pool.left_out
    return 2 * (2 * D * D + 2 * pooled * D * D + 2 * pooled * D + 2 * D * sizes.pool.mlp_dim)
