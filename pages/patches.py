import streamlit as st

from vit_viz.analysis.patches import contrast, costs, kept_share
from vit_viz.components.patch_explorer import patch_explorer
from vit_viz.experiments.embedding import reads_pixels
from vit_viz.figures.patches import cost_figure, crop_picture, encoder_alone_drawing
from vit_viz.snippets.patches import cut_into_patches
from vit_viz.ui import frame
from vit_viz.ui.parts.patches import costs_csv, patch_csv, steps_with_chapters
from vit_viz.ui.state import UPLOAD, choose
from vit_viz.ui.view import View
from vit_viz.ui.words import patches as words

view: View = st.session_state["view"]
trace, info = view.trace, view.model.info
height, width = trace.image.shape[:2]
P = trace.patch_size[0]
R, N = trace.num_prefix_tokens, info.num_patches
from_pixels = reads_pixels(view.model)
patch = view.selection.token - R if view.selection.token >= R else N // 2 + info.grid[1] // 2

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
    sentence=words.OWN_SENTENCE if view.selection.photo == UPLOAD else view.photo_alt,
    patch=patch,
    key="patch_explorer",
    on_pick=lambda picked: choose(token=R + picked),
)
if not from_pixels:
    st.caption(words.BEHIND_A_CNN)
st.markdown(words.image_as_sentence(info))

left, right = st.columns(2, gap="large")
kept = kept_share(trace.prepared.resized.size, trace.prepared.crop_box)
with left:
    st.markdown("### From your photo to the model")
    st.image(
        crop_picture(trace.prepared), width="stretch", alt="The photo with the frame that the model sees"
    )
    st.caption(words.preprocessing(trace.prepared, view.model.info.data_config))
with right:
    st.markdown("### Why not one token per pixel?")
    table = costs(height, width, (1, 8, 14, 16, 32))
    st.plotly_chart(cost_figure(table, P), width="stretch", config={"displaylogo": False})
    st.caption(words.cost_of_the_whole_photo(*trace.prepared.photo.size))

with st.expander("The same as an equation, and in one line"):
    st.latex(words.splitting_equation(info))
    st.code(words.splitting_line(info), language="python")
with st.expander("Half a Transformer: the encoder, and no decoder"):
    st.html(encoder_alone_drawing(info.depth))
    st.markdown(words.encoder_alone(info))
with st.container(horizontal=True):
    tables = {
        ("This patch's numbers (CSV)", "patch.csv"): lambda: patch_csv(trace, patch),
        ("Cost by patch size (CSV)", "cost.csv"): lambda: costs_csv(table),
    }
    for (label, file), make in tables.items():
        st.download_button(label, make, file, on_click="ignore", type="tertiary", icon=":material/download:")

frame.notice(words.patch_notices(contrast(trace.patches), info.grid, kept, table, P))
(coarser,) = costs(height, width, (2 * P,))
frame.practice(
    "Pick the patch that you find most telling, then open **Attention maps**: the same patch is picked there. "
    "Pull the patches apart: could you still say what the picture shows if their order were lost?",
    f"With patches of {2 * P} pixels instead of {P}, how many would there be?",
    [f"{2 * coarser.num_patches}", f"{coarser.num_patches}", f"{coarser.num_patches // 2}"],
    words.with_twice_the_side(height, width, P, N),
    key="predict_patches",
)

st.markdown("### From a picture to a classifier of your own, in seven steps")
steps_with_chapters(words.seven_steps(info, from_pixels), here="patches")
frame.code(cut_into_patches)
