from functools import partial

import streamlit as st

from vit_viz.components.compare_explorer import compare_explorer
from vit_viz.snippets import fitting
from vit_viz.ui import frame
from vit_viz.ui.parts import compare as parts
from vit_viz.ui.results.compare import first_side
from vit_viz.ui.results.opening import place_of
from vit_viz.ui.state import selection
from vit_viz.ui.view import View
from vit_viz.ui.words.compare import BOTH, asked, choose_model, farther, reach
from vit_viz.ui.words.markdown import plain

view: View = st.session_state["view"]
place = place_of(view)

above = st.container()
first, second = first_side(view), parts.other_side(view)
compared = selection().compare
with above:
    frame.head(
        "Compare",
        "What changes when one thing changes: the photo, the model, its resolution, its training?",
        parts.tokens_of(first, second),
        words=("Patch", "Token", "Head", "Logit"),
    )

if second is None:
    st.info(choose_model(plain(first.model.info.title)))
else:
    names = parts.titles(first, second)
    read = (plain(names[0]), plain(names[1]))
    cursor = {"token": place.token, "layer": place.layer, "head": place.head}
    compare_explorer(
        (first.data(names[0]), second.data(names[1])),
        cursor,
        {"map": compared.map, "scale": compared.scale},
        key="compare_explorer",
        on_select=partial(parts.keep, cursor),
    )
    frame.names_of(first.model)
    frame.notice(parts.notices(place, first, second, read))
    figures = (first.figures, second.figures)
    frame.practice(
        "Point at an eye, an edge or plain ground on one side and see where the same place looks on the other. "
        "Then compare with the model before its training: which of the patterns were learnt?",
        asked(compared.kind),
        [*read, BOTH],
        reach(read, figures),
        right=farther(read, figures),
        key="predict_compare",
    )
    frame.code(fitting.answers(first.model, second.model))
