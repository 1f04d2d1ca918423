import streamlit as st

from vit_viz.experiments.variants import sizes_of, variants
from vit_viz.snippets.training import one_step_on_the_head
from vit_viz.training_log import training_curve
from vit_viz.ui import frame
from vit_viz.ui.parts.downloads import download_csv
from vit_viz.ui.parts.training import fine_tuning, logged_curves, loss_and_step
from vit_viz.ui.parts.training_tables import resolution_table, variant_table
from vit_viz.ui.results.changes import first_guesses
from vit_viz.ui.view import View
from vit_viz.ui.words.training import logged_training, price_of_ignorance, price_of_resolution

view: View = st.session_state["view"]
info, labels = view.model.info, view.model.labels
D, curve = len(view.trace.features), training_curve()

frame.head(
    "Training",
    "How does a model learn to name what it sees?",
    f"loss = −log p(true class), W ← W − η (p − y) xᵀ, W {len(labels)} × {D}"
    if labels
    else f"loss = −log p(true class), W ← W − η (p − y) xᵀ, W classes × {D}",
)
frame.answer(view)

if labels:
    loss_and_step(view)

st.markdown("### Pretrain, then fine-tune")
pretrain, swap, tune = st.columns(3, gap="large")
pretrain.markdown(
    "**1 · Pretrain** on millions of labelled photos. The head has one hidden layer: linear, tanh, linear. "
    "A convolution is built to look near, and everywhere in the same way; a ViT has to learn both. With "
    "ImageNet's 1.3 million photos the paper's models stay a few points below ResNets of their size; with 14 to "
    "300 million they draw level and pass them."
)
swap.markdown(
    "**2 · Throw the head away.** What stays is the encoder, which turns any photo into features. In its place "
    "comes one single linear layer, with every weight at zero: at first it gives each class the same."
)
tune.markdown(
    "**3 · Fine-tune** on your own classes. The paper trains the encoder a little further, too; below only the new "
    "head learns, from features computed once, so that a few photos and a second of training are enough."
)
st.markdown("### Fine-tune a head, now")
fine_tuning(view)

st.markdown("### How the bundled model was trained")
logged_curves()
st.caption(
    "A dot for each line of its log, nothing smoothed. The loss is a weighted sum of several goals, and the "
    "weights change on the way. How, on what and from which teacher: assets/model/README.md."
)

with st.expander("Ti, S, B, L, H, g: the variants, counted"):
    rows = variant_table(variants())
    st.dataframe(rows, hide_index=True, width="stretch")
    st.caption(
        "Parameters are counted in timm's modules, with 1000 classes. A multiplication and an addition are two "
        "FLOPs; norms, softmax and GELU are left out. The papers do not count quite the same parts."
    )
    download_csv(list(rows[0]), [list(row.values()) for row in rows], "variants.csv", key="variants_csv")
sizes = sizes_of(view.model)
with st.expander("Fine-tuning at a higher resolution"):
    st.markdown(
        f"The patches of {info.title} stay {info.patch_size[0]} pixels wide, so a larger picture has more of "
        "them. All weights fit any number of tokens, only learnt positions do not: they are interpolated to the "
        "new grid. The page **CLS and position** shows how."
    )
    if sizes is None:
        st.caption("A ResNet stands before this model's encoder; its cost is not worked out here.")
    else:
        rows = resolution_table(sizes, info)
        st.dataframe(rows, hide_index=True, width="stretch")
        download_csv(
            list(rows[0]), [list(row.values()) for row in rows], "resolutions.csv", key="resolutions_csv"
        )

guesses = first_guesses(view) if labels else []
frame.notice(
    [
        *([price_of_ignorance(guesses, len(labels))] if labels else []),
        logged_training(curve),
        *([price_of_resolution(sizes, info.img_size[0])] if sizes else []),
    ]
)
frame.practice(
    "Choose a class that the photo does not show: its loss is large, and one step towards it costs the right class "
    "dearly. Then take the ready set and train: does the head learn shapes, or learn its pictures by heart?",
    "The model gives the true class a probability of one half. What is the loss?",
    ["0.50", "0.69", "1.00"],
    "−ln 0.5 = **0.69**. Half of that probability again costs another 0.69: the loss counts halvings.",
    key="predict_training",
)
frame.code(one_step_on_the_head)
