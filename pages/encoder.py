import streamlit as st

from vit_viz.experiments.blocks import block_kind
from vit_viz.snippets import fitting
from vit_viz.ui import frame
from vit_viz.ui.parts import encoder as parts
from vit_viz.ui.parts.downloads import downloads
from vit_viz.ui.results.blocks import contributions_of
from vit_viz.ui.view import View
from vit_viz.ui.words import encoder as words

view: View = st.session_state["view"]
info, chosen = view.model.info, view.selection
found = contributions_of(view)

frame.head(
    "Encoder block",
    "What does each layer add to a token?",
    words.block_formula(
        block_kind(view.model, chosen.layer), chosen.layer, info.num_tokens, info.embed_dim, info.depth
    ),
    words=("Token", "Residual stream", "LayerNorm", "MSA", "MLP", "Hidden unit", "Cosine", "Sink"),
)
frame.answer(view)

parts.stream(view, found)
parts.hidden_units(view)
parts.drawing(view)

for title, key, draw in (
    ("What the norms do to every token", "encoder_norms", parts.norms),
    ("One token beside itself, layer by layer", "encoder_depth", parts.depth),
    ("Attention, told as listening in a crowded room", "encoder_crowd", parts.crowd),
    ("The MLP as code, and why dropout is off", "encoder_code", parts.mlp_code),
):
    if (more := st.expander(title, key=key, on_change="rerun")).open:
        with more:
            draw(view)

frame.notice(parts.notices(view, found))
frame.practice(
    words.try_it(info.prefix_names),
    f"How many hidden units of layer {chosen.layer + 1} does {parts.name_of(view)} push above zero?",
    words.SHARES,
    parts.active_units(view),
    right=words.share_asked(parts.active_share(view)),
    key="predict_encoder",
)
frame.code(fitting.block(view.model))
downloads(parts.files(view, found))
