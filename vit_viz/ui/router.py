"""The script Streamlit runs: navigation, sidebar, then the chosen page.

It does not lie beside pages/: Streamlit would take that folder for pages of its own and skip this script.
"""

import streamlit as st

from vit_viz.components.mounted import CITATION, cite
from vit_viz.ui.frame import sentences_for_errors
from vit_viz.ui.navigation import FOLDER, SECTIONS, page_file, page_title, section_title
from vit_viz.ui.sidebar import draw_parity, draw_sidebar
from vit_viz.ui.state import selection, write_url
from vit_viz.ui.view import BESIDE, UPLOAD_NOTICE, is_at_hand, measured_parity
from vit_viz.ui.words.markdown import plain

HOME = ""  # Streamlit's address of the first page

st.set_page_config(page_title="ViT Viz", page_icon=str(FOLDER.parent / "assets" / "icon.png"), layout="wide")
lang = selection().lang
page = st.navigation(
    {
        section_title(section, lang): [
            st.Page(page_file(name), title=page_title(name, lang), url_path=name) for name in pages
        ]
        for section, pages in SECTIONS.items()
        if pages
    }
)
waiting, above = st.container(key="waiting"), st.container()
runs_first = page.url_path == HOME and CITATION in st.session_state and not is_at_hand()
if runs_first:
    with sentences_for_errors():
        page.run()  # the player stays in place, with what it last had, while the model runs
view = None
with waiting, sentences_for_errors():
    view = draw_sidebar()
if view is None:
    st.stop()
if runs_first:
    st.rerun()
if warning := st.session_state.pop("notice", None):
    above.warning(plain(warning))
st.session_state.pop(UPLOAD_NOTICE, None)
if st.session_state.get("page") != page.url_path:
    st.session_state.pop(BESIDE, None)  # the page before laid it beside its own
st.session_state["page"] = page.url_path
cite(page=page.title, model=view.model.info.title, photo=view.photo_title)
with sentences_for_errors():
    page.run()
write_url()
with sentences_for_errors():
    draw_parity(measured_parity(view))  # last: the picture need not wait for it
