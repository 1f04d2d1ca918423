import streamlit as st

from vit_viz.analysis.mixing import concat_heads, head_shares, keys_for, unscaled_weights
from vit_viz.components.qkv_explorer import qkv_explorer
from vit_viz.experiments.projections import attention_kind
from vit_viz.snippets.attention import attention_of_one_head
from vit_viz.ui import frame
from vit_viz.ui.results.projections import remember_model
from vit_viz.ui.state import choose
from vit_viz.ui.view import View
from vit_viz.ui.words.attention import strongest_targets
from vit_viz.ui.words.qkv import effect_of_the_scale, qkv_notes, share_of_heads, spread

view: View = st.session_state["view"]
trace, info, chosen = view.trace, view.model.info, view.selection
T, D, H, K = trace.num_tokens, info.embed_dim, info.num_heads, info.head_dim
SHARE = 0.9

frame.head(
    "Query, key, value",
    "How does one token gather what it needs from all the others?",
    f"o = softmax( q Kᵀ / √{K} ) V, q 1 × {K}, K and V {T} × {K} · {H} heads side by side → {T} × {D}",
)
frame.answer(view)

remember_model(view)
kind = attention_kind(view.model, chosen.layer)
qkv_explorer(
    view.trace_id,
    trace,
    {"token": chosen.token, "layer": chosen.layer, "head": chosen.head},
    norm=kind.norm,
    notes=qkv_notes(kind),
    alt=view.photo_alt,
    key="qkv_explorer",
    on_select=lambda selection: choose(**selection),
)

weights = trace.attn[chosen.layer, chosen.head, chosen.token]
scores = trace.scores(chosen.layer, chosen.head)[chosen.token]
unscaled = unscaled_weights(scores, K)
own_rows = trace.attn[chosen.layer][:, [chosen.token]]
shares = head_shares(concat_heads(own_rows, trace.v[chosen.layer])[0], H)
frame.notice(
    [
        strongest_targets(weights, chosen.token, trace.prefix_names, trace.grid),
        spread(keys_for(weights, SHARE), T, SHARE),
        effect_of_the_scale(weights, unscaled, K),
        share_of_heads(shares, chosen.head),
    ]
)
frame.practice(
    "Pick a patch as the query, then one that looks alike as the key, then one from somewhere else. Watch the "
    "bars of the dot product: a high score needs many products that point up, not one tall bar.",
    f"If nothing were divided by √{K}, what would happen to the largest weight of this row?",
    ["it would grow", "it would stay", "it would shrink"],
    f"From **{weights.max():.2%}** to **{unscaled.max():.2%}**: larger scores make the softmax sharper, and the "
    "division keeps them of a size at which several tokens can be heard.",
    key="predict_qkv",
)
frame.code(attention_of_one_head)
