"""What keeping every intermediate costs beside timm's plain forward."""

from collections.abc import Iterator

import torch

from benchmarks.table import Row, medians
from vit_viz import load_model, prepare, trace
from vit_viz.devices import reuse_memory
from vit_viz.samples import sample_photo, samples

LIMIT = 1.15
CASES = (("vit_tiny_patch16_224", 60), ("vit_base_patch16_224", 20))


def rows() -> Iterator[Row]:
    reuse_memory()  # as the app does when it starts
    photo = sample_photo(next(iter(samples())))
    for name, rounds in CASES:
        model = load_model(name, pretrained=False, device="cpu")
        prepared = prepare(photo, model.info.data_config)
        pixels = torch.from_numpy(prepared.pixels.copy())[None]

        def plain(module=model.module, pixels=pixels) -> None:
            with torch.inference_mode():
                module(pixels)

        def traced(model=model, prepared=prepared) -> None:
            trace(model, prepared)

        def read(model=model, prepared=prepared) -> None:
            for stack in trace(model, prepared).layers:
                stack.whole()

        forward, alone, with_stacks = medians([plain, traced, read], rounds)
        for what, seconds, limit in (("trace", alone, LIMIT), ("trace and all stacks", with_stacks, None)):
            yield Row(
                what=f"{what} / plain forward, {name}",
                value=seconds / forward,
                limit=limit,
                unit="×",
                detail=f"{seconds * 1e3:.0f} ms beside {forward * 1e3:.0f} ms",
            )
