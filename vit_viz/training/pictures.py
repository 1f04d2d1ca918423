"""Pictures for the model card, drawn with Pillow: plotly would need a browser to write a file."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from plotly.colors import sample_colorscale, unlabel_rgb

from vit_viz.analysis.distance import uniform_distance
from vit_viz.analysis.rollout import rollout
from vit_viz.samples import sample_photo, samples
from vit_viz.tracing import trace
from vit_viz.training.evaluate import exported_model, position_similarity

INK, PALE, PAPER = (40, 44, 52), (205, 208, 214), (255, 255, 255)
COLOURS = ((31, 119, 180), (214, 95, 20), (44, 140, 60), (150, 60, 160))
FONT = ImageFont.load_default(13)


def colours(scale: str, values: np.ndarray) -> np.ndarray:
    """values (...) in 0..1 in a plotly colour scale, uint8 (..., 3)."""
    steps = sample_colorscale(scale, np.linspace(0, 1, 256).tolist())
    table = np.array([unlabel_rgb(step) for step in steps]).round().astype(np.uint8)
    return table[(np.clip(values, 0, 1) * 255).round().astype(int)]


def enlarge(pixels: np.ndarray, times: int) -> Image.Image:
    """pixels (h, w, 3) with every pixel as a square of `times`."""
    return Image.fromarray(pixels.repeat(times, 0).repeat(times, 1))


def position_picture(similarity: np.ndarray, grid: tuple[int, int]) -> Image.Image:
    """similarity (N, N), -1 to 1: tile (r, c) shows that position against all (paper, Fig. 7)."""
    rows, cols = grid
    tiles = similarity.reshape(rows, cols, rows, cols).transpose(0, 2, 1, 3)  # r, y, c, x
    tiles = np.pad(tiles, ((0, 0), (0, 1), (0, 0), (0, 1)), constant_values=np.nan)
    flat = tiles.reshape(rows * (rows + 1), cols * (cols + 1))
    pixels = colours("RdBu_r", np.nan_to_num((flat + 1) / 2))
    pixels[np.isnan(flat)] = PAPER
    return enlarge(pixels[:-1, :-1], 4)


@dataclass(frozen=True)
class Chart:
    """Axes of a drawing: ranges of x and y, and their names."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    x_name: str
    y_name: str
    size: tuple[int, int] = (760, 420)
    margin: int = 54

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Pixel of a point."""
        (x0, x1), (y0, y1), (width, height) = self.x_range, self.y_range, self.size
        inner_width, inner_height = width - 2 * self.margin, height - 2 * self.margin
        left = self.margin + (x - x0) / (x1 - x0) * inner_width
        return left, height - self.margin - (y - y0) / (y1 - y0) * inner_height

    def blank(self, x_ticks: Sequence[float], y_ticks: Sequence[float]) -> Image.Image:
        """Frame, grid lines and names."""
        picture = Image.new("RGB", self.size, PAPER)
        draw = ImageDraw.Draw(picture)
        for y in y_ticks:
            draw.line([self.at(self.x_range[0], y), self.at(self.x_range[1], y)], PALE)
            left, middle = self.at(self.x_range[0], y)
            draw.text((left - 6, middle), f"{y:g}", INK, FONT, anchor="rm")
        for x in x_ticks:
            middle, bottom = self.at(x, self.y_range[0])
            draw.text((middle, bottom + 6), f"{x:g}", INK, FONT, anchor="mt")
        width, height = self.size
        draw.text((width / 2, height - 10), self.x_name, INK, FONT, anchor="mb")
        draw.text((self.margin, 14), self.y_name, INK, FONT, anchor="lt")
        return picture


def distance_picture(distances: dict) -> Image.Image:
    """One dot per head and block, with the line that uniform attention would give."""
    values = np.array(distances["distance"])
    depth = len(values)
    top = max(140.0, values.max())
    title = "mean attention distance (pixels), one dot per head; line: uniform attention"
    chart = Chart((0.5, depth + 0.5), (0, top), "block", title)
    picture = chart.blank(range(1, depth + 1), range(0, int(top) + 1, 20))
    draw = ImageDraw.Draw(picture)
    place = (distances["grid"], distances["patch_size"], distances["num_prefix_tokens"])
    uniform = uniform_distance(*place, renormalised=False)
    draw.line([chart.at(0.5, uniform), chart.at(depth + 0.5, uniform)], COLOURS[1], 2)
    for block, heads in enumerate(values, start=1):
        for head in heads:
            draw.circle(chart.at(block, head), 5, (*COLOURS[0],), PAPER)
    return picture


def rollout_picture(
    photos: Sequence[np.ndarray], maps: Sequence[np.ndarray], columns: int = 4
) -> Image.Image:
    """Photos (S, S, 3) beside themselves times their rollout (rows, cols) over its maximum."""
    side, gap = 168, 8
    rows = -(-len(photos) // columns)
    picture = Image.new("RGB", (columns * (2 * side + gap) - gap, rows * (side + gap) - gap), PAPER)
    for i, (pixels, shares) in enumerate(zip(photos, maps, strict=True)):
        photo = Image.fromarray(pixels).resize((side, side))
        weight = Image.fromarray((shares / shares.max()).astype(np.float32))
        weight = np.asarray(weight.resize((side, side), Image.Resampling.BICUBIC)).clip(0, 1)
        masked = (np.asarray(photo) * weight[..., None]).astype(np.uint8)
        left, top = i % columns * (2 * side + gap), i // columns * (side + gap)
        picture.paste(photo, (left, top))
        picture.paste(Image.fromarray(masked), (left + side, top))
    return picture


def curve_picture(log: Path, columns: Sequence[str], name: str) -> Image.Image:
    """Columns of a training log over its minutes."""
    with log.open() as file:
        rows = list(csv.DictReader(file))
    lines = {
        column: smooth([(float(r["minutes"]), float(r[column])) for r in rows if r[column]])
        for column in columns
    }
    last = max(x for line in lines.values() for x, _ in line) or 0.01  # of a run shorter than the log tells
    highest = max(y for line in lines.values() for _, y in line) or 0.01  # of a run that was never right
    chart = Chart((0, last), (0, highest), "minutes", name)
    picture = chart.blank(nice_ticks(last), nice_ticks(highest))
    draw = ImageDraw.Draw(picture)
    for k, (column, line) in enumerate(lines.items()):
        draw.line([chart.at(x, y) for x, y in line], COLOURS[k], 2, joint="curve")
        draw.text((chart.size[0] - 8, 3 + 16 * k), column, COLOURS[k], FONT, anchor="rt")
    return picture


def smooth(line: list[tuple[float, float]], most: int = 100) -> list[tuple[float, float]]:
    """At most about `most` points, each the mean of as many neighbours."""
    width = -(-len(line) // most)
    groups = (np.array(line[at : at + width]) for at in range(0, len(line), width))
    return [tuple(group.mean(0)) for group in groups]


def draw_all(file: Path, distances: dict, out: Path) -> None:
    """Every picture of the card for one exported file."""
    model = exported_model(file)
    grid = model.info.grid
    position_picture(position_similarity(model.module), grid).save(out / "position_similarity.png")
    distance_picture(distances).save(out / "attention_distance.png")
    traces = [trace(model, sample_photo(name)) for name in samples()]
    prefix = len(model.info.prefix_names)
    maps = [rollout(t.attn, num_prefix_tokens=prefix)[-1, 0, prefix:].reshape(grid) for t in traces]
    rollout_picture([t.image for t in traces], maps).save(out / "rollout.jpg", quality=85)
    log = file.with_name("training_log.csv")
    if log.exists():
        columns = ("agreement", "kept_out_agreement", "kept_out_top1")
        curve_picture(log, columns, "shares, by minute of training").save(out / "curves.png")


def nice_ticks(top: float, count: int = 5) -> list[float]:
    """About `count` round numbers from 0 to top."""
    rough = top / count
    unit = 10 ** np.floor(np.log10(rough))
    step = min((unit * k for k in (1, 2, 5, 10)), key=lambda s: abs(s - rough))
    return [float(x) for x in np.arange(0, top + 1e-9, step)]
