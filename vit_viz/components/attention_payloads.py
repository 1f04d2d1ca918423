"""What the attention explorer is sent of a trace: facts, photo, maps for painting, float32 of one head."""

import io
import math
from typing import Any

import numpy as np
from PIL import Image

from vit_viz.analysis.attention import quantise_rows
from vit_viz.components.payload import pack
from vit_viz.tracing import Trace

# 24 layers of 16 heads over 197 tokens: ViT-L/16 at 224 px still goes whole, larger ones layer by layer
WHOLE_LIMIT = 15 * 2**20
# level 1 is as small as level 6 to within 1 % on attention, and twice as fast
GZIP_LEVEL = 1


def facts(trace: Trace) -> dict[str, Any]:
    """What the browser must know of a trace before its arrays arrive; sizes in pixels and patches."""
    return {
        "depth": trace.depth,
        "num_heads": trace.num_heads,
        "head_dim": trace.head_dim,
        "grid": list(trace.grid),
        "patch_size": list(trace.patch_size),
        "prefix_names": list(trace.prefix_names),
        "whole": goes_whole(trace),
    }


def goes_whole(trace: Trace) -> bool:
    """Whether all attention of the trace is small enough to travel at once, one byte a weight."""
    return math.prod(trace.layers.attn.shape) <= WHOLE_LIMIT


def photo_png(trace: Trace) -> bytes:
    """What the model saw, losslessly."""
    buffer = io.BytesIO()
    Image.fromarray(trace.image).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def pixels_payload(trace: Trace) -> bytes:
    """The very numbers of that picture: pixels (height, width, 3) uint8."""
    return pack({"pixels": trace.image})


def attention_payload(trace: Trace, layer: int | None = None) -> bytes:
    """All layers, or one (then L is 1), for painting: `QuantisedRows`, and the largest weights of the columns.

    codes       (L, H, T, N)  uint8 [query, key]; weight on a patch ≈ (codes / 255)² · scale
    scale       (L, H, T)     float32, largest weight on a patch in that token's row
    prefix      (L, H, T, R)  float32, the row's weights on the prefix tokens
    column_top  (L, H, T)     float32, largest weight of a patch in that token's column
    meta.first                index of the first layer
    """
    first, layers = (0, trace.attn) if layer is None else (layer, trace.attn[layer : layer + 1])
    # layer by layer, so that no second copy of all the floats is held
    parts = [_painted(attn, trace.num_prefix_tokens) for attn in layers]
    return pack({name: np.stack([part[name] for part in parts]) for name in parts[0]}, {"first": first})


def _painted(attn: np.ndarray, num_prefix_tokens: int) -> dict[str, np.ndarray]:
    column_top = attn[..., num_prefix_tokens:, :].max(-2)
    return quantise_rows(attn, num_prefix_tokens)._asdict() | {"column_top": column_top}


def token_payload(trace: Trace, token: int, axis: str) -> bytes:
    """One token's rows (axis "query") or columns ("key") in all layers, as `QuantisedRows`.

    codes (L, H, N) uint8, scale (L, H) float32, prefix (L, H, R) float32.
    """
    lines = trace.attn[:, :, token] if axis == "query" else trace.attn[:, :, :, token]
    return pack(quantise_rows(lines, trace.num_prefix_tokens)._asdict())


def head_payload(trace: Trace, layer: int, head: int) -> bytes:
    """q, k, v (T, K) and scores, attn (T, T) of one head, float32."""
    arrays = {name: getattr(trace, name)[layer, head] for name in ("q", "k", "v", "attn")}
    return pack(arrays | {"scores": trace.scores(layer, head)})


def mean_payload(trace: Trace, layer: int) -> bytes:
    """attn (T, T) float32, averaged over the heads of one layer."""
    return pack({"attn": trace.attn[layer].mean(0)})
