"""Frames that the browser posts → one GIF, small enough for a slide."""

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image, UnidentifiedImageError

from vit_viz.components.payload import unpack
from vit_viz.errors import GifError

MAX_SECONDS = 10
MAX_SIDE = 960
MAX_FRAMES = 150
MAX_BYTES = 48 * 2**20
MIN_DELAY_MS = 20  # browsers slow down faster ones
PALETTE_FRAMES = 8
COMMON = 16
HELD = 7


def gif(blob: bytes) -> bytes:
    """A payload with frame_000, frame_001 … (JPEG or PNG) and meta.delay_ms → the GIF, played for ever.

    Raises GifError with a sentence for the reader.
    """
    try:
        arrays, meta = unpack(blob)
        delay_ms = meta.get("delay_ms")
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise GifError("The frames did not arrive whole. Try again.") from error
    names = sorted(name for name in arrays if name.startswith("frame_"))
    delay = _delay(delay_ms, len(names))
    frames = [arrays[name].tobytes() for name in names]
    _check_sizes(frames)
    indexed = _indexed(frames, _palette(frames))
    buffer = io.BytesIO()
    next(indexed).save(buffer, "GIF", save_all=True, append_images=indexed, duration=delay, loop=0)
    return buffer.getvalue()


def _delay(delay: object, count: int) -> int:
    if not 1 < count <= MAX_FRAMES:
        raise GifError(f"{count} frames came; a GIF here has 2 to {MAX_FRAMES}. Choose another range.")
    if not isinstance(delay, (int, float)) or not MIN_DELAY_MS <= delay <= 1000 * MAX_SECONDS:
        raise GifError(f"A frame lasts {delay} ms; allowed are {MIN_DELAY_MS} or more.")
    if count * delay > 1000 * MAX_SECONDS:
        seconds = count * delay / 1000
        raise GifError(f"The GIF would last {seconds:.1f} s; up to {MAX_SECONDS} are made. Choose less.")
    return round(delay)


def _check_sizes(frames: list[bytes]) -> None:
    sizes = {_open(frame).size for frame in frames}
    if len(sizes) > 1:
        raise GifError("The frames differ in size. Leave the window as it is while they are drawn.")
    (size,) = sizes
    if max(size) > MAX_SIDE:
        raise GifError(f"The frames are {size[0]} × {size[1]} pixels; up to {MAX_SIDE} are made.")


def _open(frame: bytes) -> Image.Image:
    """The frame, not yet decoded."""
    try:
        return Image.open(io.BytesIO(frame), formats=("JPEG", "PNG"))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise GifError("A frame is no JPEG or PNG picture. Try again.") from error


def _decoded(frame: bytes) -> Image.Image:
    try:
        return _open(frame).convert("RGB")
    except (OSError, SyntaxError) as error:  # Pillow calls a broken PNG a syntax error
        raise GifError("A frame is damaged or cut short. Try again.") from error


def _palette(frames: list[bytes]) -> Image.Image:
    """One palette for all frames, so that still parts do not flicker: common colours as they are, the rest fitted.

    Colours count by the root of their number, so that a thin line keeps its own beside a large ground.
    """
    step = max(1, len(frames) // PALETTE_FRAMES)
    pixels = np.concatenate(
        [np.asarray(_decoded(frame))[::2, ::2].reshape(-1, 3) for frame in frames[::step]]
    )
    codes = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    colours, counts = np.unique(codes, return_counts=True)
    common = colours[np.argsort(-counts, kind="stable")[:COMMON]]
    _, which = np.unique(colours & 0xF8F8F8, return_inverse=True)
    totals = np.bincount(which, counts)
    means = np.stack(
        [np.bincount(which, counts * (colours >> shift & 255)) / totals for shift in (16, 8, 0)], -1
    )
    sheet = np.repeat(means.round().astype(np.uint8), np.ceil(np.sqrt(totals)).astype(int), axis=0)
    fitted = Image.fromarray(sheet[None]).quantize(256 - COMMON, method=Image.Quantize.MEDIANCUT, kmeans=1)
    exact = [int(code >> shift & 255) for code in common for shift in (16, 8, 0)]
    palette = Image.new("P", (1, 1))
    palette.putpalette(exact + (fitted.getpalette() or [])[: 3 * (256 - COMMON)])
    return palette


def _indexed(frames: list[bytes], palette: Image.Image) -> Iterator[Image.Image]:
    """The frames one by one, so that never more than one is held in full colour.

    A pixel keeps its entry until it differs by HELD from what is shown: what stands still stays still, and the
    noise of JPEG costs no bytes.
    """
    shown = codes = None
    for frame in frames:
        picture = _decoded(frame)
        pixels = np.asarray(picture).astype(np.int16)
        indexed = np.asarray(picture.quantize(palette=palette, dither=Image.Dither.NONE))
        if shown is None or codes is None:
            shown, codes = pixels, indexed
        else:
            new = np.abs(pixels - shown).max(-1) >= HELD
            shown, codes = np.where(new[..., None], pixels, shown), np.where(new, indexed, codes)
        made = Image.fromarray(codes)
        made.putpalette(palette.getpalette() or [])
        yield made
