"""The loss of the photo in view, and what one step on the head does to it and to other photos."""

from functools import cache

import streamlit as st

from vit_viz.analysis.answer import Guess, short
from vit_viz.components.loss_step import loss_step
from vit_viz.experiments.head_step import (
    OtherPhotos,
    has_bias,
    has_one_linear_head,
    has_two_heads,
    head_gain,
)
from vit_viz.ui.results.changes import first_guesses
from vit_viz.ui.results.features import other_samples
from vit_viz.ui.results.labels import knows_samples, true_class
from vit_viz.ui.stores import Store
from vit_viz.ui.view import View, kept
from vit_viz.ui.words import training as words


@cache
def kept_gains() -> Store[float]:
    """By trace_id."""
    return Store(1024, lambda gain: 1)


def loss_and_step(view: View) -> int:
    """The loss under the label that the photo should have, and one step on the head; returned is the label."""
    labels, known = view.model.labels, true_class(view)
    assert view.trace.logits is not None  # a model that names classes has a classifier
    label = st.selectbox(
        "If the photo's true class were" if known is None else "The photo's true class",
        range(len(labels)),
        index=first_guesses(view)[0].index if known is None else known,
        format_func=lambda index: short(labels[index]),
        key=f"true_label_{view.trace_id}",
        persist_state="session",
    )
    if known is None:
        st.caption(words.NO_LABEL)
    gain = kept(kept_gains(), view.trace_id, lambda: head_gain(view.model, view.trace))
    gain_is = words.gain_is(two_heads=has_two_heads(view.model), has_bias=has_bias(view.model))
    picture = st.container()  # above the switch that changes it
    others = _others(view)
    with picture:
        loss_step(view.trace.logits, labels, label, gain, gain_is, others=others, key="loss_step")
    return label


def offers_others(view: View) -> bool:
    """Whether a step can be tried on the other samples: on one linear head, and where their classes are known."""
    return has_one_linear_head(view.model) and knows_samples(view)


def _others(view: View) -> OtherPhotos | None:
    """The other samples, where the reader asks for them; each is run once, with a count."""
    if not offers_others(view):
        return None
    if not st.toggle(words.OTHERS, key="other_samples", persist_state="session"):
        return None
    slot = st.empty()

    def report(done: int, total: int) -> None:
        slot.progress(done / total, words.sample_run(done, total))

    others = other_samples(view, report)
    slot.empty()
    return others


def guess_of(view: View, index: int) -> Guess:
    """One class, with the probability that the model gives it."""
    assert view.trace.probs is not None  # a model that names classes has a classifier
    return Guess(index, view.model.labels[index], float(view.trace.probs[index]))
