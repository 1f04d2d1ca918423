"""A ready set of pictures to fine-tune on, drawn by us: one shape each, no two pictures alike.

The same kind and number give the same picture on every machine.
"""

import math

import numpy as np
from PIL import Image, ImageDraw

SIDE = 224
OVERSAMPLE = 3
KINDS = ("circle", "triangle", "star")


def drawn_shape(kind: str, number: int) -> Image.Image:
    """One of KINDS, somewhere, of some size, colour and turn, on a ground that runs from one colour to another."""
    random = np.random.default_rng([KINDS.index(kind), number])
    side = SIDE * OVERSAMPLE
    image = _ground(random, side)
    radius = side * random.uniform(0.2, 0.38)
    centre = random.uniform(radius, side - radius, 2)
    colour = tuple(int(value) for value in random.integers(0, 256, 3))
    points = _outline(kind, centre, radius, random.uniform(0, 2 * math.pi))
    ImageDraw.Draw(image).polygon(points, fill=colour)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _ground(random: np.random.Generator, side: int) -> Image.Image:
    start, end = random.integers(0, 256, (2, 3))
    share = np.linspace(0, 1, side)[:, None, None]
    rows = (1 - share) * start + share * end
    return Image.fromarray(np.broadcast_to(rows, (side, side, 3)).round().astype(np.uint8))


def _outline(kind: str, centre: np.ndarray, radius: float, turn: float) -> list[tuple[float, float]]:
    corners = {"circle": 90, "triangle": 3, "star": 10}[kind]
    lengths = [radius * (0.42 if kind == "star" and corner % 2 else 1) for corner in range(corners)]
    angles = [turn + 2 * math.pi * corner / corners for corner in range(corners)]
    x, y = centre
    return [(x + r * math.cos(a), y + r * math.sin(a)) for r, a in zip(lengths, angles, strict=True)]
