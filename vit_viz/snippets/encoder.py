"""One pre-norm encoder block, and its MLP."""

# ruff: noqa: D103 - a snippet is shown whole; its page explains it

from torch import Tensor, nn
from torch.nn.functional import dropout


def encoder_block(block: nn.Module, z: Tensor) -> Tensor:
    # z (T, D) is the residual stream; both halves add to it, neither replaces it
    z = z + block.ls1(block.attn(block.norm1(z)[None])[0])  # ls1, ls2: LayerScale, where the model has it
    return z + block.ls2(block.mlp(block.norm2(z)))


def encoder_block_norms_after(block: nn.Module, z: Tensor) -> Tensor:
    # z (T, D) is the residual stream; both halves add to it, and their norms stand after them
    z = z + block.norm1(block.attn(z[None])[0])
    return z + block.norm2(block.mlp(z))


def encoder_block_with_turns(block: nn.Module, z: Tensor, rope: Tensor | None) -> Tensor:
    # z (T, D) is the residual stream; rope holds the sines and cosines by which queries and keys are turned
    scales = [1 if gamma is None else gamma for gamma in (block.gamma_1, block.gamma_2)]
    z = z + scales[0] * block.attn(block.norm1(z)[None], rope=rope)[0]
    return z + scales[1] * block.mlp(block.norm2(z))


def mlp(block: nn.Module, x: Tensor) -> Tensor:
    # each token for itself: D → M → D
    hidden = x @ block.mlp.fc1.weight.T + block.mlp.fc1.bias  # (T, M)
    hidden = block.mlp.act(hidden)  # GELU in most models
    hidden = dropout(hidden, p=block.mlp.drop1.p, training=block.training)  # off: nothing is learnt now
    return hidden @ block.mlp.fc2.weight.T + block.mlp.fc2.bias  # (T, D)
