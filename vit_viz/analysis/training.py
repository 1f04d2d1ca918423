"""What training a classifier comes down to: the loss, and how a tested head does.

Axes: C classes, n photos.
"""

import numpy as np


def cross_entropy(logits: np.ndarray, label: int) -> float:
    """−ln softmax(logits)[label], in nats: 0 where the model is sure and right."""
    logits = logits.astype(np.float64)
    top = logits.max()
    return float(np.log(np.exp(logits - top).sum()) + top - logits[label])


def confusion(labels: np.ndarray, guesses: np.ndarray, num_classes: int) -> np.ndarray:
    """labels and guesses (n,) → (C, C) counts [true class, guessed class]; a guess of −1 is left out."""
    table = np.zeros((num_classes, num_classes), int)
    known = guesses >= 0
    np.add.at(table, (labels[known], guesses[known]), 1)
    return table
