"""Mean attention distance averaged over many photos, in batches; no attention outlives its layer.

Axes: B photos, L depth, H num_heads, T tokens = R prefix tokens + N patches.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from vit_viz.analysis.attention import patch_distances
from vit_viz.analysis.distance import AttentionDistance, Skipped, no_photos_yet
from vit_viz.devices import memory_errors
from vit_viz.errors import PhotoError
from vit_viz.families import Layer, forward
from vit_viz.models import Model, ModelInfo
from vit_viz.photo_files import PhotoFile, photo_files
from vit_viz.photos import Prepared, as_prepared, prepare

Photo = Image.Image | Prepared | PhotoFile | Path | str | bytes

MAX_BATCH = 16
# attention of one layer over one batch, in bytes: on two CPU cores a larger batch is not faster
MAX_ATTENTION = 32 * 2**20


def attention_distance(
    model: Model,
    images: Iterable[Photo] | str | Path,
    *,
    limit: int | None = None,
    batch_size: int | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> AttentionDistance:
    """Mean attention distance of every head over photos (Dosovitskiy et al. 2021, Fig. 7).

    images      photos in any form (PIL, path, bytes, Prepared), or one path: a folder or zip of them
    limit       stop after so many photos; None takes all
    batch_size  photos at a time; the result does not depend on it
    progress    called with (photos seen, photos in all or None where that is not known)

    Photos that cannot be read are skipped and named in the result's `skipped`. Raises PhotoError where
    none is left, DeviceError when the device's memory is full, TypeError for a single photo or what is none.
    """
    photos = _listed(images)
    total = _total(photos, limit)
    average = empty_average(model.info)
    for average in average_distances(model, photos, limit=limit, batch_size=batch_size):
        if progress is not None:
            progress(average.seen, total)
    check_not_empty(average)
    return average


def average_distances(
    model: Model,
    images: Iterable[Photo],
    *,
    start: AttentionDistance | None = None,
    limit: int | None = None,
    batch_size: int | None = None,
) -> Iterator[AttentionDistance]:
    """The average so far, after every batch: stop whenever you like and keep the last.

    `start` is an average to go on from; `images` are then the photos after those it has seen.
    """
    if limit is not None and limit < 1:
        raise PhotoError(f"{limit} photos cannot be averaged. Ask for at least 1.")
    if batch_size is not None and batch_size < 1:
        raise ValueError(f"{batch_size} photos at a time are none. Take at least 1, or None for what fits.")
    average = start or empty_average(model.info)
    most = batch_size or batch_size_for(model.info)
    sources = iter(images)
    while limit is None or average.photos < limit:
        wanted = most if limit is None else min(most, limit - average.photos)
        batch = list(islice(sources, wanted))
        if not batch:
            return
        pixels, skipped = _readable(batch, average.seen, model.info)
        average = average.with_skipped(skipped)
        if pixels:
            average = average.with_photos(distances_of_batch(model, torch.stack(pixels)))
        yield average


def distances_of_batch(model: Model, pixels: Tensor) -> np.ndarray:
    """pixels (B, 3, height, width) → (B, 3, L, H) float64: distance, renormalised, prefix mass by photo."""
    info = model.info
    with memory_errors(info.device, info.title), torch.inference_mode():
        sums = _sums_over_keys(info.grid, info.patch_size, len(info.prefix_names), info.device)
        steps = forward(model.module, pixels.to(info.device))
        layers = [_measures(step.attn, sums) for step in steps if isinstance(step, Layer)]
        return torch.stack(layers, dim=2).cpu().double().numpy()


def batch_size_for(info: ModelInfo, most: int = MAX_BATCH) -> int:
    """Photos at a time, up to `most`, so that attention of one layer stays within bounds."""
    per_photo = 4 * info.num_heads * info.num_tokens**2
    return max(1, min(most, MAX_ATTENTION // per_photo))


def empty_average(info: ModelInfo) -> AttentionDistance:
    """The average of this model before its first photo."""
    return no_photos_yet(
        info.depth,
        info.num_heads,
        grid=info.grid,
        patch_size=info.patch_size,
        num_prefix_tokens=len(info.prefix_names),
    )


def check_not_empty(average: AttentionDistance) -> None:
    """Raise PhotoError with the reasons where no photo could be read."""
    if average.photos > 0:
        return
    if not average.skipped:
        raise PhotoError("There is no photo to average over. Give at least one.")
    first = average.skipped[0]
    raise PhotoError(
        f"None of the {len(average.skipped)} photos can be read. The first, {first.name}: {first.reason}"
    )


@lru_cache(maxsize=1)  # the same for every batch
def _sums_over_keys(
    grid: tuple[int, int], patch_size: tuple[int, int], R: int, device: torch.device
) -> Tensor:
    """(N, T, 3) by query: what each key's weight counts for distance, mass on patches, mass on the prefix."""
    N = grid[0] * grid[1]
    factors = np.zeros((N, R + N, 3), np.float32)
    factors[:, R:, 0] = patch_distances(grid, patch_size)
    factors[:, R:, 1] = 1
    factors[:, :R, 2] = 1
    return torch.from_numpy(factors).to(device)


def _measures(attn: Tensor, sums: Tensor) -> Tensor:
    """attn (B, H, T, T) → (B, 3, H), means over the patches' rows."""
    rows = torch.einsum("bhqk,qks->bhqs", attn[:, :, -len(sums) :], sums)  # (B, H, N, 3)
    distance, on_patches, on_prefix = rows.unbind(-1)
    renormalised = torch.where(on_patches > 0, distance / on_patches, 0.0)
    return torch.stack([distance, renormalised, on_prefix], dim=1).mean(-1)


def _readable(batch: list[Photo], seen: int, info: ModelInfo) -> tuple[list[Tensor], list[Skipped]]:
    """Pixels of the photos that can be read, and the others' names and reasons."""
    pixels, skipped = [], []
    for place, photo in enumerate(batch):
        try:
            prepared = _prepared(photo, info)
        except PhotoError as error:
            skipped.append(Skipped(name=_name(photo, seen + place), reason=str(error)))
        else:
            pixels.append(torch.from_numpy(prepared.pixels.copy()))
    return pixels, skipped


def _prepared(photo: Photo, info: ModelInfo) -> Prepared:
    if isinstance(photo, PhotoFile):
        return prepare(photo.open(), info.data_config)
    return as_prepared(photo, info.data_config)


def _name(photo: Photo, place: int) -> str:
    if isinstance(photo, PhotoFile):
        return photo.name
    return str(photo) if isinstance(photo, (str, Path)) else f"photo {place + 1}"


def _listed(images: Iterable[Photo] | str | Path) -> Iterable[Photo]:
    if isinstance(images, (Image.Image, Prepared, PhotoFile, bytes)):
        raise TypeError("This is one photo. Give a list of photos, or the path of a folder or zip of them.")
    return photo_files(images) if isinstance(images, (str, Path)) else images


def _total(photos: Iterable[Photo], limit: int | None) -> int | None:
    there = len(photos) if hasattr(photos, "__len__") else None
    return min((count for count in (there, limit) if count is not None), default=None)
