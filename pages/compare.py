import streamlit as st

from vit_viz.components.compare_explorer import compare_explorer
from vit_viz.snippets.compare import answers_side_by_side
from vit_viz.ui import frame
from vit_viz.ui.parts import compare as parts
from vit_viz.ui.results.compare import first_side
from vit_viz.ui.state import choose
from vit_viz.ui.view import View
from vit_viz.ui.words.compare import farther

view: View = st.session_state["view"]
chosen = view.selection

place = st.container()
first, second = first_side(view), parts.other_side(view)
names = parts.titles(first, second)
sizes = [
    f"{side.trace.num_tokens} tokens of {side.model.info.num_patches} patches" for side in (first, second)
]
with place:
    frame.head(
        "Compare",
        "What changes when one thing changes: the photo, the model, its resolution, its training?",
        f"{names[0]}: {sizes[0]}  |  {names[1]}: {sizes[1]}",
    )

compare_explorer(
    (first.data(names[0]), second.data(names[1])),
    {"token": chosen.token, "layer": chosen.layer, "head": chosen.head},
    key="compare_explorer",
    on_select=lambda selection: choose(**selection),
)

figures = (first.figures, second.figures)
frame.notice(parts.notices(view, first, second, names))
frame.practice(
    "Point at an eye, an edge or plain ground on one side and see where the same place looks on the other. Then "
    "compare with the model before its training: which of the patterns were learnt?",
    "Which of the two looks farther, averaged over all its heads?",
    list(names),
    farther(names, figures),
    key="predict_compare",
)
frame.code(answers_side_by_side)
