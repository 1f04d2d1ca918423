"""Random views of a batch of photos, made on the device that holds them.

The sources differ in sharpness, so a network could guess the class from the blur: sharp photos
are reduced to a random side at random, and upscaled again by the crop.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch.nn import functional

from vit_viz.training.config import Config
from vit_viz.training.data import Photos

LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True, eq=False)
class Batch:
    """A batch of views, each a blend of two photos or, without mixup, one photo.

    images [B, 3, S, S] in 0..1; labels [2, B], -1 unknown; share [], the first label's weight.
    """

    images: torch.Tensor
    labels: torch.Tensor
    share: torch.Tensor


def random_views(
    photos: Photos,
    chosen: torch.Tensor,
    size: int,
    config: Config,
    generator: torch.Generator,
    decide: torch.Generator,
) -> Batch:
    """Random resized crop, flip, blur and colour of the chosen photos.

    `generator` draws on the photos' device, `decide` on the CPU what Python has to know: a number read back
    from a GPU would wait for all that is under way there.
    """
    theta = random_crops(len(chosen), config.crop_min, generator)
    images = torch.empty(len(chosen), 3, size, size, device=photos.device)
    for rows, pixels, is_sharp in by_side(photos, chosen):
        for part, part_rows in blur_some(pixels, rows, is_sharp, config, decide):
            images[part_rows] = crop(part, theta[part_rows], size)
    images = colour_jitter(images, config.colour, generator)
    return unmixed(images, photos.label[there(chosen, photos.device)])


def by_side(photos: Photos, chosen: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor, bool]]:
    """Of each stored side: rows in the batch, pixels [n, 3, S, S] in 0..1, and whether photos that small exist."""
    for at, stored in enumerate(photos.images):
        rows = (photos.bucket[chosen] == at).nonzero()[:, 0]
        slots = there(photos.slot[chosen[rows]], photos.device)
        yield there(rows, photos.device), stored[slots].float() / 255, at > 0


def there(indices: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Indices from the CPU on the device.

    Of up to 8,192 (64 KB) CUDA takes a copy of its own at once; more may wait for what is under way there, as they
    are not in pinned memory.
    """
    return indices.to(device, non_blocking=True)


def unmixed(images: torch.Tensor, labels: torch.Tensor) -> Batch:
    """A batch in which every view is one photo."""
    return Batch(images, torch.stack([labels, labels]), torch.ones((), device=images.device))


def random_crops(count: int, smallest: float, generator: torch.Generator) -> torch.Tensor:
    """Affine maps [B, 2, 3] from a view's corners (-1..1) to a random box of the photo."""
    area, ratio, x, y, flip = torch.rand(5, count, generator=generator, device=generator.device)
    area = smallest + (1 - smallest) * area
    ratio = (4 / 3) ** (ratio - 0.5)  # the square root of an aspect between 3/4 and 4/3
    width = (area.sqrt() * ratio).clamp(max=1)
    height = (area.sqrt() / ratio).clamp(max=1)
    theta = torch.zeros(count, 2, 3, device=generator.device)
    theta[:, 0, 0] = torch.where(flip < 0.5, -width, width)
    theta[:, 1, 1] = height
    theta[:, 0, 2] = (1 - width) * (2 * x - 1)
    theta[:, 1, 2] = (1 - height) * (2 * y - 1)
    return theta


def crop(images: torch.Tensor, theta: torch.Tensor, size: int) -> torch.Tensor:
    """Views [B, 3, size, size] of the boxes that theta names."""
    grid = functional.affine_grid(theta, [len(images), 3, size, size], align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def blur_some(
    images: torch.Tensor,
    rows: torch.Tensor,
    is_sharp: bool,
    config: Config,
    decide: torch.Generator,
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The photos with their rows in the batch, some reduced to one random smaller side."""
    blurred = int(len(rows) * config.blur) if is_sharp else 0  # their order is random already
    draw = torch.rand(1, generator=decide).item()
    side = int(config.blur_side + draw * (images.shape[-1] - config.blur_side))
    parts = [(images[blurred:], rows[blurred:])]
    if blurred and side < images.shape[-1]:
        small = functional.interpolate(images[:blurred], (side, side), mode="bilinear", antialias=True)
        parts.append((small, rows[:blurred]))
    elif blurred:
        parts.append((images[:blurred], rows[:blurred]))
    return [part for part in parts if len(part[1])]


def colour_jitter(images: torch.Tensor, strength: float, generator: torch.Generator) -> torch.Tensor:
    """Brightness, contrast and saturation, each by a random factor in 1 ± strength."""
    factors = torch.rand(3, len(images), 1, 1, 1, generator=generator, device=generator.device)
    brightness, contrast, saturation = 1 + strength * (2 * factors - 1)
    luma = torch.tensor(LUMA).to(images.device, non_blocking=True).view(1, 3, 1, 1)
    images = images * brightness
    grey = (images * luma).sum(1, keepdim=True)
    mean = grey.mean((2, 3), keepdim=True)
    images = grey + saturation * (images - grey)
    return (mean + contrast * (images - mean)).clamp(0, 1)


def mixup(batch: Batch, generator: torch.Generator) -> Batch:
    """Blend each view with its neighbour in the batch; one uniform share for all."""
    share = torch.rand((), generator=generator, device=generator.device)
    images = share * batch.images + (1 - share) * batch.images.roll(1, 0)
    return Batch(images, torch.stack([batch.labels[0], batch.labels[0].roll(1)]), share)


def plain_views(photos: Photos, chosen: torch.Tensor, size: int) -> Batch:
    """The whole photos, bicubic at the given size: what evaluation sees."""
    images = torch.empty(len(chosen), 3, size, size, device=photos.device)
    for rows, pixels, _ in by_side(photos, chosen):
        if len(rows):
            images[rows] = functional.interpolate(pixels, (size, size), mode="bicubic", antialias=True)
    return unmixed(images.clamp(0, 1), photos.label[there(chosen, photos.device)])
