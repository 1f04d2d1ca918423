import streamlit as st

from vit_viz.analysis.patches import contrast, costs, kept_share
from vit_viz.components.patch_explorer import patch_explorer
from vit_viz.figures.patches import cost_figure, crop_picture
from vit_viz.snippets.patches import cut_into_patches
from vit_viz.ui import frame
from vit_viz.ui.state import choose
from vit_viz.ui.view import View
from vit_viz.ui.words.patches import patch_notices, preprocessing

view: View = st.session_state["view"]
trace, info = view.trace, view.model.info
height, width = trace.image.shape[:2]
P = trace.patch_size[0]
R, N = trace.num_prefix_tokens, info.num_patches

frame.head(
    "Patches",
    "How does a picture become a sentence?",
    f"N = ({height} / {P}) · ({width} / {P}) = {N} patches, each {P} · {P} · 3 = {P * P * 3} numbers",
)
frame.answer(view)

patch_explorer(
    view.trace_id,
    view.model,
    trace,
    alt=view.photo_alt,
    patch=view.selection.token - R if view.selection.token >= R else N // 2 + info.grid[1] // 2,
    key="patch_explorer",
    on_pick=lambda patch: choose(token=R + patch),
)

left, right = st.columns(2, gap="large")
kept = kept_share(trace.prepared.resized.size, trace.prepared.crop_box)
with left:
    st.markdown("### From your photo to the model")
    st.image(
        crop_picture(trace.prepared), width="stretch", alt="The photo with the frame that the model sees"
    )
    st.caption(preprocessing(trace.prepared, view.model.info.data_config))
with right:
    st.markdown("### Why not one token per pixel?")
    table = costs(height, width, (1, 8, 14, 16, 32))
    st.plotly_chart(cost_figure(table, P), width="stretch", config={"displaylogo": False})

frame.notice(patch_notices(contrast(trace.patches), info.grid, kept, table, P))
(coarser,) = costs(height, width, (2 * P,))
frame.practice(
    "Pick the patch that you find most telling, then open **Attention maps**: the same patch is picked there. "
    "Pull the patches apart: could you still say what the picture shows if their order were lost?",
    f"With patches of {2 * P} pixels instead of {P}, how many would there be?",
    [f"{2 * coarser.num_patches}", f"{coarser.num_patches}", f"{coarser.num_patches // 2}"],
    f"({height} // {2 * P}) · ({width} // {2 * P}) = **{coarser.num_patches}**: twice the "
    "side is four times the area, so a quarter of the patches, and a sixteenth of the attention matrix.",
    key="predict_patches",
)
frame.code(cut_into_patches)
