"""One step of training on the head."""

# ruff: noqa: D103 - a snippet is shown whole; its page explains it

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy


def one_step_on_the_head(head: nn.Linear, y: Tensor, label: int, rate: float) -> tuple[Tensor, Tensor]:
    # y (D,) are the photo's features; the encoder that made them stays as it is
    target = torch.tensor([label], device=y.device)
    before = cross_entropy(head(y)[None], target)  # −ln p(label)
    gradients = torch.autograd.grad(before, list(head.parameters()))
    with torch.no_grad():
        for weight, gradient in zip(head.parameters(), gradients, strict=True):
            weight -= rate * gradient
    return before, cross_entropy(head(y)[None], target)
