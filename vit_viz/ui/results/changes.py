"""What readers change on the Prediction page, run in turn and kept within bounds: patches, heads, the lens."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np

from vit_viz.analysis.answer import IN_VIEW, Guess, top_k
from vit_viz.experiments.ablation import ablate, ablated_layer
from vit_viz.experiments.answers import Answer, Effect
from vit_viz.experiments.lens import LogitLens, logit_lens, normed_tokens
from vit_viz.experiments.masking import masked_answer
from vit_viz.ui.stores import Store
from vit_viz.ui.view import View, kept, turn

MAX_ANSWER_BYTES = 16 * 2**20
MAX_LENS_BYTES = 16 * 2**20
# what one head changes is a handful of numbers: as many layers as a hundred deep models have
MAX_ABLATED_LAYERS = 4096


@cache
def _answers() -> Store[Answer]:
    """By trace_id and what was left out."""
    return Store(
        MAX_ANSWER_BYTES, lambda answer: sum(a.nbytes for a in vars(answer).values() if a is not None)
    )


@cache
def _effects() -> Store[Effect]:
    """Heads switched off, by trace_id and which."""
    return Store(MAX_ANSWER_BYTES, lambda effect: 4 * effect.after.outcome.nbytes)


@cache
def _lenses() -> Store[LogitLens]:
    """By trace_id."""
    return Store(MAX_LENS_BYTES, lambda lens: lens.tokens.nbytes + lens.pooled.nbytes)


@cache
def _normed() -> Store[np.ndarray]:
    """(T, D) by trace_id."""
    return Store(MAX_LENS_BYTES, lambda rows: rows.nbytes)


@cache
def _ablated_layers() -> Store[np.ndarray]:
    """(H, k) of one layer, by trace_id and layer."""
    return Store(MAX_ABLATED_LAYERS, lambda changes: 1)


def first_guesses(view: View) -> list[Guess]:
    """The classes whose changes the page shows: the five most probable of the untouched answer."""
    return top_k(view.trace.probs, view.model.labels, IN_VIEW)


def answer_without_patches(view: View, masked: Iterable[int]) -> Answer:
    """The answer to the patches that are left; one forward pass for a set that is new."""
    chosen = sorted(masked)
    return kept(
        _answers(), _key(view, chosen), lambda: masked_answer(view.model, view.trace.prepared, chosen)
    )


def effect_of_heads(view: View, heads: Iterable[tuple[int, int]]) -> Effect:
    """What switching these heads off together does."""
    chosen = sorted(heads)
    return kept(_effects(), _key(view, chosen), lambda: ablate(view.model, view.trace.prepared, chosen))


def _key(view: View, chosen: Sequence) -> str:
    return f"{view.trace_id}/{hashlib.sha256(str(chosen).encode()).hexdigest()}"


def lens_of(view: View) -> LogitLens:
    """The logit lens for the classes in view."""
    classes = [guess.index for guess in first_guesses(view)]
    return kept(_lenses(), view.trace_id, lambda: logit_lens(view.model, view.trace, classes))


def last_tokens(view: View) -> np.ndarray:
    """(T, D) every token after the last layer and the final norm."""
    return kept(_normed(), view.trace_id, lambda: normed_tokens(view.model, view.trace))


def known_ablations(view: View) -> dict[int, np.ndarray]:
    """What has been measured so far: layer → (H, k) changes of the classes in view, or (H, 1) turns."""
    found = {layer: _ablated_layers().get(f"{view.trace_id}/{layer}") for layer in range(view.trace.depth)}
    return {layer: changes for layer, changes in found.items() if changes is not None}


def measure_ablations(view: View, layer: int) -> np.ndarray:
    """Switch off each head of one layer alone, in turn on the device, and keep what that changes."""
    with turn():
        effects = ablated_layer(view.model, view.trace, layer)
    if view.model.labels:
        classes = [guess.index for guess in first_guesses(view)]
        deltas = [effect.delta for effect in effects]
        changes = np.stack([delta[classes] for delta in deltas if delta is not None])
    else:
        changes = np.array([[effect.turn] for effect in effects])
    _ablated_layers().put(f"{view.trace_id}/{layer}", changes)
    return changes
