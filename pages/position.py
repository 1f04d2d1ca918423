import streamlit as st

from vit_viz.experiments.embedding import embedding_kind, has_norm_pre
from vit_viz.snippets import fitting
from vit_viz.ui import frame
from vit_viz.ui.parts import position as parts
from vit_viz.ui.parts.downloads import downloads
from vit_viz.ui.results.remembered import remember_model
from vit_viz.ui.view import View
from vit_viz.ui.words import position as words
from vit_viz.ui.words.embedding import embedded

view: View = st.session_state["view"]
trace, info = view.trace, view.model.info

frame.head(
    "CLS and position",
    "How does the model know where each patch was?",
    words.input_formula(
        info.pos_kind,
        info.prefix_names,
        info.num_patches,
        info.embed_dim,
        embedded(embedding_kind(view.model)),
        placed=parts.placed(trace),
        normed=has_norm_pre(view.model),
    ),
    words=("Token", "CLS", "Embedding", "Cosine", "Logit", "Hidden states"),
)
frame.answer(view)

remember_model(view)
parts.tiles(view)
parts.sum_of_one_token(view)
shuffle_notices = parts.shuffle(view)

for title, key, draw in (
    ("CLS on its own", "position_cls", parts.prefix),
    ("Fixed positions: sines in one and two dimensions", "position_sines", parts.fixed_sines),
    ("The same positions at other resolutions", "position_sizes", parts.other_sizes),
    ("Shift the photo by some pixels", "position_shift", parts.shift),
):
    if (more := st.expander(title, key=key, on_change="rerun")).open:
        with more:
            draw(view)

frame.notice([*parts.notices(view), *shuffle_notices])
tiles = "" if info.pos_kind == "none" else words.TRY_TILES
frame.practice(
    "Shuffle a photo that the model knows well, then one of which it is unsure: where is the order of the patches "
    f"missed most?{tiles}",
    "All patches are shuffled and each takes its position along. How much does the answer change?",
    ["not at all", "a little", "it becomes a guess"],
    words.EQUIVARIANCE,
    right="not at all",
    key="predict_position",
)
frame.code(fitting.positions(view.model))
downloads(parts.files(view))
