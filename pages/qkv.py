import streamlit as st

from vit_viz.analysis.mixing import concat_heads, head_shares, keys_for, unscaled_weights
from vit_viz.components.qkv_explorer import qkv_explorer
from vit_viz.experiments.projections import attention_kind
from vit_viz.snippets import fitting
from vit_viz.ui import frame
from vit_viz.ui.parts.downloads import downloads, table
from vit_viz.ui.results.opening import place_of
from vit_viz.ui.results.remembered import remember_model
from vit_viz.ui.state import choose
from vit_viz.ui.view import View
from vit_viz.ui.words.attention import row_in_view, strongest_targets
from vit_viz.ui.words.qkv import qkv_notes, share_of_heads, spread
from vit_viz.ui.words.tokens import token_name

view: View = st.session_state["view"]
trace, info, place = view.trace, view.model.info, place_of(view)
T, D, H, K = trace.num_tokens, info.embed_dim, info.num_heads, info.head_dim
SHARE = 0.9

frame.head(
    "Query, key, value",
    "How does one token gather what it needs from all the others?",
    f"o = softmax( q Kᵀ / √{K} ) V\nq: 1 × {K}, K and V: {T} × {K}; {H} heads side by side make {T} × {H * K}",
    words=("Token", "Query, key, value", "Head", "Dot product", "Softmax"),
)
frame.answer(view)

weights = trace.attn[place.layer, place.head, place.token]
with st.container(key="row_in_view"):  # page.css keeps room for the longer sentence
    st.caption(row_in_view(weights, *place[:3], trace.prefix_names, trace.grid, is_opened=place.is_opened))
remember_model(view)
kind = attention_kind(view.model, place.layer)
qkv_explorer(
    view.trace_id,
    trace,
    {"token": place.token, "layer": place.layer, "head": place.head},
    norm=kind.norm,
    notes=qkv_notes(kind),
    alt=view.photo_alt,
    key="qkv_explorer",
    on_select=lambda selection: choose(**selection, token_chosen=True, head_chosen=True),
)

scores = trace.scores(place.layer, place.head)[place.token]
unscaled = unscaled_weights(scores, K)
own_rows = trace.attn[place.layer][:, [place.token]]
shares = head_shares(concat_heads(own_rows, trace.v[place.layer])[0], H)
frame.notice(
    [
        strongest_targets(weights, place.token, trace.prefix_names, trace.grid),
        spread(keys_for(weights, SHARE), T, SHARE),
        share_of_heads(shares, place.head),
    ]
)
frame.practice(
    "Pick a patch as the query, then one that looks alike as the key, then one from somewhere else. Watch the "
    "bars of the dot product: a high score needs many products that point up, not one tall bar.",
    f"If nothing were divided by √{K}, what would happen to the largest weight of this row?",
    ["it would grow", "it would stay", "it would shrink"],
    f"From **{weights.max():.2%}** to **{unscaled.max():.2%}**: larger scores make the softmax sharper, and the "
    "division keeps them of a size at which several tokens can be heard.",
    right="it would grow",
    key="predict_qkv",
)
frame.code(fitting.attention_head(view.model))
downloads(
    [
        table(
            "Query, key and value of this token",
            "query_key_value.csv",
            ["layer", "head", "token", "number", "q", "k", "v"],
            lambda: (
                (
                    place.layer + 1,
                    place.head + 1,
                    token_name(place.token, trace.prefix_names, trace.grid),
                    number + 1,
                    *(
                        float(vectors[place.layer, place.head, place.token, number])
                        for vectors in (trace.q, trace.k, trace.v)
                    ),
                )
                for number in range(K)
            ),
        )
    ]
)
