"""HTTP routes that carry a trace's attention to the browser, once, outside Streamlit's rerun path.

GET /vit_viz/photo/{trace_id}                 PNG of what the model saw
GET /vit_viz/attention/{trace_id}             uint8 attention of all layers, for painting
    ?layer=l                                  of one layer
    ?query=t, ?key=t                          of one token's rows or columns in all layers
GET /vit_viz/head/{trace_id}/{layer}/{head}   float32 q, k, v, scores and attn of one head
    head = "mean"                             float32 attn averaged over the layer's heads

Indices count from 0. An address names its content (trace_id is a digest, `v` the payload's version),
so browsers may keep the answer for ever; of the reader's own photo they keep nothing.
"""

import gzip
import re
from collections.abc import Callable
from functools import lru_cache

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vit_viz.components.attention_payloads import (
    GZIP_LEVEL,
    attention_payload,
    head_payload,
    mean_payload,
    photo_png,
    token_payload,
)
from vit_viz.tracing import Trace

BASE = "/vit_viz"
# how the id of a trace of the reader's own photo begins
OWN_PHOTO = "own-"
FOREVER = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
NEVER = FOREVER | {"Cache-Control": "private, no-store"}
# compressed whole traces that other sessions may ask for again
KEPT_ANSWERS = 4

FindTrace = Callable[[str], Trace | None]


def attention_routes(find_trace: FindTrace) -> list[Route]:
    """The three routes, looking traces up by `find_trace(trace_id)`."""

    @lru_cache(maxsize=KEPT_ANSWERS)
    def whole(trace_id: str) -> bytes:
        return gzip.compress(attention_payload(found_trace(find_trace, trace_id)), GZIP_LEVEL)

    def photo(request: Request) -> Response:
        trace = found_trace(find_trace, request.path_params["trace_id"])
        return Response(photo_png(trace), media_type="image/png", headers=_keeping(request))

    def attention(request: Request) -> Response:
        trace_id = request.path_params["trace_id"]
        trace, query = found_trace(find_trace, trace_id), request.query_params
        if "layer" in query:
            return answer(request, attention_payload(trace, index_of(query["layer"], trace.depth, "layer")))
        for axis in ("query", "key"):
            if axis in query:
                return answer(
                    request, token_payload(trace, index_of(query[axis], trace.num_tokens, axis), axis)
                )
        return compressed(request, whole(trace_id))

    def head(request: Request) -> Response:
        trace = found_trace(find_trace, request.path_params["trace_id"])
        layer = index_of(request.path_params["layer"], trace.depth, "layer")
        if request.path_params["head"] == "mean":
            return answer(request, mean_payload(trace, layer))
        index = index_of(request.path_params["head"], trace.num_heads, "head")
        return answer(request, head_payload(trace, layer, index))

    return [
        Route(f"{BASE}/photo/{{trace_id}}", photo),
        Route(f"{BASE}/attention/{{trace_id}}", attention),
        Route(f"{BASE}/head/{{trace_id}}/{{layer}}/{{head}}", head),
    ]


def found_trace(find_trace: FindTrace, trace_id: str) -> Trace:
    """The trace, or a 404 whose text is a sentence for the reader."""
    trace = find_trace(trace_id)
    if trace is None:
        raise HTTPException(
            404, "This trace is no longer in memory. Choose the picture again, or reload the page."
        )
    return trace


def index_of(text: str, count: int, what: str) -> int:
    """The index that an address names, or a 422 with a sentence."""
    if not (re.fullmatch(r"\d{1,6}", text, re.ASCII) and int(text) < count):
        raise HTTPException(422, f"There is no {what} {text[:20]!r}; they count from 0 to {count - 1}.")
    return int(text)


def answer(request: Request, payload: bytes) -> Response:
    """A payload, compressed where the browser takes it."""
    return compressed(request, gzip.compress(payload, GZIP_LEVEL))


def compressed(request: Request, packed: bytes) -> Response:
    """A payload that is gzipped already, likewise."""
    headers = _keeping(request)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers = headers | {"Content-Encoding": "gzip"}
    else:
        packed = gzip.decompress(packed)
    return Response(packed, media_type="application/octet-stream", headers=headers)


def is_own(trace_id: str) -> bool:
    """Whether it is a trace of the reader's own photo."""
    return trace_id.startswith(OWN_PHOTO)


def _keeping(request: Request) -> dict[str, str]:
    return NEVER if is_own(request.path_params["trace_id"]) else FOREVER
