"""Two answers side by side."""

# ruff: noqa: D103 - a snippet is shown whole; its page explains it

import torch
from torch import Tensor, nn


def answers_side_by_side(
    models: list[nn.Module], photos: list[Tensor], k: int
) -> list[tuple[Tensor, Tensor]]:
    # photos (3, height, width), each prepared for its own model
    with torch.inference_mode():
        probs = [model(photo[None])[0].softmax(-1) for model, photo in zip(models, photos, strict=True)]
    return [torch.topk(p, k) for p in probs]  # for each: the k highest probabilities and their classes
