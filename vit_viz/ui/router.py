"""The script Streamlit runs: navigation, sidebar, then the chosen page.

It does not lie beside pages/: Streamlit would take that folder for pages of its own and skip this script.
"""

import streamlit as st

from vit_viz.ui.navigation import FOLDER, PAGES, page_file
from vit_viz.ui.sidebar import draw_parity, draw_sidebar
from vit_viz.ui.state import write_url
from vit_viz.ui.view import measured_parity

st.set_page_config(page_title="ViT Viz", page_icon=str(FOLDER.parent / "assets" / "icon.png"), layout="wide")
page = st.navigation([st.Page(page_file(name), title=title, url_path=name) for name, title in PAGES.items()])
view = draw_sidebar()
if warning := st.session_state.pop("notice", None):
    st.warning(warning)
page.run()
write_url()
draw_parity(measured_parity(view))  # last: the picture need not wait for it
