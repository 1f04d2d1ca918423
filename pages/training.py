import streamlit as st

from vit_viz.experiments.head_step import has_bias, has_two_heads
from vit_viz.experiments.variants import sizes_of, variants
from vit_viz.snippets import fitting
from vit_viz.training_record.card import training_card
from vit_viz.training_record.log import training_curve
from vit_viz.training_record.stages import stages
from vit_viz.ui import frame
from vit_viz.ui.navigation import page_file
from vit_viz.ui.parts.downloads import downloads, records
from vit_viz.ui.parts.loss import guess_of, loss_and_step, offers_others
from vit_viz.ui.parts.training import files, fine_tuning, heads, logged_curves
from vit_viz.ui.parts.training_tables import resolution_table, variant_table
from vit_viz.ui.results.changes import first_guesses
from vit_viz.ui.view import View
from vit_viz.ui.words import training as words

view: View = st.session_state["view"]
info, labels = view.model.info, view.model.labels
D, card = len(view.trace.features), training_card()
formula = words.formula(D, "classes")  # of the head that is fine-tuned below
if labels:
    formula = words.formula(
        D, len(labels), two_heads=has_two_heads(view.model), has_bias=has_bias(view.model)
    )

frame.head(
    "Training",
    "How does a model learn to name what it sees?",
    formula,
    words=("Loss", "Logit", "Gradient", "Features", "Head", "Fine-tuning", "Teacher", "Hidden states"),
)
frame.answer(view)

true = loss_and_step(view) if labels else None

st.markdown("### Pretrain, then fine-tune")
heads(view)
st.markdown("### Fine-tune a head, now")
fine_tuning(view)

st.markdown("### How the bundled model was trained")
logged_curves()

given = files(view)
with st.expander("Ti, S, B, L, H, g: the variants, counted"):
    rows = variant_table(variants())
    st.dataframe(rows, hide_index=True, width="stretch", height="content")
    st.caption(
        "Parameters are counted in timm's modules, with 1000 classes. A multiplication and an addition are two "
        "FLOPs; norms, softmax and GELU are left out. The papers do not count quite the same parts. Attention is "
        "the share of the FLOPs that q kᵀ and the mixing of v take: what grows with the square of the tokens."
    )
    given.append(records("Variants", "variants.csv", rows))
sizes = sizes_of(view.model)
with st.expander("Fine-tuning at a higher resolution"):
    st.markdown(
        f"The patches of {info.title} stay {info.patch_size[0]} pixels wide, so a larger picture has more of "
        "them. All weights fit any number of tokens, only learnt positions do not: they are interpolated to the "
        "new grid."
    )
    st.page_link(
        page_file("position"), label="How positions are interpolated", icon=":material/arrow_forward:"
    )
    if sizes is None:
        st.caption("A ResNet stands before this model's encoder; its cost is not worked out here.")
    else:
        rows = resolution_table(sizes, info)
        st.dataframe(rows, hide_index=True, width="stretch", height="content")
        given.append(records("Resolutions", "resolutions.csv", rows)._replace(of="model"))

frame.notice(
    [
        *(
            []
            if true is None
            else [words.price_of_ignorance(guess_of(view, true), first_guesses(view)[0], len(labels))]
        ),
        words.logged_training(training_curve(), stages()),
        words.logged_checks(
            training_curve(), stages()[-1].watched, card.never_seen_top1, card.never_seen_photos
        ),
        *([words.price_of_resolution(sizes, info.img_size[0])] if sizes else []),
    ]
)
frame.practice(
    words.try_it(names_classes=bool(labels), others=offers_others(view)),
    "The model gives the true class a probability of one half. What is the loss, −ln p?",
    ["0.50", "0.69", "1.00"],
    "−ln 0.5 = **0.69**; every further halving adds another 0.69.",
    right="0.69",
    key="predict_training",
)
frame.code(fitting.head_step(view.model))
downloads(given)
