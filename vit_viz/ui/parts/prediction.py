"""The parts of the Prediction page; masking and switching heads off run again without the rest of the page."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from vit_viz.analysis.answer import Guess, top_k
from vit_viz.analysis.attention import strongest
from vit_viz.analysis.mixing import softmax
from vit_viz.analysis.stream import cosine
from vit_viz.components.prediction import (
    Strip,
    answer_steps,
    delta_rows,
    head_ablation,
    logit_lens,
    nearest_patches,
    patch_mask,
)
from vit_viz.errors import DeviceError
from vit_viz.experiments.head_step import has_two_heads
from vit_viz.experiments.masking import reads_patches
from vit_viz.tracing import Trace
from vit_viz.ui.frame import sentences_for_errors
from vit_viz.ui.parts.downloads import File, table
from vit_viz.ui.parts.running import start_or_progress
from vit_viz.ui.results.changes import (
    answer_without_patches,
    effect_of_heads,
    first_guesses,
    known_ablations,
    last_tokens,
    lens_of,
    measure_ablations,
)
from vit_viz.ui.results.opening import choose_picked, patch_of
from vit_viz.ui.view import View
from vit_viz.ui.words.markdown import plain
from vit_viz.ui.words.prediction import heads_sentence, masked_sentence, reading, turned_sentence

NEAREST = 5
IN_LIST = 10


@st.fragment
@sentences_for_errors()
def masking(view: View) -> None:
    """The photo whose patches a click takes away, and the answer to what is left."""
    masked: list[int] = _own(view, "masked", [])
    guesses, N = first_guesses(view), view.model.info.num_patches
    after, problem = np.asarray(view.trace.probs), ""
    if len(masked) == N and reads_patches(view.model.info):
        problem = "This model reads its answer from the patches, so with none there is no answer. Show one."
    elif masked:
        try:
            after = softmax(answer_without_patches(view, masked).outcome)
        except DeviceError as error:
            problem = str(error)
    patch_mask(
        view.trace_id,
        view.trace,
        masked,
        delta_rows(guesses, after, _first(view, after)),
        says=masked_sentence(guesses[0], float(after[guesses[0].index]), len(masked), N),
        problem=problem,
        example=most_looked_at(view.trace),
        alt=view.photo_alt,
        key="patch_mask",
        on_change=lambda patches: _keep(view, "masked", patches),
    )


def most_looked_at(trace: Trace) -> list[int]:
    """Half of the patches: what CLS (without it, the patches) looks at most in the last layer, over all heads."""
    R = trace.num_prefix_tokens
    attn = trace.attn[-1]
    rows = attn[:, 0] if R else attn.mean(1)
    weights = rows.mean(0)[R:]
    return sorted(int(patch) for patch in strongest(weights, len(weights) // 2))


def last_steps(view: View) -> None:
    """The row that is read, the features, the logits, the softmax."""
    trace = view.trace
    assert trace.logits is not None  # a model that names classes has a classifier
    top = [guess.index for guess in top_k(trace.probs, view.model.labels, IN_LIST)]
    heads = "the mean of both heads" if has_two_heads(view.model) else "the head"
    answer_steps(_read_rows(view), trace.logits, view.model.labels, top, heads=heads, key="answer_steps")


def _read_rows(view: View) -> list[Strip]:
    """What the classifier reads, and what that was before the final norm where it is one token's row."""
    trace, read = view.trace, reading(view.model.info.pool, view.trace.prefix_names)
    if has_two_heads(view.model):
        rows = zip(trace.prefix_names, last_tokens(view), strict=False)
        return [
            Strip(row, f"{name} after the final norm", f"what the head of {name} reads") for name, row in rows
        ]
    if read == "CLS":
        row = Strip(trace.resid[-1, 0], f"CLS after layer {trace.depth}", "its row of the stream")
        return [row, Strip(trace.features, "CLS after the final norm", "what the head reads")]
    return [Strip(trace.features, f"Features: {read}, normalised", "what the head reads")]


def lens(view: View) -> File:
    """The answer read off every layer; returned is its table."""
    found = lens_of(view)
    logit_lens(
        view.trace_id,
        view.trace,
        found.tokens,
        found.pooled,
        labels=[guess.label for guess in first_guesses(view)],
        best=best_by_layer(view),
        pooled_name=reading(view.model.info.pool, view.trace.prefix_names),
        alt=view.photo_alt,
        key="logit_lens",
    )
    names = [guess.short_label for guess in first_guesses(view)]
    return table(
        "Logit lens",
        "logit_lens.csv",
        ["after layer", *names],
        lambda: ((layer, *probs) for layer, probs in enumerate(found.pooled)),
    )


