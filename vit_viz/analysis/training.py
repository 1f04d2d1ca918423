"""What training a classifier comes down to: the loss, one step on the head, and how a tested head does.

Axes: C classes, n photos.
"""

import numpy as np

from vit_viz.analysis.mixing import softmax


def cross_entropy(logits: np.ndarray, label: int) -> float:
    """−ln softmax(logits)[label], in nats: 0 where the model is sure and right."""
    logits = logits.astype(np.float64)
    top = logits.max()
    return float(np.log(np.exp(logits - top).sum()) + top - logits[label])


def logit_gradient(logits: np.ndarray, label: int) -> np.ndarray:
    """logits (C,) → (C,) gradient of the cross-entropy by them: p − 1 for the label, p for every other."""
    gradient = softmax(logits)
    gradient[label] -= 1
    return gradient


def logits_after_step(
    logits: np.ndarray, label: int, learning_rate: float, gain: float, *, of: np.ndarray | None = None
) -> np.ndarray:
    """(C,) logits after one step of gradient descent on the head for a photo with these logits, exactly.

    A linear head has z = x W + b, so the step W − η xᵀ g, b − η g moves z by −η g (|x|² + 1), with g the
    gradient by the logits. `gain` is that |x|² + 1; for another photo with features x' and logits `of` it is
    x · x' + 1.
    """
    moved = logits if of is None else of
    return moved.astype(np.float64) - learning_rate * gain * logit_gradient(logits, label)


def confusion(labels: np.ndarray, guesses: np.ndarray, num_classes: int) -> np.ndarray:
    """labels and guesses (n,) → (C, C) counts [true class, guessed class]; a guess of −1 is left out."""
    table = np.zeros((num_classes, num_classes), int)
    known = guesses >= 0
    np.add.at(table, (labels[known], guesses[known]), 1)
    return table
