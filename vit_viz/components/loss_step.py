"""The loss of one photo under its true label, and one step of gradient descent on the head, in place."""

import base64
from collections.abc import Sequence

import numpy as np

from vit_viz.components.mounted import component
from vit_viz.components.payload import pack

_step = component("loss_step", js="training/loss_step.js", css="prediction/prediction.css")


def loss_step(logits: np.ndarray, labels: Sequence[str], label: int, gain: float, *, key: str) -> None:
    """Draw it for logits (C,); `gain` is how far a step of size 1 moves them, per unit of their gradient."""
    _step(
        key=key,
        data={
            "payload": base64.b64encode(pack({"logits": logits.astype(np.float32)})).decode(),
            "labels": [text.split(",")[0] for text in labels],
            "label": int(label),
            "gain": float(gain),
        },
    )
