import streamlit as st

from vit_viz.components.distance_explorer import distance_explorer
from vit_viz.snippets.distance import mean_attention_distance
from vit_viz.ui import frame
from vit_viz.ui.parts import distance as parts
from vit_viz.ui.parts.downloads import downloads
from vit_viz.ui.results.distance import dot_sets, of_trace
from vit_viz.ui.results.opening import choose_picked, token_of
from vit_viz.ui.view import View
from vit_viz.ui.words.distance import distance_notices, formula, question, try_it

view: View = st.session_state["view"]
trace, info, chosen = view.trace, view.model.info, view.selection

frame.head(
    "Attention distance",
    "How far does each head look?",
    formula(info.num_patches, trace.patch_size[0], trace.prefix_names, info.depth, info.num_heads),
    words=("Token", "Head", "Softmax", "Standard error"),
)
frame.answer(view)

picture, status, link, more = (st.container() for _ in range(4))
with more:
    photos, beside = parts.averaging(view)
sets = dot_sets(view, photos, beside)
with picture:
    distance_explorer(
        view.trace_id,
        trace,
        info.title,
        {"token": token_of(view), "layer": chosen.layer, "head": chosen.head},
        sets,
        show=parts.shown_set(sets),
        look=parts.look(),
        alt=view.photo_alt,
        key="distance_explorer",
        on_select=lambda selection: choose_picked(view, **selection, head_chosen=True),
        on_look=parts.keep_look,
    )
with link:
    parts.way_on(view)

figures = of_trace(view)
frame.notice(distance_notices(figures, parts.usual(sets)))
asked, answers, reveal = question(figures, trace.prefix_names)
frame.practice(try_it(trace.prefix_names), asked, answers, reveal, right=answers[0], key="predict_distance")
frame.code(mean_attention_distance)
downloads(parts.files(sets))
with status:  # last: what stands above has been drawn when the work begins
    parts.progress(view, photos, beside)
