"""HTTP routes that carry the journey to the browser, part by part.

GET /vit_viz/journey/{trace_id}/base                        photo, model, answer
GET /vit_viz/journey/{trace_id}/layer/{layer}               the attention half of a layer, all heads
GET /vit_viz/journey/{trace_id}/layer/{layer}/mlp           its other half
GET /vit_viz/journey/{trace_id}/layer/{layer}/head/{head}   float32 of one head
POST /vit_viz/journey/gif                                   frames (see journey_gif) → image/gif

Addresses are as routes.py says.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore, Lock

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vit_viz.components.journey_gif import MAX_BYTES, gif
from vit_viz.components.journey_payloads import Part
from vit_viz.components.routes import BASE, FindTrace, compressed, found_trace, in_turn, index_of, still_there
from vit_viz.errors import GifError

JOURNEY = f"{BASE}/journey"

MAX_POSTS = 4

FindPart = Callable[[str, Part], bytes | None]


def journey_urls(trace_id: str) -> dict[str, str]:
    """Addresses for the browser, which puts layer and head in, from 0."""
    own = f"{JOURNEY}/{trace_id}"
    parts = {"base": "base", "layer": "layer/{layer}", "mlp": "layer/{layer}/mlp"}
    parts["head"] = "layer/{layer}/head/{head}"
    addresses = {kind: f"{own}/{path}" for kind, path in parts.items()}
    return addresses | {"gif": f"{JOURNEY}/gif"}


def journey_routes(find_trace: FindTrace, find_part: FindPart) -> list[Route]:
    """The routes, looking up by `find_trace(trace_id)` and `find_part(trace_id, part)`, which is gzipped."""

    def part_route(kind: str, path: str) -> Route:
        def part(request: Request) -> Response:
            trace_id, place = request.path_params["trace_id"], request.path_params
            trace = found_trace(find_trace, trace_id)
            layer = index_of(place.get("layer", "0"), trace.depth, "layer")
            head = index_of(place.get("head", "0"), trace.num_heads, "head")
            packed = find_part(trace_id, Part(kind, layer, head))
            return compressed(request, still_there(packed))

        return Route(f"{JOURNEY}/{{trace_id}}/{path}", in_turn(part))

    return [
        part_route("base", "base"),
        part_route("layer", "layer/{layer}"),
        part_route("mlp", "layer/{layer}/mlp"),
        part_route("head", "layer/{layer}/head/{head}"),
        Route(f"{JOURNEY}/gif", _gif, methods=["POST"]),
    ]


@cache
def gif_turn() -> Lock:
    """One GIF at a time: its frames fill a hundred megabytes while it is made."""
    return Lock()


@cache
def posts() -> BoundedSemaphore:
    """Frames on their way at once: each reader's wait in memory until they are whole."""
    return BoundedSemaphore(MAX_POSTS)


async def _gif(request: Request) -> Response:
    with _place(posts()):
        body = await _limited_body(request)  # without the turn: a slow line would keep all others waiting
        made = await run_in_threadpool(_made_in_turn, body)
    return Response(made, media_type="image/gif", headers={"Cache-Control": "no-store"})


def _made_in_turn(body: bytes) -> bytes:
    """The GIF; a thread makes it to the end and keeps its turn so long, also for a reader who has left."""
    with _place(gif_turn()):
        try:
            return gif(body)
        except GifError as error:
            raise HTTPException(422, str(error)) from error


@contextmanager
def _place(free: "Lock | BoundedSemaphore") -> Iterator[None]:
    """A place that is free now, or a 503 with its sentence."""
    if not free.acquire(blocking=False):
        raise HTTPException(503, "Another GIF is being made. Try again in a few seconds.")
    try:
        yield
    finally:
        free.release()


async def _limited_body(request: Request) -> bytes:
    """The whole body, refused as soon as it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise HTTPException(413, f"The frames are larger than {MAX_BYTES // 2**20} MB. Choose less.")
    return bytes(body)
