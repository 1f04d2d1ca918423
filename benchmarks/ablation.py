"""What the ablation map of every head costs beside as many plain forwards."""

from collections import deque
from collections.abc import Iterator

import torch

from benchmarks.table import Row, medians
from vit_viz import load_model, trace
from vit_viz.devices import reuse_memory
from vit_viz.experiments.ablation import ablation_map
from vit_viz.samples import sample_photo, samples

LIMIT = 0.7
ROUNDS = 9
FORWARDS = 10  # timed together, so that one forward is not lost in the clock's noise


def rows() -> Iterator[Row]:
    reuse_memory()  # as the app does when it starts
    model = load_model(device="cpu")
    photo = sample_photo(next(iter(samples())))
    found = trace(model, photo)
    pixels = torch.from_numpy(found.pixels.copy())[None]

    def plain() -> None:
        with torch.inference_mode():
            for _ in range(FORWARDS):
                model.module(pixels)

    def mapped() -> None:
        deque(ablation_map(model, trace(model, photo)), maxlen=0)

    forwards, whole = medians([plain, mapped], ROUNDS)
    heads = found.depth * found.num_heads
    yield Row(
        what=f"ablation map / {heads} plain forwards, {model.info.title}",
        value=whole / (forwards / FORWARDS * heads),
        limit=LIMIT,
        unit="×",
        detail=f"{whole * 1e3:.0f} ms from the photo on; a forward {forwards / FORWARDS * 1e3:.1f} ms",
    )
