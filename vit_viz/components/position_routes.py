"""The HTTP route behind the page CLS and position: how alike every two positions are.

GET /vit_viz/positions/{trace_id}/{kind}   float32 similarity (N, N); meta grid [rows, cols]
    kind = "learnt", "sines-1d", "sines-2d", "rotary-{layer}-{head}-{token}", or a grid like "7x7"

Addresses are as routes.py says.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vit_viz.components.payload import pack
from vit_viz.components.routes import BASE, FindTrace, answer, found_trace, in_turn


class Similarity(NamedTuple):
    """Cosine (N, N) of every two positions of a grid (rows, cols)."""

    cosine: np.ndarray
    grid: tuple[int, int]


FindSimilarity = Callable[[str, str], Similarity | None]


def similarity_address(trace_id: str, kind: str) -> str:
    """Where the browser asks for a similarity."""
    return f"{BASE}/positions/{trace_id}/{kind}"


def similarity_payload(found: Similarity) -> bytes:
    """The cosines as float32, row by row."""
    return pack({"similarity": found.cosine.astype(np.float32)}, {"grid": list(found.grid)})


def position_routes(find_trace: FindTrace, find_similarity: FindSimilarity) -> list[Route]:
    """The route; `find_similarity(trace_id, kind)` gives None for a kind that this model does not have."""

    def positions(request: Request) -> Response:
        trace_id, kind = request.path_params["trace_id"], request.path_params["kind"]
        found_trace(find_trace, trace_id)
        found = find_similarity(trace_id, kind)
        if found is None:
            raise HTTPException(404, f"This model has no positions of the kind {kind!r}.")
        return answer(request, similarity_payload(found))

    return [Route(f"{BASE}/positions/{{trace_id}}/{{kind}}", in_turn(positions))]
