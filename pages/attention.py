import streamlit as st

from vit_viz.components.attention_explorer import attention_explorer
from vit_viz.snippets import fitting
from vit_viz.ui import frame
from vit_viz.ui.parts.downloads import downloads, table
from vit_viz.ui.results.distance import distances_of
from vit_viz.ui.results.opening import place_of
from vit_viz.ui.state import choose
from vit_viz.ui.view import View
from vit_viz.ui.words.attention import (
    below_zero,
    nearest_and_farthest,
    prefix_share,
    row_in_view,
    strongest_targets,
)
from vit_viz.ui.words.tokens import token_name

view: View = st.session_state["view"]
trace, info, place = view.trace, view.model.info, place_of(view)

frame.head(
    "Attention maps",
    "Where does this token look, in every head of every layer?",
    f"A = softmax( Q Kᵀ / √{info.head_dim} ), every row sums to 1\n"
    f"A: {info.num_tokens} × {info.num_tokens}, one for each of {info.num_heads} heads in {info.depth} layers",
    words=("Token", "Query, key, value", "Head", "Softmax", "Entropy"),
)
frame.answer(view)

row = trace.attn[place.layer, place.head, place.token]
with st.container(key="row_in_view"):  # page.css keeps room for the longer sentence
    st.caption(row_in_view(row, *place[:3], trace.prefix_names, trace.grid, is_opened=place.is_opened))
attention_explorer(
    view.trace_id,
    trace,
    {"token": place.token, "layer": place.layer, "head": place.head, "direction": view.selection.direction},
    alt=view.photo_alt,
    key="attention_explorer",
    on_select=lambda selection: choose(**selection, token_chosen=True, head_chosen=True),
)

figures = distances_of(view.trace_id, view.model, trace)
frame.notice(
    [
        strongest_targets(row, place.token, trace.prefix_names, trace.grid),
        nearest_and_farthest(figures.distance, figures.prefix_mass),
        prefix_share(figures.prefix_mass, trace.prefix_names, trace.num_tokens),
    ]
)
frame.practice(
    "Pin the patch on an eye, an edge or plain ground, and walk through the layers: which heads look around the "
    "patch, which along its row or column, and which at what belongs to the same thing? Then switch to “is "
    "attended by” to see who looks at this patch.",
    "The score of a key is negative. What weight does the softmax give it?",
    ["a negative one", "none", "more than none"],
    below_zero(trace.scores(place.layer, place.head)[place.token], row),
    right="more than none",
    key="predict_attention",
)
frame.code(fitting.attention_layer(view.model))
downloads(
    [
        table(
            "What this token attends to",
            "attention_row.csv",
            ["layer", "head", "query", "key", "score", "weight"],
            lambda: (
                (
                    place.layer + 1,
                    place.head + 1,
                    token_name(place.token, trace.prefix_names, trace.grid),
                    token_name(key, trace.prefix_names, trace.grid),
                    score,
                    weight,
                )
                for key, (score, weight) in enumerate(
                    zip(trace.scores(place.layer, place.head)[place.token], row, strict=True)
                )
            ),
        )
    ]
)
