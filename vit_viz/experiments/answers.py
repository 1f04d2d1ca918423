"""How a forward pass ends, and what a change to it does to that.

Axes: D embed_dim, C classes.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from vit_viz.analysis.mixing import softmax
from vit_viz.families import Output, Step


@dataclass(frozen=True, kw_only=True, eq=False)
class Answer:
    """How one forward pass ends: features (D,), and logits (C,) or None where there is no classifier."""

    features: np.ndarray
    logits: np.ndarray | None

    @property
    def outcome(self) -> np.ndarray:
        """The logits, or the features of a model without a classifier."""
        return self.features if self.logits is None else self.logits

    @property
    def probs(self) -> np.ndarray | None:
        """(C,) softmax of the logits; None where there is no classifier."""
        return None if self.logits is None else softmax(self.logits)


@dataclass(frozen=True, kw_only=True, eq=False)
class Effect:
    """What a change does to the answer: before it and after it."""

    before: Answer
    after: Answer

    @property
    def delta(self) -> np.ndarray | None:
        """(C,) probabilities after minus before; None where the model has no classifier."""
        if self.before.logits is None or self.after.logits is None:
            return None
        return softmax(self.after.logits) - softmax(self.before.logits)

    @property
    def turn(self) -> float:
        """1 − cosine of the features before and after: 0 where they point the same way, 2 at most."""
        before, after = self.before.features.astype(np.float64), self.after.features.astype(np.float64)
        if np.array_equal(before, after):
            return 0.0
        return float(1 - before @ after / (np.linalg.norm(before) * np.linalg.norm(after)))


def last(steps: Iterable[Step]) -> Output:
    """The end of a forward pass, nothing else kept."""
    (output,) = deque(steps, maxlen=1)
    assert isinstance(output, Output)
    return output


def answers_of(output: Output) -> list[Answer]:
    """One answer for each item of the batch."""
    features = output.features.float().cpu().numpy()
    if output.logits is None:
        return [Answer(features=row, logits=None) for row in features]
    logits = output.logits.float().cpu().numpy()
    return [Answer(features=row, logits=own) for row, own in zip(features, logits, strict=True)]
