"""Mean attention distance: how far the heads look (Dosovitskiy et al. 2021, Fig. 7 right).

Axes: L depth, H num_heads, T tokens = R prefix tokens + N patches in reading order, B photos.
Distances are in pixels. `attn` is [query, key].
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from vit_viz.analysis.attention import patch_distances, prefix_mass

MEASURES = ("distance", "renormalised", "prefix_mass")

# Smallest and largest head of each block of ViT-B/16 at 224 px over 1000 ImageNet photos, by the paper's
# definition; read off a published plot to ±0.5 px, so a band to look at and never an expected value.
PUBLISHED_TITLE = "ViT-B/16, published"
PUBLISHED_SOURCE = (
    "Smallest to largest head of ViT-B/16 at 224 px over 1000 ImageNet photos, not renormalised: "
    "read off the plot of S. Paul and A. R. Gosthipaty's probing-vits notebook, to ±0.5 px."
)
PUBLISHED_BAND = (
    (0.1, 101.0), (16.0, 114.8), (21.5, 114.0), (34.8, 112.7), (42.7, 123.7), (52.6, 117.2),
    (65.2, 129.2), (80.3, 106.7), (92.9, 111.7), (92.3, 119.4), (116.9, 122.7), (109.1, 121.6),
)  # fmt: skip


class HeadDistances(NamedTuple):
    """What one head's rows give on average, for every head (...,).

    distance      pixels, the paper's: prefix tokens are dropped and the rest is not renormalised
    renormalised  pixels, each row divided by its weight on patches first (Walmer et al. 2023)
    prefix_mass   what was dropped: the patches' weight on prefix tokens, 0 to 1
    """

    distance: np.ndarray
    renormalised: np.ndarray
    prefix_mass: np.ndarray


def head_distances(
    attn: np.ndarray, grid: tuple[int, int], patch_size: tuple[int, int], num_prefix_tokens: int
) -> HeadDistances:
    """attn (..., T, T) → the three measures (...,) of its heads, means over the patches' rows.

    A row with no weight on any patch looks nowhere: its renormalised distance counts as 0.
    """
    R = num_prefix_tokens
    patches = attn[..., R:, R:]
    rows = (patches * patch_distances(grid, patch_size)).sum(-1)  # (..., N)
    mass = patches.sum(-1, dtype=np.float64)
    renormalised = np.divide(rows, mass, out=np.zeros_like(rows), where=mass > 0)
    dropped = prefix_mass(attn[..., R:, :], R)
    return HeadDistances(rows.mean(-1), renormalised.mean(-1), dropped.mean(-1))


def uniform_distance(
    grid: tuple[int, int], patch_size: tuple[int, int], num_prefix_tokens: int, *, renormalised: bool
) -> float:
    """What a head gives that looks at all tokens alike, in pixels: the line to compare heads with."""
    N = grid[0] * grid[1]
    share = 1.0 if renormalised else N / (N + num_prefix_tokens)
    return share * float(patch_distances(grid, patch_size).mean())


def receptive_field(num_layers: int) -> int:
    """Pixels across which a stack of 3 × 3 convolutions of stride 1 sees."""
    return 2 * num_layers + 1


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A photo that could not be read, and why."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True, eq=False)
class AttentionDistance:
    """Distances of every head, averaged over photos; grows by `with_photos` without keeping any photo.

    | field              | shape     | what it is                                                     |
    |--------------------|-----------|----------------------------------------------------------------|
    | photos             |           | how many were averaged                                         |
    | mean               | (3, L, H) | distance, renormalised (pixels) and prefix mass (0 to 1)       |
    | squares            | (3, L, H) | summed squared deviations from the mean; None if not recorded  |
    | grid, patch_size   |           | patches (rows, cols), and pixels of one (height, width)        |
    | num_prefix_tokens  |           | R                                                              |
    | skipped            |           | photos that could not be read                                  |
    """

    photos: int
    mean: np.ndarray
    squares: np.ndarray | None
    grid: tuple[int, int]
    patch_size: tuple[int, int]
    num_prefix_tokens: int
    skipped: tuple[Skipped, ...] = ()

    @property
    def distance(self) -> np.ndarray:
        """(L, H) the paper's mean attention distance, in pixels."""
        return self.mean[0]

    @property
    def renormalised(self) -> np.ndarray:
        """(L, H) the same with every row divided by its weight on patches, in pixels."""
        return self.mean[1]

    @property
    def prefix_mass(self) -> np.ndarray:
        """(L, H) the patches' weight on prefix tokens, 0 to 1."""
        return self.mean[2]

    @property
    def standard_deviation(self) -> np.ndarray | None:
        """(3, L, H) of the three measures over photos; None for a single photo or where it was not recorded."""
        if self.squares is None or self.photos < 2:
            return None
        return np.sqrt(self.squares / (self.photos - 1))

    @property
    def standard_error(self) -> np.ndarray | None:
        """(3, L, H) of the three means over photos; None where there is no standard deviation."""
        spread = self.standard_deviation
        return None if spread is None else spread / np.sqrt(self.photos)

    @property
    def seen(self) -> int:
        """Photos averaged or skipped."""
        return self.photos + len(self.skipped)

    def uniform(self, *, renormalised: bool = False) -> float:
        """The line that looking at all tokens alike would give, in pixels."""
        return uniform_distance(self.grid, self.patch_size, self.num_prefix_tokens, renormalised=renormalised)

    def with_photos(self, values: np.ndarray) -> "AttentionDistance":
        """Take in the measures (B, 3, L, H) of more photos (Chan et al. 1979: means of parts combined)."""
        if len(values) == 0:
            return self
        if self.squares is None:
            raise ValueError("These means came without their spread, so no photo can be added to them.")
        total = self.photos + len(values)
        part = values.mean(0)
        step = part - self.mean
        between = step**2 * (self.photos * len(values) / total)
        return replace(
            self,
            photos=total,
            mean=self.mean + step * (len(values) / total),
            squares=self.squares + ((values - part) ** 2).sum(0) + between,
        )

    def with_skipped(self, skipped: Sequence[Skipped]) -> "AttentionDistance":
        """Note photos that could not be read."""
        return replace(self, skipped=(*self.skipped, *skipped))

    def to_csv(self) -> str:
        """One line per head, counted from 1; distances in pixels, an unknown error left empty."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["layer", "head", "photos", *_columns(), "uniform_px", "uniform_renormalised_px"])
        lines = [self.uniform(renormalised=choice) for choice in (False, True)]
        errors = self.standard_error
        for layer, head in np.ndindex(self.mean.shape[1:]):
            cells: list[object] = []
            for measure in range(len(MEASURES)):
                error = "" if errors is None else f"{errors[measure, layer, head]:.9g}"
                cells += [f"{self.mean[measure, layer, head]:.9g}", error]
            writer.writerow([layer + 1, head + 1, self.photos, *cells, *(f"{line:.9g}" for line in lines)])
        return text.getvalue()


def _columns() -> list[str]:
    names = ("distance_px", "renormalised_px", "prefix_mass")
    return [column for name in names for column in (name, f"{name}_standard_error")]


def no_photos_yet(
    depth: int,
    num_heads: int,
    *,
    grid: tuple[int, int],
    patch_size: tuple[int, int],
    num_prefix_tokens: int,
) -> AttentionDistance:
    """The average before its first photo."""
    zero = np.zeros((len(MEASURES), depth, num_heads))
    return AttentionDistance(
        photos=0,
        mean=zero,
        squares=zero,
        grid=grid,
        patch_size=patch_size,
        num_prefix_tokens=num_prefix_tokens,
    )
