import streamlit as st

from vit_viz.analysis.patches import contrast, costs, kept_share
from vit_viz.components.patch_explorer import patch_explorer
from vit_viz.experiments.embedding import reads_pixels
from vit_viz.figures.patches import crop_picture, encoder_alone_drawing
from vit_viz.photos import original_size, share_in_reach
from vit_viz.snippets import fitting
from vit_viz.ui import frame
from vit_viz.ui.parts.downloads import downloads
from vit_viz.ui.parts.patches import files, steps_with_chapters
from vit_viz.ui.results.opening import choose_picked, patch_of
from vit_viz.ui.state import UPLOAD
from vit_viz.ui.thumbnails import jpeg_address
from vit_viz.ui.view import View
from vit_viz.ui.words import patches as words

view: View = st.session_state["view"]
trace, info = view.trace, view.model.info
height, width = trace.image.shape[:2]
P = trace.patch_size[0]
R, N = trace.num_prefix_tokens, info.num_patches
from_pixels = reads_pixels(view.model)
patch = patch_of(view)

frame.head(
    "Patches",
    "How does a picture become a sentence?",
    words.formula(info, from_pixels),
    words=("Patch", "Token", "Embedding"),
)
frame.answer(view)

patch_explorer(
    view.trace_id,
    view.model,
    trace,
    alt=view.photo_alt,
    sentence=words.OWN_SENTENCE if view.selection.photo == UPLOAD else view.photo_alt,
    from_pixels=from_pixels,
    patch=patch,
    key="patch_explorer",
    on_pick=lambda picked: choose_picked(view, token=R + picked),
)
if not from_pixels:
    st.caption(words.BEHIND_A_CNN)
st.markdown(words.image_as_sentence(info, from_pixels))

left, right = st.columns(2, gap="large")
original = original_size(trace.prepared.photo)
kept = share_in_reach(original) * kept_share(trace.prepared.resized.size, trace.prepared.crop_box)
with left:
    st.markdown("### From your photo to the model")
    st.image(
        jpeg_address(crop_picture(trace.prepared), quality=90),
        width="stretch",
        alt="The photo with the frame that the model sees",
    )
    st.caption(words.preprocessing(trace.prepared, view.model.info.data_config))
with right:
    st.markdown("### Why not one token per pixel?")
    st.markdown(words.ALL_PAIRS)
    st.markdown(words.cost_of_the_whole_photo(*original))

if from_pixels:
    with st.expander("The same as an equation, and in one line"):
        st.latex(words.splitting_equation(info))
        st.code(words.splitting_line(info), language="python")
with st.expander("Half a Transformer: the encoder, and no decoder"):
    st.html(encoder_alone_drawing(info.depth))
    st.markdown(words.encoder_alone(info))
table = costs(height, width, (1, 8, 14, 16, 32), R)
frame.notice(words.patch_notices(contrast(trace.patches), info.grid, kept, table, P))
coarser = (height // (2 * P)) * (width // (2 * P))
frame.practice(
    "Pick the patch that you find most telling, then open **Attention maps**: the same patch is picked there. "
    "Pull the patches apart: could you still say what the picture shows if their order were lost?",
    f"With patches of {2 * P} pixels instead of {P}, how many would there be?",
    [f"{2 * coarser}", f"{coarser}", f"{coarser // 2}"],
    words.with_twice_the_side(height, width, P, N),
    right=f"{coarser}",
    key="predict_patches",
)

st.markdown("### From a picture to a classifier of your own, in seven steps")
steps_with_chapters(words.seven_steps(info, from_pixels), here="patches")
frame.code(fitting.patch_rows(from_pixels=from_pixels))
downloads(files(trace, patch, table))
