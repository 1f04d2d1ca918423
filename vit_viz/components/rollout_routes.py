"""The HTTP route behind the page Rollout: one row of the rollout at any settings, computed when asked for.

GET /vit_viz/rollout/{trace_id}/{first}-{last}   mean over the tokens first … last
    ?fusion=mean|max|min &residual=50 &discard=0 &start=0 &copied=0|1
    residual and discard in percent, start a layer; of S layers from start on, float32:
    rollout (S, T), raw (S, T) the fused heads alone, sums (S, 2) smallest and largest row sum of R;
    with copied=1 also copied (S, T) and copied_sums (S, 2), as a widely copied script gives them

Addresses are as routes.py says.
"""

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vit_viz.analysis.rollout import (
    FUSIONS,
    copied_transitions,
    fused,
    read_weights,
    rollout_rows,
    row_sums,
    transitions,
    weakest_dropped,
)
from vit_viz.components.payload import pack
from vit_viz.components.routes import BASE, FindTrace, answer, found_trace, in_turn, index_of
from vit_viz.tracing import Trace


def rollout_payload(
    trace: Trace,
    tokens: range,
    *,
    fusion: str = "mean",
    residual_share: float = 0.5,
    discard: float = 0.0,
    start: int = 0,
    copied: bool = False,
) -> bytes:
    """The route's answer."""
    heads = fused(trace.attn[start:], fusion)
    weights = read_weights(tokens, trace.num_tokens)
    steps = {"": transitions(weakest_dropped(heads, discard, trace.num_prefix_tokens), residual_share)}
    if copied:
        steps["copied"] = copied_transitions(heads, discard, residual_share)
    arrays = {"raw": heads[:, list(tokens)].mean(axis=1)}
    for name, step in steps.items():
        sums = row_sums(step)
        arrays[name or "rollout"] = rollout_rows(step, weights)
        arrays[f"{name}_sums".lstrip("_")] = np.stack([sums.min(axis=1), sums.max(axis=1)], axis=1)
    return pack({name: array.astype(np.float32) for name, array in arrays.items()})


def rollout_routes(find_trace: FindTrace) -> list[Route]:
    """The route, looking traces up by `find_trace(trace_id)`."""

    def row(request: Request) -> Response:
        trace, query = found_trace(find_trace, request.path_params["trace_id"]), request.query_params
        first, last = (
            index_of(request.path_params[end], trace.num_tokens, "token") for end in ("first", "last")
        )
        fusion = query.get("fusion", "mean")
        if fusion not in FUSIONS or first > last:
            raise HTTPException(422, f"Fusion is one of {', '.join(FUSIONS)}, tokens run from first to last.")
        payload = rollout_payload(
            trace,
            range(first, last + 1),
            fusion=fusion,
            residual_share=index_of(query.get("residual", "50"), 101, "percentage") / 100,
            discard=index_of(query.get("discard", "0"), 100, "percentage") / 100,
            start=index_of(query.get("start", "0"), trace.depth, "layer"),
            copied=query.get("copied") == "1",
        )
        return answer(request, payload)

    # no model runs, but each answer takes a copy of all attention: no more of them at once than of those
    return [Route(f"{BASE}/rollout/{{trace_id}}/{{first}}-{{last}}", in_turn(row))]
