"""`streamlit run` starts this; `?model=` names a line of traces.TRACES."""

import streamlit as st

from tests.browser.explorer_demo.traces import find_trace
from vit_viz.components.attention_routes import attention_routes

app = st.App("page.py", routes=attention_routes(find_trace))
