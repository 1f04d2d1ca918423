"""What a forward pass yields, and how it may be changed.

Axes: B batch, L depth, H num_heads, T tokens = R prefix tokens + N patches, D embed_dim,
K head_dim, C classes. All are torch tensors that still carry gradients if the input does.
"""

from collections.abc import Set
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Interventions:
    """Changes to one forward pass; the default changes nothing.

    drop_heads   (layer, head) pairs whose output is set to zero before the output projection: one set
                 for the whole batch, or a tuple with a set for each of its items (a single item fans out
                 into as many in the first layer that drops something)
    arrange      (N,) which patch stands in each place before positions are added
                 (patches move, positions stay)
    keep         (n,) which patch tokens go on, and in which order, after positions were added
                 (patches and their positions move together; fewer than N drops the others)
    use_pos      False leaves out every position: absolute and rotary

    The forward pass raises IndexError for a head or patch that the model does not have, TypeError or ValueError
    for what is none of the above.
    """

    drop_heads: Set[tuple[int, int]] | tuple[Set[tuple[int, int]], ...] = frozenset()
    arrange: Tensor | None = None
    keep: Tensor | None = None
    use_pos: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class Embedding:
    """The encoder's input, in its parts.

    tokens  (B, T, D)  prefix rows, then the embedded patches, before positions
    pos     (T, D)     what is added to them, zero where a token has no position; None without
    resid   (B, T, D)  the sum, after `norm_pre` where the model has one: the residual stream at 0
    """

    tokens: Tensor
    pos: Tensor | None
    resid: Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """One encoder block.

    q, k, v   (B, H, T, K)  as they enter the dot product: after q/k norm and rotation
    attn      (B, H, T, T)  softmax weights, [query, key]; each row sums to 1
    attn_out  (B, T, D)     what attention adds to the residual stream, LayerScale included
    mlp_out   (B, T, D)     what the MLP adds, likewise
    resid     (B, T, D)     the residual stream after this block
    """

    index: int
    q: Tensor
    k: Tensor
    v: Tensor
    attn: Tensor
    attn_out: Tensor
    mlp_out: Tensor
    resid: Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class Output:
    """The end of the forward pass.

    features  (B, D)          pooled and normalised, what the classifier reads
    logits    (B, C) or None  None where the model has no classifier
    """

    features: Tensor
    logits: Tensor | None


Step = Embedding | Layer | Output
