"""What a rollout costs beside the plain forward whose attention it multiplies, and one row for the page's route."""

from collections.abc import Iterator

import torch

from benchmarks.table import Row, medians
from vit_viz import load_model, prepare, rollout, trace
from vit_viz.components.rollout_routes import rollout_payload
from vit_viz.devices import reuse_memory
from vit_viz.samples import sample_photo, samples

LIMIT = 20
ROUNDS = 15
CASES = ("vit_tiny_patch16_224", "vit_base_patch16_224")  # 12 layers, 197 tokens; 3 and 12 heads


def rows() -> Iterator[Row]:
    reuse_memory()  # as the app does when it starts
    photo = sample_photo(next(iter(samples())))
    for name in CASES:
        model = load_model(name, pretrained=False, device="cpu")
        prepared = prepare(photo, model.info.data_config)
        pixels = torch.from_numpy(prepared.pixels.copy())[None]
        found = trace(model, prepared)
        attn = found.attn

        def plain(module=model.module, pixels=pixels) -> None:
            with torch.inference_mode():
                module(pixels)

        def whole(attn=attn) -> None:
            rollout(attn, num_prefix_tokens=1)

        def harder(attn=attn) -> None:
            rollout(attn, num_prefix_tokens=1, fusion="max", discard=0.5)

        def row(found=found) -> None:
            rollout_payload(found, range(1))

        forward, *taken = medians([plain, whole, harder, row], ROUNDS)
        names = ("rollout", "rollout, max and half discarded", "rollout of one token, for the page")
        for what, seconds in zip(names, taken, strict=True):
            yield Row(
                what=f"{what}, {name}",
                value=seconds * 1e3,
                limit=LIMIT,
                unit="ms",
                detail=f"{seconds / forward:.2f} × the plain forward, {forward * 1e3:.0f} ms",
            )
