import numpy as np
import streamlit as st

from vit_viz.analysis.mixing import softmax
from vit_viz.experiments.head_step import has_two_heads
from vit_viz.experiments.lens import norms_around_pooling
from vit_viz.experiments.masking import reads_patches
from vit_viz.snippets import fitting
from vit_viz.ui import frame
from vit_viz.ui.parts.downloads import File, downloads
from vit_viz.ui.parts.prediction import (
    ablation_table,
    best_by_layer,
    heads,
    last_steps,
    lens,
    masking,
    nearest,
    picked_likeness,
)
from vit_viz.ui.results.changes import first_guesses, known_ablations, lens_of
from vit_viz.ui.view import View
from vit_viz.ui.words.numbers import decimal
from vit_viz.ui.words.prediction import (
    COSINES,
    cosine_asked,
    first_from,
    likeness,
    margin,
    prediction_formula,
    reading,
    strongest_patch,
    weightiest_head,
    with_article,
)

view: View = st.session_state["view"]
trace, info, labels = view.trace, view.model.info, view.model.labels
read = reading(info.pool, trace.prefix_names)

frame.head(
    "Prediction",
    "What does the model answer, and what does that answer rest on?",
    prediction_formula(
        read,
        depth=info.depth,
        embed_dim=len(trace.features),
        num_classes=info.num_classes if labels else 0,
        norms=norms_around_pooling(view.model),
        two_heads=has_two_heads(view.model),
    ),
    words=("CLS", "Features", "Logit", "Softmax", "Head", "Residual stream", "Cosine"),
)
frame.answer(view)

given: list[File] = []
if labels:
    masking(view)
    st.markdown(f"### From {with_article(read)} to the answer")
    last_steps(view)
    st.markdown("### The answer, layer by layer")
    st.caption(
        "The logit lens: final norm and head read the stream of every layer. They were trained on the last "
        "layer's alone, so earlier readings show how far the stream is on its way."
    )
    given.append(lens(view))
else:
    st.markdown("### Which patches are alike to this model?")
    nearest(view)

with st.expander("Switch heads off"):
    heads(view)

if labels and trace.logits is not None:
    guesses = first_guesses(view)
    R = trace.num_prefix_tokens
    frame.notice(
        [
            margin(guesses, trace.logits),
            first_from(best_by_layer(view), from_patches=reads_patches(view.model.info)),
            strongest_patch(guesses[0], lens_of(view).tokens[-1, R:, 0], trace.grid, read),
            *weightiest_head(known_ablations(view), trace.depth, guesses[0]),
        ]
    )
    halved = softmax(trace.logits.astype(np.float64) / 2)
    frame.practice(
        "Mask the object, then press **Swap**: is the background alone enough? Patches that are masked do not turn "
        "grey, they are left out: the other tokens go through the model without them.",
        "At temperature 2 every logit is halved. Can another class become the first?",
        ["yes", "no"],
        f"No: halving keeps their order. But {guesses[0].short_label} falls from **{guesses[0].prob:.2%}** to "
        f"**{halved[guesses[0].index]:.2%}**, and {guesses[1].short_label} goes from {guesses[1].prob:.2%} to "
        f"{halved[guesses[1].index]:.2%}: what the first ones lose "
        + ("is spread over all those behind them." if len(labels) > 2 else "the last one gains."),
        right="no",
        key="predict_prediction",
    )
else:
    patch, similarity = picked_likeness(view)
    frame.notice([likeness(similarity, patch, trace.grid)])
    frame.practice(
        "Pick a patch of the object, then one of the background: the map shows what the model holds together.",
        "The least alike patch: what is its cosine with the picked one?",
        COSINES,
        f"It is **{decimal(similarity.min())}**.",
        right=cosine_asked(similarity.min()),
        key="predict_nearest",
    )
frame.code(fitting.answer(view.model))
downloads([*given, *ablation_table(view)])
