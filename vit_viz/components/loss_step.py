"""The loss of one photo under its true label, and one step of gradient descent on the head, in place."""

from collections.abc import Sequence

import numpy as np

from vit_viz.analysis.answer import short
from vit_viz.components.mounted import component
from vit_viz.components.payload import as_text
from vit_viz.experiments.head_step import OtherPhotos

_step = component("loss_step", js="training/loss_step.js", css="prediction/prediction.css")


def loss_step(
    logits: np.ndarray,
    labels: Sequence[str],
    label: int,
    gain: float,
    gain_is: str,
    *,
    others: OtherPhotos | None = None,
    key: str,
) -> None:
    """Draw it for logits (C,); `gain` is how far a step of size 1 moves them, per unit of their gradient.

    `gain_is` says what of the features that number is.

    With `others` a second curve shows the mean loss of other photos after the same step.
    """
    arrays = {"logits": logits.astype(np.float32)}
    if others is not None:
        arrays |= {
            "other_logits": others.logits.astype(np.float32),
            "other_gains": others.gains.astype(np.float32),
            "other_labels": others.labels.astype(np.int32),
        }
    _step(
        key=key,
        data={
            "payload": as_text(arrays),
            "labels": [short(text) for text in labels],
            "label": int(label),
            "gain": float(gain),
            "gain_is": gain_is,
        },
    )
