"""Draw the two rendered sample pictures of the app.

    python tools/render_samples.py [--out assets/samples]

``shapes.png``: nine flat shapes, each with a colour and an outline of its own,
on a plain light ground, so that a 16 x 16 patch with a piece of a shape tells
by itself where in the picture it comes from.

``balls.jpg``: five shaded balls on a tiled floor, by a small ray tracer (soft
shadows, one mirror bounce).

Needs numpy and Pillow only. The random numbers are seeded: the same versions
of both libraries draw the same pictures. Our own work, free to use under the
licence of this project.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SEED = 20
DEFAULT_OUT = Path(__file__).resolve().parent.parent / "assets" / "samples"


# --- shapes -----------------------------------------------------------------


def _polygon(cx: float, cy: float, r: float, n: int, turn: float = -90.0):
    angles = [math.radians(turn + 360.0 * k / n) for k in range(n)]
    return [(cx + r * math.cos(a), cy + r * math.sin(a)) for a in angles]


def _star(cx: float, cy: float, r: float, n: int = 5, inner: float = 0.42):
    points = []
    for k in range(2 * n):
        radius = r if k % 2 == 0 else r * inner
        a = math.radians(-90.0 + 180.0 * k / n)
        points.append((cx + radius * math.cos(a), cy + radius * math.sin(a)))
    return points


def _heart(cx: float, cy: float, r: float):
    points = []
    for t in np.linspace(0.0, 2.0 * math.pi, 240, endpoint=False):
        x = 16.0 * math.sin(t) ** 3
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((cx + r * x / 16.5, cy - r * (y + 2.5) / 16.5))
    return points


def shapes(size: int = 480, oversample: int = 4) -> Image.Image:
    """Nine shapes in a 3 x 3 grid, drawn large and scaled down (smooth edges)."""
    s = size * oversample
    ground = (246, 242, 234)
    image = Image.new("RGB", (s, s), ground)
    draw = ImageDraw.Draw(image)
    # The model sees the middle 224/248 of the picture: keep the grid inside it.
    margin = 0.055 * s
    cell = (s - 2 * margin) / 3
    centre = [margin + cell * (k + 0.5) for k in range(3)]
    r = 0.39 * cell

    def at(row: int, column: int) -> tuple[float, float]:
        return centre[column], centre[row]

    x, y = at(0, 0)
    draw.ellipse((x - r, y - r, x + r, y + r), fill=(214, 64, 58))
    x, y = at(0, 1)
    draw.polygon(_polygon(x, y + 0.12 * r, 1.12 * r, 3), fill=(242, 178, 38))
    x, y = at(0, 2)
    q = 0.88 * r
    draw.rounded_rectangle((x - q, y - q, x + q, y + q), radius=0.16 * r, fill=(38, 98, 178))
    x, y = at(1, 0)
    draw.polygon(_polygon(x, y, 1.05 * r, 6, 0.0), fill=(64, 148, 84))
    x, y = at(1, 1)
    draw.polygon(_star(x, y + 0.05 * r, 1.15 * r), fill=(126, 76, 164))
    x, y = at(1, 2)
    draw.ellipse((x - r, y - r, x + r, y + r), fill=(236, 122, 44))
    h = 0.52 * r
    draw.ellipse((x - h, y - h, x + h, y + h), fill=ground)
    x, y = at(2, 0)
    w = 0.34 * r
    for box in ((x - w, y - r, x + w, y + r), (x - r, y - w, x + r, y + w)):
        draw.rounded_rectangle(box, radius=0.1 * r, fill=(24, 150, 158))
    x, y = at(2, 1)
    draw.polygon(_heart(x, y, r), fill=(226, 92, 138))
    x, y = at(2, 2)
    bar = 2 * r / 7
    for k in range(4):  # a ladder of stripes
        top = y - r + 2 * k * bar
        draw.rounded_rectangle((x - r, top, x + r, top + bar), radius=0.3 * bar, fill=(72, 62, 56))
    return image.resize((size, size), Image.Resampling.LANCZOS)


# --- balls ------------------------------------------------------------------

# centre x, y, z; radius; colour (linear light); mirror share
BALLS = [
    (-0.12, 0.95, 0.45, 0.95, (0.62, 0.035, 0.03), 0.08),
    (-1.38, 0.56, -0.10, 0.56, (0.02, 0.13, 0.55), 0.08),
    (1.26, 0.66, 0.05, 0.66, (0.85, 0.42, 0.02), 0.08),
    (0.66, 0.34, -1.00, 0.34, (0.03, 0.32, 0.08), 0.08),
    (-0.52, 0.40, -0.92, 0.40, (0.80, 0.80, 0.82), 0.60),
]
LIGHT = np.array([-4.2, 5.6, -3.4])
LIGHT_RADIUS = 0.8


def _unit(v: np.ndarray) -> np.ndarray:
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def _hit_ball(origin, direction, ball):
    """Distance along each ray to the ball, inf where it misses."""
    c = np.array(ball[:3])
    oc = origin - c
    b = np.sum(oc * direction, axis=-1)
    disc = b * b - (np.sum(oc * oc, axis=-1) - ball[3] ** 2)
    t = -b - np.sqrt(np.maximum(disc, 0.0))
    return np.where((disc > 0) & (t > 1e-3), t, np.inf)


def _sky(direction: np.ndarray) -> np.ndarray:
    up = np.clip(direction[:, 1:2] * 1.5 + 0.12, 0.0, 1.0)
    return (1 - up) * np.array([0.80, 0.76, 0.68]) + up * np.array([0.24, 0.40, 0.62])


def _shade(origin, direction, rng, bounce: int) -> np.ndarray:
    n = len(direction)
    nearest = np.full(n, np.inf)
    which = np.full(n, -2)  # -2 sky, -1 floor, 0 … balls
    down = direction[:, 1] < -1e-6
    t_floor = np.where(down, -origin[:, 1] / np.where(down, direction[:, 1], -1.0), np.inf)
    on_floor = t_floor > 1e-3
    nearest[on_floor], which[on_floor] = t_floor[on_floor], -1
    which[~np.isfinite(nearest)] = -2
    for k, ball in enumerate(BALLS):
        t = _hit_ball(origin, direction, ball)
        closer = t < nearest
        nearest[closer], which[closer] = t[closer], k

    colour = _sky(direction)
    hit = which > -2
    if not hit.any():
        return colour
    o, d, w, t = origin[hit], direction[hit], which[hit], nearest[hit]
    point = o + d * t[:, None]
    normal = np.tile(np.array([0.0, 1.0, 0.0]), (len(w), 1))
    albedo = np.empty((len(w), 3))
    mirror = np.zeros(len(w))
    floor = w == -1
    tile = (np.floor(point[:, 0] / 0.9 + 0.5) + np.floor(point[:, 2] / 0.9)).astype(int) % 2
    albedo[:] = np.where(tile[:, None] == 0, [0.60, 0.52, 0.40], [0.20, 0.25, 0.30])
    for k, ball in enumerate(BALLS):
        mine = w == k
        normal[mine] = (point[mine] - np.array(ball[:3])) / ball[3]
        albedo[mine] = ball[4]
        mirror[mine] = ball[5]

    # One random point of the round lamp per ray; the rays of a pixel average out.
    offset = _unit(rng.normal(size=(len(w), 3))) * LIGHT_RADIUS
    to_light = LIGHT + offset - point
    far = np.linalg.norm(to_light, axis=1)
    to_light /= far[:, None]
    start = point + normal * 2e-3
    lit = np.ones(len(w))
    near_ball = np.ones(len(w))  # how open the floor is to the sky
    for k, ball in enumerate(BALLS):
        lit[_hit_ball(start, to_light, ball) < far] = 0.0
        gap = np.array(ball[:3]) - point
        dist = np.linalg.norm(gap, axis=1)
        facing = np.clip(np.sum(normal * gap, axis=1) / dist, 0.0, 1.0)
        shut = facing * np.clip(ball[3] / dist, 0.0, 1.0) ** 2
        near_ball *= np.where(w == k, 1.0, 1.0 - 0.85 * shut)
    lambert = np.clip(np.sum(normal * to_light, axis=1), 0.0, 1.0) * lit
    skylight = (0.17 + 0.13 * normal[:, 1]) * near_ball
    out = albedo * (0.95 * lambert + skylight)[:, None]
    half = _unit(to_light - d)
    gloss = np.clip(np.sum(normal * half, axis=1), 0.0, 1.0) ** 120 * lit * ~floor
    out += 0.9 * gloss[:, None]
    if bounce > 0:
        ball_hit = ~floor
        if ball_hit.any():
            dn = np.sum(d * normal, axis=1, keepdims=True)
            away = _unit(d - 2 * dn * normal)
            seen = _shade(start[ball_hit], away[ball_hit], rng, bounce - 1)
            edge = (1 - np.clip(-dn[ball_hit, 0], 0, 1)) ** 5
            share = mirror[ball_hit] + (1 - mirror[ball_hit]) * 0.6 * edge
            out[ball_hit] = out[ball_hit] * (1 - share)[:, None] + seen * share[:, None]
    haze = np.where(floor, np.clip((t - 7.5) / 18.0, 0.0, 1.0), 0.0)[:, None]
    colour[hit] = out * (1 - haze) + np.array([0.80, 0.76, 0.68]) * haze
    return colour


def balls(width: int = 640, height: int = 480, per_side: int = 5) -> Image.Image:
    """Ray-trace the scene with ``per_side`` squared rays per pixel."""
    rng = np.random.default_rng(SEED)
    eye = np.array([0.05, 2.9, -6.2])
    target = np.array([-0.02, 0.72, 0.0])
    forward = _unit(target - eye)
    right = _unit(np.cross(np.array([0.0, 1.0, 0.0]), forward))
    above = np.cross(forward, right)
    half_height = math.tan(math.radians(33.5 / 2))
    total = np.zeros((height * width, 3))
    ys, xs = np.mgrid[0:height, 0:width]
    for sy in range(per_side):
        for sx in range(per_side):
            u = (xs.ravel() + (sx + rng.random(xs.size)) / per_side) / width * 2 - 1
            v = 1 - (ys.ravel() + (sy + rng.random(xs.size)) / per_side) / height * 2
            d = forward + half_height * ((u * width / height)[:, None] * right + v[:, None] * above)
            d = _unit(d)
            total += np.minimum(_shade(np.tile(eye, (len(d), 1)), d, rng, 1), 1.4)
    light = total / per_side**2
    light = np.clip(light * (1 + light / 2.6) / (1 + light * 0.45), 0.0, 1.0)
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return Image.fromarray((srgb * 255 + 0.5).astype(np.uint8).reshape(height, width, 3))


def main() -> None:
    """Draw every rendered sample."""
    parser = argparse.ArgumentParser(description="Draw the rendered sample pictures.")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder to write to")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    shapes().save(out / "shapes.png", optimize=True)
    balls().save(out / "balls.jpg", quality=91, subsampling=0, optimize=True)
    for name in ("shapes.png", "balls.jpg"):
        print(f"{name}: {(out / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
