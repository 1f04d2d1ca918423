"""How much each token really brings to another: attention times the length of the value it is multiplied with.

Kobayashi et al. 2020, "Attention is Not Only a Weight": a large weight on a short value brings little.
"""

import numpy as np
import torch

from vit_viz.devices import memory_errors
from vit_viz.models import Model
from vit_viz.tracing import Trace


def weighted_value_norms(model: Model, trace: Trace, layer: int, queries: list[int]) -> np.ndarray:
    """(len(queries), T): length of Σ_heads attn[query, key] · v[key] W_O, the vector each key brings to a query.

    W_O is the output projection's weight; a norm or gate before it (EVA-02) and LayerScale after it are left out.
    """
    attn = model.module.blocks[layer].attn
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        weights = torch.from_numpy(trace.attn[layer][:, queries]).to(model.info.device)  # (H, Q, T)
        v = torch.from_numpy(trace.v[layer].copy()).to(model.info.device)  # (H, T, K)
        H, _, K = v.shape
        brought = torch.einsum("htk,dhk->htd", v, attn.proj.weight.view(-1, H, K))  # (H, T, D)
        norms = [torch.einsum("ht,htd->td", weights[:, i], brought).norm(dim=-1) for i in range(len(queries))]
        return torch.stack(norms).float().cpu().numpy()
