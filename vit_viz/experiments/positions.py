"""Positions at other resolutions, and what rotary positions do to one query.

Axes: N patches in reading order, D embed_dim, K head_dim. A grid is (rows, cols) in patches.
"""

import numpy as np
import torch
from timm.layers.pos_embed import resample_abs_pos_embed

from vit_viz.arrays import batch_of
from vit_viz.devices import memory_errors
from vit_viz.families import eva, family_of, rope_of_layer
from vit_viz.models import Model
from vit_viz.tracing import Trace


def resampled(pos: np.ndarray, grid: tuple[int, int], new_grid: tuple[int, int]) -> np.ndarray:
    """pos (N, D) of the patches on one grid → (N', D) on another, as timm does: bicubic, antialiased."""
    rows = torch.from_numpy(np.array(pos, np.float32))[None]
    resized = resample_abs_pos_embed(rows, new_size=list(new_grid), old_size=list(grid), num_prefix_tokens=0)
    return resized[0].numpy()


def rotated_copies(model: Model, trace: Trace, layer: int, head: int, token: int) -> np.ndarray:
    """(N, K) one patch token's query as it would be in each place of the grid, by the model's own rotation.

    The copy in the token's own place is the very q of the trace.
    """
    module = model.module
    block, family = module.blocks[layer], family_of(module)
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        z = batch_of(trace.resid[layer], model.info.device)
        q, _k, _v = family.qkv(block.attn, family.block_parts(block).before_attn(z), None)
        rope = rope_of_layer(module, family.rope(module, trace.grid), layer)
        copies = q[:, :, token : token + 1].expand(-1, -1, trace.num_tokens, -1)  # (1, H, T, K)
        turned = eva.rotate(block.attn, copies, rope)[0, head, trace.num_prefix_tokens :]
        return turned.float().cpu().numpy()
