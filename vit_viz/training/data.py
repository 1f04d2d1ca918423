"""Photos as uint8 tensors, from .npz shards or from a folder of class folders.

A shard holds `avif` (all files end to end), `offsets`, `label` and `source`; any image format
that Pillow opens will do. A folder's class names are wnids where an ImageNet label is known.
"""

import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

from vit_viz.errors import TrainingError
from vit_viz.models import classes_by_wnid
from vit_viz.training.config import Config

IMAGE_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".bmp"}


@dataclass(frozen=True, eq=False)
class Photos:
    """Decoded photos, all in memory.

    images   one tensor [n, 3, S, S] uint8 per stored side S
    bucket   which of these tensors photo i is in [N]; on the CPU, where batches are put together
    slot     and at which row [N]; on the CPU, too
    label    ImageNet class of photo i, -1 where no wnid is known [N]
    source   where photo i comes from, N strings
    index    its number in its shard or folder [N]; decides what is kept out
    """

    images: tuple[torch.Tensor, ...]
    bucket: torch.Tensor
    slot: torch.Tensor
    label: torch.Tensor
    source: tuple[str, ...]
    index: torch.Tensor

    def __len__(self) -> int:
        return len(self.label)

    def to(self, device: torch.device) -> "Photos":
        """The same photos on a device."""
        images = tuple(side.to(device) for side in self.images)
        return replace(self, images=images, label=self.label.to(device))

    @property
    def device(self) -> torch.device:
        """Where images and labels are."""
        return self.label.device


@dataclass(frozen=True)
class Record:
    """A photo before decoding: its bytes or path, and what is known about it."""

    file: bytes | Path
    label: int
    source: str
    index: int


def load_photos(config: Config, *, kept_out: bool, most: int | None = None) -> Photos:
    """Decode either the photos kept out (index % keep_out_every == 0) or all the others; of these the first `most`.

    Raises TrainingError where there are none.
    """
    wanted = [
        record
        for record in records(Path(config.data), config.limit)
        if (record.index % config.keep_out_every == 0) == kept_out
    ]
    if not wanted:
        raise TrainingError(
            f"No {'kept-out' if kept_out else 'training'} photos in {config.data}: expected "
            ".npz shards, or a folder with one folder of photos per class."
        )
    return pack(wanted[:most], config.stored_sides())


def records(data: Path, limit: int = 0) -> Iterator[Record]:
    """Every photo of the shards in `data`, or of one shard, or of a folder of class folders."""
    shards = [data] if data.suffix == ".npz" else sorted(data.glob("*.npz"))
    if shards:
        for shard in shards:
            yield from shard_records(shard, limit)
    else:
        yield from folder_records(data, limit)


def shard_records(path: Path, limit: int = 0) -> Iterator[Record]:
    """Every photo of one .npz shard."""
    classes = classes_by_wnid("imagenet-1k")
    with np.load(path) as shard:
        files, offsets, labels, sources = (shard[name] for name in ("avif", "offsets", "label", "source"))
    for i in range(min(limit or len(labels), len(labels))):
        file = files[offsets[i] : offsets[i + 1]].tobytes()
        yield Record(file, classes.get(str(labels[i]), -1), str(sources[i]), i)


def folder_records(folder: Path, limit: int = 0) -> Iterator[Record]:
    """Photos of folder/<class>/*, by name and then shuffled, so that every class is kept out."""
    classes = classes_by_wnid("imagenet-1k")
    paths = sorted(p for p in folder.glob("*/*") if p.suffix.lower() in IMAGE_SUFFIXES)
    order = np.random.default_rng(0).permutation(len(paths))
    for i, position in enumerate(order[: limit or None]):
        path = paths[position]
        yield Record(path, classes.get(path.parent.name, -1), folder.name, i)


def pack(wanted: list[Record], sides: tuple[int, ...]) -> Photos:
    """Decode the photos, in threads, into one tensor per stored side."""
    # room for all photos in every bucket: pages that are never written take no memory
    room = [np.empty((len(wanted), 3, side, side), np.uint8) for side in sides]
    filled = [0] * len(sides)
    bucket, slot = [], []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for pixels in pool.map(lambda record: decode(record.file, sides), wanted):
            at = sides.index(pixels.shape[-1])
            room[at][filled[at]] = pixels
            bucket.append(at)
            slot.append(filled[at])
            filled[at] += 1
    return Photos(
        images=tuple(torch.from_numpy(pixels[:count]) for pixels, count in zip(room, filled, strict=True)),
        bucket=torch.tensor(bucket),
        slot=torch.tensor(slot),
        label=torch.tensor([record.label for record in wanted]),
        source=tuple(record.source for record in wanted),
        index=torch.tensor([record.index for record in wanted]),
    )


def decode(file: bytes | Path, sides: tuple[int, ...]) -> np.ndarray:
    """An upright photo's central square as uint8 [3, S, S], S the smallest stored side that keeps it."""
    with Image.open(io.BytesIO(file) if isinstance(file, bytes) else file) as photo:
        photo = ImageOps.exif_transpose(photo).convert("RGB")
    short = min(photo.size)
    side = next((s for s in sides if short <= s), sides[-1])
    left, top = (photo.width - short) // 2, (photo.height - short) // 2
    if (short, short) != photo.size or short != side:
        box = (left, top, left + short, top + short)
        photo = photo.resize((side, side), Image.Resampling.BICUBIC, box=box)
    return np.asarray(photo).transpose(2, 0, 1)


def batch_order(count: int, batch_size: int, step: int, seed: int) -> torch.Tensor:
    """The photos of a step [B]: each pass is a new permutation, its last partial batch left out."""
    per_pass = max(count // batch_size, 1)
    generator = torch.Generator().manual_seed(seed * 1_000_003 + step // per_pass)
    start = step % per_pass * batch_size
    return torch.randperm(count, generator=generator)[start : start + batch_size]
