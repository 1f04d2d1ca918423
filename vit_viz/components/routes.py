"""What all HTTP routes share: addresses, the trace they name, packed answers, and turns for what needs the model.

An address is of one trace in one run of the server (trace_id), so browsers may keep the answer for ever; of the
reader's own photo they keep nothing. Indices count from 0.
"""

import gzip
import re
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache, wraps
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from vit_viz.components.attention_payloads import GZIP_LEVEL
from vit_viz.components.base_path import below_base
from vit_viz.errors import ModelError
from vit_viz.tracing import Trace

BASE = below_base("/vit_viz")
# how the id of a trace of the reader's own photo begins
OWN_PHOTO = "own-"
FOREVER = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
NEVER = FOREVER | {"Cache-Control": "private, no-store"}
# requests that may wait for the device at once; more than new photos ask for, because an answer that is kept
# already, and needs no device, comes through the same threads
MAX_WAITING = 64
MODEL_GONE = "The model of this picture is no longer in memory. Reload the page."

Found = TypeVar("Found")
FindTrace = Callable[[str], Trace | None]
Endpoint = Callable[[Request], Response]


@cache
def waiting_threads() -> Executor:
    """The threads of requests that may wait for the device."""
    return ThreadPoolExecutor(MAX_WAITING, thread_name_prefix="device")


def in_turn(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that may wait for the device, in threads of its own: all others are answered meanwhile.

    A model that cannot answer, its device being full, is a 503 with its sentence.
    """

    @wraps(endpoint)
    def answered(request: Request) -> Response:
        try:
            return endpoint(request)
        except ModelError as error:
            raise HTTPException(503, str(error)) from error

    async def waited(request: Request) -> Response:
        return await get_running_loop().run_in_executor(waiting_threads(), answered, request)

    return waited


def found_trace(find_trace: FindTrace, trace_id: str) -> Trace:
    """The trace, or a 404 whose text is a sentence for the reader."""
    return still_there(
        find_trace(trace_id),
        "This trace is no longer in memory. Choose the picture again, or reload the page.",
    )


def still_there(found: Found | None, otherwise: str = MODEL_GONE) -> Found:
    """What was found, or a 404 with a sentence for the reader."""
    if found is None:
        raise HTTPException(404, otherwise)
    return found


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
    headers = keeping(request)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers = headers | {"Content-Encoding": "gzip"}
    else:
        packed = gzip.decompress(packed)
    return Response(packed, media_type="application/octet-stream", headers=headers)


def is_own(trace_id: str) -> bool:
    """Whether it is a trace of the reader's own photo."""
    return trace_id.startswith(OWN_PHOTO)


def keeping(request: Request) -> dict[str, str]:
    """Headers that say whether the browser may keep the answer."""
    return NEVER if is_own(request.path_params["trace_id"]) else FOREVER
