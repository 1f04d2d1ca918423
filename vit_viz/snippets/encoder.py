"""One pre-norm encoder block, and its MLP."""

# ruff: noqa: D103 - a snippet is shown whole; its page explains it

from torch import Tensor, nn
from torch.nn.functional import dropout, gelu


def encoder_block(block: nn.Module, z: Tensor) -> Tensor:
    # z (T, D) is the residual stream; both halves add to it, neither replaces it
    z = z + block.attn(block.norm1(z)[None])[0]
    return z + mlp(block, block.norm2(z))


def mlp(block: nn.Module, x: Tensor) -> Tensor:
    # each token for itself: D → M → D
    hidden = x @ block.mlp.fc1.weight.T + block.mlp.fc1.bias  # (T, M)
    hidden = gelu(hidden)
    hidden = dropout(hidden, p=block.mlp.drop1.p, training=block.training)  # off: nothing is learnt now
    return hidden @ block.mlp.fc2.weight.T + block.mlp.fc2.bias  # (T, D)
