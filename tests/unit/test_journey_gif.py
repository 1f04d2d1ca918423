"""Posted frames become a GIF; what cannot become one is answered with a sentence."""

import asyncio
import io
import json
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vit_viz.components import journey_routes
from vit_viz.components.journey_gif import MAX_FRAMES, gif
from vit_viz.components.payload import pack
from vit_viz.errors import GifError

COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]


def frame(colour: tuple[int, int, int], size: tuple[int, int] = (64, 40), kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()


def header(text: bytes) -> bytes:
    return b"VVZ1" + len(text).to_bytes(4, "little") + text


def posted(frames: list[bytes], delay_ms: object = 100) -> bytes:
    arrays = {f"frame_{i:03}": np.frombuffer(data, np.uint8) for i, data in enumerate(frames)}
    return pack(arrays, {"delay_ms": delay_ms})


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_frames_in_order_with_their_delay(kind):
    made = Image.open(io.BytesIO(gif(posted([frame(colour, kind=kind) for colour in COLOURS], 120))))
    assert (made.format, made.size, made.n_frames, made.info["loop"]) == ("GIF", (64, 40), 3, 0)
    for index, colour in enumerate(COLOURS):
        made.seek(index)
        assert made.info["duration"] == 120
        assert np.abs(np.array(made.convert("RGB").getpixel((9, 9))) - colour).max() <= 8


def test_a_pixel_is_held_until_it_differs_from_what_is_shown():
    shades = [100, 103, 106, 109, 160]
    made = Image.open(io.BytesIO(gif(posted([frame((shade,) * 3) for shade in shades]))))
    shown, lasting = [], []
    for index in range(made.n_frames):  # frames that are alike become one that lasts longer
        made.seek(index)
        shown.append(made.convert("RGB").getpixel((9, 9))[0])
        lasting.append(made.info["duration"])
    assert np.abs(np.subtract(shown, [100, 109, 160])).max() <= 2
    assert lasting == [300, 100, 100]


def test_still_parts_do_not_flicker():
    """A pixel that no frame changes is the same in all, also where the frames' colours differ a lot."""
    noise = np.random.default_rng(0)
    frames = []
    for _ in range(8):
        pixels = noise.integers(0, 256, (48, 64, 3), dtype=np.uint8)
        pixels[:, 32:] = (77, 131, 190)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        frames.append(buffer.getvalue())
    made = Image.open(io.BytesIO(gif(posted(frames))))
    found = set()
    for index in range(made.n_frames):
        made.seek(index)
        found.add(made.convert("RGB").getpixel((60, 20)))
    assert len(found) == 1


def test_a_thin_line_keeps_its_colour_and_the_ground_is_exact():
    """Purple on one pixel in 500, beside a photo's many browns."""
    noise = np.random.default_rng(0)
    pixels = np.full((200, 300, 3), (252, 251, 248), np.uint8)
    pixels[:150, :200] = noise.integers((60, 40, 20), (160, 120, 90), (150, 200, 3))
    pixels[160:162, 40:100] = (204, 121, 167)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    made = Image.open(io.BytesIO(gif(posted([buffer.getvalue()] * 2)))).convert("RGB")
    assert made.getpixel((280, 190)) == (252, 251, 248)
    assert np.abs(np.array(made.getpixel((70, 161))) - (204, 121, 167)).max() <= 8
    browns = np.asarray(made)[:150, :200].astype(int)
    assert np.abs(browns - pixels[:150, :200]).mean() < 10


def promising(side: int) -> bytes:
    """A PNG whose header promises that many pixels a side; Pillow refuses to open it."""
    whole = frame(COLOURS[0], kind="PNG")
    head = whole[12:16] + side.to_bytes(4, "big") * 2 + whole[24:29]
    return whole[:12] + head + zlib.crc32(head).to_bytes(4, "big") + whole[33:]


def overlapping(count: int) -> bytes:
    """Two frames' bytes that a header calls many."""
    entry = {"dtype": "uint8", "shape": [64], "offset": 0}
    table = {f"frame_{i:03}": entry for i in range(count)}
    return header(json.dumps({"arrays": table, "meta": {"delay_ms": 20}}).encode()) + bytes(128)


@pytest.mark.parametrize(
    ("blob", "words"),
    [
        (b"GIF89a", "did not arrive whole"),
        (header(b'{"arrays": {}, "meta": []}'), "did not arrive whole"),
        (header(b'{"arrays": []}'), "did not arrive whole"),
        (header(b"[" * 100_000), "did not arrive whole"),
        (
            header(b'{"arrays": {"frame_0": {"dtype": "uint8", "shape": [1e30], "offset": 0}}, "meta": {}}'),
            "did not arrive whole",
        ),
        (
            header(b'{"arrays": {"frame_0": {"dtype": "f8,(", "shape": [1], "offset": 0}}, "meta": {}}'),
            "did not arrive whole",
        ),
        # small on the line, large when copied: all frames are the same bytes
        (overlapping(MAX_FRAMES), "did not arrive whole"),
        (posted([frame(COLOURS[0])]), "1 frames came"),
        (posted([b"abc"] * (MAX_FRAMES + 1)), f"2 to {MAX_FRAMES}"),
        (posted([frame(COLOURS[0])] * 3, 5), "lasts 5 ms"),
        (posted([frame(COLOURS[0])] * 3, "soon"), "lasts soon ms"),
        (posted([frame(COLOURS[0])] * 60, 200), "12.0 s; up to 10"),
        (posted([frame(COLOURS[0], (1200, 10))] * 2), "up to 960"),
        (posted([frame(COLOURS[0]), frame(COLOURS[1], (64, 41))]), "differ in size"),
        (posted([frame(COLOURS[0]), b"no picture"]), "no JPEG or PNG"),
        (posted([promising(30_000)] * 2), "no JPEG or PNG"),
        (posted([frame(COLOURS[0]), frame(COLOURS[0], (300, 300))[:60]]), "no JPEG or PNG|differ|damaged"),
    ],
)
def test_refusals_are_sentences(blob, words):
    with pytest.raises(GifError, match=words):
        gif(blob)


def test_a_frame_cut_short():
    whole, other = (frame(colour, (400, 400), "JPEG") for colour in COLOURS[:2])
    with pytest.raises(GifError, match="damaged"):
        gif(posted([whole, other[:-300]]))


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=journey_routes.journey_routes({}.get, lambda *_: None)))


