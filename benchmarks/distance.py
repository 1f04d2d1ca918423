"""Attention distance over 128 photos beside timm's plain batched forward of the same photos."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.table import Row
from vit_viz import Model, load_model, prepare
from vit_viz.devices import reuse_memory
from vit_viz.experiments.distance import batch_size_for, distances_of_batch
from vit_viz.samples import sample_photo, samples

PHOTOS = 128
LIMIT, MORE_MEMORY = 1.35, 300
CASES = (("bundled", 3), ("vit_base_patch16_224", 1))  # the larger takes minutes a pass
WAYS = ("plain", "distance")


def rows() -> Iterator[Row]:
    reuse_memory()  # as the app does when it starts
    for name, passes in CASES:
        model = _model(name)
        seconds = _seconds(model, passes)
        yield Row(
            what=f"distance of {PHOTOS} photos / plain forward, {name}",
            value=seconds["distance"] / seconds["plain"],
            limit=LIMIT,
            unit="×",
            detail=f"{seconds['distance']:.1f} s beside {seconds['plain']:.1f} s, batches of "
            f"{batch_size_for(model.info)}",
        )
        peak = {way: _peak(way, name) for way in WAYS}
        yield Row(
            what=f"peak memory over that of plain forward, {name}",
            value=peak["distance"] - peak["plain"],
            limit=MORE_MEMORY,
            unit="MiB",
            detail=f"{peak['distance']:.0f} MiB beside {peak['plain']:.0f} MiB",
        )


def _model(name: str) -> Model:
    return load_model(name, pretrained=name == "bundled", device="cpu")


def _batches(model: Model) -> list[Tensor]:
    pixels = [
        torch.from_numpy(prepare(sample_photo(name), model.info.data_config).pixels.copy())
        for name in samples()
    ]
    photos = torch.stack([pixels[index % len(pixels)] for index in range(PHOTOS)])
    return list(photos.split(batch_size_for(model.info)))


def _ways(model: Model) -> dict[str, Callable[[Tensor], object]]:
    def plain(pixels: Tensor) -> None:
        with torch.inference_mode():
            model.module(pixels)

    return {"plain": plain, "distance": lambda pixels: distances_of_batch(model, pixels)}


def _seconds(model: Model, passes: int) -> dict[str, float]:
    """All photos in both ways, batch by batch in turn; of each batch the fastest of its passes."""
    batches, ways = _batches(model), _ways(model)
    for way in ways.values():
        way(batches[0])
    taken = dict.fromkeys(ways, 0.0)
    for pixels in batches:
        times = [{name: _time(way, pixels) for name, way in ways.items()} for _ in range(passes)]
        for name in ways:
            taken[name] += min(one[name] for one in times)
    return taken


def _time(way: Callable[[Tensor], object], pixels: Tensor) -> float:
    start = time.perf_counter()
    way(pixels)
    return time.perf_counter() - start


def _peak(way: str, name: str) -> float:
    """MiB that a process of its own held at most."""
    command = [sys.executable, "-m", "benchmarks.distance", way, name]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    reuse_memory()
    chosen = _model(sys.argv[2])
    for batch in _batches(chosen)[:3]:
        _ways(chosen)[sys.argv[1]](batch)
    # not getrusage: its peak begins with that of the process that started this one
    print(int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024)