def best_by_layer(view: View) -> list[Guess]:
    """What the lens reads first, of all classes: the input, then after each layer."""
    found = lens_of(view)
    pairs = zip(found.best, found.best_prob, strict=True)
    return [Guess(int(index), view.model.labels[index], float(prob)) for index, prob in pairs]


@st.fragment
@sentences_for_errors()
def heads(view: View) -> None:
    """Which heads the answer needs: each switched off alone, and any set of them together."""
    controls = st.container()
    off: list[tuple[int, int]] = _own(view, "off", [])
    bars, says, labels = _without_heads(view, off)
    head_ablation(
        view.trace_id,
        view.trace,
        known_ablations(view),
        off,
        bars,
        labels=labels,
        says=says,
        key="head_ablation",
        on_change=lambda chosen: _keep(view, "off", chosen),
    )
    with controls:  # above the map, which is drawn first with what is known
        _measuring(view)


def ablation_table(view: View) -> list[File]:
    """What each head changes when it is switched off alone, once all have been measured."""
    known = known_ablations(view)
    if len(known) < view.trace.depth:
        return []
    names = [guess.short_label for guess in first_guesses(view)] if view.model.labels else ["1 - cosine"]
    return [
        table(
            "Heads switched off",
            "head_ablation.csv",
            ["layer", "head", *names],
            lambda: (
                (layer + 1, head + 1, *changes)
                for layer in sorted(known)
                for head, changes in enumerate(known[layer])
            ),
        )
    ]


def _without_heads(view: View, off: Sequence[tuple[int, int]]) -> tuple[dict, str, list[str]]:
    """Bars, sentence and classes; a model without classes has none of them, but its features turn."""
    effect = effect_of_heads(view, off) if off else None
    if not view.model.labels:
        return {"rows": [], "first": None}, turned_sentence(effect.turn if effect else 0.0, len(off)), []
    guesses = first_guesses(view)
    after = np.asarray(view.trace.probs) if effect is None else softmax(effect.after.outcome)
    says = heads_sentence(guesses[0], float(after[guesses[0].index]), len(off))
    return delta_rows(guesses, after, _first(view, after)), says, [guess.label for guess in guesses]


def _measuring(view: View) -> None:
    """The button, and while it runs: progress, and a way to leave with what has been measured."""
    L, H = view.trace.depth, view.trace.num_heads
    missing = [layer for layer in reversed(range(L)) if layer not in known_ablations(view)]
    if not missing:
        return
    rest = "every head" if len(missing) == L else f"the other {len(missing)} layers"
    bar = start_or_progress(
        f"Measure {rest}",
        key="measure_heads",
        stop_key="stop_measuring",
        is_running=_own(view, "measuring", False),
        on_start=lambda: _keep(view, "measuring", True),
        on_stop=lambda: _keep(view, "measuring", False),
        help=f"Switches off each of {len(missing) * H} heads alone; only the layers from it on run again.",
    )
    if bar is None:
        return
    for done, layer in enumerate(missing, L - len(missing)):
        bar.progress(done / L, text=f"Layer {layer + 1}: {done * H} of {L * H} heads measured")
        try:
            measure_ablations(view, layer)  # from the last layer, which is the quickest
        except DeviceError as error:
            _keep(view, "measuring", False)
            st.warning(f"{plain(error)} What has been measured is kept.")
            return
    _keep(view, "measuring", False)
    st.rerun()  # the map is drawn above, and the page below speaks of it


@sentences_for_errors()
def nearest(view: View) -> None:
    """For models without classes: how alike every patch is to the picked one in the last features."""
    patch, similarity = picked_likeness(view)
    order = [int(other) for other in np.argsort(-similarity, kind="stable") if other != patch]
    nearest_patches(
        view.trace_id,
        view.trace,
        patch,
        similarity,
        order[:NEAREST],
        alt=view.photo_alt,
        key="nearest_patches",
        on_pick=lambda picked: choose_picked(view, token=view.trace.num_prefix_tokens + picked),
    )


def picked_likeness(view: View) -> tuple[int, np.ndarray]:
    """The picked patch, the middle one where a prefix token is picked, and (N,) cosines with it."""
    patch, tokens = patch_of(view), last_tokens(view)[view.trace.num_prefix_tokens :]
    return patch, cosine(tokens, tokens[patch][None])


def _first(view: View, probs: np.ndarray) -> Guess:
    return top_k(probs, view.model.labels, 1)[0]


def _own(view: View, name: str, default):
    """What this session chose for this very photo and model."""
    trace_id, value = st.session_state.get(f"prediction_{name}", (None, None))
    return value if trace_id == view.trace_id else default


def _keep(view: View, name: str, value: object) -> None:
    st.session_state[f"prediction_{name}"] = (view.trace_id, value)
