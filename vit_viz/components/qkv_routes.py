"""The HTTP route behind the page Query, key, value; q, k, v and weights of a head come by attention_routes.

GET /vit_viz/projections/{trace_id}/{layer}   float32 normed (T, D), concat (T, H·K), projected (T, D)

Addresses are as routes.py says.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vit_viz.components.payload import pack
from vit_viz.components.routes import BASE, FindTrace, answer, found_trace, in_turn, index_of, still_there
from vit_viz.experiments.projections import Projections

FindProjections = Callable[[str, int], Projections | None]


def projections_payload(found: Projections) -> bytes:
    """normed (T, D), concat (T, H·K) and projected (T, D) of one layer."""
    return pack({"normed": found.normed, "concat": found.concat, "projected": found.projected})


def qkv_routes(find_trace: FindTrace, find_projections: FindProjections) -> list[Route]:
    """The route, looking up by `find_trace(trace_id)` and `find_projections(trace_id, layer)`."""

    def layer_projections(request: Request) -> Response:
        trace_id = request.path_params["trace_id"]
        trace = found_trace(find_trace, trace_id)
        layer = index_of(request.path_params["layer"], trace.depth, "layer")
        found = still_there(find_projections(trace_id, layer))
        return answer(request, projections_payload(found))

    return [Route(f"{BASE}/projections/{{trace_id}}/{{layer}}", in_turn(layer_projections))]
