"""The model's answer: its most probable classes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

IN_VIEW = 5  # how many classes of an answer a reader is shown


class Guess(NamedTuple):
    """One class the model names, with its index and its probability (0 to 1)."""

    index: int
    label: str
    prob: float

    @property
    def short_label(self) -> str:
        """The first of the label's synonyms."""
        return short(self.label)


def short(label: str) -> str:
    """The first of a label's synonyms."""
    return label.split(",")[0]


def top_k(probs: np.ndarray | None, labels: Sequence[str], k: int) -> list[Guess]:
    """The k most probable of probs (C,), most probable first; none of a model that names no classes."""
    if probs is None or not labels:
        return []
    order = np.argsort(probs)[::-1][:k]
    return [Guess(int(i), labels[i], float(probs[i])) for i in order]