def test_route_makes_the_gif(client):
    address = journey_routes.journey_urls("any")["gif"]
    response = client.post(address, content=posted([frame(colour) for colour in COLOURS]))
    assert response.headers["content-type"] == "image/gif"
    assert Image.open(io.BytesIO(response.content)).n_frames == 3


def test_a_body_that_is_on_its_way_keeps_nobody_waiting(client, monkeypatch):
    whole = journey_routes._limited_body

    async def on_its_way(request):
        assert not journey_routes.gif_turn().locked()
        return await whole(request)

    monkeypatch.setattr(journey_routes, "_limited_body", on_its_way)
    assert client.post(journey_routes.journey_urls("any")["gif"], content=b"x").status_code == 422


def test_a_reader_who_leaves_keeps_the_turn_until_the_gif_is_made(monkeypatch):
    begun, may_end = threading.Event(), threading.Event()

    def slow(body):
        begun.set()
        assert may_end.wait(20)
        return b""

    async def body_of(request):
        return b"frames"

    async def leave() -> None:
        asked = asyncio.create_task(journey_routes._gif(None))
        assert await asyncio.to_thread(begun.wait, 20)
        asked.cancel()
        await asyncio.wait([asked], timeout=1)
        assert journey_routes.gif_turn().locked()
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await asked

    monkeypatch.setattr(journey_routes, "gif", slow)
    monkeypatch.setattr(journey_routes, "_limited_body", body_of)
    with ThreadPoolExecutor(1) as aside:  # Playwright keeps a loop of its own in this thread
        aside.submit(asyncio.run, leave()).result()
    assert journey_routes.gif_turn().acquire(timeout=20)
    journey_routes.gif_turn().release()


def test_route_refuses(client, monkeypatch):
    address = journey_routes.journey_urls("any")["gif"]
    assert client.post(address, content=b"nothing").status_code == 422
    monkeypatch.setattr(journey_routes, "MAX_BYTES", 10)
    too_large = client.post(address, content=b"x" * 11)
    assert (too_large.status_code, "larger than" in too_large.text) == (413, True)
    with journey_routes.gif_turn():
        busy = client.post(address, content=b"x")
    assert (busy.status_code, "Another GIF" in busy.text) == (503, True)
    assert client.post(address, content=b"x").status_code == 422  # the turn was given back


def test_only_some_readers_frames_are_on_their_way_at_once(client):
    address = journey_routes.journey_urls("any")["gif"]
    with ExitStack() as others:
        for _ in range(journey_routes.MAX_POSTS):
            others.enter_context(journey_routes.posts())
        assert client.post(address, content=b"x").status_code == 503
    assert client.post(address, content=b"x").status_code == 422
