"""The pictures of the Prediction page: masking, the last steps, the logit lens, heads, nearest patches."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from vit_viz.analysis.answer import Guess, short
from vit_viz.components.mounted import component
from vit_viz.components.payload import as_text
from vit_viz.components.routes import BASE
from vit_viz.tracing import Trace

CSS = "prediction/prediction.css"
_mask = component("patch_mask", js="prediction/patch_mask.js", css=CSS)
_steps = component("answer_steps", js="prediction/answer_steps.js", css=CSS)
_lens = component("logit_lens", js="prediction/logit_lens.js", css=CSS)
_heads = component("head_ablation", js="prediction/head_ablation.js", css=CSS)
_nearest = component("nearest_patches", js="prediction/nearest_patches.js", css=CSS)


class Strip(NamedTuple):
    """One row of numbers on the way to the answer: its values, its title, and a line below it."""

    values: np.ndarray
    title: str
    note: str


def patch_mask(
    trace_id: str,
    trace: Trace,
    masked: Sequence[int],
    bars: Mapping[str, Any],
    *,
    says: str,
    problem: str,
    example: Sequence[int],
    alt: str,
    key: str,
    on_change: Callable[[list[int]], None],
) -> None:
    """Draw the photo whose patches a click takes away.

    `bars` are those of `delta_rows`, `says` a sentence about them, `problem` why there is no answer; a button
    masks the patches of `example`, those that are looked at most;
    `on_change` gets the masked patches, from 0 in reading order, once the reader settled.
    """

    data = _photo(trace_id, trace, alt) | {
        "masked": list(masked),
        "example": list(example),
        "says": says,
        "problem": problem,
        **bars,
    }
    _mask(key=key, data=data, on={"masked": on_change})


def delta_rows(guesses: Sequence[Guess], after: np.ndarray, first: Guess) -> dict[str, Any]:
    """Bars of the guesses before a change and after it, (C,) probabilities, and the class that is first now."""
    return {
        "rows": [
            {"label": guess.short_label, "before": guess.prob, "after": float(after[guess.index])}
            for guess in guesses
        ],
        "first": {"label": first.short_label, "prob": first.prob},
    }


def answer_steps(
    strips: Sequence[Strip],
    logits: np.ndarray,
    labels: Sequence[str],
    top: Sequence[int],
    *,
    heads: str,
    key: str,
) -> None:
    """Draw rows of numbers, the logits (C,), and the softmax of the classes `top` with a temperature.

    `heads` says what gives the logits.
    """
    arrays = {f"strip{i}": strip.values.astype(np.float32) for i, strip in enumerate(strips)}
    data = {
        "payload": as_text(arrays | {"logits": logits.astype(np.float32)}),
        "strips": [
            {"name": f"strip{i}", "title": strip.title, "chip": strip.note} for i, strip in enumerate(strips)
        ],
        "labels": [short(label) for label in labels],
        "top": [int(index) for index in top],
        "heads": heads,
    }
    _steps(key=key, data=data)


def logit_lens(
    trace_id: str,
    trace: Trace,
    tokens: np.ndarray,
    pooled: np.ndarray,
    *,
    labels: Sequence[str],
    best: Sequence[Guess],
    pooled_name: str,
    alt: str,
    key: str,
) -> None:
    """Draw the lens: tokens (L + 1, T, k) and pooled (L + 1, k) probabilities of the classes `labels`."""
    data = _photo(trace_id, trace, alt) | {
        "payload": as_text({"tokens": tokens, "pooled": pooled}),
        "labels": [short(label) for label in labels],
        "best": [{"label": guess.short_label, "prob": guess.prob} for guess in best],
        "pooled_name": pooled_name,
    }
    _lens(key=key, data=data)


def head_ablation(
    trace_id: str,
    trace: Trace,
    changes: Mapping[int, np.ndarray],
    off: Sequence[tuple[int, int]],
    bars: Mapping[str, Any],
    *,
    labels: Sequence[str],
    says: str,
    key: str,
    on_change: Callable[[list[tuple[int, int]]], None],
) -> None:
    """Draw layers × heads: `changes` are (H, k) by layer, for the classes `labels` or, without, the features.

    `off` are the heads that are switched off, `says` a sentence about them; `on_change` gets the new ones.
    """
    H = trace.num_heads
    data = {
        "trace_id": trace_id,
        "depth": trace.depth,
        "num_heads": H,
        "labels": [short(label) for label in labels],
        "changes": [changes[layer].tolist() if layer in changes else None for layer in range(trace.depth)],
        "off": sorted(layer * H + head for layer, head in off),
        "says": says,
        **bars,
    }
    _heads(key=key, data=data, on={"off": lambda heads: on_change([divmod(head, H) for head in heads])})


def nearest_patches(
    trace_id: str,
    trace: Trace,
    patch: int,
    similarity: np.ndarray,
    nearest: Sequence[int],
    *,
    alt: str,
    key: str,
    on_pick: Callable[[int], None],
) -> None:
    """Draw how alike (N,) every patch is to the picked one; `on_pick` gets the one that the reader clicks."""

    data = _photo(trace_id, trace, alt) | {
        "patch": patch,
        "similarity": [round(float(value), 6) for value in similarity],
        "nearest": [int(other) for other in nearest],
    }
    _nearest(key=key, data=data, on={"patch": on_pick})


def _photo(trace_id: str, trace: Trace, alt: str) -> dict[str, Any]:
    return {
        "source": f"{BASE}/photo/{trace_id}",
        "grid": list(trace.grid),
        "patch_size": list(trace.patch_size),
        "prefix_names": list(trace.prefix_names),
        "alt": alt,
    }
