"""HTTP routes that carry a trace's attention to the browser, once, outside Streamlit's rerun path.

GET /vit_viz/photo/{trace_id}                 PNG of what the model saw
GET /vit_viz/attention/{trace_id}             uint8 attention of all layers, for painting
    ?layer=l                                  of one layer
    ?query=t, ?key=t                          of one token's rows or columns in all layers
GET /vit_viz/head/{trace_id}/{layer}/{head}   float32 q, k, v, scores and attn of one head
    head = "mean"                             float32 attn averaged over the layer's heads

Indices count from 0. An address names its content (trace_id is a digest, `v` the payload's version),
so browsers may keep the answer for ever.
"""

import gzip
import io
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vit_viz.analysis.attention import quantise_rows
from vit_viz.components.payload import pack
from vit_viz.tracing import Trace

BASE = "/vit_viz"
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
# 24 layers of 16 heads over 197 tokens: ViT-L/16 at 224 px still goes whole, larger ones layer by layer
WHOLE_LIMIT = 15 * 2**20
# level 1 is as small as level 6 to within 1 % on attention, and twice as fast
GZIP_LEVEL = 1
# compressed whole traces that other sessions may ask for again
KEPT_ANSWERS = 4

FindTrace = Callable[[str], Trace | None]


def attention_routes(find_trace: FindTrace) -> list[Route]:
    """The three routes, looking traces up by `find_trace(trace_id)`."""

    @lru_cache(maxsize=KEPT_ANSWERS)
    def whole(trace_id: str) -> bytes:
        return gzip.compress(attention_payload(_found(find_trace, trace_id)), GZIP_LEVEL)

    def photo(request: Request) -> Response:
        trace = _found(find_trace, request.path_params["trace_id"])
        return Response(photo_png(trace), media_type="image/png", headers=FOREVER)

    def attention(request: Request) -> Response:
        trace_id = request.path_params["trace_id"]
        trace, query = _found(find_trace, trace_id), request.query_params
        if "layer" in query:
            return _answer(request, attention_payload(trace, _index(query["layer"], trace.depth, "layer")))
        for axis in ("query", "key"):
            if axis in query:
                return _answer(request, token_payload(trace, _index(query[axis], trace.num_tokens, axis), axis))
        return _compressed(request, whole(trace_id))

    def head(request: Request) -> Response:
        trace = _found(find_trace, request.path_params["trace_id"])
        layer = _index(request.path_params["layer"], trace.depth, "layer")
        if request.path_params["head"] == "mean":
            return _answer(request, mean_payload(trace, layer))
        index = _index(request.path_params["head"], trace.num_heads, "head")
        return _answer(request, head_payload(trace, layer, index))

    return [
        Route(f"{BASE}/photo/{{trace_id}}", photo),
        Route(f"{BASE}/attention/{{trace_id}}", attention),
        Route(f"{BASE}/head/{{trace_id}}/{{layer}}/{{head}}", head),
    ]


def goes_whole(trace: Trace) -> bool:
    """Whether all attention of the trace is small enough to travel at once, one byte a weight."""
    return trace.attn.size <= WHOLE_LIMIT


def photo_png(trace: Trace) -> bytes:
    """What the model saw, losslessly."""
    buffer = io.BytesIO()
    Image.fromarray(trace.image).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def attention_payload(trace: Trace, layer: int | None = None) -> bytes:
    """All layers, or one (then L is 1): for painting, and the largest weights on patches for its legend.

    codes       (L, H, T, T)  uint8 [query, key]; weight ≈ codes / 255 · scale
    scale       (L, H, T)     float32, largest weight of the row
    row_top     (L, H, T)     float32, largest weight on a patch in that token's row
    column_top  (L, H, T)     float32, likewise in its column
    meta.first                index of the first layer
    """
    first, layers = (0, trace.attn) if layer is None else (layer, trace.attn[layer : layer + 1])
    # layer by layer, so that no second copy of all the floats is held
    parts = [_painted(attn, trace.num_prefix_tokens) for attn in layers]
    return pack({name: np.stack([part[name] for part in parts]) for name in parts[0]}, {"first": first})


def _painted(attn: np.ndarray, num_prefix_tokens: int) -> dict[str, np.ndarray]:
    tops = {
        "row_top": attn[..., num_prefix_tokens:].max(-1),
        "column_top": attn[..., num_prefix_tokens:, :].max(-2),
    }
    return quantise_rows(attn)._asdict() | tops


def token_payload(trace: Trace, token: int, axis: str) -> bytes:
    """One token's rows (axis "query") or columns ("key") in all layers.

    codes (L, H, T) uint8, scale (L, H) float32, top (L, H) float32: the largest weight on a patch.
    """
    lines = trace.attn[:, :, token] if axis == "query" else trace.attn[:, :, :, token]
    return pack(quantise_rows(lines)._asdict() | {"top": lines[..., trace.num_prefix_tokens :].max(-1)})


def head_payload(trace: Trace, layer: int, head: int) -> bytes:
    """q, k, v (T, K) and scores, attn (T, T) of one head, float32."""
    arrays = {name: getattr(trace, name)[layer, head] for name in ("q", "k", "v", "attn")}
    return pack(arrays | {"scores": trace.scores(layer, head)})


def mean_payload(trace: Trace, layer: int) -> bytes:
    """attn (T, T) float32, averaged over the heads of one layer."""
    return pack({"attn": trace.attn[layer].mean(0)})


def _found(find_trace: FindTrace, trace_id: str) -> Trace:
    trace = find_trace(trace_id)
    if trace is None:
        raise HTTPException(404, "This trace is no longer in memory. Choose the picture again, or reload the page.")
    return trace


def _index(text: str, count: int, what: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < count):
        raise HTTPException(422, f"There is no {what} {text!r}; they count from 0 to {count - 1}.")
    return int(text)


def _answer(request: Request, payload: bytes) -> Response:
    return _compressed(request, gzip.compress(payload, GZIP_LEVEL))


def _compressed(request: Request, packed: bytes) -> Response:
    headers = FOREVER | {"Content-Encoding": "gzip"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        packed, headers = gzip.decompress(packed), FOREVER
    return Response(packed, media_type="application/octet-stream", headers=headers)
