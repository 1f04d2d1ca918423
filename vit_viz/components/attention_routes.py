"""HTTP routes that carry a trace's attention to the browser, once, outside Streamlit's rerun path.

GET /vit_viz/photo/{trace_id}                 PNG of what the model saw
GET /vit_viz/pixels/{trace_id}                the same as uint8 numbers
GET /vit_viz/attention/{trace_id}             uint8 attention of all layers, for painting
    ?layer=l                                  of one layer
    ?query=t, ?key=t                          of one token's rows or columns in all layers
GET /vit_viz/head/{trace_id}/{layer}/{head}   float32 q, k, v, scores and attn of one head
    head = "mean"                             float32 attn averaged over the layer's heads

Addresses are as routes.py says.
"""

import gzip
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vit_viz.components.attention_payloads import (
    GZIP_LEVEL,
    attention_payload,
    head_payload,
    mean_payload,
    photo_png,
    pixels_payload,
    token_payload,
)
from vit_viz.components.routes import (
    BASE,
    FindTrace,
    answer,
    compressed,
    found_trace,
    index_of,
    keeping,
)

# compressed whole traces that other sessions may ask for again
KEPT_ANSWERS = 4


def attention_routes(find_trace: FindTrace) -> list[Route]:
    """These routes, looking traces up by `find_trace(trace_id)`."""

    @lru_cache(maxsize=KEPT_ANSWERS)
    def whole(trace_id: str) -> bytes:
        return gzip.compress(attention_payload(found_trace(find_trace, trace_id)), GZIP_LEVEL)

    def photo(request: Request) -> Response:
        trace = found_trace(find_trace, request.path_params["trace_id"])
        return Response(photo_png(trace), media_type="image/png", headers=keeping(request))

    def pixels(request: Request) -> Response:
        return answer(request, pixels_payload(found_trace(find_trace, request.path_params["trace_id"])))

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
        Route(f"{BASE}/pixels/{{trace_id}}", pixels),
        Route(f"{BASE}/attention/{{trace_id}}", attention),
        Route(f"{BASE}/head/{{trace_id}}/{{layer}}/{{head}}", head),
    ]
