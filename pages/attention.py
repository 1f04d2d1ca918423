import streamlit as st

from vit_viz.analysis.attention import prefix_mass
from vit_viz.components.attention_explorer import attention_explorer
from vit_viz.snippets.attention import attention_of_one_layer
from vit_viz.ui import frame
from vit_viz.ui.results.distance import distances_of
from vit_viz.ui.state import choose
from vit_viz.ui.view import View
from vit_viz.ui.words.attention import nearest_and_farthest, prefix_share, strongest_targets

view: View = st.session_state["view"]
trace, info, chosen = view.trace, view.model.info, view.selection

frame.head(
    "Attention maps",
    "Where does this token look, in every head of every layer?",
    f"A = softmax( Q Kᵀ / √{info.head_dim} ), {info.num_tokens} × {info.num_tokens}, every row sums to 1 · "
    f"{info.depth} layers × {info.num_heads} heads",
)
frame.answer(view)

attention_explorer(
    view.trace_id,
    trace,
    {"token": chosen.token, "layer": chosen.layer, "head": chosen.head},
    alt=view.photo_alt,
    key="attention_explorer",
    on_select=lambda selection: choose(**selection),
)

row = trace.attn[chosen.layer, chosen.head, chosen.token]
distances = distances_of(view.trace_id, view.model, trace).distance
frame.notice(
    [
        strongest_targets(row, chosen.token, trace.prefix_names, trace.grid),
        nearest_and_farthest(distances),
        *prefix_share(prefix_mass(trace.attn, trace.num_prefix_tokens), trace.prefix_names),
    ]
)
frame.practice(
    "Pin the patch on an eye, an edge or plain ground, and walk through the layers: early heads look around the "
    "patch or along its row and column, late heads look for what belongs together. Then switch to “is attended "
    "by” to see who looks at this patch.",
    "Add up one row of the matrix: which sums to 1?",
    ["the scores before", "the weights after", "both"],
    f"The weights after the softmax: this row sums to **{row.sum():.6f}**, its scores to "
    f"**{trace.scores(chosen.layer, chosen.head)[chosen.token].sum():.2f}**.",
    key="predict_attention",
)
frame.code(attention_of_one_layer)
