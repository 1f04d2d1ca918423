"""Fine-tuning a linear head on the features of a few photos, the encoder left as it is.

As in the paper (Dosovitskiy et al. 2021, section 3.2) the old head is thrown away and the new one starts at
zero. Nothing is drawn by lot: the same photos give the same head.

Axes: n photos, D features, C classes, F heads trained side by side, S steps.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from vit_viz.analysis.mixing import softmax
from vit_viz.arrays import batch_of, read_only
from vit_viz.devices import memory_errors
from vit_viz.experiments.answers import answers_of, last
from vit_viz.families import forward
from vit_viz.models import Model
from vit_viz.photos import prepare

STEPS = 200
MOMENTUM = 0.9
FOLDS = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Head:
    """A linear head, and how its training went; arrays are read-only.

    | field         | shape   | what it is                                                                 |
    |---------------|---------|----------------------------------------------------------------------------|
    | weight, bias  | (C, D), (C,) | trained on all photos                                                 |
    | loss          | (S + 1,) | its mean cross-entropy over its own photos, before each step and at the end |
    | held_out_loss | (S + 1,) or None | the same over photos that the head which judges them never saw        |
    | guesses       | (n,)    | what such a head says of each photo; −1 where no photo of its class is left |
    | learning_rate |         | 1 / mean |x|²: a plain step of it cannot overshoot; with momentum it may    |
    """

    weight: np.ndarray
    bias: np.ndarray
    loss: np.ndarray
    held_out_loss: np.ndarray | None
    guesses: np.ndarray
    learning_rate: float

    def probs(self, features: np.ndarray) -> np.ndarray:
        """features (..., D) → (..., C)."""
        return softmax(features.astype(np.float64) @ self.weight.T + self.bias)


def features_of(model: Model, photos: Iterable[Image.Image]) -> Iterator[np.ndarray]:
    """(D,) of one photo after the other."""
    for photo in photos:
        pixels = prepare(photo, model.info.data_config).pixels
        with memory_errors(model.info.device, model.info.title), torch.inference_mode():
            batch = batch_of(pixels, model.info.device)
            (answer,) = answers_of(last(forward(model.module, batch)))
        yield answer.features


def folds(labels: np.ndarray) -> np.ndarray:
    """(n,) which head judges each photo: the photos of a class are dealt out in turn; −1 for a class of one."""
    counts = np.bincount(labels)
    found = np.full(len(labels), -1)
    for label, count in enumerate(counts):
        if count > 1:
            found[labels == label] = np.arange(count) % FOLDS
    return found


def train_head(features: np.ndarray, labels: np.ndarray, num_classes: int, *, steps: int = STEPS) -> Head:
    """Fit features (n, D) to labels (n,) by gradient descent with momentum, on all photos in every step.

    Beside the head for all photos, up to five are trained that each leave some photos out, to be judged by.
    """
    x, y = torch.from_numpy(features).float(), torch.from_numpy(labels)
    fold = torch.from_numpy(folds(labels))
    judges = [int(number) for number in fold.unique() if number >= 0]
    seen = torch.stack([fold != judge for judge in judges] + [torch.ones(len(y), dtype=torch.bool)])  # (F, n)
    rate = float(1 / (x**2).sum(-1).mean().clamp_min(1e-12))
    weight, bias, losses = _descend(x, y, seen, num_classes, rate, steps)
    with torch.inference_mode():
        logits = _logits(x, weight, bias)  # (F, n, C)
    guesses, held_out = np.full(len(labels), -1), None
    if judges:
        of_judge = {judge: row for row, judge in enumerate(judges)}
        for photo in np.flatnonzero(fold.numpy() >= 0):
            guesses[photo] = int(logits[of_judge[int(fold[photo])], photo].argmax())
        unseen = ~seen[:-1]
        held_out = _frozen((losses[:, :-1] * unseen).sum((1, 2)) / unseen.sum())
    return Head(
        weight=_frozen(weight[-1]),
        bias=_frozen(bias[-1]),
        loss=_frozen(losses[:, -1].mean(-1)),
        held_out_loss=held_out,
        guesses=guesses,
        learning_rate=rate,
    )


def _descend(
    x: Tensor, y: Tensor, seen: Tensor, num_classes: int, rate: float, steps: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Weights (F, C, D), biases (F, C) and every photo's loss in every head by step (S + 1, F, n)."""
    F, target = len(seen), torch.nn.functional.one_hot(y, num_classes).float()
    weight, bias = torch.zeros(F, num_classes, x.shape[1]), torch.zeros(F, num_classes)
    speed_w, speed_b = torch.zeros_like(weight), torch.zeros_like(bias)
    share = seen / seen.sum(1, keepdim=True)  # (F, n) what each photo counts in the mean
    losses = []
    with torch.inference_mode():
        for _ in range(steps):
            log_probs = _logits(x, weight, bias).log_softmax(-1)  # (F, n, C)
            losses.append(-(log_probs * target).sum(-1))
            gradient = (log_probs.exp() - target) * share[..., None]
            speed_w = MOMENTUM * speed_w + gradient.mT @ x
            speed_b = MOMENTUM * speed_b + gradient.sum(1)
            weight, bias = weight - rate * speed_w, bias - rate * speed_b
        losses.append(-(_logits(x, weight, bias).log_softmax(-1) * target).sum(-1))
    return weight, bias, torch.stack(losses)


def _logits(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """x (n, D), weight (F, C, D) → (F, n, C)."""
    return x @ weight.mT + bias[:, None]


def _frozen(values: Tensor) -> np.ndarray:
    return read_only(values.numpy().copy())
