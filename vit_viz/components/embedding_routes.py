"""The HTTP route behind the page Embedding.

GET /vit_viz/embedding/{trace_id}   float32 inputs (N, F), weight (D, F) where the model projects, bias (D,),
                                    outputs (N, D)

Addresses are as routes.py says.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vit_viz.components.payload import pack
from vit_viz.components.routes import BASE, answer, in_turn, still_there
from vit_viz.experiments.embedding import Projection

FindEmbedding = Callable[[str], Projection | None]


def embedding_payload(found: Projection) -> bytes:
    """The projection's arrays; filters as rows in the order of the inputs."""
    arrays = {"inputs": found.inputs, "bias": found.bias, "outputs": found.outputs}
    if found.weight is not None:
        arrays["weight"] = found.filters
    return pack(arrays)


def embedding_routes(find_embedding: FindEmbedding) -> list[Route]:
    """The route, looking up by `find_embedding(trace_id)`."""

    def embedding(request: Request) -> Response:
        found = still_there(
            find_embedding(request.path_params["trace_id"]),
            "This picture is no longer in memory. Choose it again, or reload the page.",
        )
        return answer(request, embedding_payload(found))

    return [Route(f"{BASE}/embedding/{{trace_id}}", in_turn(embedding))]
